"""`groupbuy reconcile` against a real sandbox and its tricks, on both databases."""

import json
import shlex
from datetime import timedelta

import pytest
from attrs import evolve
from click.testing import CliRunner

from groupbuy.application.ports import PaymentRequest, RefundRequest
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import Money
from groupbuy.domain.payments import Payment, PaymentState, Refund, RefundCause, RefundState
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.recurring import JOBS
from groupbuy.entrypoints.settings import load
from tests.integration.ports.rig import SECRET, START, running

DAYS = ("--from", "2026-11-01", "--to", "2026-11-01")
SYSTEM = Caller.system("main")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("sandbox") / "journal.db") as rig:
        yield rig


class Place:
    """A shop whose clock is the sandbox's, and its command line."""

    def __init__(self, rig, url, folder):
        self.rig, self.clock_file = rig, folder / "clock"
        rig.clear()
        self.at(START)
        provider = {"base_url": rig.base_url, "secret": SECRET}
        database = {"url": url, "threads": 4}
        self.settings = load(
            overrides={
                "database": database,
                "provider": provider,
                "clock_file": str(self.clock_file),
            }
        )
        self.app = build(self.settings)
        self.gateway = self.app.gateways["sandbox"]

    def at(self, instant):
        self.rig.clock.at = instant
        self.clock_file.write_text(instant.isoformat())

    def groupbuy(self, *args, lang="en"):
        shell = Shell(app=self.app, settings=self.settings, tenant="main", actor="usr_finance")
        result = CliRunner().invoke(main, [*args, "--lang", lang], obj=shell)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def store(self, thing):
        self.app.desk.run(SYSTEM, lambda work: work.of(type(thing)).add(thing))
        return thing

    def paid(self, minor=79_920, *, known=True):
        """Let somebody pay at the provider; `known` tells whether we ever heard of it."""
        made = Payment(
            id=self.app.kit.ids.new("pay"),
            order_id="ord_x",
            group_id="grp_x",
            buyer_id="usr_x",
            provider="sandbox",
            due=Money(minor),
            created_at=START,
            expires_at=START + timedelta(hours=1),
            state=PaymentState.PENDING,
        )
        self.gateway.prepay(PaymentRequest(made.number, made.due, "x", made.expires_at))
        self.rig.pay(made.number)
        if known:
            changes = {"captured": made.due, "paid_at": START, "state": PaymentState.CAPTURED}
            made = evolve(made, **changes)
        return self.store(made)

    def refund(self, payment, state):
        made = Refund(
            id=self.app.kit.ids.new("rfd"),
            payment_id=payment.id,
            order_id="ord_x",
            cause=RefundCause.MERCHANT,
            effect_key="x",
            amount=payment.due,
            granted_at=START,
            state=state,
        )
        self.gateway.refund(
            RefundRequest(made.number, payment.number, made.amount, payment.due, "x")
        )
        self.rig.flush()
        return self.store(made)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = {"sqlite": "sqlite_url", "postgresql": "pg_database"}[request.param]
    found = request.getfixturevalue(name)
    place = Place(server, found if isinstance(found, str) else found.app_url, tmp_path)
    yield place
    place.app.close()


def test_what_a_finding_names_mends_it(place):
    payment = place.paid()
    place.rig.faults({"operation": "refund", "kind": "error_after_commit", "count": 1})
    stuck = place.refund(payment, RefundState.NEEDS_OPERATOR)
    place.at(START + timedelta(days=5))
    said = place.groupbuy("reconcile", "run", *DAYS, "--json")
    document = json.loads(said.stdout)
    (finding,) = document["findings"]
    assert (said.exit_code, document["matched"]) == (7, 1)
    assert (finding["difference"], finding["number"]) == ("state", stuck.number)
    _, *args = shlex.split(finding["command"])
    assert place.groupbuy(*args, "--yes").exit_code == 0
    while place.app.relay.tick("main"):
        pass
    after = place.app.desk.read(SYSTEM, lambda work: work.of(Refund).get(stuck.id))
    assert after.state is RefundState.SUCCEEDED
    assert place.groupbuy("reconcile", "run", *DAYS).exit_code == 0


def test_a_callback_that_never_came_is_open_at_first_and_a_difference_after_three_days(place):
    payment = place.paid(known=False)
    place.at(START + timedelta(days=1))
    young = place.groupbuy("reconcile", "run", *DAYS, "--json")
    assert (young.exit_code, json.loads(young.stdout)["counts"]) == (0, {"open": 1})
    place.at(START + timedelta(days=4))
    (finding,) = json.loads(place.groupbuy("reconcile", "run", *DAYS, "--json").stdout)["findings"]
    assert finding["command"] == f'groupbuy reconcile ask {payment.number} --reason "…"'


