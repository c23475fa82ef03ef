"""The life of an order, from checkout to signed for."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.domain.kernel import IllegalMove, Refused
from groupbuy.domain.ordering import CloseReason, Contact, OrderState
from tests.support.rooms import START, an_order

LATER = START + timedelta(hours=1)


def confirmed():
    placed, _ = an_order(OrderState.AWAITING_PAYMENT).place(START)
    return placed.confirm(LATER)[0]


def test_an_order_is_approved_only_once_its_group_has_formed():
    placed, _ = an_order(OrderState.AWAITING_PAYMENT).place(START)
    with pytest.raises(IllegalMove):
        placed.approve(LATER)
    assert confirmed().approve(LATER)[0].approved_at == LATER


def test_nothing_is_shipped_before_the_approval():
    with pytest.raises(IllegalMove):
        confirmed().fulfil(LATER)


def test_an_order_that_must_be_corrected_is_not_approved_before_it_is():
    asked, _ = confirmed().ask_correction("门牌号?", LATER, START)
    with pytest.raises(Refused) as refusal:
        asked.approve(LATER)
    assert refusal.value.rule == "no_correction_is_open"
    mended, _ = asked.correct(Contact("王", "138", "幸福路 2 号"), LATER)
    assert mended.correction is None
    assert mended.contact.address == "幸福路 2 号"
    assert mended.approve(LATER)[0].state is OrderState.APPROVED


def test_nobody_mends_what_nobody_asked_about():
    with pytest.raises(Refused) as refusal:
        confirmed().correct(Contact("王", "138"), LATER)
    assert refusal.value.rule == "a_correction_was_asked_for"


def test_an_order_is_completed_only_after_it_was_delivered():
    sent, _ = confirmed().approve(LATER)[0].fulfil(LATER)
    with pytest.raises(Refused) as refusal:
        sent.complete(LATER)
    assert refusal.value.rule == "everything_is_delivered"
    done, _ = sent.deliver(LATER)[0].complete(LATER)
    assert (done.state, done.vested_at) == (OrderState.COMPLETED, LATER)


def test_an_expired_order_comes_back_by_a_late_payment_or_is_closed():
    expired, _ = an_order(OrderState.AWAITING_PAYMENT).expire(START)
    assert expired.readmit(LATER)[0].placed_at == LATER
    assert expired.close(CloseReason.EXPIRED, LATER)[0].state is OrderState.CLOSED
    with pytest.raises(IllegalMove):
        expired.place(LATER)


def test_a_closed_order_stays_closed_and_says_why():
    asked = confirmed().ask_correction("门牌号?", LATER, START)[0]
    closed, (event,) = asked.close(CloseReason.REJECTED, LATER)
    assert (closed.close_reason, closed.correction) == (CloseReason.REJECTED, None)
    assert event.data == {"group": "grp_1", "reason": "rejected"}
    for move in (closed.place, closed.readmit, closed.confirm, closed.fulfil, closed.deliver):
        with pytest.raises(IllegalMove):
            move(LATER)


def test_a_completed_order_can_still_be_taken_back():
    done = evolve(confirmed(), state=OrderState.COMPLETED)
    assert done.close(CloseReason.REFUNDED, LATER)[0].state is OrderState.CLOSED
