"""What campaigns look like over HTTP."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from groupbuy.application.campaigns import CampaignSpec, Preview
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import (
    Campaign,
    Capacity,
    FreightPayer,
    Limits,
    Measure,
    Mode,
    OnQuorum,
    Quorum,
    Reference,
    RefundRules,
    StockPolicy,
    Tier,
    group_of,
)
from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.marketing import Exempt
from groupbuy.entrypoints.http.amounts import (
    END,
    MOST,
    Amount,
    BasisPoints,
    Count,
    IdText,
    Text80,
    Text2000,
    amount,
    amount_or_none,
)
from groupbuy.entrypoints.http.audience_schemas import (
    AudienceIn,
    HeadStartIn,
    audience_out,
    head_start_out,
)
from groupbuy.entrypoints.http.promotion_schemas import (
    PromotionIn,
    PromotionOut,
    promotions_of,
    promotions_out,
)

Instant = Annotated[datetime, Meta(tz=True)]
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
Target = Annotated[int, Meta(ge=1, le=MOST)]


class OfferIn(msgspec.Struct, forbid_unknown_fields=True):
    """A variant to sell, at a price or at a share of its original price."""

    sku_id: IdText
    price: Amount | None = None
    share_bp: Annotated[int, Meta(ge=1, le=10_000, description="8000 is 80 %")] | None = None
    stock_policy: StockPolicy = StockPolicy.TRACKED
    commission_bp: BasisPoints | None = None
    unit_grams: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """Sold by weight: what a unit should weigh; a lighter parcel is refunded in part."""
    below_cost: Exempt | None = None
    """Why it may be sold below its cost; fresh goods may anyway."""


class QuorumIn(msgspec.Struct, forbid_unknown_fields=True):
    """How many must have paid in time; `amount` counts minor units."""

    measure: Measure = Measure.BUYERS
    target: Target = 1


class CapacityIn(msgspec.Struct, forbid_unknown_fields=True):
    """The most buyers or units."""

    limit: Count
    measure: Measure = Measure.BUYERS


class TierIn(msgspec.Struct, forbid_unknown_fields=True):
    """A step of a price ladder: once so much is reached everybody pays that share of the price."""

    reached: Target
    share_bp: Annotated[int, Meta(ge=1, le=9_999, description="7000 is 70 % of the original")]


class LimitsIn(msgspec.Struct, forbid_unknown_fields=True):
    """The most one buyer may take."""

    units_per_buyer: Count | None = None
    units_per_order: Count | None = None
    orders_per_buyer: Count | None = None


def _promised(what: str) -> Meta:
    """Describe a rule of returns, and who keeps it today."""
    by_whom = "Shown to the buyer, copied to the order, applied by after-sale staff."
    return Meta(description=f"{what}. {by_whom}")


class RefundRulesIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a buyer may undo. A failed group always refunds everything.

    Leaving and the after-sale window are kept by the shop itself. The rules of returns are shown
    to the buyer and copied to the order; after-sale staff apply them, nothing is automatic yet.
    """

    leave_hours_before_end: Annotated[int, Meta(ge=0, le=8760)] | None = 0
    return_window_days: Annotated[int, Meta(ge=0, le=365), _promised("Days to send goods back")] = 7
    return_freight: Annotated[FreightPayer, _promised("Who pays for sending back")] = (
        FreightPayer.BUYER
    )
    coupon_returns: Annotated[bool, _promised("Whether a spent coupon comes back")] = True
    points_return: Annotated[bool, _promised("Whether spent points come back")] = True
    after_sale_days: Annotated[int, Meta(ge=0, le=365)] = 7


class CampaignIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A campaign somebody wants to run."""

    title: Text80
    mode: Mode = Mode.POOL
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    starts_on: date | None = None
    """Instead of `starts_at`: from the first moment of that day in `zone`."""
    ends_on: date | None = None
    """Instead of `ends_at`: to the last moment of that day in `zone`."""
    offers: Annotated[list[OfferIn], Meta(min_length=1, max_length=50)]
    leader_id: IdText | None = None
    description: Text2000 = ""
    zone: Annotated[str, Meta(pattern="^[A-Za-z_+/-]{1,64}" + END)] = "Asia/Shanghai"
    quorum: QuorumIn | None = None
    capacity: CapacityIn | None = None
    limits: LimitsIn = msgspec.field(default_factory=LimitsIn)
    refund_rules: RefundRulesIn = msgspec.field(default_factory=RefundRulesIn)
    on_quorum: OnQuorum = OnQuorum.SELL_ON
    hold_minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    freight: Amount = msgspec.field(default_factory=lambda: Amount(0))
    pickup_point_ids: Annotated[list[IdText], Meta(max_length=200)] = msgspec.field(
        default_factory=list
    )
    express: bool = True
    commission_bp: BasisPoints | None = None
    promotions: Annotated[list[PromotionIn], Meta(max_length=10)] = msgspec.field(
        default_factory=list
    )
    """Taken off beside the group price; `GET /promotion-kinds` tells which there are."""
    coupons_allowed: bool = True
    team_hours: Annotated[int, Meta(ge=1, le=720)] | None = None
    """For `mode` team: how long a team stays open; it needs as many buyers as the quorum says."""
    tiers: Annotated[list[TierIn], Meta(max_length=10)] = msgspec.field(default_factory=list)
    """In the quorum's measure; whoever paid more than the last step reached is refunded."""

    audience: AudienceIn = msgspec.field(default_factory=AudienceIn)
    head_start: HeadStartIn | None = None

    def spec(self) -> CampaignSpec:
        """Return it in the words of the use case."""
        return CampaignSpec(
            title=self.title,
            mode=self.mode,
            starts_at=_instant("starts_at", self.starts_at, self.starts_on, self.zone),
            ends_at=_instant("ends_at", self.ends_at, self.ends_on, self.zone, days=1),
            offers=tuple(_offer(offer) for offer in self.offers),
            leader_id=self.leader_id,
            description=self.description,
            zone=self.zone,
            quorum=Quorum(self.quorum.measure, self.quorum.target) if self.quorum else None,
            capacity=_capacity(self.capacity),
            limits=Limits(**msgspec.structs.asdict(self.limits)),
            refund_rules=RefundRules(**msgspec.structs.asdict(self.refund_rules)),
            team_hours=self.team_hours,
            on_quorum=self.on_quorum,
            hold_minutes=self.hold_minutes,
            freight=self.freight.money(),
            pickup_point_ids=tuple(self.pickup_point_ids),
            express=self.express,
            commission_bp=self.commission_bp,
            promotions=promotions_of(self.promotions),
            coupons_allowed=self.coupons_allowed,
            tiers=tuple(Tier(tier.reached, tier.share_bp) for tier in self.tiers),
            audience=self.audience.audience(),
            head_start=self.head_start.head_start() if self.head_start else None,
        )


class WindowIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new selling window."""

    starts_at: Instant
    ends_at: Instant


class ReasonIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class SeenIn(msgspec.Struct, forbid_unknown_fields=True):
    """Which version somebody has seen and means."""

    version: Annotated[int, Meta(ge=0, le=1_000_000_000)]


class OfferOut(msgspec.Struct, frozen=True):
    """A variant on sale and what it saves."""

    sku_id: str
    product_id: str
    title: str
    options: str
    original: Amount
    price: Amount
    stock_policy: StockPolicy
    return_policy: str
    unit_grams: int | None
    """What a unit should weigh, if it is sold by weight."""
    struck_through: Amount | None
    """The earlier price to show beside the price; null if none may be shown."""
    reference: "ReferenceOut | None"
    below_cost: str


class ReferenceOut(msgspec.Struct, frozen=True):
    """What a struck-through price rests on: sales of this shop before the campaign."""

    price: Amount
    since: datetime
    until: datetime
    sales: int
    """0 if it is the last sale before the seven days."""


class CampaignOut(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as everybody sees it."""

    id: str
    group_id: str
    """Its one group; empty where there are teams."""
    title: str
    description: str
    mode: Mode
    state: str
    merchant_id: str
    leader_id: str | None
    zone: str
    starts_at: datetime
    ends_at: datetime
    offers: list[OfferOut]
    quorum: QuorumIn | None
    capacity: CapacityIn | None
    limits: LimitsIn
    refund_rules: RefundRulesIn
    on_quorum: OnQuorum
    hold_minutes: int
    freight: Amount
    pickup_point_ids: list[str]
    express: bool
    promotions: list[PromotionOut]
    coupons_allowed: bool
    tiers: list[TierIn]
    team_hours: int | None
    approved: bool
    """The merchant agreed to it."""
    waived_because: str | None
    copied_from: str | None
    audience: AudienceIn
    head_start: HeadStartIn | None
    opens_for_all_at: datetime
    """Before it only those come in who `head_start` names."""
    version: int


