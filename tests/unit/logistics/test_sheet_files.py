"""Sheets as files: escaped, in both languages, the same bytes for the same sheet."""

import csv
import io
import re

import pytest

from groupbuy.application.logistics import Section, Sheet, SheetKind
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.sheet_files import FORMS, file_name, written
from groupbuy.entrypoints.sheet_files.as_html import POLICY
from groupbuy.entrypoints.sheet_files.as_pdf import write as write_pdf
from groupbuy.entrypoints.sheet_files.facts import HEADINGS, TITLES, printed
from tests.support.rooms import START

EVIL = "<script>alert(1)</script>"


def packing(*rows):
    return Sheet(
        SheetKind.PACKING,
        "cmp_1",
        f"水蜜桃 {EVIL}",
        START,
        "Asia/Shanghai",
        ("order", "phone_tail", "goods", "units", "packed"),
        (Section("", rows), Section(f"东门 {EVIL}", rows)),
    )


ROW = ("ord_1", "8000", f"桃 {EVIL}", 2, "")
FORMULA = ("ord_2", "=1+1", "-x", 3, "")


def test_a_page_to_print_escapes_everything_and_runs_nothing():
    page = written(packing(ROW), "html", "zh-CN").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "装箱单" in page
    assert not re.search(r"(src|href)=|https?://|\bon\w+=", page)
    assert "default-src 'none'" in POLICY
    assert "unsafe-inline" not in POLICY


def test_a_page_speaks_the_language_of_whoever_asks():
    page = written(packing(ROW), "html", "en").decode()
    assert 'lang="en"' in page
    assert "Packing list" in page
    assert "By parcel" in page


def test_a_table_keeps_text_from_being_read_as_a_formula():
    content = written(packing(ROW, FORMULA), "csv", "en").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == ["Section", "Order", "Phone ends", "Goods", "Units", "Packed"]
    assert rows[2][2:5] == ["'=1+1", "'-x", "3"]


def test_columns_of_counts_and_amounts_are_summed_and_others_are_not():
    rows = (("ord_1", "8000", Money(1000), Money(100), Money(900)),) * 2
    columns = ("order", "phone_tail", "payable", "refunded", "paid")
    sheet = Sheet(
        SheetKind.PAYMENT, "cmp_1", "桃", START, "Asia/Shanghai", columns, (Section("", rows),)
    )
    (part,) = printed(sheet, "en").parts
    assert list(part.totals) == ["", "", "20.00", "2.00", "18.00"]


def test_long_lists_go_over_many_pages_and_the_same_sheet_is_the_same_file():
    sheet = printed(packing(*[ROW] * 100), "zh-CN")
    once = write_pdf(sheet, pressed=False)
    assert once == write_pdf(sheet, pressed=False)
    assert once.count(b"/Type /Page\n") == 8  # four for each of two sections


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_sheet_is_a_file_too(form):
    empty = Sheet(SheetKind.PICK, "cmp_1", "桃", START, "Asia/Shanghai", ("sku", "units"), ())
    assert written(empty, form, "en")
    assert file_name(empty, form) == f"pick-cmp_1.{form}"


def test_every_sheet_and_column_has_words_in_both_languages():
    assert set(TITLES) == set(SheetKind)
    assert all(zh and en for zh, en in (*HEADINGS.values(), *TITLES.values()))
