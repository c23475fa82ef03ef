"""What every kind of promotion is: a layer, a form, a sentence, and what it takes off."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from attrs import frozen

from groupbuy.domain.marketing.basket import Good, Standing
from groupbuy.domain.marketing.words import Unmet


class Layer(StrEnum):
    """Where in the order of pricing a kind stands; its value is what attributions name."""

    ACTIVITY = "activity"
    """The price of a unit: of all that apply the lowest wins, alone."""
    THRESHOLD = "threshold"
    """What is taken off a basket."""
    COUPON = "coupon"
    POINTS = "points"
    GIFT = "gift"
    """Nothing is taken off; something is added."""


class Counts(StrEnum):
    """What a threshold is reached in."""

    AMOUNT = "amount"
    COUNT = "count"


@frozen
class Gift:
    """Something added to a basket for nothing."""

    sku_id: str
    units: int
    value: int
    """Declared value of all units, in minor units: deducted when goods go back without it."""


@frozen
class Saving:
    """What a kind gives on a basket: one amount for each of the goods it was shown."""

    parts: tuple[int, ...]
    freight: int = 0
    gifts: tuple[Gift, ...] = ()

    @property
    def total(self) -> int:
        """All that is taken off."""
        return sum(self.parts) + self.freight


class Terms(Protocol):
    """What a kind needs to know of one promotion, and what it makes of a basket.

    A class of attrs whose arguments are declared with `argument`. A new kind is one new file.
    """

    kind: ClassVar[str]
    layer: ClassVar[Layer]

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:
        """Return what is taken off these goods, never more than is left to pay for each."""
        ...

    def sentence(self, currency: str, *, english: bool) -> str:
        """Say it in one sentence, as a price tag does."""
        ...


class UnitPrice(Protocol):
    """Terms of the layer `activity`: what a line costs, or None where they say nothing of it."""

    kind: ClassVar[str]
    layer: ClassVar[Layer]

    def line_total(self, good: Good) -> int | None:
        """Return what the line costs in all."""
        ...

    def sentence(self, currency: str, *, english: bool) -> str:
        """Say it in one sentence."""
        ...


AnyTerms = Any
"""Terms or UnitPrice."""


def reached(counts: Counts, standings: Sequence[Standing]) -> int:
    """Return how far a basket has come towards a threshold."""
    if counts is Counts.COUNT:
        return sum(each.good.units for each in standings)
    return sum(each.basis for each in standings)


def short_of(counts: Counts, reach: int, standings: Sequence[Standing]) -> Unmet | None:
    """Return what is missing to a threshold; None once it is reached."""
    missing = reach - reached(counts, standings)
    if missing <= 0:
        return None
    return Unmet("count_not_reached" if counts is Counts.COUNT else "amount_not_reached", missing)
