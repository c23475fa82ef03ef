"""Goods on the shelf: what shoppers find, what merchants may do, what the operator arranges."""

import pytest
from attrs import evolve

from groupbuy.application import catalogue, catalogue_shelf, catalogue_stock, catalogue_tree
from groupbuy.application.catalogue_facts import ProductFacts, SkuFacts
from groupbuy.application.catalogue_shelf import Browse, ShelfItem
from groupbuy.application.ports import AuditRow
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import (
    Attribute,
    Brand,
    Category,
    Product,
    ProductMove,
    ProductState,
    Stock,
    StockMove,
    Variant,
)
from groupbuy.domain.kernel import (
    EditedMeanwhile,
    Forbidden,
    IllegalMove,
    Invalid,
    Money,
    NotFound,
    Refused,
    Unauthenticated,
)
from groupbuy.domain.membership import Role
from tests.support.shop import TENANT


@pytest.fixture
def fruit(shop):
    return put_category(shop, "水果")


def operator(shop):
    return shop.caller("usr_op", Role.OPERATOR)


def put_category(shop, name, parent=None, **more):
    cmd = catalogue_tree.PutCategory(name, parent.id if parent else None, **more)
    return shop.desk.run(operator(shop), lambda w: catalogue_tree.put_category(w, cmd))


def create(shop, category, number=1, *, by=None, price=3990, list_it=True, brand="", **said):
    shop.clock.forward(minutes=1)
    cmd = catalogue.CreateProduct(
        ProductFacts(**{"code": f"P{number}", "name": f"脐橙 {number}", **said}),
        category.id,
        (SkuFacts(f"S{number}", "5 斤", Money(price), stock=7),),
        brand=brand,
    )
    by = by or shop.merchant_caller()
    made = shop.desk.run(by, lambda w: catalogue.create_product(w, cmd))
    return move(shop, made, ProductMove.LIST, by=by) if list_it else made


def move(shop, view, move, *, by=None):
    cmd = catalogue.MoveProduct(view.product.id, move)
    return shop.desk.run(by or shop.merchant_caller(), lambda w: catalogue.move_product(w, cmd))


def edit(shop, view, *, by=None, **changes):
    cmd = catalogue.EditProduct(view.product.id, **changes)
    return shop.desk.run(by or shop.merchant_caller(), lambda w: catalogue.edit_product(w, cmd))


def edit_variant(shop, view, **changes):
    cmd = catalogue.EditVariant(view.variants[0].id, **changes)
    return shop.desk.run(shop.merchant_caller(), lambda w: catalogue.edit_variant(w, cmd))


def adjust(shop, view, units, reason="盘点", *, by=None):
    cmd = catalogue_stock.AdjustStock(view.variants[0].id, units, reason)
    return shop.desk.run(
        by or shop.merchant_caller(), lambda w: catalogue_stock.adjust_stock(w, cmd)
    )


def browse(shop, **wish):
    nobody = evolve(shop.system(), user_id="", roles=frozenset())
    return shop.desk.read(nobody, lambda w: catalogue_shelf.browse(w, Browse(**wish)))


def names(shop, **wish):
    return [each.item.name for each in browse(shop, **wish)]


# --- describing -------------------------------------------------------------------------------


def test_a_new_product_is_a_draft_that_nobody_can_browse(shop, fruit):
    made = create(shop, fruit, list_it=False, brand="果园")
    assert made.product.state is ProductState.DRAFT
    assert (made.brand.name, made.category) == ("果园", (fruit,))
    assert made.stock[made.variants[0].id].available == 7
    assert names(shop) == []
    with pytest.raises(NotFound):
        shop.desk.read(
            shop.system(), lambda w: catalogue_shelf.view(w, made.product.id, listed=True)
        )


def test_a_code_is_taken_once_per_merchant(shop, fruit):
    create(shop, fruit)
    with pytest.raises(Refused) as refusal:
        create(shop, fruit)
    assert refusal.value.rule == "product_code_is_free"
    with pytest.raises(Refused) as refusal:
        create(shop, fruit, code="P2")
    assert refusal.value.rule == "variant_code_is_free"
    shop.merchant()
    assert create(shop, fruit)