class PreviewOut(msgspec.Struct, frozen=True):
    """A draft as it would be published, and what stands in the way."""

    campaign: CampaignOut
    findings: list[str]
    commission_bp: dict[str, int]
    """By variant: the leader's rate a sale will earn."""


def campaign_out(campaign: Campaign) -> CampaignOut:
    """Render a campaign."""
    return CampaignOut(
        id=campaign.id,
        group_id="" if campaign.mode is Mode.TEAM else group_of(campaign.id),
        title=campaign.title,
        description=campaign.description,
        mode=campaign.mode,
        state=campaign.state.value,
        merchant_id=campaign.merchant_id,
        leader_id=campaign.leader_id,
        zone=campaign.zone,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        offers=[
            OfferOut(
                sku_id=o.sku_id,
                product_id=o.product_id,
                title=o.title,
                options=o.options,
                original=amount(o.original),
                price=amount(o.price),
                stock_policy=o.stock_policy,
                return_policy=o.return_policy.value,
                unit_grams=o.unit_grams,
                struck_through=amount_or_none(o.struck_through),
                reference=_reference(o.reference),
                below_cost=o.below_cost,
            )
            for o in campaign.offers
        ],
        quorum=QuorumIn(campaign.quorum.measure, campaign.quorum.target)
        if campaign.quorum
        else None,
        capacity=CapacityIn(campaign.capacity.limit, campaign.capacity.measure)
        if campaign.capacity
        else None,
        limits=_plain(campaign.limits, LimitsIn),
        refund_rules=_plain(campaign.refund_rules, RefundRulesIn),
        on_quorum=campaign.on_quorum,
        hold_minutes=campaign.hold_minutes,
        freight=amount(campaign.freight),
        pickup_point_ids=list(campaign.pickup_point_ids),
        express=campaign.express,
        promotions=promotions_out(campaign),
        coupons_allowed=campaign.coupons_allowed,
        tiers=[TierIn(tier.reached, tier.share_bp) for tier in campaign.tiers],
        team_hours=campaign.team_hours,
        approved=campaign.approved_by is not None,
        waived_because=campaign.waiver.reason if campaign.waiver else None,
        copied_from=campaign.copied_from,
        audience=audience_out(campaign),
        head_start=head_start_out(campaign),
        opens_for_all_at=campaign.opens_for_all_at,
        version=campaign.version,
    )


def preview_out(preview: Preview) -> PreviewOut:
    """Render a preview."""
    rates = {offer.sku_id: offer.leader_bp for offer in preview.campaign.offers}
    return PreviewOut(campaign_out(preview.campaign), list(preview.findings), rates)


def _reference(found: Reference | None) -> ReferenceOut | None:
    if found is None:
        return None
    return ReferenceOut(amount(found.price), found.since, found.until, found.sales)


def _plain(value: object, kind: type[_Struct]) -> _Struct:
    return kind(**{name: getattr(value, name) for name in kind.__struct_fields__})


def _instant(
    name: str, at: datetime | None, on: date | None, zone: str, *, days: int = 0
) -> datetime:
    """Return an instant given as such or as the beginning of a local day. Raises Invalid.

    `days` moves the day: windows are half-open, so a last day ends where the next one begins.
    """
    if (at is None) == (on is None):
        raise Invalid(field=name, reason="give an instant or a day, not both")
    try:
        local = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(field="zone", reason="is no time zone") from error
    try:
        begins = at or datetime.combine((on or date.min) + timedelta(days=days), time.min, local)
        return begins.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(field=name, reason="lies outside the calendar") from error


def _offer(offer: OfferIn) -> OfferSpec:
    price: Money | None = offer.price.money() if offer.price else None
    return OfferSpec(
        offer.sku_id,
        price,
        offer.share_bp,
        offer.stock_policy,
        offer.commission_bp,
        offer.unit_grams,
        offer.below_cost,
    )


def _capacity(capacity: CapacityIn | None) -> Capacity | None:
    return Capacity(capacity.measure, capacity.limit) if capacity else None
