"""Reports as files, opened again by other readers and compared with the figures."""

import csv
import io
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.application import reporting
from groupbuy.application.reporting import Dimension, Report, Row, Unit
from groupbuy.application.reporting.days import Days
from groupbuy.application.reporting.measures import MEASURES, measures
from groupbuy.entrypoints.report_files import FORMS, file_name, written
from tests.support.reporting import feed, give_back
from tests.support.shop import Shop

EVIL = [
    "=1+1",
    "+49",
    "-2",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "\r=1",
    "http://x",
    "1e5",
    "007",
    "<b>&\x01",
]
SVG = "{http://www.w3.org/2000/svg}"


def report_of(rows, codes=("orders", "sales", "conversion", "days_left"), **more):
    return Report(
        "daily",
        "每日销售",
        "Daily sales",
        days=Days(date(2026, 11, 1), date(2026, 11, 3)),
        zone="Asia/Shanghai",
        currency="CNY",
        dimensions=(Dimension("day", "日期", "day"), Dimension("name", "名称", "name")),
        measures=measures(*codes),
        rows=tuple(rows),
        totals=(7, -5, None, 15),
        chart=("sales",),
        as_of=datetime(2026, 11, 3, tzinfo=UTC),
        **more,
    )


def evil():
    return report_of(Row((f"d{n}", each), (n, -n * 101, None, n)) for n, each in enumerate(EVIL))


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_csv_reads_back_and_no_text_is_a_formula():
    rows = read_csv(written(evil(), "csv", "en"))
    assert rows[0] == ["day", "name", "orders", "sales (CNY)", "conversion (%)", "days of stock"]
    for n, each in enumerate(EVIL):
        text = rows[n + 1][1]
        assert text == ("'" + each if each.lstrip(" ")[0] in "=+-@\t\r" else each)
        assert rows[n + 1][2] == str(n)
        assert rows[n + 1][3] == f"{'-' if n else ''}{n * 101 / 100:.2f}"
        assert rows[n + 1][4] == ""
    assert rows[len(EVIL) + 1] == ["total", "", "7", "-0.05", "", "1.5"]


def test_a_workbook_reads_back_with_text_as_text_and_numbers_as_numbers():
    book = read_xlsx(written(evil(), "xlsx", "en"))
    page = book["Daily sales"]
    for n, each in enumerate(EVIL, 2):
        cell = page.cell(n, 2)
        assert cell.data_type == "s"
        if "\x01" not in each:
            assert cell.value.replace("_x000D_", "\r") == each
        assert page.cell(n, 3).value == n - 2
        assert page.cell(n, 4).value == pytest.approx(-(n - 2) * 1.01)
        assert page.cell(n, 5).value is None
        assert page.cell(n, 4).number_format == "#,##0.00"
    meanings = [row[0].value for row in book.worksheets[1].iter_rows()]
    assert "sales" in meanings


def test_a_picture_is_a_table_of_its_own():
    root = ET.fromstring(written(evil(), "svg", "en"))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Daily sales"
    assert "What buyers paid" in root.find(f"{SVG}desc").text
    rows = [g for g in root.iter(f"{SVG}g") if g.get("role") == "row"]
    said = [[t.text or "" for t in g.findall(f"{SVG}text")] for g in rows]
    assert [figure for _, figure in said] == [
        f"{'-' if n else ''}{n * 101 // 100}.{n * 101 % 100:02}" for n in range(len(EVIL))
    ]
    bars = [int(g.find(f"{SVG}rect").get("width")) for g in rows]
    assert bars == sorted(bars)
    assert b"&lt;b&gt;&amp;" in written(evil(), "svg", "en")


def test_a_long_report_has_a_picture_of_its_first_rows():
    report = report_of(Row((str(n), ""), (n, n, n, n)) for n in range(70))
    root = ET.fromstring(written(report, "svg", "zh-CN"))
    assert sum(g.get("role") == "row" for g in root.iter(f"{SVG}g")) == 60
    assert [t.text for t in root.iter(f"{SVG}text")][-1] == "+ 10"
    assert root.find(f"{SVG}title").text == "每日销售"


@pytest.mark.parametrize("form", FORMS)
def test_the_same_report_gives_the_same_bytes(form):
    assert written(evil(), form, "en") == written(evil(), form, "en")
    assert file_name(evil(), form) == f"daily-2026-11-01-2026-11-02.{form}"
    assert written(report_of([]), form, "zh-CN")


def test_every_report_of_a_shop_reads_back_from_both_files_alike():
    shop = Shop()
    bought = shop.join_and_pay(shop.campaign(leader=shop.leader()), 3)
    shop.work_off()
    give_back(shop, bought[0], 1)
    feed(shop)
    for name in reporting.REPORTS:
        ask = reporting.Ask(reporting.days.month("2026-11"), compare=True)
        found = reporting.show(shop.desk, shop.system(), reporting.Wanted(name, ask))
        lines = read_csv(written(found, "csv", "zh-CN"))
        page = read_xlsx(written(found, "xlsx", "zh-CN")).worksheets[0]
        dims = len(found.dimensions)
        for n, row in enumerate(found.rows):
            for place, (value, measure) in enumerate(zip(row.values, found.measures, strict=True)):
                text = lines[n + 1][dims + place]
                cell = page.cell(n + 2, dims + place + 1).value
                assert text == reporting.said(value, measure.unit)
                if value is None:
                    assert cell is None
                else:
                    scale = {Unit.MONEY: 100, Unit.COUNT: 1, Unit.RATE: 10_000, Unit.TENTHS: 10}
                    assert round(cell * scale[measure.unit]) == value
        ET.fromstring(written(found, "svg", "zh-CN"))


@settings(max_examples=60)
@given(st.integers(-(10**12), 10**12), st.sampled_from(Unit))
def test_a_figure_is_written_exactly(value, unit):
    text = reporting.said(value, unit)
    digits = text.replace(".", "").replace("-", "")
    assert int(digits) * (-1 if text.startswith("-") else 1) == value


def test_every_figure_is_defined_in_both_languages():
    assert len({m.code for m in MEASURES}) == len(MEASURES)
    for measure in MEASURES:
        for words in (measure.zh, measure.en, measure.meaning_zh, measure.meaning_en):
            assert words.strip()
        assert measure.source


def test_notes_and_what_was_left_out_are_told():
    report = evolve(report_of([]), left_out=3, notes=(("注意", "mind"),), as_of=None)
    text = written(report, "csv", "en").decode()
    assert "mind" in text
    assert "3 more rows are in the totals." in text
    assert "Nothing has been counted yet." in text
