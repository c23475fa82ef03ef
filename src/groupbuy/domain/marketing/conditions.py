"""Who, when and how: the conditions under which a promotion applies, and to which goods."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.basket import Good, Occasion, Standing
from groupbuy.domain.marketing.words import Unmet

MINUTES_A_DAY = 24 * 60


@frozen
class Conditions:
    """All of them must hold. What is empty asks nothing."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """Half-open: `[starts_at, ends_at)`."""
    from_minute: int = 0
    until_minute: int = MINUTES_A_DAY
    """The hours of the day where the shop is; `until` before `from` passes midnight."""
    weekdays: frozenset[int] = frozenset()
    """0 is Monday."""
    level: int = 0
    """The lowest level."""
    segments: frozenset[str] = frozenset()
    communities: frozenset[str] = frozenset()
    first_order: bool = False
    channels: frozenset[str] = frozenset()
    payment_methods: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        """A window has a length, hours lie within a day."""
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise Invalid(field="conditions.ends_at", reason="must be after the start")
        if not (0 <= self.from_minute < MINUTES_A_DAY and 0 < self.until_minute <= MINUTES_A_DAY):
            raise Invalid(field="conditions.from_minute", reason="hours lie within a day")
        if any(not 0 <= day <= 6 for day in self.weekdays):
            raise Invalid(field="conditions.weekdays", reason="0 (Monday) to 6")

    def unmet(self, occasion: Occasion) -> Unmet | None:
        """Return the first condition that does not hold; None when all do."""
        for holds, code in self._checks(occasion):
            if not holds:
                return Unmet(code)
        return None

    def _checks(self, on: Occasion) -> Sequence[tuple[bool, str]]:
        def among(wanted: frozenset[str], found: frozenset[str]) -> bool:
            return not wanted or bool(wanted & found)

        return (
            (self.starts_at is None or self.starts_at <= on.at, "not_begun"),
            (self.ends_at is None or on.at < self.ends_at, "over"),
            (not self.weekdays or on.weekday in self.weekdays, "not_on_this_day"),
            (self._in_hours(on.local_minute), "not_at_this_hour"),
            (on.level >= self.level, "level_too_low"),
            (among(self.segments, on.segments), "not_in_segment"),
            (among(self.communities, on.communities), "not_in_community"),
            (on.first_order or not self.first_order, "not_first_order"),
            (among(self.channels, frozenset({on.channel})), "other_channel"),
            (among(self.payment_methods, frozenset({on.payment_method})), "other_payment"),
        )

    def _in_hours(self, minute: int) -> bool:
        if self.from_minute < self.until_minute:
            return self.from_minute <= minute < self.until_minute
        return minute >= self.from_minute or minute < self.until_minute


@frozen
class Eligible:
    """Which goods a promotion is about. Empty means all; what is left out stays out."""

    skus: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    """Categories with everything below them."""
    except_products: frozenset[str] = frozenset()

    def includes(self, good: Good) -> bool:
        """Tell whether it is about this good."""
        if good.product_id in self.except_products:
            return False
        if not (self.skus or self.products or self.categories):
            return True
        named = good.sku_id in self.skus or good.product_id in self.products
        return named or bool(self.categories & good.categories)

    def among(self, standings: Sequence[Standing]) -> tuple[Standing, ...]:
        """Return the goods it is about."""
        return tuple(each for each in standings if self.includes(each.good))
