"""What is done outside, and that nothing is left lying: asked once all work is done."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from groupbuy.application.invariants.evidence import Evidence
from groupbuy.domain.aftersale import OPEN, Turn
from groupbuy.domain.campaigns import GROUP, SeatState
from groupbuy.domain.commission import ENDED, WithdrawalState
from groupbuy.domain.invariants import Books, Finding
from groupbuy.domain.logistics import ShipmentState
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import PaymentState

PATIENCE = timedelta(minutes=2)
"""By how much something may be late before anybody calls it overdue."""


def effects_happen_once(evidence: Evidence) -> Iterator[Finding]:
    """What we believe to have happened at a provider happened there, once; and nothing else."""
    yield from _parcels(evidence.books)
    if evidence.truth is None or not evidence.at_rest:
        return
    there = Counter((move.kind, move.number) for move in evidence.truth if move.kind != "fee")
    books, ours = evidence.books, Counter[tuple[str, str]]()
    ours.update(
        ("payment", p.number) for p in books.payments if p.captured is not None and p.captured
    )
    ours.update(("refund", r.number) for r in books.refunds if not r.open)
    ours.update(("payout", w.number) for w in books.withdrawals if w.state is WithdrawalState.PAID)
    for kind, number in there.keys() | ours.keys():
        if there[kind, number] != ours[kind, number]:
            detail = f"{kind}: {there[kind, number]} times there, {ours[kind, number]} here"
            yield Finding(19, number, detail)


def _parcels(books: Books) -> Iterator[Finding]:
    sent = Counter(
        (parcel.order_id, parcel.carrier, parcel.tracking_number)
        for parcel in books.shipments
        if parcel.state is not ShipmentState.VOID and parcel.tracking_number
    )
    for (order_id, _, number), times in sent.items():
        if times > 1:
            yield Finding(19, order_id, f"parcel {number} was handed over {times} times")


def nothing_is_overdue(evidence: Evidence) -> Iterator[Finding]:
    """Once all work is done nothing waits past its deadline: no row, no order, no money."""
    if not evidence.at_rest:
        return
    late = evidence.now - PATIENCE
    for task in evidence.tasks:
        if task.state == "parked" or (task.state == "pending" and task.due_at < late):
            yield Finding(23, task.id, f"{task.state}, due {task.due_at}, {task.last_error}")
    books = evidence.books
    for order in books.orders:
        if order.state is OrderState.AWAITING_PAYMENT and order.expires_at < late:
            yield Finding(23, order.id, "still waits for its payment")
    for group in books.groups:
        if group.state not in GROUP.final and group.ends_at < late:
            yield Finding(23, group.id, f"still {group.state.value} after its end")
    yield from _money(books)
    yield from _cases(evidence)


def _money(books: Books) -> Iterator[Finding]:
    unsure = (PaymentState.CREATED, PaymentState.PENDING)
    waits = {p.id: "nobody knows whether it was paid" for p in books.payments if p.state in unsure}
    waits |= {seat.id: "is still held" for seat in books.seats if seat.state is SeatState.HELD}
    waits |= {r.id: f"{r.state.value} {r.last_word}" for r in books.refunds if r.open}
    waits |= {w.id: w.state.value for w in books.withdrawals if w.state not in ENDED}
    for about, why in waits.items():
        yield Finding(23, about, why)


def _cases(evidence: Evidence) -> Iterator[Finding]:
    late = evidence.now - PATIENCE
    heard = {
        task.subject
        for task in evidence.tasks
        if task.topic == "after_sale" and task.state == "pending"
    }
    for case in evidence.books.cases:
        if case.state not in OPEN:
            continue
        if case.decide_by < late:
            yield Finding(23, case.id, f"{case.state.value}, nobody answered")
        elif case.turn is not Turn.PROVIDER and case.id not in heard:
            yield Finding(23, case.id, f"{case.state.value}, and nothing hears its silence")
