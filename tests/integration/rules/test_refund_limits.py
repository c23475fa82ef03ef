"""What a provider allows of refunds is kept to, and what it never does goes to a person."""

import threading

import pytest
from attrs import evolve

from groupbuy.application import aftersale, refunds
from groupbuy.application.ports import AuditRow
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, Invalid, Money, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import TOO_LATE, TOO_MANY, Refund, RefundCause, RefundState
from tests.support.shop import LIMITS

PRICE = 797
"""Eighty per cent of 9.97."""


@pytest.fixture
def bought(shop):
    """Sixty units of a formed group."""
    campaign = shop.campaign(shop.variant(price=997), quorum=Quorum(Measure.BUYERS, 1))
    joined = shop.join(campaign, units=60)
    shop.pay(joined)
    shop.rest()
    return joined


def one_back(shop, joined, seen=None):
    wish = aftersale.UnitsBack(joined.order.id, 1, 1, seen=seen)
    return shop.do(shop.merchant_caller(), aftersale.refund_units, wish, "少发")


def states(shop, joined):
    return sorted(refund.state.value for refund in shop.refunds(joined))


def test_refunds_of_one_payment_go_a_minute_apart_however_fast_they_are_granted(shop, bought):
    for _ in range(3):
        one_back(shop, bought)
    shop.work_off()
    assert states(shop, bought) == ["created", "created", "succeeded"]
    shop.pass_time(seconds=59)
    assert states(shop, bought) == ["created", "created", "succeeded"]
    shop.pass_time(seconds=1)
    assert states(shop, bought) == ["created", "succeeded", "succeeded"]
    shop.pass_time(seconds=60)
    assert states(shop, bought) == ["succeeded"] * 3
    assert {refund.attempts for refund in shop.refunds(bought)} == {1}


def test_two_workers_never_send_two_refunds_of_a_payment_within_a_minute(shop, bought):
    for _ in range(4):
        one_back(shop, bought)
    both = threading.Barrier(2)

    def work():
        both.wait()
        shop.a_relay().tick(shop.tenant)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.work_off()
    assert states(shop, bought) == ["created", "created", "created", "succeeded"]


def test_the_fifty_first_refund_needs_a_person_and_is_never_sent(shop, bought):
    for _ in range(51):
        one_back(shop, bought)
        shop.pass_time(seconds=60)
    (stuck,) = [r for r in shop.refunds(bought) if r.state is RefundState.NEEDS_OPERATOR]
    assert (stuck.last_word, stuck.attempts, stuck.sent_at) == (TOO_MANY, 0, None)
    shop.pass_time(days=1)
    assert shop.get(Refund, stuck.id).attempts == 0
    (case,) = shop.do(
        shop.caller("usr_f", Role.FINANCE), refunds.refund_cases, RefundState.NEEDS_OPERATOR
    )
    assert case.refund == stuck
    assert case.payment.captured == bought.order.payable
    assert case.sent == 50
    assert case.choices == ("pay_otherwise",)
    # Sent again by a person, it meets the same limit and comes back to them, unsent.
    shop.do(shop.caller("usr_f", Role.FINANCE), refunds.retry_refund, stuck.id, "试试")
    shop.work_off()
    again = shop.get(Refund, stuck.id)
    assert (again.state, again.attempts) == (RefundState.NEEDS_OPERATOR, 0)


def test_a_year_after_the_payment_a_refund_needs_a_person_at_once(shop, bought):
    shop.clock.forward(days=LIMITS.within.days)
    one_back(shop, bought)
    shop.work_off()
    (stuck,) = shop.refunds(bought)
    assert (stuck.state, stuck.last_word) == (RefundState.NEEDS_OPERATOR, TOO_LATE)
    shop.work_off()


