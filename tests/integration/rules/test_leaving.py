"""Buyers leave, merchants cancel: the same on every database."""

from datetime import timedelta

import pytest

from groupbuy.application import aftersale, campaigns
from groupbuy.domain.campaigns import Capacity, GroupState, Measure, RefundRules
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CloseReason, OrderState
from tests.support.shop import ShopRefusal
from tests.support.stories import MS, PRICE, states


def test_who_leaves_in_time_gets_everything_back_and_frees_the_seat(shop):
    campaign = shop.campaign(capacity=Capacity(Measure.BUYERS, 3))
    joined = shop.join_and_pay(campaign, 2)
    buyer = shop.caller(joined[0].order.buyer_id, Role.SHOPPER)
    shop.do(buyer, aftersale.leave_group, joined[0].order.id)
    with pytest.raises(Refused):
        shop.do(buyer, aftersale.leave_group, joined[0].order.id)
    shop.join_and_pay(campaign, 2)
    shop.rest()
    assert shop.given_back(*joined) == [PRICE, 0]
    assert shop.order(joined[0]).close_reason is CloseReason.LEFT
    assert shop.group(campaign).state is GroupState.FORMED


@pytest.mark.parametrize(
    ("hours", "before", "goes"), [(0, MS, True), (24, MS, False), (None, timedelta(days=2), False)]
)
def test_leaving_has_a_deadline(shop, hours, before, goes):
    rules = RefundRules(leave_hours_before_end=hours)
    campaign = shop.campaign(refund_rules=rules)
    (joined,) = shop.join_and_pay(campaign)
    buyer = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    shop.clock.at = shop.group(campaign).ends_at - before
    if goes:
        shop.do(buyer, aftersale.leave_group, joined.order.id)
        return
    with pytest.raises(Refused) as refusal:
        shop.do(buyer, aftersale.leave_group, joined.order.id)
    assert refusal.value.rule in ("before_the_leaving_deadline", "leaving_is_offered")


def test_nobody_leaves_somebody_elses_order_or_a_formed_group(shop):
    campaign = shop.campaign()
    joined = shop.join_and_pay(campaign, 2)
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), aftersale.leave_group, joined[0].order.id)
    shop.join_and_pay(campaign, 1)
    for _ in range(2):  # before the orders are confirmed, and after
        with pytest.raises(Refused):
            buyer = shop.caller(joined[0].order.buyer_id, Role.SHOPPER)
            shop.do(buyer, aftersale.leave_group, joined[0].order.id)
        shop.rest()


def test_an_unpaid_checkout_is_given_up_when_the_provider_agrees(shop):
    campaign = shop.campaign()
    joined, paid = shop.join(campaign), shop.join(campaign)
    for each in (joined, paid):
        shop.announce(each)
        buyer = shop.caller(each.order.buyer_id, Role.SHOPPER)
        shop.do(buyer, aftersale.cancel_checkout, each.order.id)
    shop.gateway.pay(paid.payment.number)
    shop.rest()
    assert states(shop, [joined, paid]) == [OrderState.CLOSED, OrderState.PLACED]
    assert shop.order(joined).close_reason is CloseReason.CANCELLED


def test_a_cancelled_campaign_gives_everything_back_and_takes_no_more_money(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    held = shop.join(campaign)
    shop.announce(held)
    shop.do(shop.merchant_caller(), campaigns.cancel_campaign, campaign.id, "天气")
    assert shop.hear(shop.gateway.pay(held.payment.number)).outcome == "refunded:late_payment"
    with pytest.raises(ShopRefusal):
        shop.join(campaign)
    shop.rest()
    assert shop.given_back(*paid, held) == [PRICE] * 3
    assert shop.balances() == {}
    assert {shop.order(p).close_reason for p in paid} == {CloseReason.CAMPAIGN_CANCELLED}


def test_a_campaign_whose_group_formed_is_not_cancelled(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 3)
    with pytest.raises(Refused) as refusal:
        shop.do(shop.merchant_caller(), campaigns.cancel_campaign, campaign.id)
    assert refusal.value.rule == "no_group_has_formed"
    shop.rest()