def test_an_edit_changes_what_it_names_and_nothing_else(shop, fruit):
    facts = (Attribute("产地", "江西"),)
    made = create(shop, fruit, brand="果园", description="甜", attributes=facts)
    after = edit(shop, made, name="血橙").product
    assert after.name == "血橙"
    assert (after.description, after.attributes) == ("甜", facts)
    assert after.brand_id == made.product.brand_id
    assert edit(shop, made, brand="").product.brand_id is None
    assert names(shop) == ["血橙"]


def test_an_edit_of_something_older_is_refused(shop, fruit):
    made = create(shop, fruit)
    seen = shop.get(Product, made.product.id).version
    edit(shop, made, name="血橙", version=seen)
    with pytest.raises(EditedMeanwhile):
        edit(shop, made, name="青橙", version=seen)
    assert shop.get(Product, made.product.id).name == "血橙"


def test_a_price_change_shows_on_the_shelf_and_in_the_audit(shop, fruit):
    made = create(shop, fruit, price=3990)
    edit_variant(shop, made, price=Money(4500), list_price=Money(5000))
    (found,) = browse(shop)
    assert (found.item.price, found.item.list_price) == (Money(4500), Money(5000))
    (audit,) = shop.all(AuditRow, action="variant.price")
    assert audit.facts == {"before": "3990", "after": "4500"}


def test_a_price_before_that_is_no_higher_is_not_shown(shop, fruit):
    made = create(shop, fruit, price=3990)
    edit_variant(shop, made, list_price=Money(3990))
    assert browse(shop)[0].item.list_price is None


def test_the_shelf_shows_the_cheapest_variant(shop, fruit):
    made = create(shop, fruit, price=3990)
    cmd = catalogue.AddVariant(made.product.id, SkuFacts("S9", "小", Money(1990), stock=3))
    shop.desk.run(shop.merchant_caller(), lambda w: catalogue.add_variant(w, cmd))
    (found,) = browse(shop)
    assert (found.item.price, found.available) == (Money(1990), 10)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a\x00b"},
        {"pictures": ("http://plain.example/x.png",)},
        {"return_policy": "never"},
        {"attributes": (Attribute("", "x"),)},
        {"brand": "x" * 41},
    ],
)
def test_nonsense_is_not_written(shop, fruit, changes):
    made = create(shop, fruit)
    before = shop.get(Product, made.product.id)
    with pytest.raises(Invalid):
        edit(shop, made, **changes)
    assert shop.get(Product, made.product.id) == before


# --- whose goods ------------------------------------------------------------------------------


