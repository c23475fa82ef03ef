"""Money that comes late, twice, wrong or not at all: the same on every database."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import payments
from groupbuy.domain.campaigns import Capacity, GroupState, Limits, Measure, Quorum, SeatState
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import CloseReason, OrderState
from groupbuy.domain.payments import PaymentState
from tests.support.stories import MS, PRICE, states


def test_money_one_millisecond_after_the_end_goes_back(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    shop.clock.at = shop.group(campaign).ends_at - timedelta(minutes=5)
    late = shop.join(campaign)
    shop.announce(late)
    end = shop.group(campaign).ends_at
    shop.clock.at = end + timedelta(seconds=1)
    settled = shop.captured_anyway(late, at=end + MS)
    assert settled.outcome == "refunded:late_payment"
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED
    assert shop.given_back(late) == [PRICE]
    assert shop.order(late).state is OrderState.CLOSED


def test_late_money_for_a_group_nobody_has_looked_at_yet_closes_its_order(shop):
    campaign = shop.campaign()
    late = shop.join(campaign)
    shop.announce(late)
    end = shop.group(campaign).ends_at
    shop.clock.at = end
    shop.captured_anyway(late, at=end)
    assert shop.order(late).state is OrderState.CLOSED
    assert shop.group(campaign).state is GroupState.FAILED
    shop.rest()
    assert shop.given_back(late) == [PRICE]


def test_money_in_time_counts_although_we_hear_of_it_while_closing(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    end = shop.group(campaign).ends_at
    shop.clock.at = end - timedelta(minutes=1)
    last = shop.join(campaign)
    shop.announce(last)
    report = shop.gateway.pay(last.payment.number, paid_at=end - MS)
    shop.clock.at = end + timedelta(seconds=1)
    shop.gateway.trouble.before.update(prepay=1, close=1)
    shop.work_off()
    assert shop.group(campaign).state is GroupState.CLOSING
    assert shop.hear(report).outcome == "confirmed"
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert states(shop, [last]) == [OrderState.CONFIRMED]


def test_at_the_end_the_provider_is_asked_before_a_group_is_given_up(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    end = shop.group(campaign).ends_at
    shop.clock.at = end - timedelta(minutes=1)
    last = shop.join(campaign)
    shop.announce(last)
    shop.gateway.pay(last.payment.number)
    shop.clock.at = end
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert states(shop, [last]) == [OrderState.CONFIRMED]


def test_the_same_capture_told_three_times_counts_once(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    report = shop.gateway.pay(joined.payment.number)
    assert [shop.hear(report).outcome for _ in range(3)] == ["paid", "repeated", "repeated"]
    assert shop.progress(campaign).joined == 1
    assert shop.balances()["clearing:memory"] == PRICE


def test_one_batch_may_tell_of_a_capture_and_then_repeat_old_news(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    pending = shop.announce(joined)
    paid = shop.gateway.pay(joined.payment.number)
    told = shop.do(shop.system(), payments.settle_payments, [paid, pending, paid])
    assert [each.outcome for each in told] == ["paid", "repeated", "repeated"]
    assert shop.order(joined).state is OrderState.PLACED


def test_callbacks_heard_together_are_taken_once_each_and_an_unknown_one_harms_nobody(shop):
    campaign = shop.campaign()
    paid = [shop.join(campaign) for _ in range(2)]
    for each in paid:
        shop.announce(each)
    said = [shop.gateway.pay(each.payment.number) for each in paid]
    first, second = (
        payments.Heard("memory", evolve(report, event_id=f"evt-{n}"))
        for n, report in enumerate(said)
    )
    unknown = evolve(first, report=evolve(said[0], number="P" + "0" * 26, event_id="evt-9"))
    heard = payments.hear_payments(shop.desk, shop.tenant, [first, unknown, second, first])
    assert [str(answer).split()[0] for answer in heard] == ["None", "not_found", "None", "None"]
    assert payments.hear_payments(shop.desk, shop.tenant, [second, first]) == [None, None]
    assert states(shop, paid) == [OrderState.PLACED] * 2
    assert shop.balances()["clearing:memory"] == 2 * PRICE


def test_two_payments_of_one_order_mean_one_of_them_goes_back(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    joined = shop.join(campaign)
    shop.announce(joined)
    other = evolve(joined, payment=shop.second_payment(joined))
    shop.announce(other)
    shop.hear(shop.gateway.pay(joined.payment.number))
    assert shop.hear(shop.gateway.pay(other.payment.number)).outcome == "refunded:duplicate"
    shop.rest()
    assert shop.given_back(joined, other) == [0, PRICE]
    assert shop.order(joined).state is OrderState.CONFIRMED
    assert shop.payment(other).quarantined == "duplicate"


@pytest.mark.parametrize("amount", [1, PRICE - 1, PRICE + 1])
def test_a_wrong_amount_pays_nothing_and_goes_back(shop, amount):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    settled = shop.hear(shop.gateway.pay(joined.payment.number, amount=Money(amount)))
    assert settled.outcome == "refunded:wrong_amount"
    assert shop.order(joined).state is OrderState.AWAITING_PAYMENT
    assert shop.progress(campaign).joined == 0
    shop.rest()
    assert shop.given_back(joined) == [amount]


def test_a_wrong_currency_pays_nothing_and_goes_back(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.hear(shop.gateway.pay(joined.payment.number, amount=Money(PRICE, "USD")))
    assert shop.payment(joined).quarantined == "wrong_amount"
    shop.work_off()
    assert shop.given_back(joined) == [PRICE]


def test_who_paid_a_wrong_amount_and_nothing_more_holds_no_seat_for_ever(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.hear(shop.gateway.pay(joined.payment.number, amount=Money(1)))
    shop.pass_time(minutes=16)
    assert shop.order(joined).state is OrderState.EXPIRED
    assert shop.stock(campaign).reserved == 0
    shop.pass_time(days=3)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED


def test_an_unpaid_seat_expires_only_once_the_provider_is_certain(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.gateway.trouble.before["close"] = 2
    shop.pass_time(minutes=15)
    assert shop.seat(joined).state is SeatState.HELD
    for _ in range(2):
        shop.pass_time(seconds=15)
    assert shop.seat(joined).state is SeatState.RELEASED
    assert shop.payment(joined).state is PaymentState.CLOSED
    shop.rest()


def test_a_late_payer_is_let_back_in_while_there_is_room(shop):
    campaign = shop.campaign(capacity=Capacity(Measure.BUYERS, 3))
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.pass_time(minutes=16)
    assert shop.order(joined).state is OrderState.EXPIRED
    settled = shop.captured_anyway(joined, at=shop.clock.at)
    assert settled.outcome == "paid"
    assert shop.order(joined).state is OrderState.PLACED
    assert shop.stock(campaign).reserved == 1
    shop.join_and_pay(campaign, 2)
    shop.rest()
    assert states(shop, [joined]) == [OrderState.CONFIRMED]


@pytest.mark.parametrize("scarce", ["seats", "goods", "limits"])
def test_a_late_payer_is_refunded_when_what_they_had_is_gone(shop, scarce):
    variant = shop.variant(stock=3)
    terms = {
        "seats": {"capacity": Capacity(Measure.BUYERS, 3)},
        "goods": {},
        "limits": {"limits": Limits(orders_per_buyer=1)},
    }[scarce]
    campaign = shop.campaign(variant, **terms)
    who = shop.shopper()
    joined = shop.join(campaign, who)
    shop.announce(joined)
    shop.pass_time(minutes=16)
    if scarce == "limits":
        shop.pay(shop.join(campaign, who))
    else:
        shop.join_and_pay(campaign, 3)
    settled = shop.captured_anyway(joined, at=shop.clock.at)
    assert settled.outcome == "refunded:late_payment"
    shop.rest()
    assert shop.given_back(joined) == [PRICE]
    assert shop.order(joined).close_reason is CloseReason.EXPIRED
