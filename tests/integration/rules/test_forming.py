"""Groups form, fail, are waived and closed: the same on every database."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import aftersale, campaigns
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    GroupState,
    Measure,
    Mode,
    OnQuorum,
    Quorum,
)
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundCause
from tests.support.shop import ShopRefusal
from tests.support.stories import PRICE, only_refund, states

# --- forming and failing ---------------------------------------------------------------------


def test_a_group_forms_at_its_quorum_and_confirms_everybody_once(shop):
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    campaign = shop.campaign(leader=leader)
    joined = shop.join_and_pay(campaign, 4)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FORMED
    assert states(shop, joined) == [OrderState.CONFIRMED] * 4
    assert (shop.stock(campaign).sold, shop.stock(campaign).reserved) == (4, 0)
    assert shop.balances()[f"leader:{leader.id}:pending"] == -4 * (PRICE * 500 // 10_000)
    assert shop.given_back(*joined) == [0] * 4


def test_a_group_that_fails_gives_every_payer_everything_back(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    idle = shop.join(campaign)
    shop.pass_time(days=3)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED
    assert states(shop, [*paid, idle])[:2] == [OrderState.CLOSED] * 2
    assert shop.given_back(*paid, idle) == [PRICE, PRICE, 0]
    assert {only_refund(shop, each).cause for each in paid} == {RefundCause.GROUP_FAILED}
    assert shop.balances() == {}
    assert shop.stock(campaign) == evolve(shop.stock(campaign), available=1000, reserved=0, sold=0)
    assert shop.get(Campaign, campaign.id).state is CampaignState.CLOSED


def test_progress_is_thirty_joined_twenty_missing_a_day_left(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 50))
    with_progress = shop.join_and_pay(campaign, 6)
    shop.do(
        shop.caller(with_progress[0].order.buyer_id, Role.SHOPPER),
        aftersale.leave_group,
        with_progress[0].order.id,
    )
    shop.clock.at = shop.group(campaign).ends_at - timedelta(hours=24)
    shown = shop.progress(campaign)
    assert (shown.joined, shown.missing, shown.seconds_left) == (5, 45, 86_400)


# --- by hand ---------------------------------------------------------------------------------


def test_waiving_the_quorum_gives_whoever_paid_the_goods(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 1)
    shop.do(shop.merchant_caller(), campaigns.waive_quorum, campaign.id, "人少也发")
    shop.rest()
    assert shop.progress(campaign).waived
    assert states(shop, paid) == [OrderState.CONFIRMED]


@pytest.mark.parametrize(("payers", "state"), [(2, GroupState.FAILED), (3, GroupState.ENDED)])
def test_closing_by_hand_decides_by_what_was_reached(shop, payers, state):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, payers)
    shop.do(shop.merchant_caller(), campaigns.close_campaign, campaign.id, "够了")
    with pytest.raises(ShopRefusal):
        shop.join(campaign)
    shop.rest()
    assert shop.group(campaign).state is state
    assert shop.get(Campaign, campaign.id).state is CampaignState.CLOSED


def test_closing_by_hand_waits_for_those_who_are_just_paying(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    held = shop.join(campaign)
    shop.announce(held)
    report = shop.gateway.pay(held.payment.number)
    shop.clock.forward(seconds=5)
    shop.do(shop.merchant_caller(), campaigns.close_campaign, campaign.id)
    assert shop.group(campaign).state is GroupState.CLOSING
    shop.hear(report)
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert shop.order(held).state is OrderState.CONFIRMED


def test_a_group_that_stops_at_its_quorum_still_takes_the_money_of_held_seats(shop):
    campaign = shop.campaign(on_quorum=OnQuorum.STOP)
    held = shop.join(campaign)
    shop.join_and_pay(campaign, 3)
    with pytest.raises(ShopRefusal):
        shop.join(campaign)
    shop.pay(held)
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert shop.order(held).state is OrderState.CONFIRMED


def test_a_relay_confirms_each_order_as_it_is_paid(shop):
    campaign = shop.campaign(mode=Mode.RELAY, quorum=None)
    joined = shop.join_and_pay(campaign, 2)
    shop.rest()
    assert states(shop, joined) == [OrderState.CONFIRMED] * 2
