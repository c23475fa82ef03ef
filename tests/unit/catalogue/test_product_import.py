"""Importing products: applied whole or not at all, once or many times."""

import io
import json
import weakref

import pytest

from groupbuy.application.catalogue.export import as_json, export_products
from groupbuy.application.catalogue.intake import (
    BATCH,
    ImportProducts,
    Tally,
    in_batches,
    run_import,
)
from groupbuy.application.steps.records import Reader, Reject
from groupbuy.domain.catalogue import (
    Brand,
    Category,
    Product,
    ProductMove,
    ProductState,
    Stock,
    StockMove,
    Variant,
)
from groupbuy.domain.kernel import Forbidden, Money, NotFound
from groupbuy.domain.membership import Role
from tests.support.shelf import as_csv, read_rows


def row(number=1, **changes):
    said = {
        "code": f"P{number}",
        "name": f"脐橙 {number}",
        "category": ["水果", "柑橘"],
        "brand": "果园",
        "attributes": [{"name": "产地", "value": "江西"}],
        "skus": [sku(number)],
    }
    return {**said, **changes}


def sku(number=1, **changes):
    return {"code": f"S{number}", "options": ["5 斤"], "price": "39.90", "stock": 7, **changes}


def apply(shop, *rows, dry_run=False, csv_text=None, **how):
    text = csv_text or "\n".join(map(json.dumps, rows))
    parsed = read_rows(Reader(io.BytesIO(text.encode())), csv_file=csv_text is not None)
    cmd = ImportProducts(shop._merchant.id, (), **how)
    tally, rejects = Tally(), []
    for outcomes in run_import(shop.desk, shop.system(), parsed, cmd, dry_run=dry_run):
        for outcome in outcomes:
            tally.count(outcome)
            rejects += [outcome] if isinstance(outcome, Reject) else []
    return tally, rejects


def everything(shop):
    kinds = (Brand, Category, Product, Variant, Stock, StockMove)
    return {kind: sorted(shop.all(kind), key=lambda each: each.id) for kind in kinds}


def the(shop, kind):
    (found,) = shop.all(kind)
    return found


def test_a_new_product_goes_on_sale_with_its_goods_counted_in(shop):
    tally, _ = apply(shop, row(list_price="59.00"))
    assert tally == Tally(products=1, variants=1, created=1)
    product, variant = the(shop, Product), the(shop, Variant)
    assert (product.code, product.state) == ("P1", ProductState.LISTED)
    assert (variant.price, variant.list_price) == (Money(3990), Money(5900))
    assert the(shop, Stock).available == 7
    move = the(shop, StockMove)
    assert (move.units, move.available_after, move.reason) == (7, 7, "import")
    child, root = sorted(shop.all(Category), key=lambda c: c.parent_id is None)
    assert (root.name, child.name, child.parent_id) == ("水果", "柑橘", root.id)
    assert product.category_id == child.id
    assert shop.get(Brand, product.brand_id).name == "果园"


def test_new_products_may_wait_as_drafts(shop):
    apply(shop, row(), list_new=False)
    assert the(shop, Product).state is ProductState.DRAFT


def test_the_state_in_the_file_comes_first(shop):
    apply(shop, row(1, state="draft"), row(2, state="delisted"))
    states = {p.code: p.state for p in shop.all(Product)}
    assert states == {"P1": ProductState.DRAFT, "P2": ProductState.DELISTED}


def test_the_same_file_again_changes_nothing(shop):
    rows = [row(n) for n in range(1, 6)]
    apply(shop, *rows)
    before = everything(shop)
    tally, _ = apply(shop, *rows)
    assert tally == Tally(products=5, variants=5, unchanged=5)
    assert everything(shop) == before


def test_what_differs_is_updated(shop):
    apply(shop, row())
    changed = row(name="血橙", brand=None, category=["生鲜"], skus=[sku(price="45.00")])
    tally, _ = apply(shop, changed)
    assert tally == Tally(products=1, variants=1, updated=1)
    product = the(shop, Product)
    assert (product.name, product.brand_id) == ("血橙", None)
    assert shop.get(Category, product.category_id).name == "生鲜"
    assert the(shop, Variant).price == Money(4500)


