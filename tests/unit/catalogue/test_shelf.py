"""Goods on the shelf: what shoppers find, what is listed, what the operator arranges."""

import pytest

from groupbuy.application import catalogue
from groupbuy.application.catalogue import shelf
from groupbuy.application.catalogue.shelf import ShelfItem
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import (
    Attribute,
    Brand,
    Category,
    Product,
    ProductMove,
    ProductState,
    Stock,
    Variant,
)
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, NotFound, Refused
from tests.support.shelf import browse, create, edit, move, names, put_category
from tests.support.shop import TENANT

# --- listing ---------------------------------------------------------------------------------


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


# --- browsing --------------------------------------------------------------------------------


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


@pytest.mark.parametrize("sort", catalogue.SORTS)
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
    monkeypatch.setattr(shelf, "STEP", 2)
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


# --- the tree --------------------------------------------------------------------------------


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
    cmd = catalogue.PutCategory("水果")
    with pytest.raises(Forbidden):
        shop.desk.run(shop.merchant_caller(), lambda w: catalogue.put_category(w, cmd))


def test_a_category_may_be_renamed_and_moved(shop, fruit):
    other = put_category(shop, "生鲜")
    moved = put_category(shop, "鲜果", other, category_id=fruit.id, commission_bp=300)
    assert (moved.id, moved.name, moved.parent_id, moved.commission_bp) == (
        fruit.id,
        "鲜果",
        other.id,
        300,
    )