def test_another_merchants_goods_are_not_found(shop, fruit):
    made = create(shop, fruit)
    shop.merchant()
    stranger = shop.merchant_caller()
    for attempt in (
        lambda: edit(shop, made, by=stranger, name="x"),
        lambda: move(shop, made, ProductMove.DELIST, by=stranger),
        lambda: adjust(shop, made, 1, by=stranger),
        lambda: shop.desk.read(stranger, lambda w: catalogue.own_product(w, made.product.id)),
        lambda: shop.desk.read(
            stranger, lambda w: catalogue_stock.stock_journal(w, made.variants[0].id)
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    wish = catalogue.OwnProducts()
    assert shop.desk.read(stranger, lambda w: catalogue.own_products(w, wish)) == []


def test_an_operator_may_help_any_merchant(shop, fruit):
    made = create(shop, fruit)
    assert edit(shop, made, by=operator(shop), name="血橙").product.name == "血橙"


def test_shoppers_and_strangers_change_nothing(shop, fruit):
    made = create(shop, fruit)
    with pytest.raises(Forbidden):
        edit(shop, made, by=shop.shopper(), name="x")
    nobody = evolve(shop.shopper(), user_id="")
    with pytest.raises(Unauthenticated):
        adjust(shop, made, 1, by=nobody)


# --- listing ----------------------------------------------------------------------------------


def test_a_delisted_product_leaves_the_shelf_and_may_come_back(shop, fruit):
    made = create(shop, fruit)
    move(shop, made, ProductMove.DELIST)
    assert names(shop) == []
    move(shop, made, ProductMove.LIST)
    assert names(shop) == ["脐橙 1"]


def test_what_is_on_sale_is_not_retired_and_what_is_retired_not_edited(shop, fruit):
    made = create(shop, fruit)
    with pytest.raises(IllegalMove):
        move(shop, made, ProductMove.RETIRE)
    move(shop, made, ProductMove.DELIST)
    move(shop, made, ProductMove.RETIRE)
    with pytest.raises(Refused):
        edit(shop, made, name="x")
    with pytest.raises(IllegalMove):
        move(shop, made, ProductMove.LIST)


def test_delisting_meets_a_checkout_at_the_stock(shop, fruit):
    made = create(shop, fruit)
    with shop.begin(TENANT) as tx:
        work = Work(tx, shop.merchant_caller(), shop.kit)
        catalogue.move_product(work, catalogue.MoveProduct(made.product.id, ProductMove.DELIST))
        assert Stock in tx.locked


# --- goods in hand ----------------------------------------------------------------------------


def test_every_change_of_goods_is_a_line_in_the_journal(shop, fruit):
    made = create(shop, fruit)
    shop.clock.forward(minutes=1)
    assert adjust(shop, made, 5, "到货").available == 12
    shop.clock.forward(minutes=1)
    assert adjust(shop, made, -2, "破损").available == 10
    journal = shop.desk.read(
        shop.merchant_caller(), lambda w: catalogue_stock.stock_journal(w, made.variants[0].id)
    )
    assert [(m.reason, m.units, m.available_after, m.by) for m in journal] == [
        ("破损", -2, 10, "usr_staff"),
        ("到货", 5, 12, "usr_staff"),
        ("first count", 7, 7, "usr_staff"),
    ]
    assert sum(m.units for m in journal) == 10


def test_no_more_goods_are_written_off_than_there_are(shop, fruit):
    made = create(shop, fruit)
    with pytest.raises(Refused):
        adjust(shop, made, -8)
    assert shop.get(Stock, made.variants[0].id).available == 7
    assert len(shop.all(StockMove)) == 1


@pytest.mark.parametrize(("units", "reason"), [(0, "x"), (10**9 + 1, "x"), (10**9, "x"), (1, " ")])
def test_an_adjustment_needs_a_sensible_number_and_a_reason(shop, fruit, units, reason):
    made = create(shop, fruit)
    with pytest.raises(Invalid):
        adjust(shop, made, units, reason)


# --- browsing ---------------------------------------------------------------------------------


@pytest.fixture
def full(shop, fruit):
    citrus = put_category(shop, "柑橘", fruit)
    digital = put_category(shop, "数码")
    facts = (Attribute("产地", "江西赣州"),)
    create(shop, citrus, 1, price=3990, brand="果园", attributes=facts)
    create(shop, fruit, 2, name="阿克苏苹果", price=4990)
    create(shop, digital, 3, name="智能手表 Ｗ2", price=99900, brand="律动", description="抬腕可见")
    return shop


def brand(shop, name):
    return shop.all(Brand, name=name)[0].id


def category(shop, name):
    return shop.all(Category, name=name)[0].id


def test_the_newest_comes_first(full):
    assert names(full) == ["智能手表 Ｗ2", "阿克苏苹果", "脐橙 1"]
    assert names(full, sort="price") == ["脐橙 1", "阿克苏苹果", "智能手表 Ｗ2"]
    assert names(full, sort="-price")[0] == "智能手表 Ｗ2"


def test_a_category_shows_everything_below_it(full):
    assert names(full, category_id=category(full, "水果")) == ["阿克苏苹果", "脐橙 1"]
    assert names(full, category_id=category(full, "柑橘")) == ["脐橙 1"]
    with pytest.raises(NotFound):
        names(full, category_id="cat_x")


def test_a_brand_and_a_price_band_narrow_the_shelf(full):
    assert names(full, brand_ids=(brand(full, "果园"), brand(full, "律动"))) == [
        "智能手表 Ｗ2",
        "脐橙 1",
    ]
    assert names(full, lowest=3990, highest=4990) == ["阿克苏苹果", "脐橙 1"]
    assert names(full, lowest=3991, highest=4989) == []
    assert names(full, brand_ids=(brand(full, "律动"),), highest=1) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("橙", ["脐橙 1"]),
        ("手表", ["智能手表 Ｗ2"]),
        ("w2", ["智能手表 Ｗ2"]),
        ("赣州", ["脐橙 1"]),
        ("抬腕", ["智能手表 Ｗ2"]),
        ("律动", ["智能手表 Ｗ2"]),
        ("水果", ["阿克苏苹果", "脐橙 1"]),
        ("水果 赣州", ["脐橙 1"]),
        ("水果 手表", []),
        ("P2", ["阿克苏苹果"]),
        ("不存在", []),
    ],
)
def test_a_keyword_is_looked_for_in_everything_that_is_said(full, words, found):
    assert names(full, words=words) == found


