"""Transcripts about money: refunds, settlement, withdrawals, merchants, rates, the bill."""

from groupbuy.application import withdrawals
from groupbuy.domain.kernel import Money
from tests.support.transcripts.seed import late_refund, stuck_refund
from tests.support.transcripts.stage import Stage


def refund(stage: Stage) -> None:
    """`refund create|batch|retry|status|list|vouch`."""
    stage.say("先演练，再执行", "first a rehearsal, then the real thing")
    units = "refund create {first} --line 1 --units 1 --reason 'two were mouldy'"
    stage.run(f"{units} --dry-run")
    stage.run(units, 2)
    stage.run(f"{units} --yes")
    stage.run("refund status {first}")
    stage.say("不存在的、说不通的、没有权限的", "what does not exist, what makes no sense")
    stage.run("refund create ord_none --reason x --yes", 3)
    stage.run("refund create {first} --line 1 --reason x", 2)
    stage.run("refund create {first} --yes", 2)
    stage.say("整单退款只有一次", "a whole order goes back once")
    stage.run("refund create {second} --reason 'sold out' --yes --json")
    stage.run("refund create {second} --reason 'sold out' --yes", 1)
    stage.say("渠道说永远不会成功：需要人处理", "the provider says never: a person is needed")
    stage.things["stuck"] = stuck_refund(stage, "third")
    stage.run("refund list")
    stage.run("refund list --since 2026-12-01")
    stage.run("refund retry {stuck} --reason 'the card was unblocked' --dry-run")
    stage.run("refund retry {stuck} --reason 'the card was unblocked'")
    stage.run("refund retry {stuck} --reason 'again'", 5)
    _batch(stage)
    _vouch(stage)


def _batch(stage: Stage) -> None:
    stage.say("一次退很多：先过目，再凭摘要执行", "many at once: looked through, then by digest")
    stage.file("back.csv", "key,order_id,line,units\nflood-1,{first},1,1\nflood-2,ord_none,,\n")
    stage.run("refund batch back.csv --reason flood")
    stage.learn("digest", "refund batch back.csv --reason flood", "digest")
    stage.run("refund batch back.csv --reason flood --digest 000000000000 --yes", 5)
    stage.run("refund batch back.csv --reason flood --digest {digest} --yes", 6)
    stage.cat("back.csv.rejects.csv")
    stage.say("再运行一次，做过的跳过", "run again: what is done is skipped")
    stage.learn("digest", "refund batch back.csv --reason flood", "digest")
    stage.run("refund batch back.csv --reason flood --digest {digest} --yes --json", 6)


def _vouch(stage: Stage) -> None:
    stage.say("渠道再也退不了：线下付款，两人确认", "too late for the provider: the word of two")
    stage.things["late"] = late_refund(stage, "fourth")
    said = "refund vouch {late} --voucher 'BOC 7' --reason 'account closed'"
    stage.run(f"{said} --actor {{chen}}", 2)
    stage.run(f"{said} --actor somebody --confirm 30.00", 4)
    stage.run(f"{said} --actor {{chen}} --dry-run")
    stage.run(f"{said} --actor {{chen}} --confirm 30.00")
    stage.run(f"{said} --actor {{chen}} --confirm 30.00", 1)
    stage.run(f"{said} --actor {{li}} --confirm 30.00")
    stage.run("refund vouch rfd_none --voucher x --reason x --confirm 1.00", 3)


def settle(stage: Stage) -> None:
    """`settle …` from the preview to the reversal."""
    stage.run("settle preview --period 2026-10")
    stage.learn("key", "settle preview --period 2026-10", "preview")
    stage.run("settle run --preview {key} --reason October --dry-run")
    stage.run("settle run --preview stl_2026-10@000000000000 --reason October --yes", 5)
    stage.run("settle run --preview {key} --yes", 2)
    stage.run("settle run --preview {key} --reason October --yes")
    stage.run("settle run --preview {key} --reason October --yes")
    stage.run("settle show {leader} --period 2026-10")
    stage.run("settle show ldr_none --period 2026-10", 3)
    stage.run("settle verify 2026-10")
    stage.run("settle export 2026-10 --format csv --to statements")
    stage.learn("statement", "settle show {leader} --period 2026-10", "id")
    stage.learn("line", "settle show {leader} --period 2026-10", "lines", 0, "id")
    stage.learn("other", "settle show {leader} --period 2026-10", "lines", 1, "id")
    _doubt(stage)
    _take_back(stage)


