"""What a provider allows of refunds, by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from groupbuy.domain.kernel import Money, Refused
from groupbuy.domain.payments import (
    TOO_LATE,
    TOO_MANY,
    Payment,
    Refund,
    RefundCause,
    RefundLimits,
    RefundState,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAYMENT = Payment("pay_1", "ord_1", "grp_1", "usr_1", "m", Money(100), NOON, NOON, paid_at=NOON)
GRANTED = Refund("r", "pay_1", "ord_1", RefundCause.AFTER_SALE, "afs", Money(1), NOON)
LIMITS = RefundLimits(timedelta(minutes=1), 50, timedelta(days=365))


def sent(second=0):
    return GRANTED.submit(NOON + timedelta(seconds=second))[0]


def test_a_refund_may_go_a_minute_after_the_last_one_that_went():
    assert LIMITS.free_at([]) is None
    assert LIMITS.free_at([GRANTED]) is None
    assert LIMITS.free_at([sent(5), sent(30), GRANTED]) == NOON + timedelta(seconds=90)


def test_asking_again_about_one_that_was_sent_begins_no_new_minute():
    again, _ = sent().submit(NOON + timedelta(seconds=15))
    assert (again.sent_at, again.attempts) == (NOON, 2)
    later, _ = sent().postpone("FREQUENCY_LIMITED", NOON)
    assert later.submit(NOON + timedelta(minutes=1))[0].sent_at == NOON + timedelta(minutes=1)


def test_the_fifty_first_and_one_after_a_year_are_refused():
    LIMITS.check(PAYMENT, [sent()] * 49 + [GRANTED], NOON)
    with pytest.raises(Refused) as refusal:
        LIMITS.check(PAYMENT, [sent()] * 50, NOON)
    assert refusal.value.rule == TOO_MANY
    with pytest.raises(Refused) as refusal:
        LIMITS.check(PAYMENT, [], NOON + timedelta(days=365))
    assert refusal.value.rule == TOO_LATE
    RefundLimits().check(PAYMENT, [sent()] * 99, NOON + timedelta(days=9_999))


def test_what_was_never_sent_may_need_a_person():
    given_up, _ = GRANTED.give_up(TOO_LATE, NOON)
    assert (given_up.state, given_up.last_word) == (RefundState.NEEDS_OPERATOR, TOO_LATE)
