"""What is priced: goods at their group price, and who buys them, when and how."""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid, share_out


@frozen
class Good:
    """One variant in a basket. Prices are minor units of the basket's one currency, per unit."""

    line_no: int
    sku_id: str
    product_id: str
    units: int
    original: int
    price: int
    """The group price: what everybody pays who has nothing else."""
    categories: frozenset[str] = frozenset()
    """Its category and all above it."""

    def __attrs_post_init__(self) -> None:
        """A group price lies between nothing and the original."""
        if self.units < 1:
            raise Invalid(field="units", reason="must be at least 1")
        if not 0 <= self.price <= self.original:
            raise Invalid(field="price", reason="must lie between 0 and the original")


@frozen
class Occasion:
    """Who buys, when and how: all that conditions may ask. Nothing here is looked up."""

    at: datetime
    """Aware, in UTC."""
    local_minute: int = 0
    """Minutes since midnight where the shop is."""
    weekday: int = 0
    """0 is Monday, there as well."""
    level: int = 0
    """Rank of the buyer's membership level; 0 for none."""
    segments: frozenset[str] = frozenset()
    communities: frozenset[str] = frozenset()
    first_order: bool = False
    """The buyer has no paid order yet."""
    channel: str = ""
    """Where the buyer came from: h5, wechat, …"""
    payment_method: str = ""


@frozen
class Standing:
    """A good while it is priced: what is left to pay for it, and what thresholds read."""

    good: Good
    net: int
    basis: int

    def less(self, amount: int) -> "Standing":
        """Take something off."""
        return evolve(self, net=self.net - amount)


def spread(amount: int, standings: Sequence[Standing]) -> tuple[int, ...]:
    """Share a discount among goods by what is left to pay: never more than that, exact to the fen.

    Integer largest remainder, ties by line number.
    """
    nets = [each.net for each in standings]
    total = min(amount, sum(nets))
    return share_out(total, nets) if total > 0 else (0,) * len(nets)


def part_of(standing: Standing, units: int) -> int:
    """Return what so many units of a good stand for in what is left to pay, rounded down."""
    return standing.net * units // standing.good.units
