"""What those who work on orders keep beside them: filters of their own, remarks on an order."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.ordering.states import OrderState

FILTERS_AT_MOST = 20
_NAME_AT_MOST = 40


@frozen
class OrderFilter:
    """Which orders somebody wants to see again and again."""

    name: str
    states: tuple[OrderState, ...] = ()
    """None named: all that sellers see."""
    campaign_id: str = ""
    pickup_point_id: str = ""
    days: int | None = None
    """Only those made in so many last days."""

    def __attrs_post_init__(self) -> None:
        """A filter has a name."""
        if not 1 <= len(self.name.strip()) <= _NAME_AT_MOST:
            raise Invalid(field="name", reason=f"must have 1 to {_NAME_AT_MOST} letters")


@frozen
class OrderFilters:
    """The filters of one person; its id is the person's."""

    id: str
    filters: tuple[OrderFilter, ...] = ()
    version: int = 0

    def named(self, name: str) -> OrderFilter:
        """Return one of them. Raises NotFound."""
        for each in self.filters:
            if each.name == name:
                return each
        raise NotFound(kind="filter", key=name)

    def put(self, wanted: OrderFilter) -> "OrderFilters":
        """Add one, or change the one of that name. Raises Invalid once there are too many."""
        others = tuple(each for each in self.filters if each.name != wanted.name)
        if len(others) >= FILTERS_AT_MOST:
            raise Invalid(field="name", reason=f"at most {FILTERS_AT_MOST} filters")
        return evolve(self, filters=(*others, wanted))

    def remove(self, name: str) -> "OrderFilters":
        """Drop one. Raises NotFound."""
        gone = self.named(name)
        return evolve(self, filters=tuple(each for each in self.filters if each != gone))


@frozen
class OrderNote:
    """A remark of those who work on an order; the buyer never sees it. Append-only."""

    id: str
    order_id: str
    merchant_id: str
    by: str
    at: datetime
    text: str
    """Sealed under the buyer's key, so that it goes with them: remarks tend to be about people."""
