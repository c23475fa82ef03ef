"""Tables as files: text stays text, money is exact, and there is never half a file."""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime

import pytest

from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import OrderState
from groupbuy.entrypoints.table_files import write_table

HEADINGS = [("id", "编号"), ("title", "=标题"), ("net", "实付"), ("units", "数量"), ("at", "时间")]
AT = datetime(2026, 11, 3, 4, tzinfo=UTC)
ODD = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "00123", "6222021234567890", "https://x.test", "1e5"]


def rows(titles=ODD):
    return [
        {"id": f"ord_{n}", "title": text, "net": Money(-5 - n), "units": n, "at": AT}
        for n, text in enumerate(titles)
    ]


def sheet_of(path):
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        shared = (
            book.read("xl/sharedStrings.xml").decode()
            if any("sharedStrings" in name for name in names)
            else ""
        )
        return book.read("xl/worksheets/sheet1.xml").decode(), shared


def test_text_stays_text_in_a_workbook(tmp_path):
    path = tmp_path / "orders.xlsx"
    assert write_table(path, "xlsx", HEADINGS, rows()) == len(ODD)
    sheet, shared = sheet_of(path)
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    for text in ("00123", "6222021234567890", "1e5"):
        assert text in sheet + shared
        assert f"<v>{text}</v>" not in sheet
    numbers = re.findall(r'<c r="C\d+"[^>]*><v>([^<]*)</v>', sheet)
    assert [round(float(number) * 100) for number in numbers[-len(ODD) :]] == [
        -5 - n for n in range(len(ODD))
    ]


def test_a_csv_is_marked_for_spreadsheets_and_runs_nothing(tmp_path):
    path = tmp_path / "orders.csv"
    write_table(path, "csv", HEADINGS, rows())
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    _, *found = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    risky = [row[1] for row in found if row[1].lstrip("'\t ").startswith(("=", "+", "-", "@"))]
    assert len(risky) == 5
    assert all(text.startswith("'") for text in risky)
    assert found[0] == ["ord_0", "'=1+1", "-0.05", "0", "2026-11-03 04:00:00Z"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_breaks_off_leaves_no_half_file(tmp_path, form):
    path = tmp_path / f"orders.{form}"
    path.write_text("before")

    def some():
        yield rows()[0]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_table(path, form, HEADINGS, some())
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "before"


def test_states_lists_and_nothing_are_written_in_words(tmp_path):
    path = tmp_path / "x.csv"
    row = {"id": OrderState.PLACED, "title": ("usr_1", "usr_2"), "net": None}
    write_table(path, "csv", HEADINGS, [row])
    assert path.read_text("utf-8-sig").splitlines()[1] == 'placed,"usr_1, usr_2",,,'