@pytest.mark.parametrize("sort", catalogue_shelf.SORTS)
@pytest.mark.parametrize("words", ["", "脐橙"])
def test_pages_follow_each_other_without_a_gap(shop, fruit, sort, words):
    for number in range(7):
        create(shop, fruit, number, price=1000 + number % 3)
    whole = [each.id for each in browse(shop, sort=sort, words=words)]
    pages, after = [], None
    while True:
        page = browse(shop, sort=sort, words=words, limit=2, after=after)
        pages += [each.id for each in page]
        if len(page) < 2:
            break
        after = (page[-1].place(sort), page[-1].id)
    assert pages == whole
    assert len(whole) == 7


def test_a_keyword_is_found_behind_many_that_do_not_match(shop, fruit, monkeypatch):
    monkeypatch.setattr(catalogue_shelf, "STEP", 2)
    create(shop, fruit, 0, name="苹果")
    for number in range(1, 6):
        create(shop, fruit, number)
    assert names(shop, words="苹果", limit=2) == ["苹果"]


def test_a_cursor_of_another_order_is_turned_away(full):
    place = browse(full)[0]
    with pytest.raises(Invalid):
        browse(full, sort="price", after=(place.place("-created_at"), place.id))
    with pytest.raises(Invalid):
        browse(full, sort="name")


def test_the_shelf_and_the_products_agree(full):
    products = {p.id: p for p in full.all(Product)}
    for item in full.all(ShelfItem):
        product = products[item.id]
        assert item.listed is (product.state is ProductState.LISTED)
        assert item.price == min(v.price for v in full.all(Variant, product_id=item.id))


# --- the tree ---------------------------------------------------------------------------------


def test_siblings_have_different_names(shop, fruit):
    with pytest.raises(Refused):
        put_category(shop, "水果")
    put_category(shop, "水果", fruit)


def test_a_category_never_stands_below_itself(shop, fruit):
    child = put_category(shop, "柑橘", fruit)
    with pytest.raises(Refused):
        put_category(shop, "水果", child, category_id=fruit.id)
    with pytest.raises(Refused):
        put_category(shop, "水果", fruit, category_id=fruit.id)


def test_the_tree_is_at_most_five_levels_deep(shop, fruit):
    here = fruit
    for name in "二三四五":
        here = put_category(shop, name, here)
    with pytest.raises(Invalid):
        put_category(shop, "六", here)


def test_only_the_operator_arranges_the_tree(shop):
    cmd = catalogue_tree.PutCategory("水果")
    with pytest.raises(Forbidden):
        shop.desk.run(shop.merchant_caller(), lambda w: catalogue_tree.put_category(w, cmd))


def test_a_category_may_be_renamed_and_moved(shop, fruit):
    other = put_category(shop, "生鲜")
    moved = put_category(shop, "鲜果", other, category_id=fruit.id, commission_bp=300)
    assert (moved.id, moved.name, moved.parent_id, moved.commission_bp) == (
        fruit.id,
        "鲜果",
        other.id,
        300,
    )
