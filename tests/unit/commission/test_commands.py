"""`groupbuy settle`, `withdrawal` and `ledger` on a shop in memory."""

import json
from types import SimpleNamespace

import pytest
from attrs import evolve
from click.testing import CliRunner

from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application.ports import AuditRow, BillLine, Query
from groupbuy.domain.commission import Withdrawal, WithdrawalState
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Role, User
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.earnings import TENANT


class Bill:
    """Says that a thousand yuan came in."""

    def bill(self, day=None):
        assert day is None
        return [BillLine("payment", "P1", Money(100_000), None)]


@pytest.fixture
def provider(shop):
    return MemoryPayouts(shop.clock)


@pytest.fixture
def groupbuy(shop, provider, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args, actor=""):
        app = SimpleNamespace(
            desk=shop.desk,
            kit=shop.kit,
            database=shop.database,
            payouts={"sandbox": provider},
            bills={"sandbox": Bill()},
            close=lambda: None,
        )
        shell = Shell(app=app, settings=Settings(), tenant=TENANT, actor=actor)
        result = CliRunner().invoke(main, args, obj=shell)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def clerk(shop):
    caller = shop.leader("出纳", account=False)

    def appoint(work):
        user = work.of(User).get(caller.user_id)
        work.of(User).save(evolve(user, roles=frozenset({Role.FINANCE})))

    shop.desk.run(shop.system, appoint)
    return caller.user_id


def november(shop):
    shop.clock.at = shop.clock.at.replace(month=11)


def state_of(shop, withdrawal):
    return shop.desk.read(shop.system, lambda w: w.of(Withdrawal).get(withdrawal.id)).state


def test_a_preview_names_the_command_that_would_run_it(shop, groupbuy):
    shop.earn(shop.leader())
    november(shop)
    said = groupbuy("settle", "preview")
    key = shop.preview().key
    assert said.exit_code == 0
    assert "1 leaders · 1 orders\n" in said.stdout
    assert "commission ¥10.00 · reversals ¥0.00 · payable ¥10.00" in said.stdout
    assert f"groupbuy settle run --preview {key}" in said.stdout
    assert shop.preview().portions[0].statement_id == ""


def test_what_a_preview_printed_can_be_run_and_run_again(shop, groupbuy):
    leader = shop.leader()
    shop.earn(leader)
    november(shop)
    key = json.loads(groupbuy("settle", "preview", "--json").stdout)["preview"]
    asked = ("settle", "run", "--preview", key, "--reason", "October", "--yes", "--json")
    first, again = groupbuy(*asked), groupbuy(*asked)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert [item["settled"]["amount"] for item in json.loads(first.stdout)["items"]] == [1_000]
    assert json.loads(again.stdout)["skipped"] == 1
    assert shop.available(leader) == 1_000
    assert "1 leaders · 1 settled before\n" in groupbuy("settle", "preview").stdout
    shown = groupbuy("settle", "show", leader.leader_id, "--json")
    assert len(json.loads(shown.stdout)["lines"]) == 1


def test_a_run_of_something_that_changed_ends_with_five(shop, groupbuy):
    leader = shop.leader()
    order = shop.earn(leader)
    november(shop)
    key = shop.preview().key
    shop.refund(order, 1, 1)
    said = groupbuy("settle", "run", "--preview", key, "--reason", "October", "--yes")
    assert said.exit_code == 5
    assert shop.available(leader) == 0


def test_a_dry_run_compares_and_writes_nothing(shop, groupbuy):
    leader = shop.leader()
    shop.earn(leader)
    november(shop)
    asked = ("settle", "run", "--preview", shop.preview().key, "--reason", "x", "--dry-run")
    assert groupbuy(*asked).exit_code == 0
    assert shop.available(leader) == 0


@pytest.mark.parametrize(
    "args",
    [
        ("settle", "run", "--preview", "stl_2026-10@9f3c1d0a77be", "--yes"),
        ("settle", "run", "--reason", "October", "--yes"),
        ("settle", "run", "--preview", "stl_2026-10", "--reason", "October", "--yes"),
        ("settle", "preview", "--period", "October"),
        ("withdrawal", "approve", "wdr_1", "--yes"),
        ("withdrawal", "pay", "wdr_1", "--yes"),
        ("withdrawal", "list", "--state", "lost"),
    ],
)
def test_what_cannot_be_meant_ends_with_two(groupbuy, args):
    assert groupbuy(*args).exit_code == 2


