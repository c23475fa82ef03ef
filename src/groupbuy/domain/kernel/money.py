"""Money is an integer count of the currency's smallest unit."""

from collections.abc import Sequence

from attrs import frozen

BASIS_POINTS = 10_000
"""A rate of 100 % in basis points."""


@frozen(order=False)
class Money:
    """An exact amount. Arithmetic never mixes currencies and never rounds silently.

    `minor` counts minor units (fen for CNY); `currency` is an ISO 4217 code.
    """

    minor: int
    currency: str = "CNY"

    def __attrs_post_init__(self) -> None:
        """Refuse anything that is not a whole number of minor units."""
        if type(self.minor) is not int:
            raise TypeError(f"money counts whole minor units, not {type(self.minor).__name__}")
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        """Add an amount of the same currency."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract an amount of the same currency."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        """Turn a debit into a credit."""
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        """Multiply by a whole number."""
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare amounts of the same currency."""
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        """Compare amounts of the same currency."""
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        """Tell whether there is any money at all."""
        return self.minor != 0

    def at_rate(self, basis_points: int) -> "Money":
        """Return ⌊amount × rate / 10 000⌋, the rounding of every rate in this product."""
        return Money(self.minor * basis_points // BASIS_POINTS, self.currency)

    def of_units(self, *, units: int, start: int, count: int) -> "Money":
        """Return the share of units `start + 1 … start + count` out of `units`.

        ⌊N(a+r)/q⌋ − ⌊N·a/q⌋: the sum over any way of taking all units is the whole amount.
        """
        if not (0 <= start and 0 <= count and start + count <= units):
            raise ValueError(f"units {start}+{count} of {units}")
        taken = self.minor * (start + count) // units
        return Money(taken - self.minor * start // units, self.currency)

    def split(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Share out by weight (largest remainder); the parts always add up to the whole."""
        return tuple(Money(part, self.currency) for part in share_out(self.minor, weights))

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor


def share_out(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `amount` minor units by `weights`: integer largest remainder, ties by position.

    With 0 ≤ amount ≤ Σ weights no part exceeds its weight, so a discount shared by line net
    never takes a line below zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return tuple(parts)
