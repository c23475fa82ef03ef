"""A customer as predicates see one: purchases, the last visit, scores."""

from datetime import date

from attrs import frozen

from groupbuy.domain.segments.rfm import Scores


@frozen
class Purchase:
    """One binding order of which something is left."""

    order_id: str
    day: date
    """On which it became binding, in the shop's zone."""
    paid: int
    """Minor units that were not refunded."""
    products: frozenset[str] = frozenset()
    """Goods of which a unit is left."""
    categories: frozenset[str] = frozenset()
    """Theirs, with everything above them."""
    communities: frozenset[str] = frozenset()
    """Its pickup point, its leader, and what the leader's communities are called."""


@frozen
class Customer:
    """Somebody who bought; what is empty is not known, and no predicate holds for it."""

    id: str
    purchases: tuple[Purchase, ...] = ()
    seen_on: date | None = None
    """The local day of their last visit."""
    level: int = 0
    tags: frozenset[str] = frozenset()
    scores: Scores | None = None

    @property
    def bought_on(self) -> date | None:
        """Return the day of the last purchase."""
        return max((each.day for each in self.purchases), default=None)

    @property
    def spent(self) -> int:
        """Return what all purchases come to, in minor units."""
        return sum(each.paid for each in self.purchases)