def test_what_does_not_exist_ends_with_three(shop, groupbuy, clerk):
    assert groupbuy("settle", "show", "ldr_none", "--period", "2026-10").exit_code == 3
    asked = ("withdrawal", "approve", "wdr_none", "--reason", "x", "--yes")
    assert groupbuy(*asked, actor=clerk).exit_code == 3


def test_a_made_up_actor_approves_nothing(shop, groupbuy, clerk):
    withdrawal = shop.withdraw(shop.settled(100_000), 6_000)
    asked = ("withdrawal", "approve", withdrawal.id, "--reason", "checked", "--confirm", "60.00")
    assert groupbuy(*asked, actor="cli:somebody").exit_code == 4
    assert groupbuy(*asked, actor=clerk).exit_code == 0
    assert state_of(shop, withdrawal) is WithdrawalState.APPROVED


@pytest.mark.parametrize("said", [("--yes",), ("--confirm", "6.00"), ()])
def test_the_sum_of_what_is_approved_has_to_be_typed(shop, groupbuy, clerk, said):
    withdrawal = shop.withdraw(shop.settled(100_000), 6_000)
    asked = ("withdrawal", "approve", withdrawal.id, "--reason", "checked", *said)
    refused = groupbuy(*asked, actor=clerk)
    assert (refused.exit_code, "--confirm 60.00" in refused.stderr) == (2, True)
    assert state_of(shop, withdrawal) is WithdrawalState.REQUESTED


def test_a_withdrawal_is_held_resumed_approved_and_paid(shop, groupbuy, provider, clerk):
    withdrawal = shop.withdraw(shop.settled(100_000), 6_000)

    def do(verb):
        sure = ("--confirm", "60.00") if verb == "approve" else ("--yes",)
        asked = ("withdrawal", verb, withdrawal.id, "--reason", "checked", *sure)
        return groupbuy(*asked, actor=clerk).exit_code

    assert [do("hold"), do("approve"), do("resume")] == [0, 5, 0]
    assert do("pay") == 1
    assert [do("approve"), do("pay")] == [0, 0]
    assert state_of(shop, withdrawal) is WithdrawalState.SUBMITTED
    provider.settle()
    assert do("pay") == 0
    assert state_of(shop, withdrawal) is WithdrawalState.PAID
    rows = shop.desk.read(
        shop.system, lambda w: w.of(AuditRow).select(Query().where(subject=withdrawal.id))
    )
    assert {row.reason for row in rows if row.channel == "cli"} == {"checked"}


def test_some_that_can_and_some_that_cannot_end_with_six(shop, groupbuy, clerk):
    leader = shop.settled(100_000)
    good, done = shop.withdraw(leader, 1_000), shop.approve(shop.withdraw(leader, 1_000))
    asked = ("withdrawal", "approve", good.id, done.id, "--reason", "x", "--json")
    said = groupbuy(*asked, "--confirm", "20.00", actor=clerk)
    assert said.exit_code == 6
    document = json.loads(said.stdout)
    assert (document["done"], document["failed"]) == (1, 1)


def test_withdrawals_are_listed_without_their_accounts(shop, groupbuy):
    shop.withdraw(shop.settled(100_000), 6_000)
    said = groupbuy("withdrawal", "list", "--state", "requested", "--json")
    (item,) = json.loads(said.stdout)["items"]
    assert item["amount"] == {"amount": 6_000, "currency": "CNY"}
    assert "account" not in said.stdout


def test_books_that_are_right_end_with_nought(shop, groupbuy):
    shop.settled(100_000)
    assert groupbuy("ledger", "verify", "--bill").exit_code == 0
    assert groupbuy("settle", "verify").exit_code == 0
    balance = groupbuy("ledger", "trial-balance", "--json")
    assert json.loads(balance.stdout)["differences"] == {"CNY": 0}


def test_books_that_are_wrong_end_with_seven_and_say_where(shop, groupbuy):
    leader = shop.settled(100_000)
    account = f"leader:{leader.leader_id}:available"

    def steal(work):
        work.of(Balance).save(work.of(Balance).get(account).put(1))

    shop.desk.run(shop.system, steal)
    said = groupbuy("ledger", "verify", "--json")
    assert said.exit_code == 7
    (finding,) = json.loads(said.stdout)["findings"]
    assert (finding["check"], finding["subject"]) == ("balance_matches_account", account)
    assert groupbuy("settle", "verify").exit_code == 7


def test_a_bill_that_differs_ends_with_seven(shop, groupbuy):
    shop.settled(50_000)
    assert groupbuy("ledger", "verify").exit_code == 0
    assert groupbuy("ledger", "verify", "--bill").exit_code == 7
