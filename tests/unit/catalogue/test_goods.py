"""Goods as their merchant describes, prices and counts them."""

import pytest
from attrs import evolve

from groupbuy.application import catalogue
from groupbuy.application.catalogue.facts import SkuFacts
from groupbuy.application.ports import AuditRow
from groupbuy.domain.catalogue import (
    Attribute,
    Product,
    ProductMove,
    ProductState,
    Stock,
    StockMove,
)
from groupbuy.domain.kernel import (
    EditedMeanwhile,
    Forbidden,
    Invalid,
    Money,
    NotFound,
    Refused,
    Unauthenticated,
)
from tests.support.shelf import adjust, browse, create, edit, edit_variant, move, names, operator

# --- describing ------------------------------------------------------------------------------


def test_a_new_product_is_a_draft_that_nobody_can_browse(shop, fruit):
    made = create(shop, fruit, list_it=False, brand="果园")
    assert made.product.state is ProductState.DRAFT
    assert (made.brand.name, made.category) == ("果园", (fruit,))
    assert made.stock[made.variants[0].id].available == 7
    assert names(shop) == []
    with pytest.raises(NotFound):
        shop.desk.read(shop.system(), lambda w: catalogue.view(w, made.product.id, listed=True))


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


# --- whose goods -----------------------------------------------------------------------------


def test_another_merchants_goods_are_not_found(shop, fruit):
    made = create(shop, fruit)
    shop.merchant()
    stranger = shop.merchant_caller()
    for attempt in (
        lambda: edit(shop, made, by=stranger, name="x"),
        lambda: move(shop, made, ProductMove.DELIST, by=stranger),
        lambda: adjust(shop, made, 1, by=stranger),
        lambda: shop.desk.read(stranger, lambda w: catalogue.own_product(w, made.product.id)),
        lambda: shop.desk.read(stranger, lambda w: catalogue.stock_journal(w, made.variants[0].id)),
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


# --- goods in hand ---------------------------------------------------------------------------


def test_every_change_of_goods_is_a_line_in_the_journal(shop, fruit):
    made = create(shop, fruit)
    shop.clock.forward(minutes=1)
    assert adjust(shop, made, 5, "到货").available == 12
    shop.clock.forward(minutes=1)
    assert adjust(shop, made, -2, "破损").available == 10
    journal = shop.desk.read(
        shop.merchant_caller(), lambda w: catalogue.stock_journal(w, made.variants[0].id)
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