def _doubt(stage: Stage) -> None:
    stage.say("有人对一行有异议", "somebody doubts a line")
    stage.run("settle dispute {statement} {line} --reason 'told eight percent'")
    stage.run("settle dispute {statement} {line} --reason 'again'", 1)
    stage.run("settle dispute {statement} {other} --reason 'and this one'")
    stage.run("settle disputes --state opened")
    stage.learn("doubt", "settle disputes", "items", 1, "id")
    stage.learn("second", "settle disputes", "items", 0, "id")
    stage.run("settle answer {doubt} --rate-bp 800 --reason 'the contract' --dry-run")
    stage.run("settle answer {doubt} --rate-bp 800 --reason 'the contract' --yes")
    stage.run("settle answer {doubt} --uphold --reason 'no'", 5)
    stage.run("settle answer {second} --reason 'neither'", 2)
    stage.run("settle answer {second} --uphold --reason 'the contract'")


def _take_back(stage: Stage) -> None:
    stage.say("冻结、解冻、冲回", "frozen, freed, taken back")
    stage.run("settle freeze {statement} --reason 'looks invented'")
    stage.run("settle unfreeze {statement} --reason 'it was real'")
    stage.run("settle reverse {statement}")
    stage.learn("reversal", "settle reverse {statement}", "key")
    stage.run("settle reverse {reversal} --reason early --confirm ¥1.00", 2)
    stage.run("settle reverse {reversal} --reason early --confirm ¥119.88")
    stage.run("settle reverse {reversal} --reason early --confirm ¥119.88", 5)


def _settled(stage: Stage) -> None:
    stage.learn("key", "settle preview --period 2026-10", "preview")
    stage.learn("_", "settle run --preview {key} --reason October --yes", "period")


def _asked_for(stage: Stage, minor: int) -> str:
    shop = stage.shop
    wish = withdrawals.RequestWithdrawal(Money(minor))
    made = shop.desk.run(
        shop.leader_caller(shop.first_leader), lambda w: withdrawals.request_withdrawal(w, wish)
    )
    return str(made.id)


def withdrawal(stage: Stage) -> None:
    """`withdrawal list|approve|hold|resume|cancel|pay`."""
    _settled(stage)
    names = ("one", "two", "three")
    stage.things |= {name: _asked_for(stage, 3_000) for name in names}
    stage.run("withdrawal list")
    stage.run("withdrawal list --state lost", 2)
    stage.say("说“我是财务”不够", "to say that one is of finance is not enough")
    approve = "withdrawal approve {one} --reason 'card checked'"
    stage.run(f"{approve} --confirm 30.00 --actor somebody", 4)
    stage.say("金额要输入", "the amount has to be typed")
    stage.run(f"{approve} --actor {{chen}}", 2)
    stage.run(f"{approve} --actor {{chen}} --dry-run")
    stage.run(f"{approve} --actor {{chen}} --confirm 30.00")
    stage.run(f"{approve} --actor {{chen}} --confirm 30.00", 5)
    stage.say("一部分成功", "some of it can be done")
    stage.run(
        "withdrawal approve {one} {two} wdr_none --reason checked --confirm 60.00 --actor {chen}", 6
    )
    stage.run("withdrawal hold {three} --reason 'which bank?'")
    stage.run("withdrawal resume {three} --reason 'answered'")
    stage.run("withdrawal cancel {three} --reason 'asked twice' --yes")
    stage.run("withdrawal pay {three} --reason today --yes")
    stage.run("withdrawal pay {one} --reason today --dry-run")
    stage.run("withdrawal pay {one} --reason today --yes")
    stage.shop.payouts.settle()
    stage.run("withdrawal pay {one} --reason today --yes --json")
    stage.run("withdrawal pay {one} --reason today --yes")
    stage.run("withdrawal list --since 2026-11-04")


