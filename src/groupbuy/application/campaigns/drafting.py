"""Drafts: started, edited, copied."""

from datetime import datetime

from groupbuy.application.campaigns.managing import check_seen, own_campaign, save_campaign
from groupbuy.application.campaigns.promoting import promotions_of
from groupbuy.application.campaigns.spec import CampaignSpec, terms_of
from groupbuy.application.steps.offering import offers_of
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, Offer
from groupbuy.domain.catalogue import Product
from groupbuy.domain.kernel import Event, Invalid, NotFound, Refused
from groupbuy.domain.membership import Leader, LeaderState, PickupPoint, Role


def draft_campaign(work: Work, spec: CampaignSpec) -> Campaign:
    """Start a campaign as a leader, a merchant or an operator."""
    work.caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    now = work.now()
    offers = offers_of(work, spec.offers)
    promotions = promotions_of(work, spec.promotions, offers)
    merchant_id = _merchant(work, spec, offers)
    campaign = Campaign(
        id=work.new_id_apart("cmp"),
        merchant_id=merchant_id,
        created_by=work.caller.user_id,
        created_at=now,
        leader_id=_leader(work, spec),
        offers=tuple(offers),
        promotions=promotions,
        **terms_of(spec),
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
    check_seen(campaign, version)
    offers = offers_of(work, spec.offers)
    promotions = promotions_of(work, spec.promotions, offers)
    if _merchant(work, spec, offers) != campaign.merchant_id:
        raise Refused(rule="one_merchant_per_campaign", about=campaign_id)
    changes = {**terms_of(spec), "offers": tuple(offers), "promotions": promotions}
    after, happened = campaign.edit(work.now(), changes)
    _check_pickup_points(work, after)
    return save_campaign(work, after, happened)


def copy_campaign(work: Work, campaign_id: str, starts_at: datetime, ends_at: datetime) -> Campaign:
    """Start a new draft from a past campaign."""
    campaign = own_campaign(work, campaign_id, lock=False)
    draft, happened = campaign.copy(
        new_id=work.new_id_apart("cmp"),
        by=work.caller.user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        now=work.now(),
    )
    work.of(Campaign).add(draft)
    work.emit(happened)
    return draft


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
