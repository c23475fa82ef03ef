"""What leaders and merchants do with campaigns, and what everybody sees of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.deciding import follow
from groupbuy.application.steps.offering import OfferSpec, offers_of, with_rates
from groupbuy.application.steps.scene import Scene
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Capacity,
    Group,
    Limits,
    Mode,
    Offer,
    OnQuorum,
    Progress,
    Quorum,
    RefundRules,
    StockPolicy,
    Tier,
    progress_of,
)
from groupbuy.domain.catalogue import Product, Stock
from groupbuy.domain.kernel import EditedMeanwhile, Event, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Leader, LeaderState, PickupPoint, Role

TITLE_AT_MOST = 80


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
    on_quorum: OnQuorum = OnQuorum.SELL_ON
    hold_minutes: int = 15
    freight: Money = field(factory=lambda: Money(0))
    pickup_point_ids: tuple[str, ...] = ()
    express: bool = True
    commission_bp: int | None = None


@frozen
class Preview:
    """A campaign as it would be published, and what still stands in the way."""

    campaign: Campaign
    findings: tuple[str, ...]
    """Names of rules that would refuse it, or warnings (`warn:…`)."""


def draft_campaign(work: Work, spec: CampaignSpec) -> Campaign:
    """Start a campaign as a leader, a merchant or an operator."""
    work.caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    now = work.now()
    offers = offers_of(work, spec.offers)
    merchant_id = _merchant(work, spec, offers)
    campaign = Campaign(
        id=work.new_id("cmp"),
        merchant_id=merchant_id,
        created_by=work.caller.user_id,
        created_at=now,
        leader_id=_leader(work, spec),
        offers=tuple(offers),
        **_terms(spec),
    )
    _check_pickup_points(work, campaign)
    work.of(Campaign).add(campaign)
    work.emit([Event("campaign.drafted", campaign.id, now, {"title": campaign.title})])
    return campaign


def edit_campaign(
    work: Work, campaign_id: str, spec: CampaignSpec, version: int | None = None
) -> Campaign:
    """Replace the contents of a draft. `version` is the one the editor saw."""
    campaign = own_campaign(work, campaign_id)
    if version is not None and version != campaign.version:
        raise EditedMeanwhile(kind="campaign", key=campaign_id, version=campaign.version)
    changes = {**_terms(spec), "offers": tuple(offers_of(work, spec.offers))}
    after, happened = campaign.edit(work.now(), changes)
    _check_pickup_points(work, after)
    return _save(work, after, happened)


def preview_campaign(work: Work, campaign_id: str) -> Preview:
    """Show a campaign as it would be published, with every rule that would refuse it."""
    campaign = own_campaign(work, campaign_id, lock=False)
    ready = with_rates(work, campaign)
    findings = list[str]()
    try:
        ready.schedule(work.now())
    except Refused as refusal:
        findings.append(refusal.rule)
    stock = work.of(Stock).find(o.sku_id for o in ready.offers)
    for offer in ready.offers:
        in_hand = stock[offer.sku_id].available if offer.sku_id in stock else 0
        if offer.stock_policy is StockPolicy.TRACKED and in_hand < 1:
            findings.append(f"warn:nothing_in_stock:{offer.sku_id}")
    return Preview(ready, tuple(findings))


def schedule_campaign(work: Work, campaign_id: str) -> Campaign:
    """Publish a draft: prices, rates and rules are fixed from here on."""
    campaign = with_rates(work, own_campaign(work, campaign_id))
    after, happened = campaign.schedule(work.now())
    work.later("open_campaign", campaign_id, after.starts_at)
    return _save(work, after, happened)


def open_campaign(work: Work, campaign_id: str) -> datetime | None:
    """Begin selling when the start has come (the worker calls this)."""
    campaign = work.of(Campaign).lock([campaign_id])[campaign_id]
    if campaign.state is not CampaignState.SCHEDULED:
        return None
    if work.now() < campaign.starts_at:
        return campaign.starts_at
    group_id = "grp_" + campaign_id.partition("_")[2]
    after, happened = campaign.open(work.now())
    group, opened = Group.of(after, group_id, work.now())
    work.of(Group).add(group)
    work.later("end_group", group_id, group.ends_at)
    _save(work, after, [*happened, *opened])
    return None


def close_campaign(work: Work, campaign_id: str, reason: str = "") -> Campaign:
    """Stop selling now, by hand: what has been reached decides, as at the end."""
    campaign = own_campaign(work, campaign_id)
    if campaign.state is not CampaignState.OPEN:
        campaign.close(work.now())  # refuses, saying in which state it is
    scene = Scene(work, groups=_groups(work, campaign_id), campaigns={campaign_id: campaign})
    for group in list(scene.groups.values()):
        sooner, moved = group.bring_end_forward(work.now())
        after, happened = sooner.decide(campaign, work.now())
        scene.put_group(after, [*moved, *happened])
        follow(work, campaign, group, after)
        work.later("end_group", group.id, work.now(), once="by-hand")
    work.audit("campaign.close", campaign_id, reason)
    current = work.of(Campaign).get(campaign_id)
    if current.state is CampaignState.OPEN:
        current, closed = current.close(work.now())
        _save(work, current, closed)
    return current


def cancel_campaign(work: Work, campaign_id: str, reason: str = "") -> Campaign:
    """Call a campaign off before it formed; everybody who paid gets everything back."""
    campaign = own_campaign(work, campaign_id)
    groups = _groups(work, campaign_id)
    formed = any(group.formed_at is not None for group in groups.values())
    after, happened = campaign.cancel(work.now(), any_group_formed=formed)
    _save(work, after, happened)
    scene = Scene(work, groups=groups, campaigns={campaign_id: after})
    for group in list(groups.values()):
        gone, more = group.cancel(after, work.now())
        scene.put_group(gone, more)
        follow(work, after, group, gone)
    work.audit("campaign.cancel", campaign_id, reason)
    return after


def waive_quorum(work: Work, campaign_id: str, reason: str) -> Campaign:
    """Let whoever has paid have the goods although too few joined; everybody can see it."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, everybody will read it")
    campaign = own_campaign(work, campaign_id)
    after, happened = campaign.waive(work.caller.user_id, reason, work.now())
    _save(work, after, happened)
    groups = _groups(work, campaign_id)
    scene = Scene(work, groups=groups, campaigns={campaign_id: after})
    for group in list(groups.values()):
        decided, more = group.decide(after, work.now())
        scene.put_group(decided, more)
        follow(work, after, group, decided)
    work.audit("campaign.waive_quorum", campaign_id, reason)
    return after


