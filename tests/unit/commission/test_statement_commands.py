"""`groupbuy settle`: verify a period, doubt, freeze, reverse, export; on a shop in memory."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from groupbuy.application.ports import AuditRow, Query
from groupbuy.domain.commission import Statement
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.earnings import TENANT
from tests.support.statements import change, settled_order, statement_of

WHY = ("--reason", "a question", "--yes", "--json")


@pytest.fixture
def groupbuy(shop, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args):
        app = SimpleNamespace(
            desk=shop.desk, kit=shop.kit, database=shop.database, close=lambda: None
        )
        shell = Shell(app=app, settings=Settings(), tenant=TENANT, actor="usr_clerk")
        result = CliRunner().invoke(main, ("settle", *args), obj=shell)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def said(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def reversal_of(shop, groupbuy, leader):
    statement = statement_of(shop, leader).statement
    return said(groupbuy("reverse", statement.id, "--json"))["key"]


def test_a_period_that_is_right_ends_with_nought_and_says_how_much_was_looked_at(shop, groupbuy):
    settled_order(shop)
    found = said(groupbuy("verify", "2026-10", "--json"))
    assert (found["ok"], found["statements"], found["lines"]) == (True, 1, 1)


def test_every_difference_of_a_period_is_named_and_ends_with_seven(shop, groupbuy):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    change(shop, Statement, statement, accrued=Money(1_001))
    result = groupbuy("verify", "2026-10", "--json")
    assert result.exit_code == 7
    found = {(each["check"], each["subject"]) for each in json.loads(result.stdout)["findings"]}
    assert ("header_is_sum_of_lines", f"{statement.id}/accrued") in found
    assert groupbuy("verify").exit_code == 0
    assert groupbuy("verify", "October").exit_code == 2


def test_a_statement_is_shown_with_its_equation_and_every_link(shop, groupbuy):
    leader, order = settled_order(shop)
    shown = said(groupbuy("show", leader.leader_id, "--period", "2026-10", "--json"))
    assert shown["payable"]["amount"] == shown["carried"]["amount"] + shown["settled"]["amount"]
    (line,) = shown["lines"]
    assert (line["order_id"], line["journal_id"][:4]) == (order.id, "jrn_")
    assert shown["settled_by"].startswith("jrn_")


def test_a_line_is_doubted_and_answered_once(shop, groupbuy):
    leader, _ = settled_order(shop)
    page = statement_of(shop, leader)
    asked = ("dispute", page.statement.id, page.lines[0].id, *WHY)
    doubt = said(groupbuy(*asked))
    assert groupbuy(*asked).exit_code == 1
    listed = said(groupbuy("disputes", "--state", "opened", "--json"))["items"]
    assert [(each["id"], each["text"]) for each in listed] == [(doubt["id"], "a question")]
    assert groupbuy("answer", doubt["id"], *WHY).exit_code == 2
    dry = said(groupbuy("answer", doubt["id"], "--rate-bp", "1200", *WHY, "--dry-run"))
    assert dry["state"] == "adjusted"
    assert len(shop.entries(leader)) == 1
    done = said(groupbuy("answer", doubt["id"], "--rate-bp", "1200", *WHY))
    assert [entry.amount.minor for entry in shop.entries(leader)] == [1_000, 200]
    assert done["adjustment_id"] == shop.entries(leader)[-1].id
    assert groupbuy("answer", doubt["id"], "--uphold", *WHY).exit_code == 5
    assert said(groupbuy("disputes", "--state", "opened", "--json"))["items"] == []


def test_a_statement_and_a_leader_are_frozen_and_let_go(shop, groupbuy):
    leader, _ = settled_order(shop)
    for key in (statement_of(shop, leader).statement.id, leader.leader_id):
        assert said(groupbuy("freeze", key, *WHY)) == {
            "schema": "settle.freeze/1",
            "id": key,
            "frozen": True,
        }
        assert said(groupbuy("unfreeze", key, *WHY))["frozen"] is False
        assert groupbuy("unfreeze", key, *WHY).exit_code == 1
    assert groupbuy("freeze", "stm_none", *WHY).exit_code == 3
    assert groupbuy("freeze", "ldr_none", *WHY).exit_code == 3


def test_a_reversal_is_previewed_then_typed_then_done_once(shop, groupbuy):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    plain = groupbuy("reverse", statement.id)
    key = reversal_of(shop, groupbuy, leader)
    assert f'groupbuy settle reverse {key} --confirm "¥10.00"' in plain.stdout
    typed = ("--confirm", "¥10.00", "--reason", "wrong month", "--json")
    assert groupbuy("reverse", key, *typed[:2]).exit_code == 2
    assert groupbuy("reverse", key, *typed[2:]).exit_code == 2
    assert groupbuy("reverse", key, *typed, "--dry-run").exit_code == 0
    assert shop.available(leader) == 1_000
    assert said(groupbuy("reverse", key, *typed))["state"] == "draft"
    assert shop.available(leader) == 0
    assert groupbuy("reverse", key, *typed).exit_code == 5
    rows = shop.desk.read(
        shop.system, lambda w: w.of(AuditRow).select(Query().where(subject=statement.id))
    )
    assert [(row.action, row.actor, row.reason) for row in rows][-1] == (
        "settlement.reverse",
        "usr_clerk",
        "wrong month",
    )
    shop.settle()
    assert shop.available(leader) == 1_000
    assert groupbuy("reverse", key, *typed).exit_code == 5


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
def test_every_statement_of_a_period_becomes_a_file(shop, groupbuy, tmp_path, form):
    for name in ("何秀兰", "周建国"):
        shop.earn(shop.leader(name))
    leader, _ = settled_order(shop)
    asked = ("export", "2026-10", "--format", form, "--to", str(tmp_path / "out"), "--json")
    items = said(groupbuy(*asked))["items"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"2026-10-{item['leader_id']}.{form}" for item in items
    }
    assert len(items) == 3
    assert said(groupbuy(*asked))["items"] == items
    alone = said(groupbuy(*asked, "--leader", leader.leader_id))["items"]
    assert [item["leader_id"] for item in alone] == [leader.leader_id]
    assert groupbuy("export", "2026-09", "--to", str(tmp_path)).exit_code == 3
