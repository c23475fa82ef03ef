"""`groupbuy ledger` reads, exports and closes the books, on both databases."""

import csv
import json
import zipfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from groupbuy.adapters.persistence import open_database
from groupbuy.application import ledger_reports
from groupbuy.application.bookkeeping import Tally, journals_of
from groupbuy.application.write_path import Caller
from groupbuy.domain.ledger import Journal
from groupbuy.entrypoints import ledger_files
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.past import Story
from tests.support.shop import TENANT, Shop

LONG_AFTER = datetime(2026, 12, 5, tzinfo=UTC)
CHART_EN = """\
account\tname\tkind\tnormal side\tmeaning
clearing:{provider}\tclearing\tasset\tdebit\tmoney at the provider
buyer:{order}\theld for an order\tliability\tcredit\t\
what we hold for an order that is not yet binding
"""
CHART_ZH = """\
科目\t名称\t类别\t余额方向\t含义
clearing:{provider}\t渠道待结算款\t资产\t借\t还在支付渠道的钱
buyer:{order}\t买家预收款\t负债\t贷\t订单尚未生效时代买家保管的钱
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, monkeypatch):
    """A shop with three sold watches and one campaign that was called off, and its commands."""
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("pg_database").app_url
    monkeypatch.chdir(tmp_path)
    database = open_database(url, pool_size=4)
    shop = Shop(database.begin)
    story = Story(shop)
    for move, which in (("buy", 0), ("buy", 0), ("buy", 0), ("open", 0), ("buy", 1), ("cancel", 1)):
        story.play(move, which)
    shop.database, shop.story = database, story
    yield shop
    database.close()


@pytest.fixture
def groupbuy(place):
    def run(*args, lang="en"):
        app = SimpleNamespace(
            desk=place.desk, kit=place.kit, database=place.database, close=lambda: None
        )
        shell = Shell(app=app, settings=Settings(), tenant=TENANT, actor="usr_finance")
        said = CliRunner().invoke(main, ["ledger", *args, "--lang", lang], obj=shell)
        if said.exception and not isinstance(said.exception, SystemExit):
            raise said.exception
        return said

    return run


def document(said):
    assert said.exit_code == 0, said.stderr
    return json.loads(said.stdout)


def tally_of(place):
    tally = Tally()
    for journal in journals_of(place.database, Caller.system(TENANT)):
        tally.add(journal)
    return tally


def test_the_chart_is_shown_in_both_languages(groupbuy):
    assert groupbuy("accounts").stdout.startswith(CHART_EN)
    assert groupbuy("accounts", lang="zh").stdout.startswith(CHART_ZH)
    items = document(groupbuy("accounts", "--json"))["items"]
    assert len(items) == 19
    assert items[0]["normal"] == "debit"


def test_an_account_is_shown_between_its_balances(groupbuy, place):
    order = place.story.joined[0].order
    at = (place.clock.at, order.created_at)[1].strftime("%Y-%m-%d %H:%M:%SZ")
    said = groupbuy("account", f"buyer:{order.id}").stdout.splitlines()
    assert said[0] == "at\tmoment\tsubject\tother side\tdebit\tcredit\tbalance\tjournal"
    assert said[1] == "–\topening balance\t–\t–\t–\t–\t¥0.00\t–"
    capture = said[2].split("\t")
    assert capture[:2] == [at, "capture"]
    assert capture[3:7] == ["clearing:memory", "–", "¥799.20", "−¥799.20"]
    assert said[3].split("\t")[4:7] == ["¥799.20", "–", "¥0.00"]
    assert said[4] == "–\tclosing balance\t–\t–\t–\t–\t¥0.00\t–"
    assert "期初余额" in groupbuy("account", f"buyer:{order.id}", lang="zh").stdout


def test_an_account_is_one_document_with_a_span(groupbuy, place):
    whole = document(groupbuy("account", "clearing:memory", "--json"))
    assert len(whole["items"]) == 5
    assert whole["closing"] == [{"amount": 3 * 79920, "currency": "CNY"}]
    assert whole["items"][-1]["balance"] == whole["closing"][0]
    cut = whole["items"][2]["at"]
    early = document(groupbuy("account", "clearing:memory", "--to", cut, "--json"))
    late = document(groupbuy("account", "clearing:memory", "--from", cut, "--json"))
    assert early["items"] + late["items"] == whole["items"]
    assert early["closing"] == late["opening"]
    empty = document(groupbuy("account", "rounding", "--json"))
    assert (empty["opening"], empty["items"], empty["closing"]) == ([], [], [])


def test_an_unknown_account_ends_with_three(groupbuy):
    assert groupbuy("account", "buyer:ord_nobody").exit_code == 3


def test_a_replay_shows_balances_and_states_of_then(groupbuy, place):
    sold = place.story.joined[2].order.created_at.isoformat()
    then = document(groupbuy("replay", "--as-of", sold, "--json"))
    now = document(groupbuy("replay", "--as-of", "2026-11-05", "--each", "--json"))
    assert then["states"]["campaign"] == {"open": 1}
    assert then["states"]["order"] == {"confirmed": 3}
    assert now["states"]["campaign"] == {"open": 1, "cancelled": 1}
    assert now["states"]["order"] == {"confirmed": 3, "closed": 1}
    assert {row["account"]: row["balance"]["amount"] for row in now["rows"]} == {
        row.account: row.balance
        for row in ledger_reports.trial_balance(place.database.ledger(TENANT))
    }
    assert {each["state"] for each in now["campaigns"]} == {"open", "cancelled"}
    assert {each["account"] for each in now["accounts"]} >= {"clearing:memory"}
    before = groupbuy("replay", "--as-of", "2026-11-01").stdout
    assert before == ("account\tkind\tnot zero\tdebit\tcredit\tbalance\nthing\tstate\tcount\n")
    lines = groupbuy("replay", "--as-of", "2026-11-05", "--each").stdout
    assert "campaign\tcancelled\t1\n" in lines
    assert "clearing:memory\t¥2,397.60\n" in lines


def test_every_format_has_every_line_the_same_totals_and_the_same_checksum(groupbuy, place):
    tally = tally_of(place)
    for form in ("csv", "jsonl", "xlsx"):
        said = document(groupbuy("export", "--format", form, "--out", f"books.{form}", "--json"))
        assert (said["journals"], said["lines"]) == (tally.journals, tally.lines)
        assert (
            said["debit"] == said["credit"] == [{"amount": tally.debit["CNY"], "currency": "CNY"}]
        )
        assert said["checksum"] == tally.checksum

    with Path("books.csv").open(encoding="utf-8", newline="") as file:
        *rows, total = csv.DictReader(file)
    assert len(rows) == tally.lines
    assert {row["row"] for row in rows} == {"line"}
    major = f"{tally.debit['CNY'] / 100:.2f}"
    assert (total["row"], total["debit"], total["credit"]) == ("total", major, major)
    assert (total["journal"], total["subject"]) == (str(tally.journals), tally.checksum)

    with Path("books.jsonl").open(encoding="utf-8") as file:
        *journals, total = map(json.loads, file)
    assert [each["id"] for each in journals] == [
        each.id for each in sorted(place.all(Journal), key=lambda j: (j.at, j.id))
    ]
    assert total == {"total": ledger_files.totals(tally)}

    with zipfile.ZipFile("books.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        last = book.read("xl/worksheets/sheet2.xml").decode()
    assert sheet.count("<row ") == tally.lines + 1
    assert "799.2<" in sheet
    assert tally.checksum in last
    assert f"<v>{tally.debit['CNY'] / 100:.16G}</v>" in last


def test_an_export_goes_to_stdout_and_its_totals_with_it(groupbuy, place):
    said = groupbuy("export", "--from", "2026-11-01", "--to", "2026-12-01")
    rows = list(csv.reader(StringIO(said.stdout)))
    assert tuple(rows[0]) == ledger_files.COLUMNS
    assert rows[-1][0] == "total"
    assert tally_of(place).checksum in said.stderr
    empty = groupbuy("export", "--to", "2026-11-01", "--format", "csv").stdout.splitlines()
    assert empty[1].startswith("total,,0,,e3b0c44298fc1c14")
    assert groupbuy("export", "--format", "xlsx").exit_code == 2


def test_a_long_export_goes_over_several_sheets(place, monkeypatch, tmp_path):
    monkeypatch.setattr(ledger_files, "SHEET_ROWS", 6)
    path = tmp_path / "many.xlsx"
    journals = journals_of(place.database, Caller.system(TENANT))
    tally = ledger_files.write_xlsx(str(path), journals, "Asia/Shanghai", "zh")
    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if "worksheets/sheet" in name]
        rows = sum(book.read(name).decode().count("<row ") for name in sheets)
    pages = -(-tally.lines // 5)
    assert len(sheets) == pages + 1
    assert rows == tally.lines + pages + 4


def test_a_period_is_previewed_closed_by_its_digest_listed_and_opened_again(groupbuy, place):
    place.clock.at = LONG_AFTER
    shown = document(groupbuy("close", "2026-11", "--json"))
    assert shown["objections"] == []
    key = shown["preview"]
    lines = groupbuy("close", "2026-11").stdout.splitlines()
    assert lines[0].startswith("Closing preview  cls_2026-11   ")
    assert lines[-1] == f'  groupbuy ledger close 2026-11 --preview {key} --reason "…"'
    order = ("close", "2026-11", "--preview", key)
    assert groupbuy(*order, "--reason", "done", "--no-input").exit_code == 2
    assert groupbuy(*order, "--confirm", "2026-11").exit_code == 2  # no reason
    assert groupbuy(*order, "--reason", "x", "--dry-run").exit_code == 0
    assert document(groupbuy("closings", "--json"))["items"] == []
    wrong = ("close", "2026-11", "--preview", "cls_2026-11@000000000000")
    assert groupbuy(*wrong, "--reason", "x", "--confirm", "2026-11").exit_code == 5
    done = document(groupbuy(*order, "--reason", "done", "--confirm", "2026-11", "--json"))
    assert (done["period"], done["closed_by"]) == ("2026-11", "usr_finance")
    assert document(groupbuy("closings", "--json"))["items"] == [
        {name: value for name, value in done.items() if name != "schema"}
    ]
    again = document(groupbuy("close", "2026-11", "--json"))
    assert again["closed_at"] == done["closed_at"]
    assert again["objections"] == ["period_is_still_open"]
    assert "关账" in groupbuy("close", "2026-11", lang="zh").stdout
    opened = groupbuy("reopen", "2026-11", "--reason", "why", "--confirm", "2026-11", "--json")
    assert document(opened)["reopened_at"] == "2026-12-05T00:00:00Z"
    assert groupbuy("reopen", "2026-11", "--reason", "w", "--confirm", "2026-11").exit_code == 1


def test_a_period_that_is_not_over_is_not_closed(groupbuy, place):
    shown = document(groupbuy("close", "2026-11", "--json"))
    assert shown["objections"] == ["period_is_long_over"]
    order = ("close", "2026-11", "--preview", shown["preview"], "--reason", "x")
    assert groupbuy(*order, "--confirm", "2026-11").exit_code == 1
    assert groupbuy("close", "2026-10", "--preview", shown["preview"]).exit_code == 2
    assert groupbuy("close", "November").exit_code == 2
