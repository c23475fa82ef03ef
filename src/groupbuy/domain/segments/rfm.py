"""Recency, frequency and value: three scores of one to five, in whole numbers."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo

from attrs import frozen

BEST = 5
"""The best of a score; 1 is the least."""


@frozen
class Sale:
    """Somebody bought something at an instant."""

    who: str
    at: datetime
    value: int
    """Minor units of one currency."""


@frozen
class Sums:
    """What one customer's sales come to."""

    last_on: date
    """The local day of the last one."""
    times: int
    value: int
    """Minor units."""


@frozen
class Scores:
    """Where a customer stands among all, 1 (the last fifth) to 5 (the first)."""

    recency: int
    frequency: int
    value: int


def sums_of(sales: Iterable[Sale], zone: tzinfo) -> dict[str, Sums]:
    """Return what each customer's sales come to; days are those of `zone`."""
    found = dict[str, Sums]()
    for sale in sales:
        day = sale.at.astimezone(zone).date()
        so_far = found.get(sale.who, Sums(day, 0, 0))
        last = max(day, so_far.last_on)
        found[sale.who] = Sums(last, so_far.times + 1, so_far.value + sale.value)
    return found


def scores_of(sums: Mapping[str, Sums]) -> dict[str, Scores]:
    """Score everybody among all of them.

    A score is 1 + ⌊5 × those who have less ÷ all⌋. So who has the same has the same score,
    however many they are, and a fifth is fuller or emptier for it; nobody is parted by chance.
    """
    recency = _fifths({who: each.last_on.toordinal() for who, each in sums.items()})
    frequency = _fifths({who: each.times for who, each in sums.items()})
    value = _fifths({who: each.value for who, each in sums.items()})
    return {who: Scores(recency[who], frequency[who], value[who]) for who in sums}


def _fifths(counts: Mapping[str, int]) -> dict[str, int]:
    ranked = sorted(counts.values())
    return {
        who: 1 + BEST * bisect_left(ranked, count) // len(ranked) for who, count in counts.items()
    }