def copy_campaign(work: Work, campaign_id: str, starts_at: datetime, ends_at: datetime) -> Campaign:
    """Start a new draft from a past campaign."""
    campaign = own_campaign(work, campaign_id, lock=False)
    draft, happened = campaign.copy(
        new_id=work.new_id("cmp"),
        by=work.caller.user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        now=work.now(),
    )
    work.of(Campaign).add(draft)
    work.emit(happened)
    return draft


def own_campaign(work: Work, campaign_id: str, *, lock: bool = True) -> Campaign:
    """Return a campaign the caller may manage; anybody else's does not exist for them."""
    caller, store = work.caller, work.of(Campaign)
    caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    found = (store.lock([campaign_id]) if lock else store.find([campaign_id])).get(campaign_id)
    if found is None or not (
        Role.OPERATOR in caller.roles
        or (Role.MERCHANT in caller.roles and found.merchant_id == caller.merchant_id)
        or (Role.LEADER in caller.roles and found.leader_id == caller.leader_id)
    ):
        raise NotFound(kind="campaign", key=campaign_id)
    return found


def public_campaign(work: Work, campaign_id: str) -> Campaign:
    """Return a campaign anybody may see: not a draft. Raises NotFound."""
    campaign = work.of(Campaign).get(campaign_id)
    if campaign.state is CampaignState.DRAFT:
        raise NotFound(kind="campaign", key=campaign_id)
    return campaign


