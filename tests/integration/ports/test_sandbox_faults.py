"""Tricks on the way: what we do not know is pending, and asking again never pays twice."""

import pytest

from groupbuy.adapters import payments_sandbox, payouts_sandbox
from groupbuy.application.ports.payment import PaymentOutcome, PayoutOutcome, RefundOutcome
from groupbuy.domain.kernel import Refused, Unavailable
from groupbuy.testing.carrier import PARCEL
from groupbuy.testing.payment_gateway import DUE, NUMBER, announcement, giving_back
from groupbuy.testing.payout import CARD

DONE_BUT_NOT_ANSWERED = ["error_after_commit", "timeout", "garble"]
NOT_DONE = ["error_before", "lose"]


@pytest.fixture
def impatient(sandbox):
    settings = sandbox.settings(timeout_seconds="0.3")
    payments = payments_sandbox.build(settings, sandbox.clock)
    yield payments
    payments.close_connections()


@pytest.fixture
def paid(sandbox, payments):
    payments.prepay(announcement(sandbox))
    sandbox.pay(NUMBER)


@pytest.mark.parametrize("kind", DONE_BUT_NOT_ANSWERED)
def test_a_refund_done_but_not_acknowledged_is_pending_and_paid_once(
    sandbox, impatient, paid, kind
):
    sandbox.faults({"operation": "refund", "kind": kind, "count": 1})
    assert impatient.refund(giving_back(500)).outcome is RefundOutcome.PENDING
    sandbox.settle()
    assert sandbox.refunded(NUMBER) == 500
    assert impatient.refund(giving_back(500)).outcome is RefundOutcome.SUCCEEDED
    sandbox.settle()
    assert sandbox.refunded(NUMBER) == 500


@pytest.mark.parametrize("kind", NOT_DONE)
def test_a_refund_that_never_arrived_is_pending_until_a_query_proves_it(
    sandbox, impatient, paid, kind
):
    sandbox.faults({"operation": "refund", "kind": kind, "count": 1})
    assert impatient.refund(giving_back(500)).outcome is RefundOutcome.PENDING
    assert impatient.query_refund("RFD1").outcome is RefundOutcome.RETRY_LATER
    assert impatient.refund(giving_back(500)).outcome is RefundOutcome.PENDING
    sandbox.settle()
    assert sandbox.refunded(NUMBER) == 500


def test_a_refund_the_network_doubles_pays_once(sandbox, payments, paid):
    sandbox.faults({"operation": "refund", "kind": "duplicate", "count": 1})
    payments.refund(giving_back(500))
    sandbox.settle()
    assert sandbox.refunded(NUMBER) == 500


@pytest.mark.parametrize("kind", DONE_BUT_NOT_ANSWERED)
def test_a_payout_done_but_not_acknowledged_is_pending_and_paid_once(sandbox, kind):
    payouts = payouts_sandbox.build(sandbox.settings(timeout_seconds="0.3"), sandbox.clock)
    sandbox.faults({"operation": "payout", "kind": kind, "count": 1})
    assert payouts.send(CARD).outcome is PayoutOutcome.PENDING
    sandbox.settle()
    assert payouts.send(CARD).outcome is PayoutOutcome.PAID
    sandbox.settle()
    assert sandbox.paid_out() == 50_000
    payouts.close_connections()


@pytest.mark.parametrize("kind", [*DONE_BUT_NOT_ANSWERED, *NOT_DONE])
def test_an_announcement_without_an_answer_can_be_repeated(sandbox, impatient, kind):
    sandbox.faults({"operation": "prepay", "kind": kind, "count": 1})
    unknown = impatient.prepay(announcement(sandbox))
    assert (unknown.outcome, unknown.pay_params) == (PaymentOutcome.PENDING, "")
    assert impatient.prepay(announcement(sandbox)).pay_params
    sandbox.pay(NUMBER)
    assert impatient.query(NUMBER).amount == DUE


@pytest.mark.parametrize("kind", [*DONE_BUT_NOT_ANSWERED, *NOT_DONE])
def test_a_query_without_an_answer_proves_nothing(sandbox, impatient, paid, kind):
    sandbox.faults({"operation": "query", "kind": kind, "count": 1})
    assert impatient.query(NUMBER).outcome is PaymentOutcome.PENDING
    assert impatient.query(NUMBER).outcome is PaymentOutcome.CAPTURED


