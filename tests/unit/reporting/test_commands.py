"""`groupbuy report` on a shop in memory."""

import csv
import json
from types import SimpleNamespace

import openpyxl
import pytest
from attrs import evolve
from click.testing import CliRunner

from groupbuy.application import reporting
from groupbuy.application.report_facts import Rollup
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.reporting import dump, feed, give_back
from tests.support.shop import TENANT, Shop


@pytest.fixture
def shop():
    made = Shop()
    leader = made.leader(communities=("东门苑", "西门里"))
    sold = made.variant(cost=Money(50_000))
    bought = made.join_and_pay(made.campaign(sold, leader=leader), 3)
    made.join_and_pay(made.campaign(), 3)
    made.work_off()
    made.clock.forward(days=1)
    give_back(made, bought[0], 1)
    feed(made)
    return made


@pytest.fixture
def groupbuy(shop, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args):
        app = SimpleNamespace(
            desk=shop.desk, kit=shop.kit, database=shop.begin.__self__, close=lambda: None
        )
        given = Shell(app=app, settings=Settings(), tenant=TENANT)
        result = CliRunner().invoke(main, ["report", *args], obj=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def told(groupbuy, *args):
    return json.loads(groupbuy(*args, "--json").stdout)


@pytest.mark.parametrize("name", reporting.REPORTS)
def test_every_report_is_a_table_and_a_document(groupbuy, name):
    found = told(groupbuy, name, "--month", "2026-11", "--compare")
    assert found["schema"] == f"report.{name}/1"
    assert found["rows"]
    assert found["previous_until"] == "2026-10-31"
    assert {m["code"] for m in found["measures"]} == set(found["totals"]) == set(found["previous"])
    table = groupbuy(name, "--month", "2026-11")
    assert table.exit_code == 0
    assert "total" in table.stdout
    assert found["measures"][0]["meaning"] in table.stderr or name == "refunds"


def test_a_campaign_tells_people_refunds_cost_and_profit(groupbuy):
    first, second = told(groupbuy, "campaign", "--month", "2026-11")["rows"]
    assert (first["uncosted"], second["uncosted"]) in {(3, 0), (0, 3)}
    known = first if first["uncosted"] == 0 else second
    other = second if known is first else first
    assert known["participants"] == known["orders"] == 3
    assert (known["sales"], known["refunds"]) == (3 * 79_920, 79_920)
    assert known["commission"] == 2 * 79_920 * 5 // 100
    assert known["merchant"] == 2 * 79_920 - known["commission"] - known["fees"]
    assert known["cost"] == 2 * 50_000
    assert known["profit"] == known["merchant"] - known["cost"]
    assert (other["profit"], other["cost"]) == (None, 0)


def test_campaigns_stand_side_by_side_only_those_asked_for(groupbuy):
    rows = told(groupbuy, "campaign", "--month", "2026-11")["rows"]
    one = rows[0]["campaign_id"]
    found = told(groupbuy, "campaign", "--month", "2026-11", "--campaign", f"{one},cmp_x")
    assert [row["campaign_id"] for row in found["rows"]] == [one, "cmp_x"]
    assert found["rows"][1]["sales"] == 0


def test_files_are_written_beside_the_table(groupbuy, tmp_path):
    paths = {form: tmp_path / f"r.{form}" for form in ("csv", "xlsx", "svg")}
    given = [part for form, path in paths.items() for part in (f"--{form}", str(path))]
    groupbuy("daily", "--since", "2026-11-02", "--until", "2026-11-03", *given)
    with paths["csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:4]] == ["2026-11-02", "2026-11-03", "total"]
    page = openpyxl.load_workbook(paths["xlsx"]).worksheets[0]
    assert [page.cell(n, 1).value for n in (2, 3, 4)] == ["2026-11-02", "2026-11-03", "total"]
    assert paths["svg"].read_text().startswith("<svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.svg", "r.xlsx"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("daily", "--day", "2026-13-01"), 2),
        (("daily", "--day", "2026-11-01", "--month", "2026-11"), 2),
        (("distribution", "--by", "colour"), 2),
        (("cohorts", "--leader", "ldr_x"), 2),
        (("distribution", "--by", "hour", "--leader", "ldr_x"), 2),
        (("refunds", "--category", "cat_x"), 2),
    ],
)
def test_what_makes_no_sense_is_refused_and_no_filter_is_passed_over(groupbuy, args, code):
    assert groupbuy(*args).exit_code == code


def test_filters_narrow(groupbuy, shop):
    whole = told(groupbuy, "daily", "--month", "2026-11")["totals"]["sales"]
    leaders = told(groupbuy, "leaders", "--month", "2026-11")["rows"]
    led = next(row for row in leaders if row["leader_id"])
    assert whole == 6 * 79_920
    narrowed = told(groupbuy, "daily", "--month", "2026-11", "--leader", led["leader_id"])
    assert narrowed["totals"]["sales"] == led["sales"] == 3 * 79_920
    categories = told(groupbuy, "categories", "--month", "2026-11")["rows"]
    category = categories[0]["category_id"]
    of_one = told(groupbuy, "daily", "--month", "2026-11", "--category", category)
    assert of_one["totals"]["sales"] == categories[0]["sales"]
    nobody = told(groupbuy, "daily", "--month", "2026-11", "--merchant", "mch_x")
    assert nobody["totals"]["sales"] == 0
    communities = told(groupbuy, "distribution", "--by", "community", "--month", "2026-11")
    assert {row["communities"] for row in communities["rows"]} == {"东门苑、西门里", ""}


def test_counting_anew_changes_nothing(groupbuy, shop):
    before = dump(shop)
    found = told(groupbuy, "rebuild", "--yes")
    assert (found["changed"], found["orders"]) == (0, 6)
    assert told(groupbuy, "rebuild", "--yes")["digest"] == found["digest"]
    assert dump(shop) == before


def test_a_rehearsal_counts_too_and_tells_what_would_be_put_right(groupbuy, shop):
    before = dump(shop)
    rehearsed = told(groupbuy, "rebuild", "--dry-run")
    assert (rehearsed["changed"], rehearsed["orders"]) == (0, 6)
    some = next(row for row in shop.all(Rollup) if row.counts)

    def tamper(work):
        row = work.of(Rollup).lock([some.id])[some.id]
        work.of(Rollup).save(evolve(row, counts=dict.fromkeys(row.counts, 1)))

    shop.desk.run(shop.system(), tamper)
    found = told(groupbuy, "rebuild", "--dry-run")
    assert (found["changed"], found["digest"]) == (1, rehearsed["digest"])
    assert dump(shop) != before
    assert told(groupbuy, "rebuild", "--yes")["changed"] == 1
    assert dump(shop) == before


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_report_cannot_be_told_apart_by_says_which_can(groupbuy, lang):
    run = groupbuy("daily", "--by", "nonsense", "--lang", lang)
    assert run.exit_code == 2
    assert "distribution and products" in run.stderr or lang == "zh"
    assert groupbuy("products", "--by", "nonsense").exit_code == 2
