"""Changing the prices of many goods by one rule."""

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS, Invalid, Money

BP_AT_MOST = 100_000
"""Ten times the price."""
AMOUNT_AT_MOST = 10_000_000_000
"""Minor units: a hundred million yuan."""


@frozen
class Repricing:
    """What becomes of a price: a share of it, an amount more or less, rounded to whole steps."""

    share_bp: int = BASIS_POINTS
    """9,000 is a tenth less."""
    by: int = 0
    """Minor units more, or less."""
    step: int = 1
    """Minor units; 10 rounds to tenths of a yuan, 100 to whole yuan."""

    def __attrs_post_init__(self) -> None:
        """A rule changes something, and stays within reason."""
        if not 1 <= self.share_bp <= BP_AT_MOST:
            raise Invalid("share_bp", f"must be 1 to {BP_AT_MOST}")
        if abs(self.by) > AMOUNT_AT_MOST:
            raise Invalid("by", f"must be 1 to {AMOUNT_AT_MOST}")
        if self.step not in {1, 10, 100}:
            raise Invalid("step", "must be 1, 10 or 100")

    def of(self, price: Money) -> Money | None:
        """Return the new price, halves rounded up; None if nothing would be left of it."""
        shared = (price.minor * self.share_bp * 2 + BASIS_POINTS) // (2 * BASIS_POINTS) + self.by
        rounded = (shared * 2 + self.step) // (2 * self.step) * self.step
        return Money(rounded, price.currency) if 1 <= rounded <= AMOUNT_AT_MOST else None
