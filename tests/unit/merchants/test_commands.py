"""`groupbuy merchant` on a shop in memory."""

import csv
import io
import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application.ports import AuditRow, Query
from groupbuy.domain.membership import Role, User
from groupbuy.domain.payouts import PayoutState
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.earnings import TENANT, Earnings
from tests.support.merchants import MERCHANT, Trade


@pytest.fixture
def trade():
    trade = Trade(Earnings(MemoryDatabase()))
    trade.sell(100_000)
    for name in ("usr_a", "usr_b", "usr_c"):
        user = User(
            id=name,
            phone_fingerprint=name,
            phone_sealed="",
            name_sealed="",
            password_hash="",
            data_key="",
            created_at=trade.clock.at,
            roles=frozenset({Role.FINANCE}),
        )
        trade.shop.put(User, user)
    return trade


@pytest.fixture
def groupbuy(trade, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args, actor="usr_a"):
        app = SimpleNamespace(
            desk=trade.desk,
            kit=trade.shop.kit,
            database=trade.shop.database,
            payouts={"sandbox": trade.provider},
            close=lambda: None,
        )
        shell = Shell(app=app, settings=Settings(), tenant=TENANT, actor=actor)
        result = CliRunner().invoke(main, ["merchant", *args], obj=shell)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


WHY = ("--reason", "October")


def preview(groupbuy, *more):
    said = groupbuy("payout", "request", MERCHANT, *more, *WHY, "--dry-run", "--json")
    assert said.exit_code == 0
    return json.loads(said.stdout)


def requested(groupbuy, *more):
    key = preview(groupbuy, *more)["preview"]
    said = groupbuy("payout", "request", MERCHANT, "--preview", key, *WHY, "--json")
    assert said.exit_code == 0
    return json.loads(said.stdout)["id"]


def state(trade, key):
    return trade.reload(SimpleNamespace(id=key)).state


def test_a_payout_is_previewed_asked_for_agreed_by_two_and_paid(trade, groupbuy):
    key = requested(groupbuy)
    ask = ("payout", "approve", key, *WHY)
    assert groupbuy(*ask, actor="usr_b").exit_code == 2
    assert groupbuy(*ask, "--confirm", "90.00", actor="usr_b").exit_code == 2
    assert groupbuy(*ask, "--confirm", "900.00").exit_code == 1
    assert groupbuy(*ask, "--confirm", "900.00", actor="cli:somebody").exit_code == 4
    assert groupbuy(*ask, "--confirm", "900.00", actor="usr_b").exit_code == 0
    assert state(trade, key) is PayoutState.REQUESTED
    assert groupbuy("payout", "pay", key, *WHY, "--yes").exit_code == 1
    assert groupbuy(*ask, "--confirm", "900.00", actor="usr_c").exit_code == 0
    assert groupbuy("payout", "pay", key, *WHY, "--dry-run").exit_code == 0
    assert state(trade, key) is PayoutState.APPROVED
    assert groupbuy("payout", "pay", key, *WHY, "--yes").exit_code == 0
    trade.provider.settle()
    assert groupbuy("payout", "pay", key, *WHY, "--yes").exit_code == 0
    assert state(trade, key) is PayoutState.PAID
    assert len(trade.provider.movements) == 1
    rows = trade.desk.read(
        trade.shop.system, lambda work: work.of(AuditRow).select(Query().where(subject=key))
    )
    assert {(row.actor, row.reason) for row in rows if row.channel == "cli"} == {
        ("usr_a", "October"),
        ("usr_b", "October"),
        ("usr_c", "October"),
    }


def test_a_preview_writes_nothing_and_is_needed(trade, groupbuy):
    shown = preview(groupbuy, "--amount", "123.45")
    assert (shown["amount"]["amount"], shown["free"]["amount"]) == (12_345, 90_000)
    assert shown["account_set"] is True
    assert trade.payable() == 90_000
    assert groupbuy("payout", "request", MERCHANT, *WHY).exit_code == 2
    assert groupbuy("payout", "request", "mrc_none", *WHY, "--dry-run").exit_code == 3


