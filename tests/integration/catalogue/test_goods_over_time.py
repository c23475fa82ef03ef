"""Goods go on and off sale as planned, and somebody is told before the last one is gone."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from groupbuy.application import catalogue
from groupbuy.application.catalogue import watching
from groupbuy.application.ports import Task
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import StockPolicy
from groupbuy.domain.catalogue import Product, ProductState, Stock, StockAlert
from groupbuy.domain.kernel import EditedMeanwhile, Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.membership import Role
from tests.support.shelf import adjust, create, edit_variant, names, put_category
from tests.support.shop import Shop


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def shop(request, tmp_path):
    if request.param == "memory":
        yield opened(MemoryDatabase())
        return
    url = f"sqlite:///{tmp_path / 'goods.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("pg_database").app_url
    database = open_database(url)
    yield opened(database)
    database.close()


@pytest.fixture
def memory_shop():
    return opened(MemoryDatabase())


def opened(database):
    made = Shop(database.begin)
    made.merchant()
    return made


@pytest.fixture
def fruit(shop):
    return put_category(shop, "水果")


def plan(shop, view, by=None, **said):
    cmd = catalogue.PlanProduct(view.product.id, **said)
    by = by or shop.merchant_caller()
    return shop.desk.run(by, lambda work: catalogue.plan_product(work, cmd))


def state(shop, view):
    return shop.get(Product, view.product.id).state


def drain(shop):
    while shop.relay.tick("main"):
        pass
    assert shop.trouble == []


def watch(shop):
    mark, changed = catalogue.watch_shelf(shop.desk, "main")
    assert mark is None
    return changed


def told(shop, what):
    return [t for t in shop.all(Task, topic="notify") if t.data["what"] == what]


def delisting(shop):
    kit = evolve(shop.kit, policy=evolve(shop.kit.policy, delist_when_sold_out=True))
    shop.kit, shop.desk = kit, evolve(shop.desk, kit=kit)
    shop.relay = evolve(shop.relay, desk=shop.desk)


def take(shop, view, **change):
    """Set the goods of the first variant, as sales would."""

    def write(work):
        key = view.variants[0].id
        stock = work.of(Stock).lock([key])[key]
        work.of(Stock).save(evolve(stock, **change))

    shop.desk.run(shop.system(), write)


# --- plans -----------------------------------------------------------------------------------


def test_a_product_goes_on_and_off_sale_at_its_times(shop, fruit):
    made = create(shop, fruit, list_it=False)
    now = shop.clock.now()
    planned = plan(shop, made, list_at=now + timedelta(hours=1), delist_at=now + timedelta(hours=2))
    assert planned.product.list_at == now + timedelta(hours=1)
    shop.clock.forward(minutes=59)
    drain(shop)
    assert state(shop, made) is ProductState.DRAFT
    shop.clock.forward(minutes=1)
    drain(shop)
    assert state(shop, made) is ProductState.LISTED
    assert names(shop) == [made.product.name]
    assert shop.get(Stock, made.variants[0].id).on_sale
    shop.clock.forward(hours=1)
    drain(shop)
    assert state(shop, made) is ProductState.DELISTED
    kept = shop.get(Product, made.product.id)
    assert (kept.list_at, kept.delist_at) == (None, None)
    assert len(told(shop, "product.listed")) == len(told(shop, "product.delisted")) == 1


def test_a_plan_that_was_changed_or_taken_back_does_nothing(shop, fruit):
    moved, dropped = (create(shop, fruit, n, list_it=False) for n in (1, 2))
    now = shop.clock.now()
    for made in (moved, dropped):
        plan(shop, made, list_at=now + timedelta(hours=1))
    plan(shop, moved, list_at=now + timedelta(hours=3))
    plan(shop, dropped)
    shop.clock.forward(hours=2)
    drain(shop)
    assert {state(shop, moved), state(shop, dropped)} == {ProductState.DRAFT}
    shop.clock.forward(hours=1)
    drain(shop)
    assert state(shop, moved) is ProductState.LISTED


def test_a_hand_is_faster_than_a_plan(shop, fruit):
    made = create(shop, fruit, list_it=False)
    plan(shop, made, list_at=shop.clock.now() + timedelta(hours=1))
    by = shop.merchant_caller()
    for move in (catalogue.MoveProduct(made.product.id, move) for move in ("list", "delist")):
        shop.desk.run(by, lambda work, cmd=move: catalogue.move_product(work, cmd))
    shop.clock.forward(hours=2)
    drain(shop)
    assert state(shop, made) is ProductState.DELISTED


def test_a_plan_that_cannot_be_is_refused(shop, fruit):
    made, listed = create(shop, fruit, list_it=False), create(shop, fruit, 2)
    soon, later = (shop.clock.now() + timedelta(hours=h) for h in (1, 2))
    past = shop.clock.now()
    for view, said, error in (
        (made, {"list_at": past}, Invalid),
        (made, {"list_at": later, "delist_at": soon}, Invalid),
        (made, {"list_at": soon, "delist_at": soon}, Invalid),
        (made, {"delist_at": soon}, Refused),
        (listed, {"list_at": soon}, Refused),
        (listed, {"delist_at": soon, "version": 99}, EditedMeanwhile),
    ):
        with pytest.raises(error):
            plan(shop, view, **said)
    stranger = shop.caller("usr_x", Role.MERCHANT, merchant_id="mch_else")
    with pytest.raises(NotFound):
        plan(shop, made, stranger, list_at=soon)
    assert plan(shop, listed, delist_at=soon).product.delist_at == soon


# --- what is left ----------------------------------------------------------------------------


def test_a_merchant_is_told_once_each_time_goods_become_scarce(shop, fruit):
    made = create(shop, fruit)
    edit_variant(shop, made, low_stock=5)
    assert watch(shop) == 0
    take(shop, made, available=5, sold=2)
    assert (watch(shop), watch(shop)) == (1, 0)
    (first,) = told(shop, "stock.low")
    assert first.data["user"] == f"merchant:{made.product.merchant_id}"
    assert (first.data["left"], first.data["product"]) == ("5", made.product.id)
    take(shop, made, available=1)
    assert watch(shop) == 0
    adjust(shop, made, 9)
    drain(shop)
    assert not shop.get(StockAlert, made.variants[0].id).low
    take(shop, made, available=3)
    assert watch(shop) == 1
    assert len(told(shop, "stock.low")) == 2


def test_goods_counted_by_hand_are_looked_at_at_once(shop, fruit):
    made = create(shop, fruit)
    edit_variant(shop, made, low_stock=5)
    adjust(shop, made, -6)
    drain(shop)
    assert len(told(shop, "stock.low")) == 1


def test_a_merchant_lists_what_is_scarce_and_sees_nobody_elses(shop, fruit):
    made = create(shop, fruit)
    edit_variant(shop, made, low_stock=7)
    watch(shop)

    def scarce(by, **wish):
        wish = catalogue.Scarce(**wish)
        return [a.id for a in shop.desk.read(by, lambda w: catalogue.scarce(w, wish))]

    mine = shop.merchant_caller()
    assert scarce(mine) == [made.variants[0].id]
    assert scarce(evolve(mine, merchant_id="mch_else")) == []
    operator = shop.caller("usr_op", Role.OPERATOR)
    assert scarce(operator, merchant_id=mine.merchant_id) == [made.variants[0].id]
    with pytest.raises(Forbidden):
        scarce(operator)
    with pytest.raises(Forbidden):
        scarce(shop.caller("usr_buyer", Role.SHOPPER))


def test_a_product_goes_off_sale_once_nothing_of_it_is_left_if_the_shop_says_so(shop, fruit):
    made, kept = create(shop, fruit), create(shop, fruit, 2)
    take(shop, made, available=0, sold=7)
    assert watch(shop) == 0
    delisting(shop)
    assert (watch(shop), watch(shop)) == (1, 0)
    assert (state(shop, made), state(shop, kept)) == (
        ProductState.DELISTED,
        ProductState.LISTED,
    )
    assert not shop.get(Stock, made.variants[0].id).on_sale
    assert names(shop) == [kept.product.name]
    assert len(told(shop, "product.sold_out")) == 1


def test_writing_off_the_last_goods_takes_a_product_off_sale_at_once(shop, fruit):
    delisting(shop)
    made = create(shop, fruit)
    adjust(shop, made, -7)
    drain(shop)
    assert state(shop, made) is ProductState.DELISTED


def test_what_somebody_still_holds_or_another_variant_has_is_not_sold_out(shop, fruit):
    delisting(shop)
    held, other = create(shop, fruit), create(shop, fruit, 2)
    take(shop, held, available=0, reserved=2, sold=5)
    more = catalogue.AddVariant(
        other.product.id, catalogue.facts.SkuFacts("S9", "", other.variants[0].price, stock=1)
    )
    shop.desk.run(shop.merchant_caller(), lambda work: catalogue.add_variant(work, more))
    take(shop, other, available=0, sold=7)
    assert watch(shop) == 0
    assert {state(shop, held), state(shop, other)} == {ProductState.LISTED}


def test_what_is_sold_ahead_or_was_never_counted_in_stays_on_sale(shop):
    delisting(shop)
    variant = shop.variant()
    ahead = OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE)
    campaign = shop.campaign(variant, offers=(ahead,))
    sku = variant.id

    def empty(work):
        stock = work.of(Stock).lock([sku], create=Stock)[sku]
        work.of(Stock).save(evolve(stock, available=0, sold=3))

    shop.desk.run(shop.system(), empty)
    product = shop.get(Product, campaign.offers[0].product_id)
    shop.desk.run(shop.system(), lambda work: catalogue.watch_stock(work, product.id))
    assert shop.get(Product, product.id).state is ProductState.LISTED
    shop.clock.forward(days=4)
    shop.work_off()
    shop.desk.run(shop.system(), lambda work: catalogue.watch_stock(work, product.id))
    assert shop.get(Product, product.id).state is ProductState.DELISTED


def test_a_long_shelf_is_gone_along_in_several_walks(memory_shop, monkeypatch):
    shop = memory_shop
    fruit = put_category(shop, "水果")
    monkeypatch.setattr(watching, "PAGE", 2)
    for number in range(1, 6):
        edit_variant(shop, create(shop, fruit, number), low_stock=9)
    mark, changed = catalogue.watch_shelf(shop.desk, "main", pages=2)
    assert (mark is not None, changed) == (True, 4)
    assert catalogue.watch_shelf(shop.desk, "main", mark, pages=2) == (None, 1)
