"""Hot lists on every engine: what is bought, praised and given back, everywhere and near by."""

import pytest

from groupbuy.application import discovery
from groupbuy.application.discovery import rebuilding
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.catalogue import ProductMove
from groupbuy.domain.discovery import Habit
from groupbuy.domain.kernel import Conflict, NotFound
from groupbuy.domain.membership import PickupPoint
from tests.support.discovery import dump, follow, hot, listed, rebuild
from tests.support.reporting import give_back
from tests.support.shelf import create, edit, move, put_category
from tests.support.voices import buy, delivered, review_of


@pytest.fixture
def goods(shop):
    """Three products in two categories, one below the other."""
    shop.merchant()
    food = put_category(shop, "食品")
    fruit = put_category(shop, "水果", food)
    made = [create(shop, food, 1), create(shop, fruit, 2), create(shop, fruit, 3)]
    shop.food, shop.fruit = food, fruit
    return made


def sell(shop, view, times, **more):
    more = {"quorum": Quorum(Measure.BUYERS, 1), **more}
    campaign = shop.campaign(view.variants[0], **more)
    return [buy(shop, None, campaign=campaign) for _ in range(times)]


def test_what_more_people_bought_is_hotter_and_older_sales_fade(shop, goods):
    first, second, third = goods
    sell(shop, first, 3)
    shop.clock.forward(days=29)
    sell(shop, second, 2)
    sell(shop, third, 1)
    follow(shop)
    found = hot(shop)
    # Three buyers four weeks ago count as much as three quarters of one today.
    assert [slot.shelved.id for slot in found.slots] == [second.id, third.id, first.id]
    assert [slot.score for slot in found.slots] == [200, 100, 71]
    assert [slot.buyers for slot in found.slots] == [2, 1, 3]
    assert [slot.place for slot in found.slots] == [1, 2, 3]
    assert found.slots[0].why.zh == "2 人买过 · 热度 2.00 · 暂无评价 · 退货 0.00%"
    english = "2 people bought it · heat 2.00 · no reviews yet · 0.00% returned"
    assert found.slots[0].why.en == english
    assert found.as_of == shop.clock.at
    assert rebuild(shop).changed == 0


def test_a_category_shows_what_is_below_it_and_a_product_moves(shop, goods):
    first, second, third = goods
    for view, times in ((first, 3), (second, 2), (third, 1)):
        sell(shop, view, times)
    follow(shop)
    assert listed(shop, category_id=shop.food.id) == [first.id, second.id, third.id]
    assert listed(shop, category_id=shop.fruit.id) == [second.id, third.id]
    assert listed(shop, limit=1) == [first.id]
    edit(shop, second, category_id=shop.food.id)
    follow(shop)
    assert listed(shop, category_id=shop.fruit.id) == [third.id]
    kept = dump(shop)
    assert rebuild(shop).changed == 0
    assert dump(shop) == kept
    with pytest.raises(NotFound):
        hot(shop, category_id="cat_x")


def test_returns_and_reviews_cool_and_warm(shop, goods):
    first, second, _ = goods
    bought = sell(shop, first, 2)
    sell(shop, second, 2)
    follow(shop)
    before = {slot.shelved.id: slot.score for slot in hot(shop).slots}
    review_of(shop, delivered(shop, bought[0]), 5)
    follow(shop)
    assert listed(shop)[0] == first.id
    assert "评分 4." in hot(shop).slots[0].why.zh
    assert give_back(shop, bought[1], 1)
    follow(shop)
    found = {slot.shelved.id: slot for slot in hot(shop).slots}
    assert listed(shop) == [second.id, first.id]
    assert found[first.id].why.zh.endswith("退货 50.00%")
    # What cools it is its rank: how many people wanted it is still true.
    assert {key: slot.score for key, slot in found.items()} == before
    assert rebuild(shop).changed == 0


def test_a_community_has_a_list_once_three_neighbours_bought(shop, goods):
    first, second, _ = goods
    leader = shop.leader()
    point = shop.store(PickupPoint(shop.ids.new("pup"), "楼下", "1", "上海"))
    sell(shop, first, 3, leader=leader)
    sell(shop, second, 2, leader=leader)
    sell(shop, second, 5)
    follow(shop)
    assert listed(shop) == [second.id, first.id]
    assert listed(shop, community=leader.id) == [first.id]
    assert hot(shop, community=leader.id).slots[0].why.code == "hot_here"
    assert listed(shop, community=point.id) == []
    with pytest.raises(NotFound):
        hot(shop, community="ldr_x")


def test_what_is_off_sale_and_what_was_all_given_back_is_not_shown(shop, goods):
    first, second, third = goods
    sell(shop, first, 2)
    bought = sell(shop, second, 1)
    sell(shop, third, 1)
    move(shop, first, ProductMove.DELIST)
    give_back(shop, bought[0], 1)
    follow(shop)
    assert listed(shop) == [third.id]


def test_an_empty_shop_has_an_empty_list(shop):
    assert hot(shop).slots == ()
    assert hot(shop).as_of is None


def test_nothing_is_read_while_somebody_counts_anew(shop, goods):
    sell(shop, goods[0], 1)
    shop.desk.run(shop.system(), rebuilding._hold)
    with pytest.raises(Conflict):
        rebuild(shop)
    assert follow(shop).orders == 0
    assert shop.all(Habit) == []
    shop.clock.forward(hours=3)
    assert follow(shop).orders == 1
    assert discovery.keep(shop.desk, shop.begin.__self__, shop.tenant) == 0
