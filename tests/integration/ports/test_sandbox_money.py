"""The sandbox's money rules: what it pays, what it refuses, and what its journal keeps."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from attrs import evolve

from groupbuy.adapters.payments_sandbox import build
from groupbuy.application.ports.payment import PaymentOutcome, PayoutOutcome, RefundOutcome
from groupbuy.domain.kernel import Money, Refused
from groupbuy.entrypoints.sandbox.journal import Journal
from groupbuy.testing.payment_gateway import DUE, NUMBER, announcement, giving_back
from groupbuy.testing.payout import CARD, WALLET
from tests.integration.ports.rig import MovingClock, running


@pytest.fixture
def paid(sandbox, payments):
    payments.prepay(announcement(sandbox))
    sandbox.pay(NUMBER)
    return payments


def test_nobody_pays_at_the_moment_it_expires(sandbox, payments):
    payments.prepay(announcement(sandbox))
    sandbox.pass_time(15 * 60)
    with pytest.raises(Refused, match="ORDER_EXPIRED"):
        sandbox.pay(NUMBER)
    assert payments.query(NUMBER).outcome is PaymentOutcome.PENDING


def test_the_success_time_can_be_told(sandbox, payments):
    payments.prepay(announcement(sandbox))
    earlier = sandbox.now() - timedelta(milliseconds=1)
    sandbox.pay(NUMBER, paid_at=earlier.isoformat())
    assert payments.query(NUMBER).paid_at == earlier
    assert [line.at for line in payments.bill()] == [earlier]


def test_paying_twice_takes_the_money_once(sandbox, paid):
    sandbox.pay(NUMBER)
    assert sandbox.journal()["totals"]["payment"] == {"CNY": 79_920}
    assert len(paid.bill()) == 1


def test_a_provider_that_breaks_its_word_can_be_played(sandbox, payments):
    payments.prepay(announcement(sandbox))
    assert payments.close(NUMBER).outcome is PaymentOutcome.CLOSED
    sandbox.pay(NUMBER, force=True)
    assert payments.query(NUMBER).outcome is PaymentOutcome.CAPTURED


def test_a_wrong_currency_is_told_as_it_was_paid(sandbox, payments):
    payments.prepay(announcement(sandbox))
    sandbox.pay(NUMBER, Money(79_920, "USD"))
    assert payments.query(NUMBER).amount == Money(79_920, "USD")


def test_closing_a_number_never_announced_keeps_it_closed(sandbox, payments):
    assert payments.close(NUMBER).outcome is PaymentOutcome.CLOSED
    assert payments.prepay(announcement(sandbox)).outcome is PaymentOutcome.CLOSED
    with pytest.raises(Refused, match="ORDER_CLOSED"):
        sandbox.pay(NUMBER)


def test_whoever_comes_first_wins_when_closing_and_paying_race(sandbox, payments):
    numbers = [f"RACE{n:06d}" for n in range(20)]
    for number in numbers:
        payments.prepay(announcement(sandbox, number))
    barrier = Barrier(2)

    def pay(number):
        barrier.wait()
        try:
            sandbox.pay(number)
        except Refused:
            return False
        return True

    def close(number):
        barrier.wait()
        return payments.close(number).outcome

    with ThreadPoolExecutor(2) as pool:
        for number in numbers:
            did_pay, closed = pool.submit(pay, number), pool.submit(close, number)
            agreed = PaymentOutcome.CAPTURED if did_pay.result() else PaymentOutcome.CLOSED
            assert closed.result() is agreed
            assert payments.query(number).outcome is agreed


def test_two_refunds_of_one_payment_need_a_minute_between(sandbox, paid):
    assert paid.refund(giving_back(1, "R1")).outcome is RefundOutcome.PENDING
    sandbox.pass_time(59)
    soon = paid.refund(giving_back(1, "R2"))
    assert (soon.outcome, soon.reason) == (RefundOutcome.RETRY_LATER, "FREQUENCY_LIMITED")
    assert paid.query_refund("R2").outcome is RefundOutcome.RETRY_LATER
    sandbox.pass_time(1)
    assert paid.refund(giving_back(1, "R2")).outcome is RefundOutcome.PENDING


def test_the_fifty_first_refund_of_a_payment_is_refused(sandbox, paid):
    for n in range(50):
        assert paid.refund(giving_back(1, f"R{n}")).outcome is RefundOutcome.PENDING
        sandbox.pass_time(60)
    last = paid.refund(giving_back(1, "R50"))
    assert (last.outcome, last.reason) == (RefundOutcome.FAILED, "TOO_MANY_REFUNDS")
    assert sandbox.refunded(NUMBER) <= 50


def test_a_payment_older_than_a_year_cannot_be_refunded(sandbox, paid):
    sandbox.pass_time(366 * 86_400)
    assert paid.refund(giving_back(1)).reason == "REFUND_TOO_LATE"


def test_a_refund_that_misstates_what_was_paid_is_refused(paid):
    wrong = evolve(giving_back(1), paid=Money(79_919))
    assert paid.refund(wrong).reason == "PAID_MISMATCH"


def test_a_refund_in_another_currency_is_refused(paid):
    wrong = evolve(giving_back(1), amount=Money(1, "USD"), paid=Money(79_920, "USD"))
    assert paid.refund(wrong).outcome is RefundOutcome.FAILED


def test_two_refunds_at_once_never_exceed_the_payment(sandbox, paid):
    with ThreadPoolExecutor(8) as pool:
        asked = [giving_back(79_920, f"R{n}") for n in range(8)]
        outcomes = [report.outcome for report in pool.map(paid.refund, asked)]
    sandbox.settle()
    assert outcomes.count(RefundOutcome.PENDING) == 1
    assert sandbox.refunded(NUMBER) == 79_920


def test_the_same_refund_ten_times_at_once_pays_once(sandbox, paid):
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(paid.refund, [giving_back(500)] * 10))
    sandbox.settle()
    assert sandbox.refunded(NUMBER) == 500


def test_a_refund_that_ends_abnormally_moves_nothing_and_frees_its_amount(sandbox, paid):
    sandbox.faults({"operation": "settle.refund", "kind": "abnormal", "count": 1})
    paid.refund(giving_back(79_920, "R1"))
    sandbox.settle()
    failed = paid.query_refund("R1")
    assert (failed.outcome, failed.reason) == (RefundOutcome.FAILED, "ABNORMAL")
    assert sandbox.refunded(NUMBER) == 0
    sandbox.pass_time(60)
    paid.refund(giving_back(79_920, "R2"))
    sandbox.settle()
    assert sandbox.refunded(NUMBER) == 79_920


def test_a_card_that_does_not_exist_fails_for_good(sandbox, payouts):
    sandbox.faults({"operation": "settle.payout", "kind": "abnormal", "count": 1})
    payouts.send(CARD)
    sandbox.settle()
    report = payouts.query(CARD.number)
    assert (report.outcome, report.reason) == (PayoutOutcome.FAILED, "ACCOUNT_ABNORMAL")
    assert sandbox.paid_out() == 0


def test_a_settlement_can_be_put_off_by_hours(sandbox, payouts):
    sandbox.faults({"operation": "settle.payout", "kind": "delay", "count": 1, "seconds": 7200})
    payouts.send(CARD)
    sandbox.settle()
    sandbox.pass_time(7199)
    assert payouts.query(CARD.number).outcome is PayoutOutcome.PENDING
    sandbox.pass_time(1)
    assert payouts.query(CARD.number).outcome is PayoutOutcome.PAID


def test_the_failure_of_an_unconfirmed_transfer_is_told(sandbox, payouts):
    payouts.send(WALLET)
    sandbox.pass_time(24 * 3600)
    (callback,) = sandbox.callbacks()
    report = payouts.read_callback(*callback)
    assert (report.outcome, report.reason) == (PayoutOutcome.FAILED, "USER_NOT_CONFIRMED")


def test_a_payout_below_the_least_amount_is_refused(payouts):
    assert payouts.send(evolve(CARD, amount=Money(9))).reason == "AMOUNT_LIMIT"


def test_two_hundred_buyers_pay_at_once_and_each_is_told(sandbox, payments):
    numbers = [f"DEMO{n:06d}" for n in range(200)]
    for number in numbers:
        payments.prepay(announcement(sandbox, number))
    answer = sandbox.control("POST", "pay-many", {"numbers": [*numbers, "UNKNOWN1"]})
    assert answer == {"paid": 200, "refused": {"UNKNOWN1": "ORDER_NOT_EXIST"}}
    assert sandbox.flush() == {"sent": 200, "failed": 0, "left": 0}
    told = {payments.read_callback(*callback).number for callback in sandbox.ear.heard}
    assert told == set(numbers)
    assert sandbox.journal()["totals"]["payment"] == {"CNY": 200 * DUE.minor}


def test_what_the_provider_keeps_of_each_payment_is_a_line_of_its_bill(tmp_path):
    with running(tmp_path / "journal.db", fee_bp=60) as sandbox:
        payments = build(sandbox.settings(), sandbox.clock)
        payments.prepay(announcement(sandbox))
        sandbox.pay(NUMBER)
        sandbox.pay(NUMBER)
        kept = DUE.minor * 60 // 10_000
        assert [(x.kind, x.number, x.amount.minor) for x in payments.bill()] == [
            ("payment", NUMBER, DUE.minor),
            ("fee", NUMBER, -kept),
        ]
        assert sandbox.journal()["totals"]["fee"] == {"CNY": -kept}
        payments.close_connections()


def test_many_parcels_move_at_once_all_of_them_or_none(sandbox):
    named = [{"carrier": "sf", "number": f"SF{n}"} for n in range(3)]
    moved = sandbox.control(
        "POST", "parcels/advance-many", {"parcels": named[:2], "state": "SIGNED"}
    )
    assert moved == {"moved": 2}
    with pytest.raises(Refused, match="PARCEL_AT_END"):
        sandbox.control("POST", "parcels/advance-many", {"parcels": [named[2], named[0]]})
    alone = sandbox.control("POST", "parcels/sf/SF2/advance")
    assert alone["state"] == "MOVING"
    assert [step["state"] for step in alone["steps"]] == ["LABEL", "MOVING"]


def test_the_journal_forgets_only_when_it_is_told_to(sandbox, paid):
    assert len(sandbox.journal()["movements"]) == 1
    sandbox.control("POST", "reset")
    assert sandbox.journal() == {
        "movements": [],
        "totals": {"payment": {}, "refund": {}, "payout": {}},
        "callbacks": {},
    }
    assert paid.query(NUMBER).outcome is PaymentOutcome.CLOSED


@pytest.mark.parametrize("change", ["DELETE FROM movements", "UPDATE movements SET amount = 1"])
def test_a_movement_can_never_be_changed(tmp_path, change):
    journal = Journal(str(tmp_path / "journal.db"), MovingClock())
    with journal.transaction() as tx:
        tx.move("payment", NUMBER, NUMBER, 100, "CNY")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        with journal.transaction() as tx:
            tx.run(change)
    assert journal.totals()["payment"] == {"CNY": 100}
    journal.close()


def test_a_number_moves_money_once_even_if_a_rule_were_wrong(tmp_path):
    journal = Journal(str(tmp_path / "journal.db"), MovingClock())
    with pytest.raises(sqlite3.IntegrityError):
        with journal.transaction() as tx:
            tx.move("refund", "R1", NUMBER, -100, "CNY")
            tx.move("refund", "R1", NUMBER, -100, "CNY")
    assert journal.movements() == []
    journal.close()
