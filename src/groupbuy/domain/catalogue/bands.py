"""Price bands: a few round cuts through many prices, so that each holds about as many goods."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

BANDS = 5
"""Bands of a list, at most."""
_ROUND = (1, 2, 3, 5, 8, 10)
"""Leading figures a cut may have; a person reads 30, 50 and 100 yuan, not 37.40."""


@frozen
class Band:
    """Prices from `lowest` on and below `end`; the last one has no end. Minor units."""

    lowest: int
    end: int | None
    count: int


def price_bands(prices: Sequence[int], most: int = BANDS) -> tuple[Band, ...]:
    """Cut prices (minor units, in any order) into at most `most` bands that hold something.

    They touch each other, the first begins at nothing, and their counts add up to all prices.
    """
    ranked = sorted(prices)
    if not ranked:
        return ()
    wanted = {_rounded(ranked[len(ranked) * part // most]) for part in range(1, most)}
    cuts = [0]
    for cut in sorted(wanted):
        # A cut parts something from something: no band is empty.
        if bisect_left(ranked, cut) > bisect_left(ranked, cuts[-1]) and cut <= ranked[-1]:
            cuts.append(cut)
    places = [bisect_left(ranked, cut) for cut in cuts] + [len(ranked)]
    ends = [*cuts[1:], None]
    return tuple(
        Band(lowest, end, places[at + 1] - places[at])
        for at, (lowest, end) in enumerate(zip(cuts, ends, strict=True))
    )


def _rounded(price: int) -> int:
    """Return the nearest round price, by ratio: 1, 2, 3, 5 or 8 and zeros."""
    power = 1
    while price >= power * 10:
        power *= 10
    nearest = 10 * power
    for lower, upper in pairwise(_ROUND):
        # Between two round figures the middle is their geometric one: compare the squares.
        if price * price < lower * upper * power * power:
            nearest = lower * power
            break
    return nearest
