"""Transcripts about the house: books, audit, outbox, jobs, people, and the installation itself."""

from groupbuy.application.jobs import run_by_hand
from tests.support.transcripts.stage import Stage


def ledger(stage: Stage) -> None:
    """`ledger …`."""
    stage.run("ledger verify")
    stage.run("ledger verify --bill --everything --json")
    stage.run("ledger trial-balance")
    stage.run("ledger accounts", head=4)
    stage.run("ledger account clearing:memory --from 2026-11-01")
    stage.run("ledger account clearing:nobody --json", 3)
    stage.run("ledger replay --as-of 2026-10-06")
    stage.run("ledger replay --as-of yesterday", 2)
    stage.run("ledger export --from 2026-11-01 --format jsonl --out november.jsonl")
    stage.run("ledger export --format xlsx", 2)
    stage.say("关账", "closing a month")
    stage.run("ledger close 2026-10")
    stage.learn("key", "ledger close 2026-10", "preview")
    stage.run("ledger close 2026-10 --preview {key} --reason October --dry-run")
    stage.run("ledger close 2026-10 --preview {key} --reason October", 2)
    stage.run(
        "ledger close 2026-10 --preview cls_2026-10@000000000000 --reason x --confirm 2026-10", 5
    )
    stage.run("ledger close 2026-10 --preview {key} --reason October --confirm 2026-10")
    stage.run("ledger closings")
    stage.run("ledger reopen 2026-10 --reason 'the auditor asks' --confirm 2026-10")
    stage.run("ledger reopen 2026-10 --reason again --confirm 2026-10", 1)


def outbox(stage: Stage) -> None:
    """`outbox list|replay`."""
    stage.run("outbox list --limit 3")
    stage.run("outbox list --state done --topic refund --since 2026-11-01 --json")
    stage.run("outbox replay --reason 'provider was down'", 2)
    stage.run("outbox replay track/shp_lost --reason 'provider was down'", 2)
    stage.run("outbox replay track/shp_lost --reason 'provider was down' --dry-run")
    stage.run("outbox replay track/shp_lost --reason 'provider was down' --yes")
    stage.say("第二个人：已在等待", "a second person: it is due already")
    stage.run("outbox replay track/shp_lost --reason 'provider was down' --yes")
    stage.run("outbox replay track/none --reason x --yes", 3)
    stage.run("outbox replay --parked --reason 'provider was down' --yes --json")


def jobs(stage: Stage) -> None:
    """`jobs list|run`."""
    stage.run("jobs list")
    stage.run("jobs run settlement", 2)
    stage.run("jobs run settlement --reason 'do not wait' --dry-run")
    stage.run("jobs run settlement --reason 'do not wait'")
    stage.run("jobs run settlement --reason 'do not wait' --json")
    stage.run("jobs run laundry --reason x", 3)
    stage.say("别人正在运行", "somebody else has it in hand")
    desk, shell = stage.shop.desk, stage.shell()
    shell.actor = "cli:chen"

    def while_it_runs() -> int:
        stage.run("jobs run housekeeping --reason 'tidy up'", 5)
        return 7

    run_by_hand(desk, shell.caller, "housekeeping", while_it_runs, "tidy up")
    stage.run("jobs list")


def audit(stage: Stage) -> None:
    """`audit list|seal|verify|head`."""
    stage.run("user grant {buyer} operator --reason 'joins the team'")
    stage.run("audit list --subject {buyer}")
    stage.run("audit list --by nobody --from 2026-11-01 --json")
    stage.run("audit head")
    stage.shop.clock.forward(hours=1)
    stage.run("audit seal")
    stage.run("audit head")
    stage.run("audit verify")
    stage.run("audit verify --head 000000000001@0123456789ab", 7)


def user(stage: Stage) -> None:
    """`user list|create|grant|revoke|block|unblock|erase`."""
    stage.run("user list --limit 3")
    stage.run("user list --phone 13800000001", 3)
    make = "user create --phone 13800000001 --name 赵敏 --role operator --no-input"
    stage.run(f"{make} --dry-run", stdin="a long enough secret 9\n")
    stage.run(make, stdin="a long enough secret 9\n")
    stage.run(make, 1, stdin="a long enough secret 9\n")
    stage.run("user create --phone 13800000002 --name x --role leader", 2)
    stage.run("user list --phone 13800000001 --json")
    stage.run("user grant {buyer} finance", 2)
    stage.run("user grant {buyer} finance --reason 'joins finance'")
    stage.run("user grant {buyer} king --reason x", 2)
    stage.run("user revoke {buyer} finance --reason 'has left'")
    stage.run("user block {buyer} --reason 'stolen phone'")
    stage.run("user unblock {buyer} --reason 'found again'")
    stage.run("user erase {buyer} --reason 'asked to'", 2)
    stage.run("user erase {buyer} --reason 'asked to' --confirm {buyer} --dry-run")
    stage.run("user erase {buyer} --reason 'asked to' --confirm {buyer}")
    stage.run("user erase usr_none --reason x --confirm usr_none", 3)


def leader(stage: Stage) -> None:
    """`leader list|approve|refuse|suspend|reinstate`."""
    stage.run("leader list")
    stage.run("leader list --state applied --since 2026-11-01 --json")
    stage.run("leader refuse {applicant} --reason 'no such community' --dry-run")
    stage.run("leader approve {applicant} --commission-bp 600 --reason known --dry-run")
    stage.run("leader approve {applicant} --commission-bp 600", 2)
    stage.run("leader approve {applicant} --commission-bp 600 --reason 'known here'")
    stage.run("leader refuse {applicant} --reason 'too late'", 5)
    stage.run("leader suspend {applicant} --reason 'complaints'", 2)
    stage.run("leader suspend {applicant} --reason 'complaints' --yes")
    stage.run("leader reinstate {applicant} --reason 'cleared up'")
    stage.run("leader approve ldr_none --reason x", 3)


FAMILIES = (ledger, outbox, jobs, audit, user, leader)
