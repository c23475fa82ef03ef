"""The main job, use case by use case: join, pay, form or fail, refund, ship, vest."""

from datetime import timedelta

import pytest

from groupbuy.application import fulfilment
from groupbuy.application.ports import ParcelState
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    GroupState,
    Measure,
    Quorum,
    SeatState,
)
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import PaymentState, RefundCause, RefundState
from tests.support.shop import Shop


@pytest.fixture
def shop():
    return Shop()


def test_a_group_forms_ships_and_pays_everybody(shop):
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    campaign = shop.campaign(leader=leader)
    joined = shop.join_and_pay(campaign, 3)
    shop.work_off()
    assert shop.group(campaign).state is GroupState.FORMED
    assert {shop.order(j).state for j in joined} == {OrderState.CONFIRMED}
    assert {shop.seat(j).state for j in joined} == {SeatState.CONFIRMED}
    assert shop.stock(campaign).sold == 3
    share, fee = 79920 * 500 // 10000, 79920 * 100 // 10000
    pending = shop.balances()
    assert pending[f"leader:{leader.id}:pending"] == -3 * share
    assert pending["clearing:memory"] == 3 * 79920
    assert pending[f"merchant:{campaign.merchant_id}:pending"] == -3 * (79920 - share - fee)

    staff = shop.merchant_caller()
    for number, each in enumerate(joined):
        shop.desk.run(staff, lambda w, o=each.order.id: fulfilment.approve_order(w, o))
        parcel = Parcel(each.order.id, "sf", f"SF{number}")
        shop.desk.run(staff, lambda w, p=parcel: fulfilment.ship_order(w, p))
    shop.work_off()
    for number in range(3):
        shop.carrier.move("sf", f"SF{number}", ParcelState.IN_TRANSIT)
        shop.carrier.move("sf", f"SF{number}", ParcelState.DELIVERED)
    shop.pass_time(hours=3)
    assert {shop.order(j).delivered_at is not None for j in joined} == {True}
    shop.pass_time(days=8)
    assert {shop.order(j).state for j in joined} == {OrderState.COMPLETED}
    vested = shop.balances()
    assert vested[f"leader:{leader.id}:vested"] == -3 * share
    assert vested["platform:fees"] == -3 * fee
    assert shop.get(Campaign, campaign.id).state is CampaignState.CLOSED
    assert shop.trouble == []


def test_49_of_50_paid_at_the_end_means_49_refunds(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 50))
    joined = shop.join_and_pay(campaign, 49)
    late = shop.join(campaign)
    shop.pass_time(days=3)
    assert shop.group(campaign).state is GroupState.FAILED
    assert {shop.order(j).state for j in joined} == {OrderState.CLOSED}
    refunds = [r for j in joined for r in shop.refunds(j)]
    assert [r.state for r in refunds] == [RefundState.SUCCEEDED] * 49
    assert sum(r.amount.minor for r in refunds) == 49 * 79920
    assert shop.balances() == {}
    assert shop.order(late).state is OrderState.EXPIRED

    end = shop.group(campaign).ends_at
    shop.late_word(late, at=end + timedelta(milliseconds=1))
    shop.work_off()
    (refund,) = shop.refunds(late)
    assert refund.cause is RefundCause.LATE_PAYMENT
    assert shop.payment(late).state is PaymentState.CAPTURED
    assert shop.order(late).state is OrderState.CLOSED


def test_a_wrong_amount_is_quarantined_and_sent_back(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.late_word(joined, at=shop.clock.at, amount=Money(1))
    assert shop.payment(joined).quarantined == "wrong_amount"
    assert shop.order(joined).state is OrderState.AWAITING_PAYMENT
    assert shop.progress(campaign).joined == 0
    (refund,) = shop.refunds(joined)
    assert refund.amount == Money(1)
