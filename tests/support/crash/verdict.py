"""What came of it: the provider's journal against our books, fen by fen, and every invariant."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

import httpx
from attrs import frozen

from groupbuy.application.ports import Query, Task
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.commission import ENDED, WithdrawalState
from groupbuy.domain.invariants import Books, Movement, check
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import PaymentState, RefundState
from groupbuy.domain.payouts import PayoutState
from tests.support.checks import _decided_twice, _outcomes, books_of
from tests.support.crash.clients import Tally
from tests.support.crash.town import Town

_UNDECIDED = frozenset({OrderState.AWAITING_PAYMENT, OrderState.PLACED})
_OPEN_GROUPS = frozenset({GroupState.OPEN, GroupState.CLOSING})
_OPEN_PAYMENTS = frozenset({PaymentState.CREATED, PaymentState.PENDING})


@frozen
class Verdict:
    """Everything that is wrong, and the money that moved."""

    wrong: list[str]
    money: dict[str, tuple[int, int]]
    """Count and sum in fen of the provider's movements, by kind."""
    difference: int
    """Fen lost or doubled: |provider − ours| over every single number."""


def judge(town: Town, tally: Tally) -> Verdict:
    """Look at everything once nothing is left to do."""
    books, log = town.read(lambda work: (books_of(work), _outcomes(work)))
    moves = movements(town)
    truth = [Movement("sandbox", m["kind"], m["number"], m["amount"]) for m in moves]
    wrong = [str(found) for found in check(books, at_rest=True, movements=truth)]
    wrong += [str(found) for found in _decided_twice(log)]
    wrong += [*_open(books), *_parked(town), *tally.broken]
    wrong += [f"acknowledged, then lost: {each}" for each in tally.orders - _orders(books)]
    theirs, ours = _theirs(moves), _ours(books)
    off = {key: (theirs[key], ours[key]) for key in theirs | ours if theirs[key] != ours[key]}
    wrong += [f"{key}: the provider moved {t}, we booked {o}" for key, (t, o) in off.items()]
    wrong += [*_unknown(moves, _expected(books)), *_doubled(moves)]
    wrong += [*_said(town, "ledger", "verify", "--bill"), *_said(town, "audit", "verify")]
    return Verdict(wrong, _money(moves), sum(abs(t - o) for t, o in off.values()))


def strangers(town: Town) -> list[str]:
    """Name what the provider has moved and nobody here could have asked for, at any instant.

    Every number is stored before the provider hears it, and is made of the id of what it pays by
    one rule for ever. So a movement with another number, with another amount, or a second one, is
    wrong at once, whatever is still on its way.
    """
    moves = movements(town)
    known = town.read(lambda work: _expected(books_of(work)))
    return [*_unknown(moves, known), *_doubled(moves)]


def unbooked(town: Town) -> list[str]:
    """Name each number by which the provider has moved something else than we have booked."""
    moves = movements(town)
    theirs, ours = _theirs(moves), town.read(lambda work: _ours(books_of(work)))
    return [
        f"{kind} {number}: the provider moved {theirs[kind, number]}, we booked {booked}"
        for kind, number in sorted(theirs)
        if (booked := ours[kind, number]) != theirs[kind, number]
    ]


def _expected(books: Books) -> dict[str, int]:
    """Return what may move under each number, in fen and signed, by the rule that made them.

    Said here once more: a product that names things otherwise must not be believed by its own
    words. A payment is not bounded, since a buyer pays what they like.
    """
    paid = {f"P{_rest(each.id)}": 0 for each in books.payments}
    refunds = {f"R{_rest(each.id)}": -each.amount.minor for each in books.refunds}
    wages = {
        f"W{_rest(each.id)}": (each.tax.minor if each.tax else 0) - each.amount.minor
        for each in books.withdrawals
    }
    dues = {f"M{_rest(each.id)}": -each.amount.minor for each in books.merchant_payouts}
    return {**paid, **refunds, **wages, **dues}


def _rest(key: str) -> str:
    return key.partition("_")[2]


def _unknown(moves: list[dict[str, Any]], known: dict[str, int]) -> Iterator[str]:
    for move in moves:
        kind, number, amount = move["kind"], move["number"], move["amount"]
        if kind == "fee":
            continue
        if number not in known:
            yield f"{kind} {number} moved {amount}, and nothing here has that number"
        elif kind != "payment" and known[number] != amount:
            yield f"{kind} {number} moved {amount} instead of {known[number]}"


def movements(town: Town) -> list[dict[str, Any]]:
    """Return every movement in the provider's journal."""
    told = httpx.get(f"{town.sandbox}/_control/journal", timeout=60, trust_env=False).json()
    found: list[dict[str, Any]] = told["movements"]
    return found


def _theirs(moves: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    found = Counter[tuple[str, str]]()
    for move in moves:
        found[move["kind"], move["number"]] += move["amount"]
    return found


def _ours(books: Books) -> Counter[tuple[str, str]]:
    """Return what we believe has moved, signed like the provider's movements."""
    found = Counter[tuple[str, str]]()
    for payment in books.payments:
        if payment.captured is not None:
            found["payment", payment.number] += payment.captured.minor
    for refund in books.refunds:
        if refund.state is RefundState.SUCCEEDED:
            found["refund", refund.number] -= refund.amount.minor
    for each in books.withdrawals:
        if each.state is WithdrawalState.PAID:
            found["payout", each.number] -= (each.amount - (each.tax or Money(0))).minor
    found.update(_ours_to_merchants(books))
    return found


def _ours_to_merchants(books: Books) -> dict[tuple[str, str], int]:
    paid = [each for each in books.merchant_payouts if each.state is PayoutState.PAID]
    return {("payout", each.number): -each.amount.minor for each in paid}


def _doubled(moves: list[dict[str, Any]]) -> Iterator[str]:
    for (kind, number), times in Counter((m["kind"], m["number"]) for m in moves).items():
        if times > 1:
            yield f"{kind} {number} moved {times} times"


def _money(moves: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    kinds = sorted({move["kind"] for move in moves})
    of = {kind: [m["amount"] for m in moves if m["kind"] == kind] for kind in kinds}
    return {kind: (len(amounts), sum(amounts)) for kind, amounts in of.items()}


def _open(books: Books) -> Iterator[str]:
    """Name everything that should have come to its end."""
    states = chain(
        ((each.id, each.state, each.state not in _UNDECIDED) for each in books.orders),
        ((each.id, each.state, each.state not in _OPEN_GROUPS) for each in books.groups),
        ((each.id, each.state, each.state not in _OPEN_PAYMENTS) for each in books.payments),
        ((each.id, each.state, not each.open) for each in books.refunds),
        ((each.id, each.state, each.state in ENDED) for each in books.withdrawals),
        ((each.id, each.state, each.state in ENDED) for each in books.merchant_payouts),
    )
    for key, state, ended in states:
        if not ended:
            yield f"{key} is still {state.value}"


def _parked(town: Town) -> Iterator[str]:
    def query(work: Work) -> list[Task]:
        return list(every(work.of(Task), Query().where(state="parked")))

    for task in town.read(query):
        yield f"{task.id} is parked after {task.attempts} tries: {task.last_error}"


def _orders(books: Books) -> set[str]:
    return {order.id for order in books.orders}


def _said(town: Town, *words: str) -> Iterator[str]:
    done = town.command(*words)
    if done.returncode:
        yield f"groupbuy {' '.join(words)}: {done.returncode} {done.stdout[-600:]}{done.stderr}"