def merchant(stage: Stage) -> None:
    """`merchant list|add|statement|payout …`."""
    stage.run("merchant list")
    stage.run("merchant add 东门果行 --fee-bp 150 --dry-run")
    stage.run("merchant add 东门果行 --fee-bp 150")
    stage.run("merchant statement {merchant} 2026-10")
    stage.run("merchant statement {merchant} 2026-10 --csv")
    stage.run("merchant statement mch_none 2026-10", 3)
    stage.run("merchant statement {merchant} October", 2)
    stage.say("付款：先预览，再凭它申请", "a payout: previewed, then asked for by its key")
    ask = "merchant payout request {merchant} --reason October --actor {chen}"
    stage.run(f"{ask} --amount 100.00", 2)
    stage.run(f"{ask} --amount 100.00 --dry-run")
    stage.learn("key", f"{ask} --amount 100.00 --dry-run", "preview")
    stage.run(f"{ask} --preview {{key}}")
    stage.say("第二个人凭同一预览：已变化", "a second person with the same preview")
    stage.run("merchant payout request {merchant} --reason October --actor {li} --preview {key}", 5)
    stage.learn("payout", "merchant payout list", "items", 0, "id")
    approve = "merchant payout approve {payout} --reason checked"
    stage.run(f"{approve} --actor {{chen}} --confirm 100.00", 1)
    stage.run("merchant payout hold {payout} --reason 'which bank?'")
    stage.run(f"{approve} --actor {{li}} --confirm 100.00", 5)
    stage.run("merchant payout resume {payout} --reason answered")
    stage.run(f"{approve} --actor {{li}}", 2)
    stage.run(f"{approve} --actor {{li}} --confirm 100.00")
    stage.run("merchant payout cancel {payout} --reason 'too late' --yes", 5)
    stage.run("merchant payout pay {payout} --reason today --yes")
    stage.shop.payouts.settle()
    stage.run("merchant payout pay {payout} --reason today --yes")
    stage.run("merchant payout list --state paid --json")


def commission(stage: Stage) -> None:
    """`commission rates list|set|remove`."""
    stage.run("commission rates list leader")
    said = "commission rates set leader {leader} --bp 650 --reason 'a good year'"
    stage.run(said, 2)
    stage.run(f"{said} --confirm {{leader}} --dry-run")
    stage.run(f"{said} --confirm {{leader}}")
    stage.run("commission rates list leader --set --json")
    stage.run("commission rates remove leader {leader} --reason 'back' --confirm {leader}")
    stage.run(
        "commission rates set ladder shop --step 5000:50 --step 20000:120 --from 2027-01"
        " --reason 'new year' --confirm shop"
    )
    stage.run("commission rates list ladder")
    stage.run("commission rates set ladder shop --step 5:x --reason x --confirm shop", 2)
    stage.run("commission rates set leader ldr_none --bp 650 --reason x --confirm ldr_none", 3)


def reconcile(stage: Stage) -> None:
    """`reconcile run|list|show|light|template|ask`."""
    days = "--from 2026-10-05 --to 2026-10-05"
    stage.run("reconcile light", 7)
    stage.run(f"reconcile run {days} --dry-run")
    stage.run(f"reconcile run {days}")
    stage.say("账单里有我们不知道的一笔", "the bill has something that we do not know")
    stage.file(
        "bill.csv",
        "kind,number,amount,unit,currency,at\n"
        "payment,P-unknown,10.00,yuan,CNY,2026-10-05T12:00:00+08:00\n"
        "fee,F-1,-0.60,yuan,CNY,2026-10-05T12:00:00+08:00\n"
        "payment,P-odd,x,yuan,CNY,2026-10-05T12:00:00+08:00\n",
    )
    stage.run(f"reconcile run --bill bill.csv {days}", 7)
    stage.cat("bill.csv.rejects.csv")
    stage.run(f"reconcile run --bill bill.csv {days} --book-fees", 2)
    stage.run(f"reconcile run --bill bill.csv {days} --book-fees --reason fees", 7)
    stage.run("reconcile list")
    stage.learn("run", "reconcile list", "items", 0, "id")
    stage.run("reconcile show {run} --json")
    stage.run("reconcile show rcn_none", 3)
    stage.run("reconcile run --provider nobody", 2)
    stage.run("reconcile run --from 2026-10-09 --to 2026-10-05", 2)
    stage.run("reconcile template")
    stage.say("再问渠道一笔付款", "the provider is asked about one payment again")
    stage.things["paid"] = stage.shop.joined["first"].payment.number
    stage.run("reconcile ask {paid}", 2)
    stage.run("reconcile ask {paid} --reason 'on the bill' --dry-run")
    stage.run("reconcile ask {paid} --reason 'on the bill'")
    stage.run("reconcile ask P-unknown --reason 'on the bill'", 3)


FAMILIES = (refund, settle, withdrawal, merchant, commission, reconcile)
