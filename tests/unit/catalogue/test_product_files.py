"""Files of products: what is read, and what is turned away with a reason."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.application.catalogue.facts import money, yuan
from groupbuy.application.catalogue.rows import ProductRow, attribute_cell, csv_column
from groupbuy.application.steps.records import (
    ROW_AT_MOST,
    Reader,
    Reject,
    guarded,
    pack,
    unguarded,
    unpack,
)
from groupbuy.domain.catalogue import Attribute, ProductState
from groupbuy.domain.kernel import Invalid, Money
from tests.support.shelf import read_rows


def row(**changes):
    said = {
        "code": "P1",
        "name": "赣南脐橙",
        "category": ["水果", "柑橘"],
        "skus": [{"code": "S1", "options": ["5 斤"], "price": "39.90", "stock": 7}],
    }
    return {**said, **changes}


def sku(**changes):
    return [{**row()["skus"][0], **changes}]


def read(content, **how):
    data = content if isinstance(content, bytes) else content.encode()
    return list(read_rows(Reader(io.BytesIO(data)), csv_file=how.pop("csv_file", False), **how))


def read_one(said):
    (found,) = read(json.dumps(said))
    return found


def read_csv(*lines):
    return read("\n".join(lines), csv_file=True)


# --- money ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fen"), [("0.01", 1), ("19", 1900), ("19.9", 1990), ("999.00", 99900), ("007", 700)]
)
def test_a_price_in_yuan_is_read_exactly(text, fen):
    assert money("price", text) == Money(fen)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.234",
        ".5",
        "5.",
        "-1",
        "+1",
        "1e3",
        "1,000",
        "¥5",
        " 5",
        "５",
        "NaN",
        "9" * 10,
        None,
        5,
    ],
)
def test_anything_but_a_plain_decimal_is_no_price(text):
    with pytest.raises(Invalid) as refusal:
        money("price", text)
    assert refusal.value.field == "price"


@given(st.integers(1, 10**11 - 1))
def test_a_price_survives_being_written_and_read(fen):
    assert money("price", yuan(Money(fen))) == Money(fen)


def test_a_number_with_a_point_is_read_without_ever_being_a_float():
    line = json.dumps(row(skus=sku(price="PRICE"))).replace('"PRICE"', "0.29")
    (found,) = read(line)
    assert found.skus[0].price == Money(29)


# --- JSON lines -------------------------------------------------------------------------------


def test_a_line_becomes_a_product_with_its_variants():
    found = read_one(
        row(
            brand="果园",
            unit="箱",
            list_price="59.00",
            attributes=[{"name": "产地", "value": "江西"}],
            skus=[*sku(), {"code": "S2", "options": ["10 斤", "礼盒"], "price": "79"}],
        )
    )
    assert found.facts.name == "赣南脐橙"
    assert found.category == ("水果", "柑橘")
    assert found.brand == "果园"
    assert found.facts.attributes == (Attribute("产地", "江西"),)
    assert [(s.code, s.options, s.price, s.list_price, s.stock) for s in found.skus] == [
        ("S1", "5 斤", Money(3990), Money(5900), 7),
        ("S2", "10 斤 / 礼盒", Money(7900), Money(5900), 0),
    ]


def test_what_is_left_out_stays_open_and_null_takes_the_brand_away():
    assert read_one(row()).brand is None
    assert read_one(row(brand=None)).brand == ""
    assert read_one(row()).facts.description is None


def test_the_same_fact_said_twice_is_kept_once():
    fact = {"name": "产地", "value": "江西"}
    assert read_one(row(attributes=[fact, fact])).facts.attributes == (Attribute("产地", "江西"),)


@pytest.mark.parametrize(
    ("said", "column"),
    [
        (row(code=""), "code"),
        (row(code="a b"), "code"),
        (row(code=5), "code"),
        (row(name=" "), "name"),
        (row(name="x" * 121), "name"),
        (row(name="a\x00b"), "name"),
        (row(name="a\ud800"), "name"),
        (row(name="a\nb"), "name"),
        (row(category=[]), "category"),
        (row(category=["a"] * 6), "category"),
        (row(category="水果"), "category"),
        (row(skus=[]), "skus"),
        (row(skus=None), "skus"),
        (row(skus=[5]), "skus"),
        (row(skus=sku(price="0")), "skus.price"),
        (row(skus=sku(price="-1")), "skus.price"),
        (row(skus=sku(price=None)), "skus.price"),
        (row(skus=sku(stock=-1)), "skus.stock"),
        (row(skus=sku(stock=True)), "skus.stock"),
        (row(skus=sku(stock=10**12)), "skus.stock"),
        (row(skus=sku(colour="red")), "colour"),
        (row(skus=sku() * 2), "skus.code"),
        (row(list_price="1.999"), "list_price"),
        (row(colour="red"), "colour"),
        (row(state="retired"), "state"),
        (row(return_policy="never"), "return_policy"),
        (row(pictures=["javascript:alert(1)"]), "pictures"),
        (row(pictures=["//elsewhere/x.png"]), "pictures"),
        (row(attributes=[{"name": "产地"}]), "attributes.value"),
        (row(attributes=["产地"]), "attributes"),
        ([], "row"),
        ("text", "row"),
    ],
)
def test_a_row_that_makes_no_sense_is_turned_away_naming_the_column(said, column):
    found = read_one(said)
    assert isinstance(found, Reject)
    assert (found.row, found.column) == (1, column)
    assert found.reason


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"not json",
        b'{"code": "P1", "code": "P2"}',
        b'{"code": NaN}',
        b'{"stock": ' + b"9" * 5000 + b"}",
        b"[" * 3000,
        b"\xff\xfe",
        b'{"name": "a\x00b"}',
        b'{"name": "' + b"x" * ROW_AT_MOST + b'"}',
    ],
    ids=["cut", "words", "twice", "nan", "digits", "deep", "bytes", "nul", "huge"],
)
def test_a_broken_line_costs_only_itself(line):
    good = json.dumps(row()).encode()
    bad, kept = read(line + b"\n" + good)
    assert isinstance(bad, Reject)
    assert (bad.row, bad.column) == (1, "row")
    assert (kept.row, kept.facts.code) == (2, "P1")


def test_a_byte_order_mark_and_blank_lines_are_no_rows():
    found = read(b"\xef\xbb\xbf" + json.dumps(row()).encode() + b"\r\n\r\n   \n")
    assert [type(each) for each in found] == [ProductRow]


def test_a_product_named_twice_is_taken_once():
    twice = [row(), row(name="另一种", skus=sku(code="S2"))]
    first, second = read("\n".join(map(json.dumps, twice)))
    assert first.facts.name == "赣南脐橙"
    assert (second.row, second.column, second.reason) == (2, "code", "is in row 1 already")


def test_a_variant_named_by_two_products_is_the_first_ones():
    first, second = read("\n".join(map(json.dumps, [row(), row(code="P2")])))
    assert first.skus[0].code == "S1"
    assert (second.column, second.code) == ("skus.code", "P2")


def test_the_digest_is_the_files_own():
    reader = Reader(io.BytesIO(b"abc"))
    list(read_rows(reader, csv_file=False))
    assert reader.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.binary(max_size=400))
def test_no_bytes_stop_an_import(data):
    assert all(isinstance(each, ProductRow | Reject) for each in read(data))


# --- CSV --------------------------------------------------------------------------------------

HEADER = "code,name,category,sku_code,options,price,stock"


def test_lines_of_one_product_become_its_variants():
    (found,) = read_csv(
        HEADER, "P1,脐橙,水果/柑橘,S1,5 斤,39.90,7", "P1,脐橙,水果/柑橘,S2,10 斤,79,3"
    )
    assert found.category == ("水果", "柑橘")
    assert [(s.code, s.price, s.stock) for s in found.skus] == [
        ("S1", Money(3990), 7),
        ("S2", Money(7900), 3),
    ]


def test_a_bad_line_does_not_take_its_neighbours_along():
    found = read_csv(
        HEADER,
        "P1,脐橙,水果,S1,,39.90,7",
        "P1,脐橙,水果,S2,,free,7",
        "P1,苹果,水果,S3,,1,7",
        "P1,脐橙,水果,S1,,1,7",
        "P1,脐橙,水果,S4",
        "P2,梨,水果,S5,,5,1",
    )
    rejects = [(r.row, csv_column(r.column)) for r in found if isinstance(r, Reject)]
    assert sorted(rejects) == [(3, "price"), (4, "name"), (5, "sku_code"), (6, "row")]
    products = [(p.facts.code, len(p.skus)) for p in found if isinstance(p, ProductRow)]
    assert products == [("P1", 1), ("P2", 1)]


def test_a_cell_may_run_over_lines():
    header = HEADER + ",description"
    (found,) = read_csv(header, 'P1,脐橙,水果,S1,,1,7,"甜，', '多汁"')
    assert found.facts.description == "甜，\n多汁"


def test_a_forgotten_quote_costs_one_line():
    lines = [f"P{n},梨,水果,S{n},,5,1" for n in range(2, 300)]
    found = read_csv(HEADER, 'P1,"脐橙,水果,S1,,1,7', *lines)
    assert [r.row for r in found if isinstance(r, Reject)] == [2]
    assert sum(isinstance(r, ProductRow) for r in found) == 298


@pytest.mark.parametrize(
    "header",
    ["", "code,name", HEADER + ",colour", HEADER + ",code", '"code', "\xff"],
)
def test_without_a_usable_header_nothing_is_read(header):
    with pytest.raises(Invalid) as refusal:
        read(header.encode("latin-1"), csv_file=True)
    assert refusal.value.field == "header"


def test_a_spreadsheet_from_a_chinese_office_is_read():
    content = f"{HEADER}\nP1,脐橙,水果,S1,,1,7".encode("gb18030")
    (found,) = read(content, csv_file=True, encoding="gb18030")
    assert found.facts.name == "脐橙"
    assert all(isinstance(each, Reject) for each in read(content, csv_file=True))


def test_a_state_may_be_asked_for():
    (found,) = read_csv(HEADER + ",state", "P1,脐橙,水果,S1,,1,7,draft")
    assert found.state is ProductState.DRAFT


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).filter(
    lambda text: text == text.strip()
)


@given(st.lists(CELL, min_size=1), st.sampled_from("/|="))
def test_a_list_survives_its_cell(parts, separator):
    assert unpack(pack(parts, separator), separator) == tuple(parts)


@given(st.text())
def test_a_guard_against_formulas_can_be_taken_off_again(text):
    assert not guarded(text).startswith(("=", "+", "-", "@"))
    assert unguarded(guarded(text)) == text


def test_attributes_stand_in_one_cell():
    facts = (Attribute("规格", "2*3|4"), Attribute("公式", "a=b"))
    header = HEADER + ",attributes"
    (found,) = read_csv(header, f"P1,脐橙,水果,S1,,1,7,{attribute_cell(facts)}")
    assert found.facts.attributes == facts
