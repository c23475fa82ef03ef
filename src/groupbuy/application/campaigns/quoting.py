"""What a basket would cost, and why: asked before joining, by anybody."""

from collections.abc import Sequence

from groupbuy.application.campaigns.looking import public_campaign
from groupbuy.application.steps.pricing import Explained, explained, item_of
from groupbuy.application.write_path import Work


def quote_basket(work: Work, campaign_id: str, items: Sequence[tuple[str, int]]) -> Explained:
    """Price (variant, units) as a join now would. Raises NotFound, Invalid, Refused.

    Nothing is held: a join that names this sum as agreed is refused if it costs another by then.
    """
    campaign = public_campaign(work, campaign_id)
    return explained(campaign, [item_of(campaign, *each) for each in items], work.now())