def test_a_second_payment_goes_back_whole_and_parts_come_from_the_one_that_paid(shop):
    """An order has one payment that pays it; whatever else arrives goes back as it came."""
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    joined = shop.join(campaign, units=3)
    second = shop.second_payment(joined)
    shop.announce(evolve(joined, payment=second))
    shop.pay(joined)
    shop.hear(shop.gateway.pay(second.number))
    shop.rest()
    one_back(shop, joined)
    shop.work_off()
    back = {r.payment_id: (r.cause, r.amount) for r in shop.refunds(joined)}
    assert back == {
        second.id: (RefundCause.DUPLICATE, joined.order.payable),
        joined.payment.id: (RefundCause.MERCHANT, Money(joined.order.payable.minor // 3)),
    }
    assert shop.order(joined).state is OrderState.CONFIRMED


def stuck(shop, joined):
    """Return a refund that comes a year too late, with the commission books in order."""
    shop.clock.forward(days=LIMITS.within.days)
    one_back(shop, joined)
    shop.work_off()
    (refund,) = shop.refunds(joined)
    return refund


def vouch(shop, refund, who="usr_f", voucher="BOC 20271106-7", reason="the account was closed"):
    said = refunds.Vouch(refund.id, voucher, reason)
    return shop.do(shop.caller(who, Role.FINANCE), refunds.vouch_for_refund, said)


def test_what_the_provider_never_will_refund_is_paid_otherwise_by_the_word_of_two(shop, bought):
    refund = stuck(shop, bought)
    first = vouch(shop, refund)
    assert (first.state, first.vouched_by) == (RefundState.NEEDS_OPERATOR, ("usr_f",))
    assert f"refund_due:{refund.id}" in shop.balances()
    for who, voucher, rule in (
        ("usr_f", "BOC 20271106-7", "approver_is_a_second_person"),
        ("usr_g", "another", "voucher_is_the_same"),
        (bought.order.buyer_id, "BOC 20271106-7", "approver_is_somebody_else"),
    ):
        with pytest.raises(Refused) as no:
            vouch(shop, refund, who, voucher)
        assert no.value.rule == rule
    second = vouch(shop, refund, "usr_g")
    assert (second.state, second.paid_otherwise) == (RefundState.SUCCEEDED, True)
    assert shop.balances()["clearing:bank"] == -PRICE
    assert f"refund_due:{refund.id}" not in shop.balances()
    with pytest.raises(Refused):
        vouch(shop, refund, "usr_h")
    assert len(shop.all(AuditRow, action="refund.vouch")) == 2
    shop.rest()
    assert shop.given_back(bought) == [0]


def test_nothing_is_paid_otherwise_while_the_provider_may_still_be_asked(shop, bought):
    one_back(shop, bought)
    (refund,) = shop.refunds(bought)
    with pytest.raises(Refused) as no:
        vouch(shop, refund)
    assert no.value.rule == "provider_will_never_refund"
    for wrong in ({"voucher": " "}, {"voucher": "x" * 81}, {"reason": " "}):
        with pytest.raises(Invalid):
            vouch(shop, refund, **wrong)
    with pytest.raises(Forbidden):
        shop.do(shop.merchant_caller(), refunds.vouch_for_refund, refunds.Vouch("rfd_x", "y", "z"))
    shop.rest()


def test_who_sends_it_again_takes_the_first_word_back(shop, bought):
    refund = stuck(shop, bought)
    vouch(shop, refund, voucher="a slip")
    shop.do(shop.system(), refunds.retry_refund, refund.id, "the setting has changed")
    shop.work_off()
    assert vouch(shop, refund).vouched_by == ("usr_f",)
    assert vouch(shop, refund, "usr_g").paid_otherwise


def test_one_word_at_a_time_ends_a_refund_once(shop, bought):
    refund = stuck(shop, bought)
    vouch(shop, refund)
    both = threading.Barrier(2)
    ended = []

    def say(who):
        both.wait()
        try:
            ended.append(vouch(shop, refund, who))
        except Refused:
            pass

    threads = [threading.Thread(target=say, args=(who,)) for who in ("usr_g", "usr_h")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.paid_otherwise for each in ended] == [True]
    assert shop.balances()["clearing:bank"] == -PRICE
