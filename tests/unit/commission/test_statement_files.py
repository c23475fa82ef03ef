"""A statement as CSV, XLSX and PDF: the same facts, exact amounts, nothing that runs."""

import csv
import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.application.commission import StatementPage
from groupbuy.domain.commission import CommissionRole, Entry, Purse, Statement
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.statement_files import FORMS, as_pdf, file_name, written
from groupbuy.entrypoints.statement_files.facts import decimal_text, facts_of, kind_of

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def a_line(number, minor, **changes):
    said = {
        "id": f"cme_{number}",
        "order_id": f"ord_{number}",
        "line_no": 1,
        "leader_id": "ldr_1",
        "role": CommissionRole.LEADER,
        "base": Money(minor * 10),
        "bp": 1_000,
        "amount": Money(minor),
        "created_at": NOON,
        "vested_at": NOON,
    }
    return Entry(**{**said, **changes})


def a_page(lines, name="何秀兰", payable=94_993):
    statement = Statement(
        id="stm_1",
        leader_id="ldr_1",
        period="2026-10",
        accrued=Money(100_000),
        reversals=Money(-5_000),
        deducted=Money(-300),
        adjusted=Money(0),
        settled=Money(95_000),
        carried=Money(-7),
        payable=Money(payable),
        lines=len(lines),
        digest="0" * 64,
        created_at=NOON,
        settled_at=NOON,
    )
    journals = {line.id: f"jrn_{line.order_id}" for line in lines}
    return StatementPage(statement, tuple(lines), journals, {}, "jrn_settled", name)


def cells_of(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def numbers_of(content):
    with zipfile.ZipFile(BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    return re.findall(r'<c r="(\w+)"[^>]*><v>([^<]*)</v>', sheet), sheet


def words_of(content):
    """Return the texts a page of a PDF draws, in order."""
    drawn = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content, flags=re.DOTALL)
    return [_read(_unescaped(text)) for text in drawn]


def _read(text):
    """Plain letters are drawn in a font of one byte each, all others in one of two."""
    plain = all(0x20 <= byte < 0x7F for byte in text)
    return text.decode("ascii" if plain else "utf-16-be")


def _unescaped(text):
    known = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def plain(match):
        said = match[1]
        return bytes([int(said, 8)]) if said.isdigit() else known.get(said, said)

    return re.sub(rb"\\([0-7]{3}|.)", plain, text, flags=re.DOTALL)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_statement_gives_the_same_bytes(form):
    page = a_page([a_line(1, 900)])
    assert written(page, form, "zh") == written(page, form, "zh")
    assert file_name(page, form) == f"2026-10-ldr_1.{form}"


def test_a_csv_holds_the_equation_and_every_line_with_what_stands_behind_it():
    lines = [a_line(1, 100_000), a_line(2, -5_000, reverses="cme_1", because_of="rfd_1")]
    rows = cells_of(written(a_page(lines), "csv", "en"))
    said = {row[0]: row[1] for row in rows if len(row) == 2}
    assert [said[name] for name in ("Carried over", "Earned", "Reversed", "Payable")] == [
        "-0.07",
        "1000.00",
        "-50.00",
        "949.93",
    ]
    earned, taken_back = rows[-2:]
    assert earned[:3] == ["earned", "cme_1", "ord_1"]
    assert (taken_back[0], taken_back[7]) == ("reversed", "-50.00")
    assert taken_back[10:] == ["jrn_ord_2", "cme_1", "rfd_1"]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", " =1", "\t=1"])
def test_a_name_is_never_read_as_a_formula(name):
    page = a_page([a_line(1, -5, because_of="@x")], name=name)
    rows = cells_of(written(page, "csv", "zh"))
    assert rows[1][1].startswith("'")
    assert (rows[-1][7], rows[-1][12]) == ("-0.05", "'@x")
    _, sheet = numbers_of(written(page, "xlsx", "zh"))
    assert "<f>" not in sheet


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=8))
def test_amounts_are_exact_numbers_to_the_fen(amounts):
    lines = [a_line(number, 1, amount=Money(minor)) for number, minor in enumerate(amounts)]
    page = a_page(lines)
    in_csv = [row[7] for row in cells_of(written(page, "csv", "zh"))[-len(lines) :]]
    assert in_csv == [decimal_text(Money(minor)) for minor in amounts]
    cells, _ = numbers_of(written(page, "xlsx", "zh"))
    in_xlsx = [value for place, value in cells if re.fullmatch(r"H\d+", place) and place != "H1"]
    assert [round(float(value) * 100) for value in in_xlsx] == amounts


def test_each_kind_of_line_belongs_to_one_term_of_the_equation():
    lines = [
        a_line(1, 900),
        a_line(2, -100, reverses="cme_1"),
        a_line(3, -200, reverses="cme_0", posted_to=Purse.AVAILABLE),
        a_line(4, 50, adjusts="cme_1"),
        a_line(5, -10, adjusts="cme_1", reverses="cme_4"),
    ]
    kinds = [kind_of(line) for line in lines]
    assert kinds == ["earned", "reversed", "deducted", "adjusted", "reversed"]


def test_the_terms_that_are_shown_add_up_to_what_is_payable():
    *terms, (_, _, payable) = facts_of(a_page([]), "zh").equation
    assert sum(amount.minor for _, _, amount in terms) == payable.minor


@pytest.mark.parametrize("count", [0, 1, 60, 300])
def test_a_pdf_says_everything_in_chinese_page_by_page(count):
    lines = [a_line(number, number + 1) for number in range(count)]
    words = words_of(as_pdf.write(facts_of(a_page(lines), "zh"), pressed=False))
    assert {"佣金结算单", "应付余额", "949.93 CNY", "何秀兰 ldr_1"} <= set(words)
    assert [word for word in words if word.startswith("ord_")] == [line.order_id for line in lines]
    assert {decimal_text(line.amount) for line in lines} <= set(words)


def test_a_pdf_ends_with_a_total_and_every_page_says_which_it_is():
    lines = [a_line(number, 123_456) for number in range(300)]
    words = words_of(as_pdf.write(facts_of(a_page(lines), "zh"), pressed=False))
    assert words.count("1,234.56") == 300
    assert ("合计", "300 条", "370,368.00") == tuple(
        word for word in words if word in {"合计", "300 条", "370,368.00"}
    )
    count = len([word for word in words if word == "订单"])
    pages = [word for word in words if re.fullmatch(r"\d+ / \d+", word)]
    assert pages == [f"{number} / {count}" for number in range(1, count + 1)]
    assert count > 5


def test_a_long_name_goes_on_in_the_next_line_and_stays_on_the_page():
    name = "欧阳慕容" * 40
    words = words_of(as_pdf.write(facts_of(a_page([], name=name), "zh"), pressed=False))
    parts = [word for word in words if word.startswith(("欧", "阳", "慕", "容"))]
    assert len(parts) > 1
    assert "".join(parts) == f"{name} ldr_1"


def test_what_a_column_has_no_room_for_is_set_smaller():
    wide = a_line(1, 5, id="cme_1", order_id="ord_" + "W" * 60)
    page = as_pdf.write(facts_of(a_page([wide]), "en"), pressed=False)
    sizes = {float(size) for size in re.findall(rb"/F\d+ ([\d.]+) Tf", page)}
    assert min(sizes) < 3


def test_the_dot_of_a_name_is_one_that_the_font_has():
    page = a_page([], name="阿依古丽·买买提 𠮷")
    words = words_of(as_pdf.write(facts_of(page, "zh"), pressed=False))
    assert "阿依古丽・买买提 〓 ldr_1" in words
