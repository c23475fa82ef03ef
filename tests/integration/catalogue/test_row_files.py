"""Files of stock, categories and brands: previewed, applied, proved, and opened by others."""

import csv
import json

import openpyxl
import pytest

from groupbuy.domain.catalogue import Stock
from groupbuy.entrypoints.cli import filing_run

ROWS = [
    {
        "code": f"P{n}",
        "name": f"脐橙 {n}",
        "category": ["水果"],
        "skus": [
            {"code": f"S{n}-{k}", "options": [f"{k} 斤"], "price": "39.90", "stock": 10 * n + k}
            for k in (1, 2)
        ],
    }
    for n in (1, 2)
]


@pytest.fixture
def goods(groupbuy, tmp_path):
    (tmp_path / "goods.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    assert groupbuy("import", "products", "goods.jsonl").code == 0


def written(tmp_path, name, *rows):
    """Write a file as another program would, the first row being the header."""
    path = tmp_path / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    elif path.suffix == ".jsonl":
        lines = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return name


def opened(path):
    """Read a table with a library that did not write it."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        head, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def stock(groupbuy):
    found = groupbuy("export", "stock", "--json").document["items"]
    return {row["sku_code"]: int(row["available"]) for row in found}


def counts(run):
    return tuple(run.document[name] for name in ("created", "updated", "unchanged", "rejected"))


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_a_count_is_previewed_applied_once_and_proved(groupbuy, goods, tmp_path, form):
    head = ("sku_code", "available", "low_stock", "reason")
    rows = [("S1-1", 50, 5, "盘点"), ("S1-2", 12, None, "盘点"), ("S2-1", 0, None, "盘点")]
    name = written(tmp_path, f"count.{form}", head, *rows)
    first = groupbuy("import", "stock", name, "--dry-run", "--json")
    assert (first.code, counts(first)) == (0, (0, 2, 1, 0))
    assert first.document["changes"] == ["S1-1: 11 → 50, low_stock 0 → 5", "S2-1: 21 → 0"]
    assert stock(groupbuy)["S1-1"] == 11
    assert groupbuy("import", "stock", name, "--preview", "0" * 16).code == 5
    run = groupbuy("import", "stock", name, "--preview", first.document["preview"], "--json")
    assert (run.code, counts(run), run.document["verified"]) == (0, (0, 2, 1, 0), True)
    sums = {proof["what"]: (proof["file"], proof["shop"]) for proof in run.document["proofs"]}
    assert sums["rows"] == (3, 3)
    assert sums["sum of goods"] == (62, 62)
    assert sums["sum of low_stock"] == (5, 5)
    assert stock(groupbuy) == {"S1-1": 50, "S1-2": 12, "S2-1": 0, "S2-2": 22}
    assert counts(groupbuy("import", "stock", name, "--json")) == (0, 0, 3, 0)


def test_the_same_count_read_again_brings_nothing_back_that_was_sold(
    groupbuy, goods, tmp_path, database_url
):
    name = written(tmp_path, "count.csv", ("sku_code", "available"), ("S1-1", 50), ("S1-2", 12))
    assert groupbuy("import", "stock", name).code == 0
    for code in ("S1-1", "S1-2"):
        sku = sku_named(groupbuy, code)
        assert groupbuy("stock", "adjust", "--reason", "卖掉", "--", sku, "-3").code == 0
    again = groupbuy("import", "stock", name, "--json")
    assert (again.code, counts(again), again.document["verified"]) == (0, (0, 0, 2, 0), True)
    assert (stock(groupbuy)["S1-1"], stock(groupbuy)["S1-2"]) == (47, 9)
    other = written(tmp_path, "next.csv", ("sku_code", "available", "reason"), ("S1-1", 50, "再盘"))
    assert counts(groupbuy("import", "stock", other, "--json")) == (0, 1, 0, 0)
    assert stock(groupbuy)["S1-1"] == 50


def sku_named(groupbuy, code):
    products = groupbuy("product", "list", "--json").document["items"]
    shown = [groupbuy("product", "show", each["id"], "--json").document for each in products]
    return next(v["id"] for each in shown for v in each["variants"] if v["code"] == code)


def test_rows_that_cannot_be_taken_say_what_to_do_and_are_read_again_once_mended(
    groupbuy, goods, tmp_path
):
    head = ("sku_code", "available", "seen")
    rows = [("S1-1", 5, 9), ("S9", 5, ""), ("S1-2", "many", ""), ("S2-1", 5, ""), ("S2-1", 6, "")]
    run = groupbuy("import", "stock", written(tmp_path, "count.csv", head, *rows), "--json")
    assert (run.code, counts(run)) == (6, (0, 1, 0, 4))
    listed = opened(tmp_path / run.document["reject_file"])
    said = {row["reject_row"]: (row["reject_column"], row["reject_reason"]) for row in listed}
    assert said == {
        "2": ("seen", "11 are there now: export again, or leave this cell empty"),
        "3": ("sku_code", "is no variant of this merchant: see groupbuy export stock"),
        "4": ("available", "must be a whole number from 0 to 1000000000"),
        "6": ("sku_code", "is in row 5 already: keep one of them"),
    }
    assert [row["sku_code"] for row in listed if row["reject_row"] == "2"] == ["S1-1"]
    mended = [{**row, "seen": "", "available": "7"} for row in listed if row["reject_row"] in "24"]
    names = list(mended[0])
    name = written(tmp_path, "mended.csv", names, *([r[n] for n in names] for r in mended))
    assert counts(groupbuy("import", "stock", name, "--json")) == (0, 2, 0, 0)
    zh = groupbuy("import", "stock", "count.csv", "--lang", "zh")
    assert "这个商户没有这个规格" in zh.err


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_opens_elsewhere_and_comes_back_without_changing_anything(
    groupbuy, goods, tmp_path, form
):
    assert groupbuy("export", "stock", "--out", f"stock.{form}").code == 0
    rows = opened(tmp_path / f"stock.{form}")
    assert {row["sku_code"]: int(row["available"]) for row in rows} == stock(groupbuy)
    assert {row["options"] for row in rows} == {"1 斤", "2 斤"}
    run = groupbuy("import", "stock", f"stock.{form}", "--json")
    assert (counts(run), run.document["verified"]) == ((0, 0, 4, 0), True)
    assert groupbuy("export", "products", "--out", f"goods.{form}").code == 0
    rows = opened(tmp_path / f"goods.{form}")
    assert [row["price"] for row in rows] == ["39.90"] * 4
    again = groupbuy("import", "products", f"goods.{form}", "--set-stock", "--json")
    assert (again.code, again.counts) == (0, (2, 4, 0, 0, 2, 0))


def test_a_tree_of_categories_moves_with_its_rates(groupbuy, goods, tmp_path):
    head = ("path", "commission_bp")
    rows = [("水果/柑橘/脐橙", 800), ("水果", 500), ("粮油", None), ("水果/柑橘", "none")]
    name = written(tmp_path, "tree.xlsx", head, *rows)
    run = groupbuy("import", "categories", name, "--json")
    assert (run.code, counts(run), run.document["verified"]) == (0, (2, 1, 1, 0), True)
    tree = groupbuy("category", "tree", "--json").document["items"]
    assert {each["path"]: each["commission_bp"] for each in tree} == {
        "水果": 500,
        "水果/柑橘": None,
        "水果/柑橘/脐橙": 800,
        "粮油": None,
    }
    assert groupbuy("export", "categories", "--out", "again.jsonl").code == 0
    lines = (tmp_path / "again.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[0]) == {"path": ["水果"], "commission_bp": 500}
    again = groupbuy("import", "categories", "again.jsonl", "--json")
    assert counts(again) == (0, 0, 4, 0)
    deep = written(tmp_path, "deep.csv", head, ("/".join("abcdef"), ""))
    assert groupbuy("import", "categories", deep).code == 1


def test_brands_come_and_a_merged_one_is_known(groupbuy, goods, tmp_path):
    name = written(tmp_path, "brands.csv", ("name",), ("甲",), ("乙",), ("=丙",))
    assert counts(groupbuy("import", "brands", name, "--json")) == (3, 0, 0, 0)
    brands = {b["name"]: b["id"] for b in groupbuy("brand", "list", "--json").document["items"]}
    why = ("--reason", "重复", "--yes")
    assert groupbuy("brand", "merge", brands["乙"], brands["甲"], *why).code == 0
    assert counts(groupbuy("import", "brands", name, "--json")) == (0, 0, 3, 0)
    assert groupbuy("export", "brands").out.splitlines() == ["name", "'=丙", "甲"]
    assert groupbuy("export", "brands", "--out", "b.xlsx").code == 0
    assert [row["name"] for row in opened(tmp_path / "b.xlsx")] == ["=丙", "甲"]
    assert counts(groupbuy("import", "brands", "b.xlsx", "--json")) == (0, 0, 2, 0)


@pytest.mark.parametrize("kind", ["products", "stock", "categories", "brands"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_a_form_is_filled_in_as_it_shows(groupbuy, goods, tmp_path, kind, form):
    name = f"{kind}.{form}"
    assert groupbuy("import", "template", kind, "--out", name, "--lang", "zh").code == 0
    if form == "xlsx":
        told = openpyxl.load_workbook(tmp_path / name).worksheets[1]
        assert told["B2"].value == "必填"
    if kind == "products" and form == "jsonl":
        return
    run = groupbuy("import", kind, name, "--dry-run", "--json")
    if kind == "stock":
        assert (run.code, counts(run)) == (1, (0, 0, 0, 1))  # nobody has that variant here
    else:
        assert (run.code, run.document["created"]) == (0, 1)


def test_a_workbook_is_read_as_people_see_it_and_nothing_else_is_one(groupbuy, goods, tmp_path):
    book = openpyxl.Workbook()
    for row in [("sku_code", "available", None), (), ("S1-1", 7.0, None), ("S1-2", "#N/A", None)]:
        book.active.append(row)
    book.save(tmp_path / "odd.xlsx")
    run = groupbuy("import", "stock", "odd.xlsx")
    assert (run.code, stock(groupbuy)["S1-1"]) == (6, 7)
    assert "row 4: row holds the error #N/A: mend the formula" in run.err
    (tmp_path / "no.xlsx").write_bytes(b"PK\x03\x04 no zip")
    run = groupbuy("import", "stock", "no.xlsx")
    assert (run.code, "save it as .xlsx" in run.err) == (2, True)
    wrong = written(tmp_path, "wrong.csv", ("colour",), ("red",))
    assert groupbuy("import", "stock", wrong).code == 2
    assert groupbuy("import", "stock", wrong, "--sha256", "00").code == 2
    assert groupbuy("export", "stock", "--format", "xlsx").code == 2


def test_a_shop_that_is_not_as_the_file_afterwards_is_a_finding(
    groupbuy, goods, tmp_path, monkeypatch
):
    name = written(tmp_path, "count.csv", ("sku_code", "available"), ("S1-1", 50))
    sku = sku_named(groupbuy, "S1-1")
    usual = filing_run.note_file

    def meddle(work, *rest):
        stock = work.of(Stock).lock([sku])[sku]
        work.of(Stock).save(stock.adjust(-1))
        usual(work, *rest)

    monkeypatch.setattr(filing_run, "note_file", meddle)
    run = groupbuy("import", "stock", name, "--json")
    assert (run.code, run.document["verified"]) == (7, False)
    wrong = {p["what"] for p in run.document["proofs"] if not p["holds"]}
    assert wrong == {"sum of goods", "sha256 of rows"}


def test_the_journal_adds_up_and_names_the_file(groupbuy, goods, tmp_path):
    name = written(tmp_path, "count.csv", ("sku_code", "available"), ("S1-1", 50), ("S1-2", 12))
    assert groupbuy("import", "stock", name).code == 0
    moves = groupbuy("stock", "journal", sku_named(groupbuy, "S1-1"), "--json").document["items"]
    assert sum(move["units"] for move in moves) == 50
    assert moves[0]["reason"].startswith("import #")
    moves = groupbuy("stock", "journal", sku_named(groupbuy, "S1-2"), "--json").document["items"]
    assert [move["units"] for move in moves] == [0, 12]
