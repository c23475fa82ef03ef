"""A provider that loses, refuses or stalls: the same on every database."""

from datetime import timedelta

import pytest

from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundState
from tests.support.stories import PRICE, only_refund


@pytest.mark.parametrize("kind", ["before", "after"])
def test_lost_calls_and_lost_answers_delay_refunds_and_never_double_them(shop, kind):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    getattr(shop.gateway.trouble, kind)["refund"] = 5
    shop.pass_time(days=3)
    for _ in range(5):
        shop.pass_time(seconds=15)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]
    assert sum(m.kind == "refund" for m in shop.gateway.movements) == 2
    assert {only_refund(shop, p).state for p in paid} == {RefundState.SUCCEEDED}


def test_a_refund_the_provider_refuses_waits_for_a_person_and_then_goes_out_once(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign, 1)
    shop.gateway.settles_at_once = False
    shop.pass_time(days=3)
    refund = only_refund(shop, paid)
    assert refund.state is RefundState.SUBMITTED
    assert shop.order(paid).state is OrderState.CLOSED
    shop.gateway.settle()
    shop.pass_time(seconds=15)
    shop.rest()
    assert only_refund(shop, paid).attempts >= 2
    assert shop.given_back(paid) == [PRICE]


def test_the_provider_being_unable_to_answer_leaves_the_group_closing_and_tells_somebody(shop):
    campaign = shop.campaign()
    shop.clock.at = shop.group(campaign).ends_at - timedelta(minutes=1)
    shop.join(campaign)
    shop.gateway.trouble.before["close"] = 10**6
    shop.pass_time(minutes=1)
    assert shop.group(campaign).state is GroupState.CLOSING
    shop.pass_time(hours=1)
    assert shop.group(campaign).state is GroupState.CLOSING
    told = [m.kind for _, m in shop.notifier.sent]
    assert "group.still_closing" in told
    shop.gateway.trouble.before["close"] = 0
    shop.pass_time(seconds=30)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED
