"""How things lived: every state was reached by the tables, and every outcome was decided once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from groupbuy.application.invariants.evidence import Evidence
from groupbuy.application.ports import LoggedEvent
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
    """The events of a thing are a walk through its table that ends in the state it has.

    Two processes may write down what they did to a thing at the very same instant, and their ids
    do not tell which came first: so any order of events of one instant may be the walk.
    """
    machines: dict[str, AnyMachine] = {}
    for name, machine in _LOGGED.items():
        machines |= {thing.id: machine for thing in getattr(evidence.books, name)}
    lives: dict[str, list[LoggedEvent]] = {}
    for event in evidence.events:
        found = machines.get(event.subject)
        if found is not None and event.name in _NAMES[found.name]:
            lives.setdefault(event.subject, []).append(event)
    for name, machine in _LOGGED.items():
        for thing in getattr(evidence.books, name):
            yield from _walked(machine, thing, lives.get(thing.id, ()))


def _walked(machine: AnyMachine, thing: Any, events: Sequence[LoggedEvent]) -> Iterator[Finding]:
    here, wrong = machine.initial, list[Finding]()
    for event in events:
        there = _WALK[machine.name].get((here, event.name))
        if there is None:
            wrong.append(Finding(20, thing.id, f"{event.name} in state {here}"))
        here = here if there is None else there
    if thing.state is not here:
        wrong.append(Finding(20, thing.id, f"is {thing.state.value}, its events say {here}"))
    if wrong and not _leads(machine, thing.state, events):
        yield from wrong


def _leads(machine: AnyMachine, goal: Any, events: Sequence[LoggedEvent]) -> bool:
    """Tell whether some order of the events of each instant is a walk to a state."""
    todo = [(machine.initial, tuple((event.at, event.name) for event in events))]
    seen = set(todo)
    while todo:
        here, left = todo.pop()
        if not left and here is goal:
            return True
        for place, (at, name) in enumerate(left):
            there = _WALK[machine.name].get((here, name)) if at == left[0][0] else None
            after = (there, left[:place] + left[place + 1 :])
            if there is not None and after not in seen:
                seen.add(after)
                todo.append(after)
    return False


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
    yield from _formed_too_early(evidence)


def _formed_too_early(evidence: Evidence) -> Iterator[Finding]:
    campaigns = {campaign.id: campaign for campaign in evidence.books.campaigns}
    targets = {
        group.id: campaigns[group.campaign_id].target
        for group in evidence.books.groups
        if group.campaign_id in campaigns
    }
    for event in evidence.events:
        if event.name == "group.formed" and event.data.get("by") == "quorum":
            reached, target = int(str(event.data["reached"])), targets.get(event.subject, 0)
            if reached < target:
                yield Finding(22, event.subject, f"formed with {reached} of {target}")


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
