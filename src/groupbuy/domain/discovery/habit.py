"""A habit: what one person bought of one product, and what that adds to how hot it is."""

from collections.abc import Iterable
from datetime import date

from attrs import evolve, frozen

from groupbuy.domain.discovery.heat import NOTHING, Share, weight_of

EVERYWHERE = ""


@frozen
class Buy:
    """One binding order of a product."""

    order_id: str
    day: date
    """On which it became binding, in the shop's zone."""
    communities: tuple[str, ...]
    """Where: its pickup point and its leader, as far as there are any."""
    units: int
    back: int
    """Units given back since."""


@frozen
class Habit:
    """Everything one person bought of one product; the id is `buyer/product`."""

    id: str
    buyer_id: str
    product_id: str
    buys: tuple[Buy, ...] = ()
    """By order."""
    last_on: str = ""
    """The day of the last one, `YYYY-MM-DD`, to be found by; empty without any."""
    version: int = 0

    @classmethod
    def of(cls, key: str) -> "Habit":
        """Return the empty one of an id."""
        buyer, _, product = key.partition("/")
        return cls(key, buyer, product)

    def with_buys(self, others: Iterable[Buy]) -> "Habit":
        """Return it with what is known of some orders now; said twice, it counts once."""
        by_order = {each.order_id: each for each in (*self.buys, *others)}
        buys = tuple(by_order[key] for key in sorted(by_order))
        last = max((each.day for each in buys), default=None)
        return evolve(self, buys=buys, last_on=last.isoformat() if last else "")

    def shares(self) -> dict[str, Share]:
        """Return what it adds, by community and everywhere: one buyer, once for each day."""
        places = {EVERYWHERE, *(name for each in self.buys for name in each.communities)}
        return {name: self._share(name) for name in places} if self.buys else {}

    def _share(self, community: str) -> Share:
        here = [each for each in self.buys if not community or community in each.communities]
        return Share(
            warmth=sum(weight_of(day) for day in {each.day for each in here}),
            buyers=1,
            units=sum(each.units for each in here),
            back=sum(each.back for each in here),
        )


def change(before: Habit | None, after: Habit | None) -> dict[str, Share]:
    """Return by what `after` adds more than `before`, by community; zeros are left out."""
    changes = dict[str, Share]()
    for habit, times in ((before, -1), (after, 1)):
        for name, share in (habit.shares() if habit else {}).items():
            changes[name] = changes.get(name, NOTHING).plus(share, times)
    return {name: share for name, share in changes.items() if share != NOTHING}
