"""Whom a campaign is for, and who may come in first."""

from collections.abc import Set as AbstractSet
from datetime import timedelta

from attrs import frozen

from groupbuy.domain.kernel import Invalid

WORDS_AT_MOST = 20
WORD_AT_MOST = 20
MINUTES_AT_MOST = 7 * 24 * 60


@frozen
class Audience:
    """Whom a campaign is open to; all must hold, what is empty asks nothing."""

    level: int = 0
    """The lowest level."""
    words: tuple[str, ...] = ()
    """Communities and tags: one of them is enough."""

    def __attrs_post_init__(self) -> None:
        """Words are few and short. Raises Invalid."""
        if self.level < 0:
            raise Invalid(field="audience.level", reason="must not be below zero")
        if len(self.words) > WORDS_AT_MOST:
            raise Invalid(field="audience.words", reason=f"at most {WORDS_AT_MOST}")
        if any(not 1 <= len(each.strip()) <= WORD_AT_MOST for each in self.words):
            raise Invalid(field="audience.words", reason=f"must have 1 to {WORD_AT_MOST} letters")

    def includes(self, level: int, words: AbstractSet[str]) -> bool:
        """Tell whether somebody of that level and those tags is meant."""
        return level >= self.level and (not self.words or not words.isdisjoint(self.words))


@frozen
class HeadStart:
    """The first minutes of a campaign, in which only some may join: one reason is enough."""

    minutes: int
    """Everybody else comes in so long after the start."""
    level: int = 0
    """The lowest level that comes first; 0 for none."""
    returning: bool = False
    """Those come first who have bought from the merchant before."""

    def __attrs_post_init__(self) -> None:
        """It lasts a while and is for somebody. Raises Invalid."""
        if not 1 <= self.minutes <= MINUTES_AT_MOST:
            raise Invalid(field="head_start.minutes", reason="1 minute to 7 days")
        if self.level < 1 and not self.returning:
            raise Invalid(field="head_start", reason="has to name something")

    @property
    def lasts(self) -> timedelta:
        """How long it is."""
        return timedelta(minutes=self.minutes)

    def by_level(self, level: int) -> bool:
        """Tell whether a level alone is enough."""
        return 0 < self.level <= level
