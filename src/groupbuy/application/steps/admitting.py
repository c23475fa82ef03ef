"""Who may join a campaign, and how their goods may reach them: asked before a seat is taken."""

from datetime import datetime

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Membership
from groupbuy.domain.ordering import BINDING, Contact, Order, OrderState

_BOUGHT = (OrderState.PLACED, *sorted(BINDING))


@frozen
class Admission:
    """How a campaign stands to one person."""

    included: bool
    """It is for people like them at all."""
    opens_at: datetime
    """For them."""
    first: bool
    """They come in before others."""


def admission(work: Work, campaign: Campaign, user_id: str, member: Membership) -> Admission:
    """Tell whether and from when somebody may join; only returning customers are looked up."""
    words = member.words_for(campaign.merchant_id)
    included = campaign.audience.includes(member.level, words)
    first = included and _comes_first(work, campaign, user_id, member)
    opens_at = campaign.starts_at if first else campaign.opens_for_all_at
    return Admission(included, opens_at, first)


def admitted(
    work: Work, campaign: Campaign | None, key: str, user_id: str, member: Membership
) -> Campaign:
    """Return the campaign somebody wants to join if it is open and open to them.

    Raises NotFound, Refused.
    """
    if campaign is None or campaign.state is CampaignState.DRAFT:
        raise NotFound(kind="campaign", key=key)
    if campaign.state is not CampaignState.OPEN:
        raise Refused(rule="campaign_is_open", about=campaign.id)
    now = work.now()
    member.check_may_join(now)
    if not campaign.audience.includes(member.level, member.words_for(campaign.merchant_id)):
        raise Refused(rule="campaign_is_for_you", about=campaign.id)
    if now < campaign.opens_for_all_at and not _comes_first(work, campaign, user_id, member):
        about = campaign.opens_for_all_at.isoformat()
        raise Refused(rule="campaign_opens_for_you_later", about=about)
    return campaign


def check_delivery(campaign: Campaign, pickup_point_id: str | None, contact: Contact) -> None:
    """A bag goes to one of the campaign's pickup points, or a parcel to an address."""
    if pickup_point_id is not None:
        if pickup_point_id not in campaign.pickup_point_ids:
            raise Refused(rule="pickup_point_of_this_campaign", about=campaign.id)
    elif not campaign.express:
        raise Refused(rule="collected_at_a_pickup_point", about=campaign.id)
    elif not contact.address:
        raise Invalid(field="contact.address", reason="a parcel needs an address")


def _comes_first(work: Work, campaign: Campaign, user_id: str, member: Membership) -> bool:
    head_start = campaign.head_start
    if head_start is None or not user_id:
        return False
    if head_start.by_level(member.level):
        return True
    if not head_start.returning:
        return False
    bought = Query().where(buyer_id=user_id, merchant_id=campaign.merchant_id)
    # An order of this very campaign makes nobody a returning customer.
    before = bought.among("state", _BOUGHT).before("created_at", campaign.starts_at)
    return bool(work.of(Order).select(before.page(1)))
