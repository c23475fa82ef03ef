"""Product files tell everything that is said about goods, and take it back unchanged."""

import io
import json

import pytest
from attrs import evolve

from groupbuy.adapters.markup_nh3 import Nh3Markup
from groupbuy.application.catalogue.export import ExportProducts as Export
from groupbuy.application.catalogue.export import as_json, export_page
from groupbuy.application.catalogue.intake import Done, ImportProducts, Verdict, import_products
from groupbuy.application.steps.records import Reader, Reject
from groupbuy.domain.catalogue import Attribute, Product, Variant
from groupbuy.domain.pictures import Picture, Purpose
from tests.support.shelf import as_csv, read_rows

KEY = "pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM"
ROW = {
    "code": "T1",
    "name": "T 恤",
    "category": ["服饰"],
    "description_html": f'<p>纯<b>棉</b></p><img src="/media/{KEY}/750.webp" alt="图">',
    "shelf_life_days": 30,
    "pictures": [KEY],
    "skus": [
        {
            "code": "T1-R",
            "price": "39.90",
            "named_options": [{"name": "颜色", "value": "红|/=深"}, {"name": "尺码", "value": "M"}],
            "barcode": "6901028075763",
            "grams": 210,
            "low_stock": "3",
        },
        {
            "code": "T1-B",
            "price": "39.90",
            "named_options": [{"name": "颜色", "value": "蓝"}, {"name": "尺码", "value": "M"}],
        },
    ],
}


@pytest.fixture
def marked(shop):
    shop.kit = evolve(shop.kit, markup=Nh3Markup())
    shop.desk = evolve(shop.desk, kit=shop.kit)
    whose = shop.merchant_caller().merchant_id
    now = shop.clock.now()
    shop.store(Picture(KEY, Purpose.PRODUCT, "usr_x", now, (), whose, loose_since=now))
    return shop


def take(shop, text, *, csv_file=False):
    rows = list(read_rows(Reader(io.BytesIO(text.encode())), csv_file=csv_file))
    bad = [row for row in rows if isinstance(row, Reject)]
    good = tuple(row for row in rows if not isinstance(row, Reject))
    by = shop.merchant_caller()
    cmd = ImportProducts(by.merchant_id, good)
    return [*bad, *shop.desk.run(by, lambda work: import_products(work, cmd))]


def exported(shop):
    by = shop.merchant_caller()
    return shop.desk.read(by, lambda work: export_page(work, Export(by.merchant_id)))


def test_a_file_tells_options_barcodes_weights_and_a_safe_description(marked):
    (done,) = take(marked, json.dumps(ROW))
    assert isinstance(done, Done)
    (product,), variants = marked.all(Product), marked.all(Variant)
    assert product.description_html.startswith("<p>纯<b>棉</b></p><img ")
    assert (product.description, product.shelf_life_days) == ("纯棉", 30)
    assert variants[0].named_options == (Attribute("颜色", "红|/=深"), Attribute("尺码", "M"))
    assert variants[0].options == "红|/=深 / M"
    assert (variants[0].barcode, variants[0].grams, variants[0].low_stock) == (
        "6901028075763",
        210,
        3,
    )
    assert marked.get(Picture, KEY).used_by == (product.id,)


def test_an_export_is_imported_again_without_changing_anything(marked):
    take(marked, json.dumps(ROW))
    (view,) = exported(marked)
    for text, csv_file in (
        (as_json(view), False),
        (as_csv([view]), True),
        (json.dumps(ROW), False),
    ):
        (done,) = take(marked, text, csv_file=csv_file)
        assert isinstance(done, Done), done
        assert done.verdict is Verdict.UNCHANGED
    assert exported(marked) == [view]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"pictures": [KEY[:-1] + "X"]}, "pictures"),
        ({"description_html": f'<img src="/media/{KEY[:-1]}X/750.webp">'}, "pictures"),
        ({"description_html": "<p>" + "&" * 59_000}, "description_html"),
        ({"shelf_life_days": "soon"}, "shelf_life_days"),
        ({"skus": [{**ROW["skus"][0], "barcode": "6901028075764"}]}, "skus.barcode"),
        ({"skus": [{**ROW["skus"][0], "grams": 1.5}]}, "skus.grams"),
        ({"skus": [ROW["skus"][0], {**ROW["skus"][0], "code": "x"}]}, "skus.named_options"),
        (
            {"skus": [{"code": "x", "price": "1", "named_options": [{"name": "颜色"}]}]},
            "skus.named_options.value",
        ),
    ],
)
def test_a_row_that_makes_no_sense_is_rejected_and_its_neighbours_are_taken(marked, change, column):
    other = {**ROW, "code": "T2", "skus": [{"code": "T2-1", "price": "1"}]}
    text = json.dumps({**ROW, **change}) + "\n" + json.dumps(other)
    outcomes = take(marked, text)
    (reject,) = [each for each in outcomes if isinstance(each, Reject)]
    assert reject.column == column
    assert [each.row.facts.code for each in outcomes if isinstance(each, Done)] == ["T2"]
    assert [product.code for product in marked.all(Product)] == ["T2"]


def test_a_row_that_would_set_options_against_those_that_are_there_is_rejected(marked):
    take(marked, json.dumps(ROW))
    more = {**ROW, "skus": [{**ROW["skus"][1], "code": "T1-C"}]}
    (reject,) = take(marked, json.dumps(more))
    assert reject.reason == "must differ between the variants"
