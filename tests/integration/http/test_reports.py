"""Reports over HTTP: for the office, for each merchant, for each leader."""

import csv
import io
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from groupbuy.application import reporting
from tests.support.two_shops import two_shops

V1 = "/api/v1"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        app = opened.shop.app
        reporting.keep(app.desk, app.database, "main")
        yield opened


def ask(world, person, path, **more):
    headers = {**world.own.people[person].headers, **more.pop("headers", {})}
    return world.shop.client.get(f"{V1}{path}", params=more, headers=headers)


@pytest.mark.parametrize("name", reporting.REPORTS)
def test_every_report_answers_the_office_and_a_merchant_with_definitions(world, name):
    for person, at in (("operator", "ops"), ("finance", "ops"), ("merchant", "merchant")):
        found = ask(world, person, f"/{at}/reports/{name}").json()
        assert found["name"] == name
        assert found["as_of"]
        assert all(measure["meaning"] and measure["source"] for measure in found["measures"])
        codes = {measure["code"] for measure in found["measures"]}
        assert all(set(row["figures"]) == codes for row in found["rows"])


def test_a_merchant_sees_itself_alone(world):
    mine = ask(world, "merchant", "/merchant/reports/daily").json()["totals"]
    assert mine["begun"] > 0
    ids = world.own.ids
    office = ask(world, "operator", "/ops/reports/daily", merchant=ids["merchant"]).json()
    assert office["totals"] == mine
    refused = ask(world, "merchant", "/merchant/reports/daily", merchant=ids["merchant"])
    assert refused.status_code == 400


def test_a_leader_sees_what_was_sold_through_them_and_no_profit(world):
    found = ask(world, "leader", "/leader/reports/campaign").json()
    codes = {measure["code"] for measure in found["measures"]}
    assert "commission" in codes
    assert not codes & {"profit", "cost", "merchant", "fees", "subsidy", "uncosted"}
    assert ask(world, "leader", "/leader/reports/turnover").status_code == 404


def test_the_format_is_named_or_accepted(world):
    path = "/ops/reports/daily"
    plain = ask(world, "operator", path).json()
    as_csv = ask(world, "operator", path, format="csv")
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert "attachment" in as_csv.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"), newline="")))
    assert len(rows[0]) == len(plain["dimensions"]) + len(plain["measures"])
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = ask(world, "operator", path, headers={"Accept": f"{kind};q=0.9, application/json"})
    assert openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0].max_row > 1
    picture = ask(world, "operator", path, headers={"Accept": "image/svg+xml"})
    assert ET.fromstring(picture.content).get("role") == "img"
    json_first = ask(world, "operator", path, headers={"Accept": "application/json, text/csv"})
    assert json_first.json()["name"] == "daily"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"period": "day", "day": "2026-02-30"}, 422),
        ({"period": "week"}, 400),
        ({"period": "day", "month": "2026-02"}, 400),
        ({"period": "range", "since": "2026-02-02", "until": "2026-02-01"}, 422),
        ({"format": "pdf"}, 400),
        ({"compare": "next"}, 400),
        ({"leader": "x"}, 400),
        ({"currency": "yuan"}, 400),
        ({"limit": "0"}, 400),
        ({"colour": "red"}, 400),
        ({"by": "hour"}, 422),
    ],
)
def test_odd_parameters_are_refused(world, more, status):
    assert ask(world, "operator", "/ops/reports/daily", **more).status_code == status


def test_periods_and_the_period_before(world):
    found = ask(
        world,
        "operator",
        "/ops/reports/monthly",
        period="month",
        month="2026-03",
        compare="previous",
    ).json()
    assert (found["since"], found["until"]) == ("2026-03-01", "2026-03-31")
    assert (found["previous_since"], found["previous_until"]) == ("2026-02-01", "2026-02-28")
    assert ask(world, "operator", "/ops/reports/nothing").status_code == 404
    english = ask(world, "operator", "/ops/reports/daily", headers={"Accept-Language": "en"})
    assert english.json()["title"] == "Daily sales"
