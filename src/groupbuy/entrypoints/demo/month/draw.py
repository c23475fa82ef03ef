"""Drawing lots that come out the same for the same seed, on any machine and any Python."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from attrs import define, field

T = TypeVar("T")


def batched(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Yield things in their order, at most so many at a time."""
    return (things[start : start + most] for start in range(0, len(things), most))


_WHOLE = 10_000
"""Basis points of everything."""


@define(eq=False)
class Draw:
    """A row of numbers that a seed determines; whoever asks gets the next one."""

    seed: str
    _drawn: int = field(default=0, init=False)

    def below(self, end: int) -> int:
        """Return a number from 0 to `end` − 1."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self.seed}/{self._drawn}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % end

    def one_of(self, things: Sequence[T]) -> T:
        """Return one of some things."""
        return things[self.below(len(things))]

    def share_of(self, count: int, basis_points: int) -> int:
        """Return about that share of a count; what is less than one of it happens by chance."""
        whole, rest = divmod(count * basis_points, _WHOLE)
        return whole + (self.below(_WHOLE) < rest)

    def some_of(self, count: int, wanted: int) -> list[int]:
        """Return so many different numbers below `count`, in the order drawn."""
        left = list(range(count))
        for place in range(wanted):
            other = place + self.below(count - place)
            left[place], left[other] = left[other], left[place]
        return left[:wanted]
