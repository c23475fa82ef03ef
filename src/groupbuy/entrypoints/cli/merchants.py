"""`groupbuy merchant`: what a merchant is owed, and paying it, each payout previewed first."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import SKIPPED, each
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.merchant_list import add, list_merchants
from groupbuy.entrypoints.cli.moments import recent, since_option
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    confirmed,
    limited,
    pass_shell,
    reasoned,
    shared,
)
from groupbuy.entrypoints.cli.sums import total_of

if TYPE_CHECKING:
    from groupbuy.application.merchants import Due, RequestPayout
    from groupbuy.domain.kernel import Money
    from groupbuy.domain.merchants import MerchantPayout, MerchantStatement, StatementLine

_PARTS = (
    Column("sales", "销售", "sales", right=True),
    Column("refunds", "退款", "refunds", right=True),
    Column("commission", "佣金", "commission", right=True),
    Column("fees", "平台服务费", "fees", right=True),
    Column("payouts", "已付", "paid out", right=True),
    Column("other", "其他", "other", right=True),
)
_LINE = (
    Column("at", "时间", "at"),
    Column("moment", "事项", "moment"),
    Column("order_id", "订单", "order"),
    Column("journal_id", "分录", "journal"),
    *_PARTS,
    Column("total", "合计", "total", right=True),
)
_STATEMENT = (
    Column("merchant_id", "商家", "merchant"),
    Column("period", "期间", "period"),
    Column("opening", "期初应付", "opening", right=True),
    *_PARTS,
    Column("closing", "期末应付", "closing", right=True),
    Column("pending", "其中：售后期内", "of it pending", right=True),
    Column("payable", "其中：可付", "of it payable", right=True),
    Column("in_transit", "其中：在途", "of it on its way", right=True),
    Column("lines_count", "条目", "lines", right=True),
)
_DUE = (
    Column("merchant_id", "商家", "merchant"),
    Column("name", "名称", "name"),
    Column("payable", "可付余额", "payable", right=True),
    Column("held", "售后暂扣", "held for after-sale", right=True),
    Column("free", "最多可付", "at most", right=True),
    Column("amount", "本次付款", "this payout", right=True),
    Column("account_set", "已设收款账户", "account set"),
    Column("preview", "预览", "preview"),
)
_PAYOUT = (
    Column("id", "编号", "id"),
    Column("merchant_id", "商家", "merchant"),
    Column("state", "状态", "state"),
    Column("amount", "金额", "amount", right=True),
    Column("channel", "渠道", "channel"),
    Column("requested_by", "申请人", "requested by"),
    Column("approvals", "审批", "approvals"),
    Column("hold_reason", "暂停原因", "held for"),
    Column("last_word", "渠道答复", "provider said"),
    Column("requested_at", "申请", "requested"),
    Column("finished_at", "完成", "finished"),
)
_COLUMNS = ("sales", "refunds", "commission", "fees", "payouts", "other")


@click.group()
def merchant() -> None:
    """List and add merchants, show what they are owed, and pay them."""


for _command in (list_merchants, add):
    merchant.add_command(_command)


@merchant.command()
@click.argument("merchant_id")
@click.argument("period")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, amounts in minor units.")
@shared
@pass_shell
def statement(shell: Shell, merchant_id: str, period: str, *, as_csv: bool) -> None:
    """Show what a merchant was owed for a period, line by line; ends with 7 if it is not right.

    PERIOD reads 2026-10, 2026-10-H1, 2026-W43 or 2026-10-31.
    """
    from groupbuy.application import merchants

    desk, books = shell.app.desk, shell.app.database
    found = merchants.statement(desk, books, shell.caller, merchant_id, period)
    lines = merchants.every_line(desk, books, shell.caller, merchant_id, period)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(_rows(found, lines))
    elif shell.out.json:
        data = {**_statement(found), "lines": [_line(line) for line in lines]}
        shell.out.document("merchant.statement/1", data)
    else:
        shell.out.record("merchant.statement/1", _STATEMENT, _statement(found))
        shell.out.table("merchant.statement/1", _LINE, [_line(line) for line in lines])
    if not found.adds_up:
        shell.out.note("这张对账单不平", "this statement does not add up")
        shell.leave(Exit.FINDINGS)


@merchant.group()
def payout() -> None:
    """Ask for payouts of merchants, approve, hold and send them."""


@payout.command()
@click.argument("merchant_id")
@click.option("--amount", "typed", default="", metavar="YUAN", help="All that is free by default.")
@click.option("--preview", "key", default="", metavar="KEY", help="What a dry run printed.")
@reasoned
@changing
@shared
@pass_shell
def request(shell: Shell, merchant_id: str, typed: str, key: str) -> None:
    """Ask for a payout: first with --dry-run, then with the --preview that it printed.

    --actor names who asks; they must work in finance, and cannot approve it.
    """
    from groupbuy.application import merchants

    if not key:
        if not shell.dry_run:
            text = (
                "先用 --dry-run 预览，再加上 --preview",
                "preview with --dry-run, then --preview KEY",
            )
            raise click.UsageError(shell.out.words(*text))
        amount = _amount(shell, typed)
        shell.noting_dry_run()
        found = shell.read(lambda work: merchants.due(work, merchant_id, amount))
        shell.out.record("merchant.payout.preview/1", _DUE, _due(found))
        return
    made = shell.run(lambda work: merchants.request_payout(work, _asked(shell, merchant_id, key)))
    shell.out.record("merchant.payout.request/1", _PAYOUT, payout_item(made))


@payout.command("list")
@click.option("--state", "states", multiple=True, help="May be repeated.")
@click.option("--merchant", "merchant_id", default="", metavar="ID", help="Of one merchant.")
@since_option
@limited
@shared
@pass_shell
def list_payouts(
    shell: Shell,
    states: tuple[str, ...],
    merchant_id: str,
    since: datetime | date | None,
    limit: int,
) -> None:
    """List payouts, the newest first."""
    from groupbuy.application import merchants
    from groupbuy.domain.payouts import PayoutState

    wanted = states_of(PayoutState, states)
    found = shell.read(lambda work: merchants.list_payouts(work, wanted, merchant_id, limit))
    found = recent(found, since, shell.settings.policy.zone, lambda each: each.requested_at)
    shell.out.table("merchant.payout.list/1", _PAYOUT, [payout_item(each) for each in found])


@payout.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@confirmed
@changing
@shared
@pass_shell
def approve(shell: Shell, ids: tuple[str, ...]) -> None:
    """Approve payouts; their sum is typed, --actor names the approver, who works in finance."""
    from groupbuy.application.catalogue.facts import yuan
    from groupbuy.application.merchants import approve_payout, show_payout

    total = total_of(shell, ids, show_payout)
    if total is not None:
        text = yuan(total)
        shell.confirm_text(text, f"批准付给商家 {text}", f"approve paying {text} to merchants")

    def do(key: str) -> dict[str, object]:
        return _moved(shell.run(lambda work: approve_payout(work, key, shell.reason)))

    each(shell, "merchant.payout.approve/1", ids, do)


@payout.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def hold(shell: Shell, ids: tuple[str, ...]) -> None:
    """Stop payouts for a question; approvals given before are asked for again."""
    from groupbuy.application.merchants import hold_payout

    def do(key: str) -> dict[str, object]:
        return _moved(shell.run(lambda work: hold_payout(work, key, shell.reason)))

    each(shell, "merchant.payout.hold/1", ids, do)


@payout.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def resume(shell: Shell, ids: tuple[str, ...]) -> None:
    """Let held payouts wait for approval again."""
    from groupbuy.application.merchants import resume_payout

    def do(key: str) -> dict[str, object]:
        return _moved(shell.run(lambda work: resume_payout(work, key, shell.reason)))

    each(shell, "merchant.payout.resume/1", ids, do)


@payout.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def cancel(shell: Shell, ids: tuple[str, ...]) -> None:
    """Give payouts up before they are approved; the money is payable again."""
    from groupbuy.application.merchants import cancel_payout

    shell.confirm(f"取消 {len(ids)} 笔商家付款？", f"cancel {len(ids)} payouts?")

    def do(key: str) -> dict[str, object]:
        return _moved(shell.run(lambda work: cancel_payout(work, key, shell.reason)))

    each(shell, "merchant.payout.cancel/1", ids, do)


@payout.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def pay(shell: Shell, ids: tuple[str, ...]) -> None:
    """Send approved payouts now, or ask how they stand; the worker does the same by itself.

    Always the same number per payout, so a repeat cannot pay twice.
    """
    from groupbuy.application import payouts
    from groupbuy.application.merchants import show_payout
    from groupbuy.domain.payouts import ENDED

    provider = next(iter(shell.app.payouts.values()))
    shell.confirm(f"支付 {len(ids)} 笔商家付款？", f"pay {len(ids)} merchants?")

    def do(key: str) -> dict[str, object]:
        found = shell.read(lambda work: show_payout(work, key))
        if found.state in ENDED:
            return {**_moved(found), "result": SKIPPED}
        if shell.dry_run:
            return _moved(found)
        payouts.pay_by_hand(shell.app.desk, provider, shell.caller, key, shell.reason)
        return _moved(shell.read(lambda work: show_payout(work, key)))

    each(shell, "merchant.payout.pay/1", ids, do)


def payout_item(found: "MerchantPayout") -> dict[str, object]:
    """Return what is shown of a payout; never its account."""
    names = (
        "id", "merchant_id", "state", "amount", "channel", "requested_by", "hold_reason",
        "last_word", "requested_at", "submitted_at", "finished_at",
    )  # fmt: skip
    return {name: getattr(found, name) for name in names} | {"approvals": list(found.approvals)}


def _moved(after: "MerchantPayout") -> dict[str, object]:
    return {"id": after.id, "state": after.state, "message": str(after.state)}


def _asked(shell: Shell, merchant_id: str, key: str) -> "RequestPayout":
    from groupbuy.application import merchants
    from groupbuy.domain.kernel import Invalid, Money

    whose, minor, digest = merchants.parse_key(key)
    if whose != merchant_id:
        raise Invalid(field="preview", reason="is of another merchant")
    amount = Money(minor, shell.app.kit.policy.currency)
    return merchants.RequestPayout(merchant_id, amount, digest, shell.reason)


def _amount(shell: Shell, typed: str) -> "Money | None":
    from groupbuy.application.catalogue.facts import money

    return money("amount", typed, shell.app.kit.policy.currency) if typed else None


def _due(found: "Due") -> dict[str, object]:
    names = ("merchant_id", "name", "payable", "held", "free", "amount", "account_set")
    return {name: getattr(found, name) for name in names} | {"preview": found.key}


def _statement(found: "MerchantStatement") -> dict[str, object]:
    return {
        "merchant_id": found.merchant_id,
        "period": found.period,
        "since": found.since,
        "until": found.until,
        "opening": found.opening,
        **{name: getattr(found, name) for name in _COLUMNS},
        "closing": found.closing,
        **found.waits,
        "lines_count": found.lines,
        "adds_up": found.adds_up,
    }


def _line(line: "StatementLine") -> dict[str, object]:
    booking = line.booking
    return {
        "at": booking.at,
        "moment": booking.moment,
        "order_id": booking.order_id or None,
        "subject": booking.subject,
        "journal_id": booking.id,
        **{name: getattr(line, name) for name in _COLUMNS},
        "total": line.total,
    }


def _rows(
    found: "MerchantStatement", lines: "Iterable[StatementLine]"
) -> Iterator[Sequence[object]]:
    """Write a statement as a table whose last column adds up from the first row to the last."""
    head = ["at", "moment", "order_id", "subject", "journal_id", *_COLUMNS, "total", "currency"]
    blank, currency = [""] * len(_COLUMNS), found.opening.currency
    yield head
    opening = found.since.isoformat().replace("+00:00", "Z")
    closing = found.until.isoformat().replace("+00:00", "Z")
    yield [opening, "opening", "", "", "", *blank, found.opening.minor, currency]
    for line in lines:
        booking, amounts = line.booking, [getattr(line, name).minor for name in _COLUMNS]
        at = booking.at.isoformat().replace("+00:00", "Z") if booking.at else ""
        where = [at, booking.moment, booking.order_id, booking.subject, booking.id]
        yield [*where, *amounts, line.total.minor, currency]
    yield [closing, "closing", "", "", "", *blank, found.closing.minor, currency]
