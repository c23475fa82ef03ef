"""What the crash test takes for wrong while everything still runs."""

from types import SimpleNamespace

import pytest

from groupbuy.domain.commission import Withdrawal
from groupbuy.domain.kernel import Money
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.payments import Payment, Refund
from tests.support.crash.verdict import _doubled, _expected, _unknown

BOOKS = SimpleNamespace(
    payments=[SimpleNamespace(id="pay_1")],
    refunds=[SimpleNamespace(id="rfd_1", amount=Money(300))],
    withdrawals=[SimpleNamespace(id="wdr_1", amount=Money(1_000), tax=Money(100))],
    merchant_payouts=[SimpleNamespace(id="mpo_1", amount=Money(5_000))],
)


def moved(kind, number, amount):
    return {"kind": kind, "number": number, "amount": amount}


RIGHT = [
    moved("payment", "P1", 7_000),
    moved("refund", "R1", -300),
    moved("payout", "W1", -900),
    moved("payout", "M1", -5_000),
    moved("fee", "F9", -4),
]


def wrong(*moves):
    return [*_unknown(list(moves), _expected(BOOKS)), *_doubled(list(moves))]


def test_what_was_asked_for_is_right_whether_it_is_booked_or_not():
    assert wrong(*RIGHT) == []


@pytest.mark.parametrize(
    "move",
    [
        moved("payout", "M11", -5_000),
        moved("payout", "W1", -1_000),
        moved("refund", "R1", -301),
        moved("refund", "R2", -300),
        moved("payment", "P2", 7_000),
    ],
)
def test_another_number_or_another_amount_is_noticed(move):
    assert len(wrong(move)) == 1


def test_the_same_number_twice_is_noticed():
    assert wrong(RIGHT[2], RIGHT[2]) == ["payout W1 moved 2 times"]


@pytest.mark.parametrize(
    ("kind", "key", "number"),
    [
        (Payment, "pay_01", "P01"),
        (Refund, "rfd_01", "R01"),
        (Withdrawal, "wdr_01", "W01"),
        (MerchantPayout, "mpo_01", "M01"),
    ],
)
def test_the_rule_that_is_said_once_more_is_the_products(kind, key, number):
    assert kind.number.fget(SimpleNamespace(id=key)) == number
