"""Which share link brought a buyer to what they join."""

from collections.abc import Mapping

from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.sharing import ShareLink


def link_behind(
    links: Mapping[str, ShareLink], share_id: str | None, campaign: Campaign, buyer_id: str
) -> ShareLink | None:
    """Return the link, if it is known, somebody else's, and about what is joined.

    It is only counted: whatever it is, the join goes on and costs the same.
    """
    link = links.get(share_id or "")
    about = {campaign.id, *(offer.product_id for offer in campaign.offers)}
    if link is None or link.subject not in about or link.sharer_id == buyer_id:
        return None
    return link
