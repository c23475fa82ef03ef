"""A provider that loses, refuses or stalls: the same on every database."""

from datetime import timedelta

import pytest

from groupbuy.application import payments
from groupbuy.application.effects import by_hand
from groupbuy.application.ports import AuditRow, PaymentOutcome, PaymentReport
from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import PaymentState, RefundState
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


def test_a_payment_nobody_heard_of_is_asked_about_by_hand_and_pays_its_order(shop):
    joined = shop.join(shop.campaign())
    announce(shop, joined)
    shop.gateway.pay(joined.payment.number)
    for _ in range(2):
        assert ask(shop, joined).state is PaymentState.CAPTURED
        assert shop.order(joined).state is OrderState.PLACED
    shop.rest()
    (row, again) = shop.all(AuditRow, action="payment.ask")
    assert (row.subject, row.reason) == (again.subject, again.reason) == (joined.payment.id, "bill")


def test_money_the_provider_took_after_it_had_said_closed_goes_back_when_it_is_asked(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    announce(shop, joined)
    shop.hear(PaymentReport(joined.payment.number, PaymentOutcome.CLOSED))
    shop.gateway.pay(joined.payment.number)
    shop.clock.at = shop.group(campaign).ends_at
    shop.work_off()
    after = ask(shop, joined)
    assert (after.state, after.quarantined) == (PaymentState.CAPTURED, "late_payment")
    shop.rest()
    assert shop.given_back(joined) == [PRICE]


def test_a_payment_is_asked_about_with_a_reason_and_by_a_number_of_ours(shop):
    joined = shop.join(shop.campaign())
    with pytest.raises(Invalid):
        ask(shop, joined, reason=" ")
    with pytest.raises(Forbidden):
        ask(shop, joined, who=shop.shopper())
    with pytest.raises(NotFound):
        by_hand.ask_about_payment(shop.desk, shop.outside, shop.system(), "Pstranger", "bill")
    shop.gateway.trouble.before["query"] = 1
    assert ask(shop, joined).state is PaymentState.CREATED
    assert ask(shop, joined).state is PaymentState.CLOSED


def announce(shop, joined):
    payment_id = joined.payment.id
    wish = shop.desk.read(shop.system(), lambda w: payments.prepay_request(w, payment_id))
    shop.hear(shop.gateway.prepay(wish))


def ask(shop, joined, *, reason="bill", who=None):
    number = joined.payment.number
    caller = who or shop.system()
    return by_hand.ask_about_payment(shop.desk, shop.outside, caller, number, reason)
