"""When less came than was ordered: who gets what, and what each parcel of it is called."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from groupbuy.domain.kernel import Invalid


@frozen
class Demand:
    """What one line of one order wants of a variant."""

    order_id: str
    line_no: int
    units: int
    paid_at: datetime


@frozen
class Share:
    """What one line of one order gets."""

    order_id: str
    line_no: int
    wanted: int
    given: int

    @property
    def short(self) -> int:
        """How many units its buyer does not get."""
        return self.wanted - self.given


@frozen
class Allocation:
    """What came of a variant for a campaign, shared out once; its id names both. Append-only."""

    id: str
    campaign_id: str
    sku_id: str
    merchant_id: str
    supply: int
    at: datetime
    by: str
    shares: tuple[Share, ...]

    @property
    def given(self) -> int:
        """How many units go to buyers."""
        return sum(share.given for share in self.shares)


@frozen
class GoodsReceipt:
    """Goods that came in for a campaign which sold before it bought. Append-only."""

    id: str
    campaign_id: str
    merchant_id: str
    sku_id: str
    units: int
    at: datetime
    by: str
    remark: str = ""


def allocation_id(campaign_id: str, sku_id: str) -> str:
    """Return the id of the one allocation of a variant in a campaign."""
    return f"{campaign_id}/{sku_id}"


def allocate(demands: Sequence[Demand], supply: int) -> tuple[Share, ...]:
    """Share a supply out: who paid first gets theirs first, the last one perhaps a part.

    Ties go by order and line. Raises Invalid for less than nothing.
    """
    if supply < 0:
        raise Invalid(field="supply", reason="must not be negative")
    shares, left = list[Share](), supply
    for each in sorted(demands, key=lambda d: (d.paid_at, d.order_id, d.line_no)):
        given = min(left, each.units)
        left -= given
        shares.append(Share(each.order_id, each.line_no, each.units, given))
    return tuple(shares)