def test_what_a_row_leaves_out_is_left_alone(shop):
    apply(shop, row(description="甜", unit="箱"))
    bare = {key: row()[key] for key in ("code", "name", "category", "skus")}
    tally, _ = apply(shop, bare)
    assert tally.unchanged == 1
    product = the(shop, Product)
    assert (product.description, product.unit) == ("甜", "箱")
    assert product.attributes
    assert product.brand_id


def test_a_product_gets_a_further_variant_and_keeps_the_others(shop):
    apply(shop, row())
    tally, _ = apply(shop, row(skus=[sku(2)]))
    assert tally == Tally(products=1, variants=1, updated=1)
    assert sorted(v.code for v in shop.all(Variant)) == ["S1", "S2"]


def test_goods_in_hand_change_only_on_request(shop):
    apply(shop, row())
    counted = row(skus=[sku(stock=20)])
    assert apply(shop, counted)[0].unchanged == 1
    assert the(shop, Stock).available == 7
    assert apply(shop, counted, set_stock=True)[0].updated == 1
    assert the(shop, Stock).available == 20
    assert [m.units for m in shop.all(StockMove)] == [7, 13]
    assert apply(shop, counted, set_stock=True)[0].unchanged == 1
    assert len(shop.all(StockMove)) == 2


def test_a_variant_of_another_product_is_not_taken_away(shop):
    apply(shop, row())
    before = everything(shop)
    tally, (reject,) = apply(shop, row(2, skus=[sku(2), sku(1)], category=["新"], brand="新"))
    assert tally == Tally(rejected=1)
    assert (reject.column, reject.code) == ("skus.code", "P2")
    assert everything(shop) == before


def test_a_retired_product_stays_retired(shop):
    apply(shop, row(), list_new=False)
    product = the(shop, Product)
    retired, _ = product.move(ProductMove.RETIRE, shop.clock.now())
    shop.desk.run(shop.system(), lambda w: w.of(Product).save(retired))
    _, (reject,) = apply(shop, row())
    assert reject.column == "code"


def test_good_rows_are_applied_beside_bad_ones(shop):
    tally, (reject,) = apply(shop, row(1), row(2, skus=[sku(2, price="free")]), row(3))
    assert tally == Tally(products=2, variants=2, created=2, rejected=1)
    assert (reject.row, reject.column) == (2, "skus.price")


def test_a_dry_run_counts_and_writes_nothing(shop):
    tally, _ = apply(shop, row(1), row(2), dry_run=True)
    assert tally == Tally(products=2, variants=2, created=2)
    assert everything(shop) == {kind: [] for kind in everything(shop)}


def test_a_run_that_was_cut_off_is_finished_by_the_next(shop):
    rows = [row(n) for n in range(BATCH + 50)]
    text = "\n".join(map(json.dumps, rows))
    parsed = read_rows(Reader(io.BytesIO(text.encode())), csv_file=False)
    cmd = ImportProducts(shop._merchant.id, ())
    first = next(run_import(shop.desk, shop.system(), parsed, cmd))
    assert len(first) == BATCH
    tally, _ = apply(shop, *rows)
    assert (tally.created, tally.unchanged) == (50, BATCH)


def test_two_categories_of_one_name_may_stand_in_different_places(shop):
    apply(shop, row(1, category=["水果", "其他"]), row(2, category=["家居", "其他"]))
    assert sorted(c.name for c in shop.all(Category)) == ["其他", "其他", "家居", "水果"]


def test_a_renamed_category_is_not_mistaken_for_its_old_name(shop):
    apply(shop, row(category=["水果"]))
    fruit = the(shop, Category)
    renamed = Category(fruit.id, "鲜果", version=fruit.version)
    shop.desk.run(shop.system(), lambda w: w.of(Category).save(renamed))
    apply(shop, row(category=["水果"]))
    assert sorted(c.name for c in shop.all(Category)) == ["水果", "鲜果"]
    apply(shop, row(category=["鲜果"]))
    assert the(shop, Product).category_id == fruit.id


