"""How things lived: every state was reached by the tables, and every outcome was decided once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from groupbuy.application.invariants.evidence import Evidence
from groupbuy.domain.aftersale import AFTER_SALE, AfterSale
from groupbuy.domain.campaigns import CAMPAIGN, GROUP, SEAT, Campaign, Group, Seat
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.commission import ENTRY, STATEMENT, WITHDRAWAL, Entry, Statement, Withdrawal
from groupbuy.domain.invariants import Finding
from groupbuy.domain.kernel import Machine
from groupbuy.domain.logistics import SHIPMENT, Shipment
from groupbuy.domain.ordering import ORDER, Order
from groupbuy.domain.payments import PAYMENT, REFUND, Payment, Refund

AnyMachine = Machine[Any, Any, Any]
MACHINES: Mapping[type, AnyMachine] = {
    AfterSale: AFTER_SALE,
    Campaign: CAMPAIGN,
    Entry: ENTRY,
    Group: GROUP,
    Order: ORDER,
    Payment: PAYMENT,
    Refund: REFUND,
    Seat: SEAT,
    Shipment: SHIPMENT,
    Statement: STATEMENT,
    Withdrawal: WITHDRAWAL,
}
_LOGGED: Mapping[str, AnyMachine] = {
    "orders": ORDER,
    "payments": PAYMENT,
    "refunds": REFUND,
    "withdrawals": WITHDRAWAL,
    "cases": AFTER_SALE,
    "groups": GROUP,
}
"""Of these every move is in the log of events, under their own id."""
_DECIDES = frozenset({"group.formed", "group.failed", "group.cancelled"})
_SELLS = frozenset({"group.seat_taken", "group.seat_readmitted"})
_STOPS = frozenset({"group.closing", "group.ended", "group.failed", "group.cancelled"})


@frozen
class Move:
    """What one commit did to one thing; `before` is None if it is new."""

    before: Any
    after: Any


def append_only_kinds_stay(moves: Iterable[Move]) -> Iterator[Finding]:
    """What has no version is written once and never again."""
    for move in moves:
        if move.before is not None and not hasattr(move.after, "version"):
            yield Finding(2, move.after.id, f"{type(move.after).__name__} was changed")


def no_state_goes_backwards(moves: Iterable[Move]) -> Iterator[Finding]:
    """A commit takes a thing only where the edges of its table lead."""
    for move in moves:
        machine = MACHINES.get(type(move.after))
        if machine is None:
            continue
        start = machine.initial if move.before is None else move.before.state
        if move.after.state not in _REACHED[machine.name][start]:
            yield Finding(20, move.after.id, f"from {start.value} to {move.after.state.value}")


def nothing_appears_or_vanishes(moves: Iterable[Move]) -> Iterator[Finding]:
    """Goods move between shelf, reservation and sale; only a journal line changes their sum."""
    for move in moves:
        stock = move.after
        if not isinstance(stock, Stock):
            continue
        if min(stock.available, stock.reserved, stock.sold) < 0:
            yield Finding(13, stock.id, f"{stock.available}, {stock.reserved}, {stock.sold}")


def check_moves(moves: Iterable[Move]) -> list[Finding]:
    """Ask what one commit can answer for by itself: cheap enough for every commit."""
    made = list(moves)
    found = list(append_only_kinds_stay(made))
    found += no_state_goes_backwards(made)
    found += nothing_appears_or_vanishes(made)
    return found


def states_follow_their_tables(evidence: Evidence) -> Iterator[Finding]:
    """The events of a thing are a walk through its table that ends in the state it has."""
    places: dict[str, tuple[str, Any]] = {}
    machines: dict[str, AnyMachine] = {}
    for name, machine in _LOGGED.items():
        machines |= {thing.id: machine for thing in getattr(evidence.books, name)}
    for event in evidence.events:
        found = machines.get(event.subject)
        if found is None or event.name not in _NAMES[found.name]:
            continue
        _, here = places.get(event.subject, ("", found.initial))
        there = _WALK[found.name].get((here, event.name))
        if there is None:
            yield Finding(20, event.subject, f"{event.name} in state {here}")
            there = here
        places[event.subject] = (event.name, there)
    for name, machine in _LOGGED.items():
        for thing in getattr(evidence.books, name):
            _, told = places.get(thing.id, ("", machine.initial))
            if thing.state is not told:
                yield Finding(20, thing.id, f"is {thing.state.value}, its events say {told}")


def groups_are_decided_once(evidence: Evidence) -> Iterator[Finding]:
    """A group has one outcome, and nobody joins after it has stopped selling."""
    decided, stopped = dict[str, str](), set[str]()
    for event in evidence.events:
        if event.name in _DECIDES:
            if event.subject in decided:
                yield Finding(22, event.subject, f"{decided[event.subject]}, then {event.name}")
            decided[event.subject] = event.name
        if event.name in _SELLS and event.subject in stopped:
            yield Finding(22, event.subject, f"{event.name} after it stopped selling")
        if event.name in _STOPS:
            stopped.add(event.subject)
    for group in evidence.books.groups:
        formed = decided.get(group.id) == "group.formed"
        if formed is not (group.formed_at is not None):
            yield Finding(22, group.id, f"formed at {group.formed_at}, the log says {formed}")


def _reached(machine: AnyMachine) -> dict[Any, frozenset[Any]]:
    found = {}
    for start in type(machine.initial):
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            there = {edge.target for edge in machine.edges if edge.source is here} - seen
            seen |= there
            todo += there
        found[start] = frozenset(seen)
    return found


_REACHED = {machine.name: _reached(machine) for machine in MACHINES.values()}
_WALK = {m.name: {(e.source, e.event): e.target for e in m.edges} for m in MACHINES.values()}
_NAMES = {m.name: frozenset(e.event for e in m.edges) for m in MACHINES.values()}
