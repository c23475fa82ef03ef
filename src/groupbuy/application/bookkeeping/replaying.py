"""The shop at any moment of the past, from what is only ever added: journals and events.

The lives of campaigns, groups and orders never lead back. So the state of each is the furthest
one that any of its events has led to, in whatever order the events were told.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import Any

from attrs import frozen

from groupbuy.application.ports.bookkeeping import Bookshelf, LedgerReading, Span
from groupbuy.application.ports.reporting import AccountSum
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import CAMPAIGN, GROUP
from groupbuy.domain.kernel import Machine
from groupbuy.domain.ledger import CHART, row_of
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CREATED, ORDER

_TICK = timedelta(microseconds=1)
"""What storage tells instants apart by."""


@frozen
class Life:
    """How far an event of a kind of thing has brought it."""

    kind: str
    """Prefix of the ids."""
    states: tuple[StrEnum, ...]
    """None of them leads to one before it."""
    places: Mapping[str, int]
    """Name of an event to the place of the state it leads to."""


@frozen
class ReplayRow:
    """All accounts of one pattern of the chart, in one currency, in minor units."""

    account: str
    kind: str
    currency: str
    accounts: int
    """How many of them are not zero."""
    debit: int
    credit: int


@frozen
class Replay:
    """An open replay: everything up to an instant, the instant included."""

    books: LedgerReading
    as_of: datetime

    def accounts(self) -> Iterator[AccountSum]:
        """Yield every account that was not zero, by name."""
        return (each for each in self.books.sums(self._until) if each.balance)

    def rows(self) -> list[ReplayRow]:
        """Add up the accounts by the chart, in its order; what fits nowhere comes last."""
        found = dict[tuple[int, str, str, str], list[int]]()
        for each in self.books.sums(self._until):
            row = row_of(each.account)
            place = CHART.index(row) if row is not None else len(CHART)
            pattern, kind = (row.pattern, row.kind) if row else (each.account, "unknown")
            sums = found.setdefault((place, pattern, kind, each.currency), [0, 0, 0])
            for n, more in enumerate((bool(each.balance), each.debit, each.credit)):
                sums[n] += more
        return [ReplayRow(*key[1:], *found[key]) for key in sorted(found)]

    def things(self, name: str) -> Iterator[tuple[str, StrEnum]]:
        """Yield (id, state) of every `campaign`, `group` or `order` there was, by id."""
        life = LIVES[name]
        before = self.as_of + _TICK
        for subject, place in self.books.lives(life.kind, life.places, before):
            yield subject, life.states[place]

    def states(self) -> dict[str, dict[str, int]]:
        """Count campaigns, groups and orders by state; a state nobody is in is left out."""
        return {
            name: _in_order(life, Counter(state for _, state in self.things(name)))
            for name, life in LIVES.items()
        }

    @property
    def _until(self) -> Span:
        return Span(before=self.as_of + _TICK)


@contextmanager
def replaying(shelf: Bookshelf, caller: Caller, as_of: datetime) -> Iterator[Replay]:
    """Open the past as of an instant. Raises Unauthenticated, Forbidden, Unavailable."""
    caller.require(Role.FINANCE)
    with shelf.books(caller.tenant) as books:
        yield Replay(books, as_of)


def life_of(machine: Machine[Any, Any, Any], kind: str, begun: str) -> Life:
    """Read off a machine how far each event leads; `begun` is told when a thing begins.

    Raises ValueError for a machine that leads back, or whose events leave the state open.
    """
    moves = [edge for edge in machine.edges if edge.source is not edge.target]
    order = TopologicalSorter({state: set[StrEnum]() for state in type(machine.initial)})
    for edge in moves:
        order.add(edge.target, edge.source)
    states = tuple(order.static_order())
    places = {begun: states.index(machine.initial)}
    for edge in moves:
        if places.setdefault(edge.event, states.index(edge.target)) != states.index(edge.target):
            raise ValueError(f"{machine.name}: {edge.event} leads to several states")
    return Life(kind, states, places)


def _in_order(life: Life, counted: Counter[StrEnum]) -> dict[str, int]:
    return {state.value: counted[state] for state in life.states if counted[state]}


LIVES: Mapping[str, Life] = {
    "campaign": life_of(CAMPAIGN, "cmp", "campaign.drafted"),
    "group": life_of(GROUP, "grp", "group.opened"),
    "order": life_of(ORDER, "ord", CREATED),
}
