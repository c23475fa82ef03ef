"""Levels: what a person has bought decides; the order in which we hear of it does not.

Everything here follows from the set of completed purchases and a day, so it can be counted again
at any time and always comes out the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from attrs import frozen

from groupbuy.domain.kernel import Invalid

LEVELS_AT_MOST = 9
PERIODS = (1, 2, 3, 4, 6, 12)
"""Months after which levels may come down: whole parts of a year."""


@frozen
class Purchase:
    """A completed order, as far as levels go."""

    order_id: str
    day: date
    """On which it was completed, in the shop's zone."""
    net: int
    """What its goods cost in minor units, without what has gone back since."""


Score = Callable[[Sequence[Purchase]], int]
"""What purchases are worth; a level asks for so much of it."""


def net_spend(purchases: Sequence[Purchase]) -> int:
    """Return what was spent and has not gone back, in minor units."""
    return sum(each.net for each in purchases)


def bought_times(purchases: Sequence[Purchase]) -> int:
    """Return how many orders were completed of which something was kept."""
    return sum(1 for each in purchases if each.net > 0)


SCORES: Mapping[str, Score] = MappingProxyType(
    {"net_spend": net_spend, "bought_times": bought_times}
)
"""By what levels may be measured, by name; another measure is another line."""


@frozen
class Level:
    """One step of the ladder; its rank is its place, from 1."""

    name: str
    asks: int
    """The least score of twelve months."""


@frozen
class LevelRules:
    """What an operator may set about levels."""

    ladder: str = "银卡:50000,金卡:200000,黑金卡:500000"
    """Levels from the lowest, as `name:asks` with commas: minor units, or orders if `measure` says
    so. Empty for no levels."""
    measure: str = "net_spend"
    """What counts within twelve months: `net_spend` (paid and kept) or `bought_times`."""
    months: int = 3
    """A level that was reached is kept until the end of such a part of the year: 1, 2, 3, 4, 6
    or 12 months."""

    def __attrs_post_init__(self) -> None:
        """Every level asks for more than the one below it. Raises Invalid."""
        if self.measure not in SCORES:
            raise Invalid(field="levels.measure", reason="must be one of " + ", ".join(SCORES))
        if self.months not in PERIODS:
            raise Invalid(field="levels.months", reason="must be a whole part of a year")
        asks = [each.asks for each in self.levels]
        if len(asks) > LEVELS_AT_MOST or asks != sorted({each for each in asks if each > 0}):
            raise Invalid(field="levels.ladder", reason="every level asks for more than the last")

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels, the lowest first. Raises Invalid for what is no ladder."""
        return tuple(_level(text) for text in self.ladder.split(",") if text.strip())

    def named(self, rank: int) -> str:
        """Return what a rank is called; empty for none."""
        levels = self.levels
        return levels[min(rank, len(levels)) - 1].name if rank > 0 and levels else ""

    def score(self, purchases: Iterable[Purchase], day: date) -> int:
        """Return what the twelve months that end with a day are worth."""
        since = _a_year_before(day)
        return SCORES[self.measure]([each for each in purchases if since < each.day <= day])

    def rank(self, purchases: Iterable[Purchase], day: date) -> int:
        """Return the level somebody has on a day; 0 for none.

        Up at once, down at the end of a period: it is the best that any day since the period began
        would give. What has gone back counts as never bought.
        """
        bought, begin = tuple(purchases), period_of(day, self.months)[0]
        days = {begin, *(each.day for each in bought if begin < each.day <= day)}
        best = max(self.score(bought, each) for each in days)
        return sum(1 for level in self.levels if level.asks <= best)


def period_of(day: date, months: int) -> tuple[date, date]:
    """Return the first day of the part of the year that holds a day, and of the next part."""
    first = (day.month - 1) // months * months
    begin = date(day.year, first + 1, 1)
    after = first + months
    return begin, date(day.year + after // 12, after % 12 + 1, 1)


def _a_year_before(day: date) -> date:
    """Return the same day a year before; a leap day's is the 28th."""
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _level(text: str) -> Level:
    name, _, asks = text.strip().rpartition(":")
    if not name.strip() or not asks.strip().isdecimal():
        raise Invalid(field="levels.ladder", reason="a level is name:asks")
    return Level(name.strip(), int(asks))
