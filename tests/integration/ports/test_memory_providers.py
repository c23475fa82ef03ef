"""What the memory adapters offer to other tests, beyond the contracts."""

import pytest
from attrs import evolve

from groupbuy.adapters.memory.carriers import MemoryCarrier
from groupbuy.adapters.memory.notices import MemoryNotifier
from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application.ports.payment import PaymentOutcome, PayoutOutcome, RefundOutcome
from groupbuy.domain.kernel import NotFound, Refused, Unavailable
from groupbuy.testing.carrier import PARCEL
from groupbuy.testing.notifier import message
from groupbuy.testing.payment_gateway import DUE, NUMBER, announcement, giving_back
from groupbuy.testing.payout import CARD, WALLET
from tests.integration.ports.rig import MovingClock


@pytest.fixture
def clock():
    return MovingClock()


@pytest.fixture
def paid(clock):
    payments = MemoryPayments(clock)
    payments.prepay(announcement(clock))
    payments.pay(NUMBER)
    return payments


def test_a_call_lost_on_its_way_does_nothing(paid):
    paid.trouble.before["refund"] = 1
    assert paid.refund(giving_back(500)).outcome is RefundOutcome.PENDING
    assert paid.query_refund("RFD1").outcome is RefundOutcome.RETRY_LATER


def test_an_answer_lost_on_its_way_leaves_the_work_done_once(paid):
    paid.trouble.after["refund"] = 1
    unknown = paid.refund(giving_back(500))
    assert (unknown.outcome, unknown.provider_ref) == (RefundOutcome.PENDING, "")
    paid.refund(giving_back(500))
    paid.settle()
    assert paid.refunded(NUMBER) == 500


def test_a_payout_whose_answer_is_lost_is_paid_once(clock):
    payouts = MemoryPayouts(clock)
    payouts.trouble.after["send"] = 1
    assert payouts.send(WALLET).outcome is PayoutOutcome.PENDING
    assert payouts.send(WALLET).outcome is PayoutOutcome.AWAITING_USER
    payouts.confirm(WALLET.number)
    payouts.confirm(WALLET.number)
    assert [line.amount for line in payouts.movements] == [-WALLET.amount]


def test_a_payout_can_fail_for_good(clock):
    payouts = MemoryPayouts(clock)
    payouts.send(CARD)
    payouts.fail(CARD.number)
    payouts.settle()
    assert payouts.send(CARD).outcome is PayoutOutcome.FAILED
    assert payouts.movements == []


def test_a_refund_can_be_done_at_once_when_a_test_wants_it(clock):
    payments = MemoryPayments(clock, settles_at_once=True)
    payments.prepay(announcement(clock))
    payments.pay(NUMBER)
    assert payments.refund(giving_back(79_920)).outcome is RefundOutcome.SUCCEEDED
    assert [line.amount for line in payments.bill()] == [DUE, -DUE]


def test_a_failed_refund_frees_its_amount(paid):
    paid.refund(giving_back(79_920, "R1"))
    paid.fail_refund("R1")
    paid.settle()
    assert paid.query_refund("R1").outcome is RefundOutcome.FAILED
    assert paid.refunded(NUMBER) == 0
    assert paid.refund(giving_back(79_920, "R2")).outcome is RefundOutcome.PENDING


def test_nobody_pays_what_was_never_announced_or_has_expired(clock):
    payments = MemoryPayments(clock)
    with pytest.raises(NotFound):
        payments.pay(NUMBER)
    payments.prepay(announcement(clock))
    clock.pass_time(15 * 60)
    with pytest.raises(Refused):
        payments.pay(NUMBER)


def test_a_number_closed_before_it_was_announced_stays_closed(clock):
    payments = MemoryPayments(clock)
    payments.close(NUMBER)
    assert payments.prepay(announcement(clock)).outcome is PaymentOutcome.CLOSED


def test_paying_again_changes_nothing(paid):
    assert paid.pay(NUMBER, evolve(DUE, minor=1)).amount == DUE
    assert len(paid.movements) == 1


def test_a_carrier_and_a_notifier_can_be_down(clock):
    carrier, notifier = MemoryCarrier(clock, down=True), MemoryNotifier(down=True)
    with pytest.raises(Unavailable):
        carrier.subscribe(*PARCEL)
    with pytest.raises(Unavailable):
        carrier.trace(*PARCEL)
    with pytest.raises(Unavailable):
        notifier.send("tnt_1", [message("a")])
    assert notifier.sent == []