def test_a_bill_that_does_not_come_ends_with_eight_and_turns_the_light_red(place):
    place.at(START + timedelta(days=1))
    assert place.groupbuy("reconcile", "light").exit_code == 7
    place.rig.faults({"operation": "bill", "kind": "error_before", "count": 1})
    assert place.groupbuy("reconcile", "run").exit_code == 8
    red = json.loads(place.groupbuy("reconcile", "light", "--json").stdout)
    assert (red["green"], red["items"][0]["why"]) == (False, "failed")
    assert place.groupbuy("reconcile", "run").exit_code == 0
    assert place.groupbuy("reconcile", "light").exit_code == 0


def test_the_worker_compares_once_a_day_and_tries_again_when_there_was_no_bill(place):
    job = next(job for job in JOBS if job.name == "reconciliation")
    place.at(START + timedelta(days=1))
    place.rig.faults({"operation": "bill", "kind": "garble", "count": 1})
    assert [job.run(place.app, "main") for _ in range(3)] == [0, 1, 0]
    runs = json.loads(place.groupbuy("reconcile", "list", "--json").stdout)["items"]
    assert sorted(run["failed"] for run in runs) == ["", "unavailable"]


def test_a_bill_from_a_file_is_compared_and_its_bad_rows_are_listed(place, tmp_path):
    payment = place.paid()
    place.at(START + timedelta(days=2))
    (tmp_path / "bill.csv").write_text(
        "kind,number,amount,unit,currency,at\n"
        f"payment,{payment.number},799.20,yuan,CNY,2026-11-01 12:00:00\n"
        "fee,F1,-480,fen,CNY,2026-11-01 23:59:59\n"
        "refund,R1,1.5,yuan,CNY,2026-11-01 12:00:00\n",
        encoding="utf-8",
    )
    asked = ("reconcile", "run", "--bill", "bill.csv", *DAYS)
    reported = place.groupbuy(*asked, "--json")
    assert reported.exit_code == 7
    assert [f["kind"] for f in json.loads(reported.stdout)["findings"]] == ["fee"]
    listed = (tmp_path / "bill.csv.rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert listed[1] == (
        "refund,R1,1.5,yuan,CNY,2026-11-01 12:00:00,4,amount,must be yuan with two decimals"
    )
    booked = [place.groupbuy(*asked, "--book-fees", "--reason", "fees", "--json") for _ in range(2)]
    assert [each.exit_code for each in booked] == [6, 6]
    assert [json.loads(each.stdout)["fees_booked"] for each in booked] == [1, 0]
    assert place.groupbuy("ledger", "trial-balance").exit_code == 0


TRANSCRIPT = """\
编号        RUN
渠道        sandbox
自          2026-11-01
至          2026-11-01
账单行      1
一致        0
差异        {"missing_here": 1}
入账手续费  0
失败        –
时间        2026-11-03 04:00:00Z
操作人      usr_finance
差异\t类型\t单号\t日期\t我方金额\t我方状态\t渠道金额\t渠道状态\t处理
missing_here\tpayment\tPstranger\t2026-11-01\t–\t–\t¥5.00\tmoved\t\
我方没有这个单号：请在渠道商户平台查明是谁的款项
"""


def test_a_run_reads_like_this(place, tmp_path):
    place.at(START + timedelta(days=2))
    (tmp_path / "bill.csv").write_text(
        "kind,number,amount,unit,currency,at\npayment,Pstranger,500,fen,CNY,2026-11-01 12:00:00\n",
        encoding="utf-8",
    )
    said = place.groupbuy("reconcile", "run", "--bill", "bill.csv", *DAYS, lang="zh")
    run_id = said.stdout.split()[1]
    assert said.stdout.replace(run_id, "RUN") == TRANSCRIPT
    shown = place.groupbuy("reconcile", "show", run_id, lang="zh")
    assert shown.stdout.replace(run_id, "RUN") == TRANSCRIPT


def test_the_template_is_a_bill_that_can_be_read(place, tmp_path):
    said = place.groupbuy("reconcile", "template")
    (tmp_path / "bill.csv").write_text(said.stdout, encoding="utf-8")
    read = place.groupbuy(
        "reconcile",
        "run",
        "--bill",
        "bill.csv",
        "--from",
        "2026-11-02",
        "--to",
        "2026-11-03",
        "--json",
    )
    document = json.loads(read.stdout)
    assert (document["lines"], document["rejected"]) == (4, 0)