@pytest.mark.parametrize("kind", [*DONE_BUT_NOT_ANSWERED, *NOT_DONE])
def test_a_close_without_an_answer_is_not_closed_until_asked_again(sandbox, impatient, kind):
    impatient.prepay(announcement(sandbox))
    sandbox.faults({"operation": "close", "kind": kind, "count": 1})
    assert impatient.close(NUMBER).outcome is PaymentOutcome.PENDING
    assert impatient.close(NUMBER).outcome is PaymentOutcome.CLOSED


def test_the_callback_may_come_before_the_answer(sandbox, impatient, paid):
    sandbox.faults({"operation": "refund", "kind": "timeout", "count": 1})
    assert impatient.refund(giving_back(500)).outcome is RefundOutcome.PENDING
    reports = [impatient.read_callback(*callback) for callback in sandbox.callbacks()]
    assert reports[-1].outcome is RefundOutcome.SUCCEEDED


def test_too_little_balance_means_later_with_the_same_number(sandbox, payments, paid):
    sandbox.faults({"operation": "refund", "kind": "refuse", "code": "NOT_ENOUGH", "count": 1})
    report = payments.refund(giving_back(500))
    assert (report.outcome, report.reason) == (RefundOutcome.RETRY_LATER, "NOT_ENOUGH")
    assert payments.refund(giving_back(500)).outcome is RefundOutcome.PENDING


def test_a_slow_answer_is_still_an_answer(sandbox, payments):
    sandbox.faults({"operation": "prepay", "kind": "delay", "seconds": 0.05, "count": 1})
    assert payments.prepay(announcement(sandbox)).pay_params


@pytest.mark.parametrize("kind", ["error_before", "garble", "error_after_commit"])
def test_a_carrier_in_trouble_is_unavailable(sandbox, parcels, kind):
    parcels.subscribe(*PARCEL)
    sandbox.faults({"operation": "trace", "kind": kind, "count": 1})
    with pytest.raises(Unavailable):
        parcels.trace(*PARCEL)
    assert parcels.trace(*PARCEL).steps


def test_a_subscription_in_trouble_is_unavailable_and_can_be_repeated(sandbox, parcels):
    sandbox.faults({"operation": "subscribe", "kind": "error_after_commit", "count": 1})
    with pytest.raises(Unavailable):
        parcels.subscribe(*PARCEL)
    parcels.subscribe(*PARCEL)


@pytest.mark.parametrize("kind", ["error_before", "garble"])
def test_a_bill_that_cannot_be_read_is_never_an_empty_bill(sandbox, payments, kind):
    sandbox.faults({"operation": "bill", "kind": kind, "count": 1})
    with pytest.raises(Unavailable):
        payments.bill()
    assert payments.bill() == []


def test_a_star_strikes_every_operation(sandbox, payments):
    sandbox.faults({"operation": "*", "kind": "error_before", "count": 2})
    assert payments.close(NUMBER).outcome is PaymentOutcome.PENDING
    assert payments.query(NUMBER).outcome is PaymentOutcome.PENDING
    assert payments.query(NUMBER).outcome is PaymentOutcome.CLOSED


def test_chance_repeats_exactly_from_its_seed(sandbox, payments):
    rule = {"operation": "query", "kind": "error_before", "probability_bp": 5_000}

    def run(seed):
        sandbox.faults(rule, seed=seed)
        return [payments.query(NUMBER).outcome for _ in range(30)]

    first = run(7)
    assert first == run(7)
    assert first != run(8)
    assert set(first) == {PaymentOutcome.PENDING, PaymentOutcome.CLOSED}


def test_counts_are_used_up_and_rules_can_be_read_back(sandbox, payments):
    sandbox.faults({"operation": "query", "kind": "error_before", "count": 3})
    payments.query(NUMBER)
    assert [rule["count"] for rule in sandbox.control("GET", "faults")] == [2]
    sandbox.faults()
    assert sandbox.control("GET", "faults") == []


@pytest.mark.parametrize(
    "rule",
    [
        {"operation": "nothing", "kind": "delay"},
        {"operation": "refund", "kind": "reorder"},
        {"operation": "callback.payment", "kind": "error_before"},
        {"operation": "settle.refund", "kind": "lose"},
        {"operation": "refund", "kind": "explode"},
        {"operation": "refund", "kind": "refuse", "code": "NO_SUCH_CODE"},
        {"operation": "refund", "kind": "delay", "count": 0},
        {"operation": "refund", "kind": "delay", "surprise": 1},
    ],
)
def test_a_rule_that_could_never_strike_is_refused(sandbox, rule):
    with pytest.raises(Refused, match="PARAM_ERROR"):
        sandbox.faults(rule)