def open_campaigns(work: Work, query: Query) -> list[Campaign]:
    """Return campaigns that anybody may join, as the query says."""
    return work.of(Campaign).select(query)


def list_campaigns(work: Work, query: Query) -> list[Campaign]:
    """Return campaigns of the caller's own side: leader, merchant, or all for an operator."""
    caller = work.caller
    if Role.OPERATOR in caller.roles:
        return work.of(Campaign).select(query)
    if Role.MERCHANT in caller.roles and caller.merchant_id:
        return work.of(Campaign).select(query.where(merchant_id=caller.merchant_id))
    caller.require(Role.LEADER)
    return work.of(Campaign).select(query.where(leader_id=caller.leader_id))


def progress(work: Work, group_ids: Iterable[str]) -> dict[str, Progress]:
    """Return how far groups are, by group id; unknown ones are left out."""
    groups = work.of(Group).find(group_ids)
    campaigns = work.of(Campaign).find({group.campaign_id for group in groups.values()})
    now = work.now()
    return {
        group.id: progress_of(campaigns[group.campaign_id], group, now) for group in groups.values()
    }


def _save(work: Work, campaign: Campaign, happened: list[Event]) -> Campaign:
    work.of(Campaign).save(campaign)
    work.emit(happened)
    return campaign


def _groups(work: Work, campaign_id: str) -> dict[str, Group]:
    found = work.of(Group).select(Query().where(campaign_id=campaign_id).page(10_000))
    return work.of(Group).lock(group.id for group in found)


def _terms(spec: CampaignSpec) -> Mapping[str, Any]:
    title = spec.title.strip()
    if not 0 < len(title) <= TITLE_AT_MOST:
        raise Invalid(field="title", reason=f"1 to {TITLE_AT_MOST} characters")
    if not 1 <= spec.hold_minutes <= 24 * 60:
        raise Invalid(field="hold_minutes", reason="1 minute to 1 day")
    names = (
        "mode starts_at ends_at description zone quorum capacity limits refund_rules tiers"
        " on_quorum hold_minutes freight pickup_point_ids express commission_bp"
    )
    return {"title": title, **{name: getattr(spec, name) for name in names.split()}}


def _merchant(work: Work, spec: CampaignSpec, offers: list[Offer]) -> str:
    """A campaign sells one merchant's goods; merchant staff only their own."""
    products = work.of(Product).find({offer.product_id for offer in offers})
    owners = {product.merchant_id for product in products.values()} or {spec.merchant_id}
    if len(owners) != 1:
        raise Refused(rule="one_merchant_per_campaign")
    (owner,) = owners
    caller = work.caller
    own = caller.merchant_id if Role.MERCHANT in caller.roles else None
    if own and Role.OPERATOR not in caller.roles and owner != own:
        raise NotFound(kind="variant", key=offers[0].sku_id)
    if not owner:
        raise Invalid(field="offers", reason="a campaign needs something to sell")
    return owner


def _leader(work: Work, spec: CampaignSpec) -> str | None:
    caller = work.caller
    if Role.LEADER in caller.roles and caller.leader_id:
        leader_id: str | None = caller.leader_id
    else:
        leader_id = spec.leader_id
    if leader_id is None:
        return None
    leader = work.of(Leader).get(leader_id)
    if leader.state is not LeaderState.APPROVED:
        raise Refused(rule="leader_is_approved", about=leader_id)
    return leader_id


def _check_pickup_points(work: Work, campaign: Campaign) -> None:
    known = work.of(PickupPoint).find(campaign.pickup_point_ids)
    for point_id in campaign.pickup_point_ids:
        if point_id not in known:
            raise NotFound(kind="pickup_point", key=point_id)
    if not campaign.express and not campaign.pickup_point_ids:
        raise Invalid(field="express", reason="offer parcels, a pickup point, or both")