def test_codes_of_different_merchants_do_not_meet(shop):
    apply(shop, row())
    shop.merchant()
    assert apply(shop, row(name="别家的橙"))[0].created == 1
    assert len(shop.all(Product)) == 2


def test_a_merchant_imports_for_nobody_else(shop):
    mine = shop.merchant_caller()
    other = shop.merchant()
    cmd = ImportProducts(other.id, ())
    rows = read_rows(Reader(io.BytesIO(json.dumps(row()).encode())), csv_file=False)
    with pytest.raises(NotFound):
        list(run_import(shop.desk, mine, rows, cmd))
    assert shop.all(Product) == []


def test_a_shopper_imports_nothing(shop):
    rows = read_rows(Reader(io.BytesIO(json.dumps(row()).encode())), csv_file=False)
    with pytest.raises(Forbidden):
        list(run_import(shop.desk, shop.caller("u", Role.SHOPPER), rows, ImportProducts("m", ())))


def test_a_batch_ends_before_it_grows_too_big():
    rejects = [Reject(n, "row", "bad") for n in range(BATCH * 2 + 1)]
    assert [len(bad) for _, bad in in_batches(rejects)] == [BATCH, BATCH, 1]


# --- and out again ----------------------------------------------------------------------------

AWKWARD = row(
    1,
    name="=cmd|' /C calc'",
    category=["水果/蔬菜", "柑橘\\橙"],
    description='第一行\n第二行, "引号"',
    attributes=[{"name": "尺寸", "value": "200*230cm/220=x|y"}],
    pictures=["/media/a|b.jpg", "https://img.example/1.jpg"],
    return_policy="fresh",
    skus=[
        sku(1, options=["大", "红"], list_price="59", cost="20.5"),
        sku(2, options=[], stock=0),
    ],
)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_exported_is_imported_unchanged(shop, form):
    rows = [AWKWARD, row(3, brand=None, state="delisted"), row(4, state="draft")]
    assert apply(shop, *rows)[0].created == 3
    views = list(export_products(shop.desk, shop.system(), shop._merchant.id))
    how = {"csv_text": as_csv(views)} if form == "csv" else {}
    before = everything(shop)
    again = [json.loads(as_json(view)) for view in views] if form == "jsonl" else []
    tally, rejects = apply(shop, *again, set_stock=True, **how)
    assert rejects == []
    assert tally == Tally(products=3, variants=4, unchanged=3)
    assert everything(shop) == before

    shop.merchant()
    tally, _ = apply(shop, *again, **how)
    assert tally.created == 3
    copied = shop.all(Product, merchant_id=shop._merchant.id)
    assert {p.code: p.state for p in copied} == {
        "P1": ProductState.LISTED,
        "P3": ProductState.DELISTED,
        "P4": ProductState.DRAFT,
    }


def test_a_spreadsheet_never_runs_what_was_exported(shop):
    apply(shop, AWKWARD)
    (view,) = export_products(shop.desk, shop.system(), shop._merchant.id)
    assert ",'=cmd" in as_csv([view])


def test_an_export_ends_at_its_limit(shop):
    apply(shop, *(row(n) for n in range(5)))
    found = list(export_products(shop.desk, shop.system(), shop._merchant.id, limit=3))
    assert [view.product.code for view in found] == ["P0", "P1", "P2"]


def test_no_more_rows_are_alive_than_two_batches_however_long_the_file(shop):
    lines = (json.dumps(row(n)).encode() + b"\n" for n in range(BATCH * 6))
    parsed = read_rows(Reader(Lines(lines)), csv_file=False)
    alive, most = weakref.WeakSet(), 0

    def watched():
        nonlocal most
        for each in parsed:
            alive.add(each)
            most = max(most, len(alive))
            yield each

    done = run_import(shop.desk, shop.system(), watched(), ImportProducts(shop._merchant.id, ()))
    assert sum(len(outcomes) for outcomes in done) == BATCH * 6
    assert BATCH <= most <= 2 * BATCH


class Lines:
    """A file that is never whole anywhere."""

    def __init__(self, lines):
        self.lines = lines

    def readline(self, _limit=-1):
        return next(self.lines, b"")
