"""What somebody wants to run, and what of it makes no sense."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import (
    Audience,
    Capacity,
    HeadStart,
    Limits,
    Mode,
    OnQuorum,
    Quorum,
    RefundRules,
    Tier,
)
from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.marketing import Promotion

TITLE_AT_MOST = 80
TEAM_HOURS_AT_MOST = 30 * 24


@frozen
class CampaignSpec:
    """What somebody wants to run. Times are aware; dates were read in `zone`."""

    title: str
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    offers: tuple[OfferSpec, ...]
    merchant_id: str = ""
    leader_id: str | None = None
    description: str = ""
    zone: str = "Asia/Shanghai"
    quorum: Quorum | None = None
    capacity: Capacity | None = None
    limits: Limits = Limits()
    refund_rules: RefundRules = RefundRules()
    tiers: tuple[Tier, ...] = ()
    team_hours: int | None = None
    on_quorum: OnQuorum = OnQuorum.SELL_ON
    hold_minutes: int = 15
    freight: Money = field(factory=lambda: Money(0))
    pickup_point_ids: tuple[str, ...] = ()
    express: bool = True
    commission_bp: int | None = None
    promotions: tuple[Promotion, ...] = ()
    coupons_allowed: bool = True
    audience: Audience = Audience()
    head_start: HeadStart | None = None


def terms_of(spec: CampaignSpec) -> Mapping[str, Any]:
    """Return the attributes of a campaign that a spec names. Raises Invalid."""
    title = spec.title.strip()
    if not 0 < len(title) <= TITLE_AT_MOST:
        raise Invalid(field="title", reason=f"1 to {TITLE_AT_MOST} characters")
    if not 1 <= spec.hold_minutes <= 24 * 60:
        raise Invalid(field="hold_minutes", reason="1 minute to 1 day")
    if spec.team_hours is not None and not 1 <= spec.team_hours <= TEAM_HOURS_AT_MOST:
        raise Invalid(field="team_hours", reason="1 hour to 30 days")
    if spec.freight.minor < 0:
        raise Invalid(field="freight", reason="must not be below zero")
    names = (
        "mode starts_at ends_at description zone quorum capacity limits refund_rules tiers"
        " team_hours on_quorum hold_minutes freight pickup_point_ids express commission_bp"
        " coupons_allowed audience head_start"
    )
    said = {name: getattr(spec, name) for name in names.split()}
    return {"title": title, **said}
