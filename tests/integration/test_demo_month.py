"""`groupbuy demo --month`: thirty days on both engines, counted anew, to the fen."""

import json
import os
import signal
import sqlite3
import subprocess
import sys

import psutil
import pytest
from attrs import evolve
from click.testing import CliRunner

from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.output import Output
from groupbuy.entrypoints.demo.month import show
from groupbuy.entrypoints.demo.month.draw import Draw, batched
from groupbuy.entrypoints.demo.month.plan import LEADERS, SEED, UNPAID, Fate, planned
from groupbuy.entrypoints.demo.month.saying import lines
from groupbuy.entrypoints.demo.month.show import DIRECTION, tell
from groupbuy.entrypoints.demo.month.story import Story
from groupbuy.entrypoints.demo.stage import stage
from groupbuy.entrypoints.settings import DatabaseSettings

COMMAND = (sys.executable, "-m", "groupbuy.entrypoints", "demo", "--month", "--orders")
ORDERS = 200
FEW = 120


def environment(**more):
    ours = {name: word for name, word in os.environ.items() if not name.startswith("GROUPBUY_")}
    return {**ours, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


def play(folder, orders, *options):
    return subprocess.run(
        [*COMMAND, str(orders), *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(TMPDIR=str(folder)),
    )


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("month")
    done = play(folder, ORDERS, "--json", "--quiet")
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr
    assert (done.stderr, list(folder.iterdir())) == ("", [])
    return json.loads(done.stdout)


def total(rows, name):
    return sum(row[name] for row in rows)


def of_account(document, start):
    rows = [row for row in document["trial_balance"] if row["account"].startswith(start)]
    return sum(row["debit_fen"] - row["credit_fen"] for row in rows)


# --- the plan ---------------------------------------------------------------------------------


@pytest.mark.parametrize("orders", [120, 200, 5_000, 20_000])
def test_a_month_is_planned_for_exactly_the_orders_asked_for(orders):
    plan = planned(orders)
    assert sum(campaign.paid for campaign in plan.campaigns) == orders
    assert {campaign.leader for campaign in plan.campaigns} == set(range(LEADERS))
    assert {campaign.forms for campaign in plan.campaigns} == {True, False}
    assert max(c.first_day + c.days - 1 for c in plan.campaigns) <= 30
    for campaign in plan.campaigns:
        paying = [wish.buyer for wish in campaign.wishes if wish.buyer >= 0]
        assert len(set(paying)) == len(paying)
        staying = [w for w in campaign.wishes if w.fate not in UNPAID | {Fate.LEAVES}]
        assert campaign.forms is (len(staying) >= max(campaign.quorum, 1))


def test_five_thousand_orders_meet_with_everything_that_can_happen():
    plan = planned()
    fates = {wish.fate for campaign in plan.campaigns for wish in campaign.wishes}
    assert fates == set(Fate)
    assert 60 <= len(plan.campaigns) <= 120
    assert {campaign.mode for campaign in plan.campaigns} == {"pool", "relay"}
    assert any(wish.helped for campaign in plan.campaigns for wish in campaign.wishes)
    assert {campaign.point for campaign in plan.campaigns} == {None, 0, 1}


def test_the_same_seed_is_the_same_story_and_another_seed_another_one():
    assert planned(FEW, 7) == planned(FEW, 7)
    assert planned(FEW, 7) != planned(FEW, 8)
    assert [Draw("a").below(100) for _ in range(2)] == [Draw("a").below(100)] * 2
    assert sorted(Draw("b").some_of(10, 10)) == list(range(10))
    assert list(map(list, batched([1, 2, 3], 2))) == [[1, 2], [3]]


# --- the month as a person runs it ------------------------------------------------------------


def test_as_many_orders_are_paid_as_were_asked_for(on_sqlite):
    counts, wishes = on_sqlite["counts"], [w for c in planned(ORDERS).campaigns for w in c.wishes]
    assert counts["paid"] == total(on_sqlite["days"], "orders") == ORDERS
    assert counts["unpaid"] == sum(wish.fate is Fate.FORGOTTEN for wish in wishes) > 0
    assert counts["late_payments"] == sum(wish.fate is Fate.LATE for wish in wishes) > 0
    assert counts["completed"] + counts["refunded_in_full"] == ORDERS
    assert counts["formed"] + counts["failed"] == counts["campaigns"]
    assert counts["failed"] > 0
    assert on_sqlite["findings"] == []


def test_sales_are_what_the_plan_costs(on_sqlite):
    plan = planned(ORDERS)
    paid = sum(
        wish.units * campaign.price_fen
        for campaign in plan.campaigns
        for wish in campaign.wishes
        if wish.fate not in UNPAID
    )
    assert total(on_sqlite["days"], "sales_fen") == paid


def test_every_kind_of_money_is_the_same_at_the_provider_and_in_the_ledger(on_sqlite):
    bill = {row["kind"]: row for row in on_sqlite["bill"]}
    assert set(bill) == {"payment", "refund", "payout", "fee"}
    for row in bill.values():
        assert (row["ours"], row["ours_fen"]) == (row["theirs"], row["theirs_fen"])
        assert row["ours"] > 0
        assert row["difference_fen"] == 0
    counts = on_sqlite["counts"]
    assert bill["payment"]["theirs"] == counts["paid"] + counts["late_payments"]
    assert bill["refund"]["theirs_fen"] == -total(on_sqlite["days"], "refunded_fen")
    assert of_account(on_sqlite, "clearing") == total(on_sqlite["bill"], "theirs_fen")
    assert of_account(on_sqlite, "provider_fees") == -bill["fee"]["theirs_fen"]
    assert on_sqlite["provider_difference_fen"] == 0


def test_statements_add_up_and_are_withdrawn(on_sqlite):
    for row in on_sqlite["settlement"]:
        parts = ("carried_fen", "accrued_fen", "reversals_fen", "adjusted_fen")
        assert sum(row[part] for part in parts) == row["payable_fen"] == row["withdrawn_fen"]
    assert total(on_sqlite["settlement"], "payable_fen") > 0
    assert total(on_sqlite["settlement"], "bonus_fen") > 0
    assert total(on_sqlite["settlement"], "reversals_fen") < 0


def test_refunds_after_the_settlement_stand_on_the_next_statements(on_sqlite):
    later, after = on_sqlite["later"], on_sqlite["next_statements"]
    assert later["refunds"] > 0
    assert later["deducted_fen"] == total(after, "deducted_fen") == -later["taken_back_fen"] < 0
    for row in after:
        assert row["deducted_fen"] < 0
        assert row["carried_fen"] + row["accrued_fen"] + row["reversals_fen"] == row["payable_fen"]
    assert any(row["payable_fen"] < 0 for row in after)


def test_the_books_balance_and_every_proof_was_asked_for(on_sqlite):
    trial, proofs = on_sqlite["trial_balance"], on_sqlite["proofs"]
    assert total(trial, "debit_fen") == total(trial, "credit_fen") > 0
    assert of_account(on_sqlite, "suspense") == of_account(on_sqlite, "refund_due") == 0
    found = [name for name in proofs if name.endswith(("findings", "differences"))]
    assert [proofs[name] for name in found] == [0] * 5
    assert proofs["invariants"] == 26
    assert min(proofs["journals"], proofs["statement_lines"], proofs["audit_seals"]) > 0


def without_what_depends_on_the_machine(document):
    """How often the audit is sealed, and how often the worker looks, is no figure of the month."""
    proofs = {**document["proofs"], "audit_seals": 0, "audit_rows": 0}
    return {**document, "proofs": proofs}


def plant(journal_path):
    """Let the provider say that it gave back a fen more than anybody asked for."""
    journal = sqlite3.connect(journal_path, isolation_level=None)
    journal.execute(
        "INSERT INTO movements (kind, number, payment_number, amount, currency, at)"
        " SELECT kind, number || 'X', payment_number, -1, currency, at FROM movements"
        " WHERE kind = 'refund' LIMIT 1"
    )
    journal.close()


def test_postgresql_has_the_same_figures_and_a_planted_difference_is_found(
    on_sqlite, pg_database, tmp_path
):
    database = DatabaseSettings(url=pg_database.app_url, owner_url=pg_database.owner_url)
    out, days = Output(verbosity=-1), []
    with stage(tmp_path, database, DIRECTION) as on:
        played = Story(on, out, planned(ORDERS), lambda day, paid: days.append((day, paid))).play()
        good = tell(played)
        plant(tmp_path / "sandbox.db")
        bad = tell(played)
    told = json.loads(json.dumps(good.document()))
    assert (len(days), days[-1][1]) == (30, ORDERS)
    document = {name: value for name, value in on_sqlite.items() if name != "schema"}
    assert without_what_depends_on_the_machine(told) == without_what_depends_on_the_machine(
        document
    )
    expect_the_difference(good, bad)


def expect_the_difference(good, bad):
    assert bad.provider_difference_fen == -1
    differences = {row.kind: row.difference_fen for row in bad.bill}
    assert differences == {"payment": 0, "refund": -1, "payout": 0, "fee": 0}
    told = "\n".join(bad.findings)
    assert "the provider says -1, the shop None" in told
    assert "the provider keeps -1 fen more" in told
    assert "reconciliation: missing_here refund" in told
    same = {"findings": (), "bill": (), "provider_difference_fen": 0, "proofs": good.proofs}
    assert evolve(bad, **same) == evolve(good, **same)
    marked = [zh for zh, _ in lines(bad) if zh.startswith("✗")]
    assert marked == [f"✗ {finding}" for finding in bad.findings]


# --- the command ------------------------------------------------------------------------------


def test_a_month_that_is_stopped_leaves_nothing_running_and_nothing_behind(tmp_path):
    running = subprocess.Popen(
        [*COMMAND, str(FEW), "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
    )
    assert "neighbours sign up" in running.stderr.readline()
    (folder,) = tmp_path.iterdir()
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGTERM)
    table, rest = running.communicate()
    assert (running.returncode, table) == (130, ""), rest
    assert len(children) >= 2
    _, left = psutil.wait_procs(children, timeout=60)
    # Where the first process of a machine does not collect the dead, they stay in its list.
    assert [each for each in left if each.status() != psutil.STATUS_ZOMBIE] == []
    assert not folder.exists()


def test_a_month_that_does_not_add_up_ends_with_seven(monkeypatch):
    told = type("Told", (), {"findings": ("the provider keeps 1 fen more",)})()
    monkeypatch.setattr(show, "perform_month", lambda _shell, _evening, _month: told)
    assert CliRunner().invoke(main, ["demo", "--month"]).exit_code == 7
    asked = CliRunner().invoke(main, ["demo", "--month", "--serve"])
    assert asked.exit_code == 2


def test_the_defaults_of_the_command_are_those_of_the_plan(monkeypatch):
    asked = []
    told = type("Told", (), {"findings": ()})()
    monkeypatch.setattr(show, "perform_month", lambda *said: asked.append(said[-1]) or told)
    assert CliRunner().invoke(main, ["demo", "--month"]).exit_code == 0
    assert asked == [show.Month()]
    assert asked[0].seed == SEED
