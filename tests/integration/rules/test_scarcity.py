"""Goods and seats that are few: the same on every database."""

import pytest
from attrs import evolve

from groupbuy.application import checkout
from groupbuy.application.ports import KeyClaim
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import (
    Capacity,
    Limits,
    Measure,
    Quorum,
    Seat,
    SeatState,
    StockPolicy,
)
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import Contact, OrderState
from groupbuy.domain.payments import Payment, Refund
from tests.support.shop import Shop, ShopRefusal
from tests.support.stories import states


def test_a_presale_is_bounded_by_its_capacity_and_leaves_the_stock_alone(shop):
    variant = shop.variant(stock=0)
    offers = (OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE),)
    campaign = shop.campaign(variant, offers=offers, capacity=Capacity(Measure.UNITS, 5))
    joined = [shop.join(campaign, units=2), shop.join(campaign, units=2)]
    with pytest.raises(ShopRefusal, match="seats_left"):
        shop.join(campaign, units=2)
    joined.append(shop.join(campaign))
    for each in joined:
        shop.pay(each)
    shop.rest()
    assert states(shop, joined) == [OrderState.CONFIRMED] * 3
    assert shop.get(Stock, variant.id) == evolve(shop.get(Stock, variant.id), available=0, sold=0)


def test_the_last_goods_go_to_the_first_who_asked(shop):
    campaign = shop.campaign(shop.variant(stock=3))
    shop.join(campaign, units=2)
    with pytest.raises(ShopRefusal, match="goods_in_stock"):
        shop.join(campaign, units=2)
    shop.join(campaign)
    with pytest.raises(ShopRefusal, match="goods_in_stock"):
        shop.join(campaign)


@pytest.mark.parametrize(
    ("stock", "capacity", "rule"),
    [(50, None, "goods_in_stock"), (500, Capacity(Measure.UNITS, 50), "seats_left")],
    ids=["50 in stock", "50 seats"],
)
def test_two_hundred_ask_for_fifty_and_the_refused_are_never_charged(shop, stock, capacity, rule):
    campaign = shop.campaign(
        shop.variant(stock=stock), capacity=capacity, quorum=Quorum(Measure.BUYERS, 1)
    )
    made, refused = [], []
    joins = [
        checkout.Join(
            caller=(who := shop.shopper()),
            claim=KeyClaim(f"{campaign.id}/{who.user_id}", "press", "hash"),
            campaign_id=campaign.id,
            items=((campaign.offers[0].sku_id, 1),),
            contact=Contact(name="王", phone="138", address="幸福路 1 号"),
        )
        for _ in range(200)
    ]
    checkout.join_many(
        shop.desk,
        joins,
        lambda joined: made.append(joined) or joined.order.id,
        lambda error: refused.append(error.rule) or error.rule,
    )
    assert [each.order.buyer_id for each in made] == [join.caller.user_id for join in joins[:50]]
    assert refused == [rule] * 150
    assert len(shop.all(Payment)) == 50
    goods = shop.get(Stock, campaign.offers[0].sku_id)
    assert (goods.available, goods.reserved) == (stock - 50, 50)
    for each in made:
        shop.pay(each)
    shop.rest()
    assert set(states(shop, made)) == {OrderState.CONFIRMED}
    assert shop.all(Refund) == []


def test_seats_given_up_long_ago_do_not_hide_the_ones_a_buyer_holds(shop):
    campaign = shop.campaign(limits=Limits(orders_per_buyer=1))
    who = shop.shopper()
    old = [
        Seat(f"ord_{n:026d}", shop.group(campaign).id, campaign.id, who.user_id, 1, Money(1),
             shop.clock.at, SeatState.RELEASED)
        for n in range(120)
    ]  # fmt: skip
    shop.store(*old)
    Shop.join(shop, campaign, who)
    with pytest.raises(ShopRefusal, match="within_buyer_limit"):
        shop.join(campaign, who)
