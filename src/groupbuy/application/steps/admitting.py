"""Who may join a campaign, and how their goods may reach them: asked before a seat is taken."""

from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Membership
from groupbuy.domain.ordering import Contact


def admitted(work: Work, campaign: Campaign | None, key: str, member: Membership) -> Campaign:
    """Return the campaign somebody wants to join if it is open and open to them.

    Raises NotFound, Refused.
    """
    if campaign is None or campaign.state is CampaignState.DRAFT:
        raise NotFound(kind="campaign", key=key)
    if campaign.state is not CampaignState.OPEN:
        raise Refused(rule="campaign_is_open", about=campaign.id)
    member.check_may_join(work.now())
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
