"""The provider's word always wins; money goes back once per cause and never more than came."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import IllegalMove, Money, Refused, make_id
from groupbuy.domain.payments import (
    Payment,
    PaymentState,
    RefundCause,
    RefundState,
    grant,
    payment_id_of,
    refund_id_of,
    refund_number,
)
from tests.support.rooms import START

LATER = START + timedelta(hours=1)
DUE = Money(79920)


def a_payment(captured=None, **changes):
    payment = Payment(
        id=make_id("pay", millis=1, cell=7, entropy=1),
        order_id="ord_1",
        group_id="grp_1",
        buyer_id="usr_1",
        provider="memory",
        due=DUE,
        created_at=START,
        expires_at=START + timedelta(minutes=15),
    )
    if captured is not None:
        payment, _ = payment.capture(Money(captured), START, "ref", START)
    return evolve(payment, **changes)


def granted(payment, earlier, amount, cause=RefundCause.MERCHANT, key="ord_1", number=1):
    refund, _ = grant(
        make_id("rfd", millis=1, cell=7, entropy=number),
        payment,
        earlier,
        cause=cause,
        effect_key=key,
        amount=Money(amount),
        now=START,
    )
    return refund


# --- payments --------------------------------------------------------------------------------


def test_a_callback_may_come_before_our_own_answer():
    paid, (event,) = a_payment().capture(DUE, START, "ref", LATER)
    assert (paid.state, paid.paid_at, event.name) == (
        PaymentState.CAPTURED,
        START,
        "payment.captured",
    )
    with pytest.raises(IllegalMove):
        paid.announce("{}", LATER)


def test_money_for_a_closed_payment_is_recorded_all_the_same():
    closed, _ = a_payment().close(START)
    paid, _ = closed.capture(DUE, LATER, "ref", LATER)
    assert (paid.state, paid.captured) == (PaymentState.CAPTURED, DUE)


def test_captured_money_cannot_be_captured_or_closed_again():
    paid = a_payment(captured=DUE.minor)
    with pytest.raises(IllegalMove):
        paid.capture(DUE, LATER, "ref", LATER)
    with pytest.raises(IllegalMove):
        paid.close(LATER)


def test_a_closed_payment_forgets_how_to_be_paid():
    pending, _ = a_payment().announce('{"prepay_id":"1"}', START)
    assert pending.pay_params
    assert pending.close(LATER)[0].pay_params == ""


def test_numbers_at_the_provider_are_derived_and_lead_back():
    payment = a_payment()
    assert payment_id_of(payment.number) == payment.id
    assert payment.number.isalnum()
    assert len(payment.number) == 27
    refund = granted(a_payment(captured=1), [], 1)
    assert refund_id_of(refund_number(refund.id)) == refund.id
    assert refund.number == refund_number(refund.id)


# --- granting --------------------------------------------------------------------------------


def test_one_cause_gives_money_back_once():
    payment = a_payment(captured=100)
    first = granted(payment, [], 40)
    assert granted(payment, [first], 40, number=2) is None
    assert granted(payment, [first], 60, number=2) is None
    other = granted(payment, [first], 60, cause=RefundCause.AFTER_SALE, number=2)
    assert other.amount == Money(60)
    assert granted(payment, [first], 1, key="case_2", number=3).effect_key == "case_2"


@pytest.mark.parametrize(("amount", "goes"), [(0, False), (-1, False), (60, True), (61, False)])
def test_never_more_goes_back_than_was_captured(amount, goes):
    payment = a_payment(captured=100)
    first = granted(payment, [], 40)
    if goes:
        assert granted(payment, [first], amount, key="other", number=2).amount == Money(amount)
    else:
        with pytest.raises(Refused) as refusal:
            granted(payment, [first], amount, key="other", number=2)
        assert refusal.value.rule == "refund_within_what_was_paid"


def test_nothing_goes_back_of_a_payment_nobody_made():
    with pytest.raises(Refused):
        granted(a_payment(), [], 1)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), max_size=20))
def test_however_many_refunds_are_asked_for_their_sum_stays_within_the_payment(captured, wishes):
    payment, kept = a_payment(captured=captured), []
    for number, wish in enumerate(wishes):
        try:
            kept.append(granted(payment, kept, wish, key=str(number), number=number))
        except Refused:
            assert sum(r.amount.minor for r in kept) + wish > captured
    assert sum(r.amount.minor for r in kept) <= captured


# --- carrying out ----------------------------------------------------------------------------


def test_a_retry_keeps_its_number_and_counts_its_attempts():
    refund = granted(a_payment(captured=100), [], 100)
    asked, _ = refund.submit(START)
    again, nothing = asked.submit(LATER)
    assert (again.number, again.attempts, nothing) == (refund.number, 2, [])
    postponed, _ = again.postpone("limits", LATER)
    third, _ = postponed.submit(LATER)
    assert (third.number, third.attempts) == (refund.number, 3)


def test_proof_that_the_money_is_back_wins_in_every_state():
    refund = granted(a_payment(captured=100), [], 100)
    asked, _ = refund.submit(START)
    for state in (refund, asked, asked.postpone("x", LATER)[0], asked.give_up("x", LATER)[0]):
        done, _ = state.succeed("ref", LATER)
        assert (done.state, done.open, done.finished_at) == (RefundState.SUCCEEDED, False, LATER)


def test_money_that_is_back_never_leaves_again():
    done, _ = granted(a_payment(captured=100), [], 100).succeed("ref", LATER)
    for move in (
        lambda: done.submit(LATER),
        lambda: done.succeed("ref", LATER),
        lambda: done.postpone("x", LATER),
        lambda: done.give_up("x", LATER),
        lambda: done.take_up(LATER),
    ):
        with pytest.raises(IllegalMove):
            move()


def test_a_refund_that_failed_for_good_waits_for_a_person_and_keeps_its_number():
    failed, _ = granted(a_payment(captured=100), [], 100).submit(START)[0].give_up("no", LATER)
    assert (failed.state, failed.last_word, failed.open) == (
        RefundState.NEEDS_OPERATOR,
        "no",
        True,
    )
    with pytest.raises(IllegalMove):
        failed.submit(LATER)
    assert failed.take_up(LATER)[0].submit(LATER)[0].number == failed.number
