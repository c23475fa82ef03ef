"""What a basket would cost, and why: asked before joining, by anybody."""

from collections.abc import Sequence

from attrs import evolve

from groupbuy.application.campaigns.looking import public_campaign
from groupbuy.application.steps.couponing import buyer_with, usable_coupons
from groupbuy.application.steps.pricing import Buyer, Explained, explained, item_of
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, Group, group_of
from groupbuy.domain.kernel import NotFound


def quote_basket(
    work: Work, campaign_id: str, items: Sequence[tuple[str, int]], coupon: str | None = None
) -> Explained:
    """Price (variant, units) as a join now would. Raises NotFound, Invalid, Refused.

    Of one's own coupons the best is chosen unless one is named, or none with an empty text.
    Nothing is held: a join that names this sum as agreed is refused if it costs more by then.
    """
    campaign = public_campaign(work, campaign_id)
    reached = _reached(work, campaign)
    basket = [item_of(campaign, *each, reached) for each in items]
    return explained(campaign, basket, work.now(), _buyer(work, campaign, coupon))


def _reached(work: Work, campaign: Campaign) -> int:
    """Return what the group has reached, if prices depend on it."""
    group = work.of(Group).get(group_of(campaign.id)) if campaign.tiers else None
    return 0 if group is None else group.reached(campaign.measure)


def _buyer(work: Work, campaign: Campaign, coupon: str | None) -> Buyer:
    level = work.caller.member.level
    if not work.caller.user_id or coupon == "":
        return Buyer(coupon="", level=level)
    coupons = usable_coupons(work, campaign)
    if coupon is not None and all(each.id != coupon for each in coupons):
        raise NotFound(kind="coupon", key=coupon)
    return evolve(buyer_with(work, work.caller.user_id, coupons, coupon), level=level)
