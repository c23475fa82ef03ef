"""From confirmed to completed, or back to the money: the same on every database."""

import pytest

from groupbuy.application import aftersale, fulfilment
from groupbuy.application.ports import ParcelState
from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.kernel import Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CloseReason, Contact, OrderState
from groupbuy.domain.payments import RefundCause
from tests.support.stories import PRICE, collected_shop, only_refund, sent

# --- after confirmation ----------------------------------------------------------------------


@pytest.mark.parametrize("when", ["placed", "confirmed", "approved", "shipped", "completed"])
def test_the_merchant_refunds_an_order_at_any_time_and_every_account_follows(shop, when):
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    campaign = shop.campaign(leader=leader)
    first, *others = shop.join_and_pay(campaign, 2 if when == "placed" else 3)
    if when != "placed":
        shop.rest()
    if when == "approved":
        shop.do(shop.merchant_caller(), fulfilment.approve_order, first.order.id)
    if when in ("shipped", "completed"):
        sent(shop, first)
        shop.work_off()
    if when == "completed":
        shop.carrier.move("sf", "SF1", ParcelState.DELIVERED)
        shop.pass_time(hours=3)
        shop.pass_time(days=8)
        assert shop.order(first).state is OrderState.COMPLETED
    shop.do(shop.merchant_caller(), aftersale.refund_order, first.order.id, "缺货")
    shop.work_off()
    with pytest.raises(Refused):
        shop.do(shop.merchant_caller(), aftersale.refund_order, first.order.id, "缺货")
    shop.rest()
    assert shop.given_back(first) == [PRICE]
    assert only_refund(shop, first).cause is RefundCause.MERCHANT
    assert shop.order(first).close_reason is CloseReason.REFUNDED
    back_on_sale = when not in ("shipped", "completed")
    assert shop.stock(campaign).available == 1000 - len(others) - (0 if back_on_sale else 1)
    share = PRICE * 500 // 10_000
    kept = 0 if when == "placed" else len(others) * share
    assert shop.balances().get(f"leader:{leader.id}:pending", 0) == -kept


def test_a_rejected_order_is_refunded_in_full(shop):
    campaign = shop.campaign()
    first, *_ = shop.join_and_pay(campaign, 3)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.reject_order, first.order.id, "不送")
    shop.rest()
    assert shop.given_back(first) == [PRICE]
    assert shop.order(first).close_reason is CloseReason.REJECTED
    assert shop.group(campaign).state is GroupState.FORMED


@pytest.mark.parametrize("answers", [True, False])
def test_silence_after_a_correction_was_asked_for_rejects_the_order(shop, answers):
    campaign = shop.campaign()
    first, *_ = shop.join_and_pay(campaign, 3)
    shop.rest()
    shop.user(id=first.order.buyer_id)
    shop.do(shop.merchant_caller(), fulfilment.ask_correction, first.order.id, "门牌号?", 24)
    shop.pass_time(hours=23)
    if answers:
        buyer = shop.caller(first.order.buyer_id, Role.SHOPPER)
        contact = Contact("王", "138", "幸福路 2 号")
        shop.do(buyer, fulfilment.correct_order, first.order.id, contact)
    shop.pass_time(hours=1)
    shop.rest()
    assert shop.order(first).state is (OrderState.CONFIRMED if answers else OrderState.CLOSED)
    assert shop.given_back(first) == [0 if answers else PRICE]


# --- pickups ---------------------------------------------------------------------------------


def test_a_bag_is_handed_out_against_its_code_and_then_the_order_is_delivered(shop):
    _, joined, code = collected_shop(shop)
    staff = shop.merchant_caller()
    wrong = shop.do(staff, fulfilment.collect, joined.order.id, "000000")
    assert (wrong.state.value, wrong.pickup_tries) == ("ready", 1)
    bag = shop.do(staff, fulfilment.collect, joined.order.id, code)
    assert bag.state.value == "collected"
    assert shop.order(joined).delivered_at == shop.clock.at
    shop.pass_time(days=7)
    shop.rest()
    assert shop.order(joined).state is OrderState.COMPLETED


def test_a_bag_whose_order_was_refunded_is_not_handed_out(shop):
    campaign, joined, code = collected_shop(shop)
    shop.do(shop.merchant_caller(), aftersale.refund_order, joined.order.id, "坏了")
    with pytest.raises(Refused):
        shop.do(shop.merchant_caller(), fulfilment.collect, joined.order.id, code)
    shop.rest()
    assert (shop.stock(campaign).available, shop.given_back(joined)) == (1000, [PRICE])
