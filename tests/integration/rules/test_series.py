"""Campaigns that come again: made in time, once each, as somebody agreed to them."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import campaigns
from groupbuy.application.ports import Task
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Measure,
    Quorum,
    Rhythm,
    Series,
    SeriesMove,
    SeriesState,
)
from groupbuy.domain.catalogue import Product, ProductState, Variant
from groupbuy.domain.kernel import Forbidden, Invalid, Money, NotFound
from groupbuy.domain.membership import Role

DAILY = Rhythm(frozenset(range(7)), 20 * 60, 120, lead=60)


@pytest.fixture
def goods(shop):
    shop.merchant()
    return shop.variant()


def repeat(shop, campaign, by=None, **more):
    wish = campaigns.Repeat(campaign.id, **{"rhythm": DAILY, "publish": True, **more})
    return shop.do(by or shop.merchant_caller(), campaigns.repeat_campaign, wish)


def made(shop, campaign):
    found = [each for each in shop.all(Campaign) if each.copied_from == campaign.id]
    return sorted(found, key=lambda each: each.starts_at)


def day(shop, count=1):
    for _ in range(count * 12):
        shop.clock.forward(hours=2)
        shop.work_off()


def told(shop, what):
    return [task.data for task in shop.all(Task) if task.data.get("what") == what]


def test_a_campaign_comes_again_every_evening_and_sells(shop, goods):
    campaign = shop.campaign(goods, quorum=Quorum(Measure.BUYERS, 1))
    series = repeat(shop, campaign)
    assert series.next_at > shop.clock.at
    day(shop, 3)
    found = made(shop, campaign)
    assert [each.starts_at for each in found] == [
        series.next_at + timedelta(days=n) for n in range(3)
    ]
    assert {each.ends_at - each.starts_at for each in found} == {timedelta(hours=2)}
    assert [each.state for each in found] == [CampaignState.CLOSED] * 3
    shop.clock.at = shop.get(Series, series.id).next_at
    shop.work_off()
    shop.join_and_pay(made(shop, campaign)[-1])
    shop.rest()
    assert shop.get(Series, series.id).made == 4


def test_each_one_is_made_so_long_before_its_start(shop, goods):
    campaign = shop.campaign(goods)
    series = repeat(shop, campaign)
    shop.clock.at = series.next_at - timedelta(minutes=61)
    shop.work_off()
    assert made(shop, campaign) == []
    shop.clock.forward(minutes=1)
    shop.work_off()
    assert [each.state for each in made(shop, campaign)] == [CampaignState.SCHEDULED]


def test_a_series_ends_with_its_last_one(shop, goods):
    campaign = shop.campaign(goods)
    series = repeat(shop, campaign, times=2)
    day(shop, 4)
    assert len(made(shop, campaign)) == 2
    assert shop.get(Series, series.id).state is SeriesState.ENDED


def test_a_leaders_series_waits_for_the_merchant_each_time(shop, goods):
    leader = shop.leader()
    campaign = shop.campaign(goods, leader=leader)
    with pytest.raises(Forbidden):
        repeat(shop, campaign, shop.leader_caller(leader))
    repeat(shop, campaign, shop.leader_caller(leader), publish=False)
    day(shop, 1)
    draft = made(shop, campaign)[0]
    assert (draft.state, draft.approved_by) == (CampaignState.DRAFT, None)
    assert {each["user"] for each in told(shop, "series.draft_waits")} == {
        f"merchant:{campaign.merchant_id}",
        f"leader:{leader.id}",
    }


def test_what_may_not_be_sold_any_more_is_left_out_and_told(shop, goods):
    campaign = shop.campaign(goods)
    series = repeat(shop, campaign)
    product = shop.get(Product, goods.product_id)
    off = evolve(product, state=ProductState.DELISTED)
    shop.desk.run(shop.system(), lambda w: w.of(Product).save(off))
    day(shop, 1)
    assert made(shop, campaign) == []
    assert [each["rule"] for each in told(shop, "series.left_out")] == ["product_is_listed"]
    on = evolve(shop.get(Product, goods.product_id), state=ProductState.LISTED)
    shop.desk.run(shop.system(), lambda w: w.of(Product).save(on))
    dear = evolve(shop.get(Variant, goods.id), cost=Money(10**6))
    shop.desk.run(shop.system(), lambda w: w.of(Variant).save(dear))
    day(shop, 1)
    rules = [each["rule"] for each in told(shop, "series.left_out")]
    assert rules == ["product_is_listed", "price_covers_its_cost"]
    assert shop.get(Series, series.id).made == 0


def test_a_start_nobody_was_awake_for_is_not_made_up_for(shop, goods):
    campaign = shop.campaign(goods)
    repeat(shop, campaign)
    shop.clock.forward(days=10)
    shop.work_off()
    day(shop, 1)
    assert len(made(shop, campaign)) == 1


def test_a_series_is_paused_resumed_and_ended(shop, goods):
    campaign, boss = shop.campaign(goods), shop.merchant_caller()
    series = repeat(shop, campaign)
    shop.do(boss, campaigns.move_series, series.id, SeriesMove.PAUSE)
    day(shop, 2)
    assert made(shop, campaign) == []
    shop.do(boss, campaigns.move_series, series.id, SeriesMove.RESUME)
    day(shop, 2)
    assert len(made(shop, campaign)) == 2
    shop.do(boss, campaigns.move_series, series.id, SeriesMove.END)
    day(shop, 2)
    assert len(made(shop, campaign)) == 2
    listed = shop.do(boss, campaigns.list_series, 10)
    assert [(each.id, each.state) for each in listed] == [(series.id, SeriesState.ENDED)]


def test_nobody_else_moves_or_sees_a_series(shop, goods):
    leader = shop.leader()
    campaign = shop.campaign(goods, leader=leader)
    series = repeat(shop, campaign)
    stranger = shop.caller("usr_x", Role.MERCHANT, merchant_id="mch_x")
    with pytest.raises(NotFound):
        shop.do(stranger, campaigns.move_series, series.id, SeriesMove.END)
    assert shop.do(stranger, campaigns.list_series, 10) == []
    mine = shop.do(shop.leader_caller(leader), campaigns.list_series, 10)
    assert [each.id for each in mine] == [series.id]
    with pytest.raises(NotFound):
        shop.do(shop.merchant_caller(), campaigns.move_series, "ser_x", SeriesMove.END)


@pytest.mark.parametrize("times", [0, 1_001])
def test_a_number_of_times_that_is_none_is_refused(shop, goods, times):
    with pytest.raises(Invalid):
        repeat(shop, shop.campaign(goods), times=times)
