"""The home page on every engine: tonight, nearly formed, hot, new."""

from datetime import timedelta

import pytest

from groupbuy.application import discovery
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import NotFound
from tests.support.discovery import follow
from tests.support.shelf import create, put_category


@pytest.fixture
def goods(shop):
    shop.merchant()
    fruit = put_category(shop, "水果")
    return [create(shop, fruit, number) for number in range(1, 5)]


def home(shop, community=""):
    nobody = shop.caller("")
    return shop.desk.read(nobody, lambda work: discovery.home(work, community))


def campaign(shop, view, quorum, **more):
    return shop.campaign(view.variants[0], quorum=Quorum(Measure.BUYERS, quorum), **more)


def test_what_ends_today_and_what_misses_little_come_first(shop, goods):
    hours = timedelta(hours=1)
    late = campaign(shop, goods[0], 4, ends_at=shop.clock.at + 30 * hours)
    soon = campaign(shop, goods[1], 5, ends_at=shop.clock.at + 10 * hours)
    far = campaign(shop, goods[2], 10)
    for each, times in ((late, 3), (soon, 3), (far, 4)):
        shop.join_and_pay(each, times)
    shop.rest()
    found = home(shop)
    assert [slot.campaign.id for slot in found.tonight] == [soon.id]
    # It is a few minutes after noon in Shanghai: ten hours later is tonight, thirty is not.
    ends = soon.ends_at + 8 * hours
    assert found.tonight[0].why.zh == f"今天 {ends:%H:%M} 截止 · 3 人已参团"
    assert found.tonight[0].why.en == f"ends today at {ends:%H:%M} · 3 joined"
    # Three of four and three of five; four of ten is not near.
    assert [slot.campaign.id for slot in found.nearly_formed] == [late.id, soon.id]
    assert [slot.why.zh for slot in found.nearly_formed] == [
        "还差 1 人成团 · 3 人已参团",
        "还差 2 人成团 · 3 人已参团",
    ]
    assert found.nearly_formed[0].why.en == "1 more buyer needed · 3 joined"
    assert found.made_at == shop.clock.at


def test_a_group_that_formed_is_not_nearly_formed_and_what_sold_is_hot(shop, goods):
    formed = campaign(shop, goods[0], 2)
    shop.join_and_pay(formed, 2)
    shop.rest()
    follow(shop)
    found = home(shop)
    assert found.nearly_formed == ()
    assert [slot.shelved.id for slot in found.hot.slots] == [goods[0].id]
    first, *others = found.new
    assert first.shelved.id == goods[0].id
    assert first.why.zh == "2026-11-02 上新 · 已有 2 人买过"
    # There is room for all of them: nobody has to wait for a turn.
    assert [slot.why.code for slot in others] == ["new"] * 3


def test_unknown_products_take_turns_hour_by_hour(shop, goods):
    def explored():
        found = shop.desk.read(shop.caller(""), lambda work: discovery.newcomers(work, 4))
        return {slot.shelved.id for slot in found if slot.why.code == "new_turn"}

    fruit = put_category(shop, "蔬菜")
    goods += [create(shop, fruit, number) for number in range(5, 9)]
    seen = set()
    for _ in range(8):
        turn = explored()
        assert len(turn) == 2
        assert explored() == turn
        seen |= turn
        shop.clock.forward(hours=1)
    known = shop.desk.read(shop.caller(""), lambda work: discovery.newcomers(work, 4))
    safe = {slot.shelved.id for slot in known if slot.why.code != "new_turn"}
    assert seen | safe == {view.id for view in goods}
    shop.clock.forward(days=14)
    assert explored() == set()
    shop.clock.forward(days=30)
    assert shop.desk.read(shop.caller(""), lambda work: discovery.newcomers(work, 4)) == []


def test_an_empty_shop_has_an_empty_page_and_no_unknown_community(shop):
    found = home(shop)
    assert (found.tonight, found.nearly_formed, found.hot.slots, found.new) == ((), (), (), ())
    with pytest.raises(NotFound):
        home(shop, "pup_x")