def test_the_second_of_two_operators_with_one_preview_is_told_of_a_conflict(trade, groupbuy):
    key = preview(groupbuy, "--amount", "100.00")["preview"]
    ask = ("payout", "request", MERCHANT, "--preview", key, *WHY)
    assert groupbuy(*ask, "--dry-run").exit_code == 0
    assert [groupbuy(*ask).exit_code, groupbuy(*ask, actor="usr_b").exit_code] == [0, 5]
    assert trade.payable() == 80_000


def test_a_payout_is_held_resumed_and_given_up(trade, groupbuy):
    key = requested(groupbuy)
    for verb, ends, then in (
        ("hold", 0, PayoutState.ON_HOLD),
        ("hold", 5, PayoutState.ON_HOLD),
        ("resume", 0, PayoutState.REQUESTED),
        ("cancel", 0, PayoutState.CANCELLED),
    ):
        assert groupbuy("payout", verb, key, *WHY, "--yes").exit_code == ends
        assert state(trade, key) is then
    assert trade.payable() == 90_000


def test_payouts_are_listed_without_their_accounts(groupbuy):
    key = requested(groupbuy)
    said = groupbuy("payout", "list", "--merchant", MERCHANT, "--state", "requested", "--json")
    (item,) = json.loads(said.stdout)["items"]
    assert (item["id"], item["amount"]["amount"]) == (key, 90_000)
    assert "sealed" not in said.stdout
    assert "7890" not in said.stdout


@pytest.mark.parametrize(
    "args",
    [
        ("statement", MERCHANT, "October"),
        ("payout", "request", MERCHANT, *WHY, "--amount", "1.234", "--dry-run"),
        ("payout", "request", MERCHANT, *WHY, "--preview", "stl_2026-10@9f3c1d0a77be"),
        ("payout", "request", MERCHANT, *WHY, "--preview", "mrc_2:100@9f3c1d0a77be"),
        ("payout", "approve", "mpo_1"),
        ("payout", "list", "--state", "lost"),
    ],
)
def test_what_cannot_be_meant_ends_with_two(groupbuy, args):
    assert groupbuy(*args).exit_code == 2


def test_a_statement_is_shown_with_every_line_in_every_form(trade, groupbuy):
    requested(groupbuy)
    period = f"{trade.clock.at:%Y-%m}"
    shown = groupbuy("statement", MERCHANT, period, "--json")
    document = json.loads(shown.stdout)
    assert document["adds_up"] is True
    assert (document["closing"]["amount"], document["in_transit"]["amount"]) == (90_000, 90_000)
    (line,) = document["lines"]
    assert (line["moment"], line["sales"]["amount"]) == ("confirm", 100_000)
    assert line["order_id"].startswith("ord_")
    rows = list(
        csv.DictReader(io.StringIO(groupbuy("statement", MERCHANT, period, "--csv").stdout))
    )
    assert [row["moment"] for row in rows] == ["opening", "confirm", "closing"]
    first, *middle, last = [int(row["total"]) for row in rows]
    assert first + sum(middle) == last
    assert "closing" in groupbuy("statement", MERCHANT, period).stdout
    assert groupbuy("statement", "mrc_none", period).exit_code == 3


def test_invoices_are_listed_by_state(trade, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    app = SimpleNamespace(desk=trade.desk, kit=trade.shop.kit, close=lambda: None)
    shell = Shell(app=app, settings=Settings(), tenant=TENANT, actor="usr_a")
    asked = ["invoice", "list", "--state", "red_letter_due", "--json"]
    said = CliRunner().invoke(main, asked, obj=shell)
    assert (said.exit_code, json.loads(said.stdout)["items"]) == (0, [])
    assert CliRunner().invoke(main, ["invoice", "list", "--state", "x"], obj=shell).exit_code == 2
