"""New and promising: what sells fast for its age, and a few places for what nobody knows yet.

Whoever is shown sells, and what sells is shown: without a place of their own new products would
never be seen. That place is bounded: few slots, few weeks, and only until enough people bought.
Nothing is drawn by lot: those that wait take turns, hour by hour, and everybody can check whose
turn it is.
"""

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from groupbuy.domain.discovery.heat import COLD, height_of

NEW_DAYS = 30
"""A product is new for so long."""
EXPLORED_DAYS = 14
"""So long it may be shown without being known."""
KNOWN_AT = 10
"""Buyers after whom a product has to stand on its own."""
EXPLORED_SLOTS = 2
"""Places of one list for what nobody knows yet."""


@frozen
class Newcomer:
    """A new product, and how it does."""

    id: str
    since: date
    """The day on which it was first described."""
    buyers: int = 0
    rank: int = COLD
    """Of its heat."""

    def age(self, today: date) -> int:
        """Return for how many days it has been there."""
        return max((today - self.since).days, 0)

    def promise(self, today: date) -> int:
        """Return the logarithm of its hot score for each day of its age."""
        if self.rank <= COLD:
            return COLD
        return self.rank - height_of(self.age(today) + 1)

    def is_unknown(self, today: date) -> bool:
        """Tell whether it may have one of the places for what nobody knows yet."""
        return self.buyers < KNOWN_AT and self.age(today) < EXPLORED_DAYS


@frozen
class Chosen:
    """One place of the list of new products."""

    newcomer: Newcomer
    explored: bool
    """It is there because it is its turn."""


def new_and_promising(
    newcomers: Sequence[Newcomer], today: date, turn: int, limit: int
) -> list[Chosen]:
    """Return at most `limit` new products: the most promising first, those explored behind.

    `turn` is any number that grows by one from turn to turn. Of a list of one nothing is explored.
    """
    ordered = sorted(newcomers, key=lambda each: each.id, reverse=True)
    ordered.sort(key=lambda each: each.promise(today), reverse=True)
    # Half of a short list stays with what people want.
    slots = min(EXPLORED_SLOTS, limit // 2)
    safe = ordered[: limit - slots]
    taken = {each.id for each in safe}
    waiting = [e for e in newcomers if e.id not in taken and e.is_unknown(today)]
    explored = takes_turns(sorted(waiting, key=lambda each: each.id), turn, slots)
    taken |= {each.id for each in explored}
    rest = [each for each in ordered if each.id not in taken][: slots - len(explored)]
    known = [Chosen(each, explored=False) for each in (*safe, *rest)]
    return known + [Chosen(each, explored=True) for each in explored]


def takes_turns(waiting: Sequence[Newcomer], turn: int, slots: int) -> list[Newcomer]:
    """Return whose turn it is: all of them come, `slots` at a time, before one comes again."""
    if len(waiting) <= slots:
        return list(waiting)
    start = turn * slots
    return [waiting[(start + n) % len(waiting)] for n in range(slots)]
