"""What leaders and merchants do with campaigns, and what everybody sees of them."""

from groupbuy.application.campaigns.counting import (
    Checked,
    check_counts,
    keep_counts,
    public_counts,
)
from groupbuy.application.campaigns.drafting import copy_campaign, draft_campaign, edit_campaign
from groupbuy.application.campaigns.looking import (
    for_me,
    list_campaigns,
    open_campaigns,
    open_teams_of,
    progress,
    public_campaign,
)
from groupbuy.application.campaigns.managing import own_campaign
from groupbuy.application.campaigns.publishing import (
    Preview,
    approve_campaign,
    open_campaign,
    preview_campaign,
    schedule_campaign,
)
from groupbuy.application.campaigns.quoting import quote_basket
from groupbuy.application.campaigns.repeating import (
    Repeat,
    list_series,
    move_series,
    repeat_campaign,
    repeat_due,
)
from groupbuy.application.campaigns.running import (
    cancel_campaign,
    close_campaign,
    end_teams,
    settle_holds,
    waive_quorum,
)
from groupbuy.application.campaigns.simulating import Assumed, simulate_campaign
from groupbuy.application.campaigns.spec import CampaignSpec

__all__ = [
    "Assumed",
    "CampaignSpec",
    "Checked",
    "Preview",
    "Repeat",
    "approve_campaign",
    "cancel_campaign",
    "check_counts",
    "close_campaign",
    "copy_campaign",
    "draft_campaign",
    "edit_campaign",
    "end_teams",
    "for_me",
    "keep_counts",
    "list_campaigns",
    "list_series",
    "move_series",
    "open_campaign",
    "open_campaigns",
    "open_teams_of",
    "own_campaign",
    "preview_campaign",
    "progress",
    "public_campaign",
    "public_counts",
    "quote_basket",
    "repeat_campaign",
    "repeat_due",
    "schedule_campaign",
    "settle_holds",
    "simulate_campaign",
    "waive_quorum",
]
