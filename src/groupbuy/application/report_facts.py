"""What reports are made of: a fact for each order, sums of many facts, and how far we have read.

A fact says all that reports want to know of one order. Sums are kept by the day in the shop's
zone. So a change of an order changes the sums by the difference of its two facts, however often
and in whatever order its events are heard; and all facts together give the same sums again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from attrs import field, frozen

from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import OrderState

RULES = 2
"""Which rules of counting the sums follow; others are counted anew."""
POSITION = "reports"
"""The id of the `ReportPosition` of reports."""


DEAL = "deal@"
"""How a measure begins that counts sales of one price."""


class What(StrEnum):
    """Why money moved, as far as reports tell it apart."""

    PAID = "paid"
    """Captured for an order."""
    SALES = "sales"
    """Became binding."""
    SUBSIDY = "subsidy"
    """Discounts on it that the platform or points pay for; negative when taken back."""
    COMMISSION = "commission"
    """Earned by leaders, helpers and points; negative when taken back."""
    FEES = "fees"
    """The operator's share; negative when taken back."""
    REFUNDS = "refunds"
    """Granted back after it was binding."""
    RETURNED = "returned"
    """Granted back before it was binding."""
    UNUSABLE = "unusable"
    """Granted back because it paid nothing: late, twice, or a wrong amount."""


@frozen
class FactLine:
    """One line of an order, as it is now."""

    sku_id: str
    product_id: str
    category_id: str
    units: int
    """Ordered; 0 for freight."""
    left: int
    """Not refunded."""
    gross: int
    """Minor units at the original price."""
    net: int
    """What the buyer paid."""
    refunded: int
    dropped: int = 0
    """By how much a ladder of prices made it cheaper in the end."""


@frozen
class FactMove:
    """Money of an order that moved."""

    at: datetime
    what: What
    amount: int
    why: str = ""
    """Of a refund: its cause, and for an after-sale case the buyer's reason behind a colon."""


@frozen
class OrderFact:
    """All that reports say of one order; its id is the order's."""

    id: str
    merchant_id: str
    campaign_id: str
    leader_id: str
    """Empty without a leader."""
    point_id: str
    """Where the goods are collected; empty for parcels."""
    buyer_id: str
    region: str
    currency: str
    created_at: datetime
    placed_at: datetime | None
    confirmed_at: datetime | None
    state: OrderState
    close_reason: str
    lines: tuple[FactLine, ...]
    moves: tuple[FactMove, ...]
    version: int = 0


class Grain(StrEnum):
    """By what the sums of one kind are told apart, beside merchant, day and currency."""

    SALES = "sales"
    """By campaign and leader."""
    GOODS = "goods"
    """By campaign, leader, product, variant and category; the day is that of the sale."""
    HOURS = "hours"
    """By the hour in which an order was begun."""
    REGIONS = "regions"
    """By the region of the buyer's contact."""
    PLACES = "places"
    """By leader and pickup point."""
    STATES = "states"
    """By state and close reason as they are now; the day is that of the order."""
    REFUNDS = "refunds"
    """By cause and campaign."""
    DEALS = "deals"
    """By variant; the counts name what a unit was sold for, in minor units."""
    BUYERS = "buyers"
    """By buyer, for all time; the counts name months."""
    MEMBERS = "members"
    """By campaign and buyer, for all time."""
    CAMPAIGNS = "campaigns"
    """By campaign, for all time: what follows from its members."""
    HISTORY = "history"
    """By source: purchases of an earlier system."""


CAMPAIGN, LEADER, CATEGORY = "campaign", "leader", "category"
PLACES: Mapping[Grain, Mapping[str, int]] = {
    Grain.SALES: {CAMPAIGN: 0, LEADER: 1},
    Grain.GOODS: {CAMPAIGN: 0, LEADER: 1, "product": 2, "sku": 3, CATEGORY: 4},
    Grain.REFUNDS: {CAMPAIGN: 2},
    Grain.PLACES: {LEADER: 0},
}
"""Where the parts of a grain say what can be filtered by."""


@frozen
class Key:
    """What one sum is about."""

    grain: Grain
    merchant_id: str
    day: str
    """`YYYY-MM-DD` in the shop's zone; empty for what has no day."""
    currency: str
    parts: tuple[str, ...]
    """The values the grain tells apart, in its order."""

    @property
    def id(self) -> str:
        """Return the id of its row: merchant first, so that it lives in the merchant's cell."""
        said = (self.merchant_id, self.grain, self.day, self.currency, *self.parts)
        return "/".join(each.replace("%", "%25").replace("/", "%2F") for each in said)

    def named(self, what: str) -> str:
        """Return the part that says a campaign, a leader, …; empty where the grain has none."""
        place = PLACES.get(self.grain, {}).get(what)
        return "" if place is None else self.parts[place]


@frozen
class Rollup:
    """The sums of one key. Measures that are zero are left out."""

    id: str
    merchant_id: str
    grain: Grain
    day: str
    currency: str
    parts: tuple[str, ...]
    counts: Mapping[str, int] = field(factory=dict)
    version: int = 0
    campaign_id: str = ""
    """The part that names a campaign, to be found by; empty where the grain names none."""
    leader_id: str = ""
    """The part that names a leader, likewise."""

    @classmethod
    def of(cls, key: Key) -> "Rollup":
        """Return the empty row of a key."""
        return cls(
            key.id,
            key.merchant_id,
            key.grain,
            key.day,
            key.currency,
            key.parts,
            campaign_id=key.named(CAMPAIGN),
            leader_id=key.named(LEADER),
        )

    @property
    def key(self) -> Key:
        """What it is about."""
        return Key(self.grain, self.merchant_id, self.day, self.currency, self.parts)


@frozen
class ReportPosition:
    """How far a follower has read the event log; the id names it: reports, or who else follows.

    A pass reads every event from `since` on, page by page; the next one begins at `next_since`.
    """

    id: str
    since: datetime
    after: str = ""
    """Id of the last event of this pass that was read; empty between passes."""
    next_since: datetime | None = None
    """Known since this pass began; None between passes."""
    zone: str = ""
    """In whose days the sums are kept."""
    rules: int = 0
    held_until: datetime | None = None
    """Somebody counts everything anew; nothing is read until then."""
    read_at: datetime | None = None
    """When the last pass ended: what was committed before it began is counted."""
    version: int = 0


class Every(StrEnum):
    """How often a report is delivered, each time about the whole of what is over."""

    DAY = "day"
    WEEK = "week"
    """On Mondays, about the seven days before."""
    MONTH = "month"


@frozen
class ReportSchedule:
    """A report that is delivered by itself."""

    id: str
    name: str
    """Which report."""
    every: Every
    hour: int
    """Hour of the day in the shop's zone, from 0."""
    form: str
    """csv, xlsx or svg."""
    to: str
    """How and where: `mail:somebody@example.com`, `folder:finance`."""
    next_at: datetime
    """When it is due next."""
    made_by: str
    made_at: datetime
    merchant_id: str = ""
    """Empty: all merchants together."""
    by: str = ""
    language: str = "zh-CN"
    stopped_at: datetime | None = None
    version: int = 0


@frozen
class PastPurchase:
    """A purchase in an earlier system: it moved no money here and is in no ledger."""

    id: str
    merchant_id: str
    source: str
    """Where it came from, as the import was told."""
    customer: str
    """As that system named them."""
    on: date
    units: int
    amount: Money
    imported_at: datetime
