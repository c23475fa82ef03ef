"""Stopping, calling off and rescuing a campaign by hand."""

from datetime import datetime, timedelta

from groupbuy.application.campaigns.managing import (
    groups_of,
    merchants_campaign,
    own_campaign,
    save_campaign,
)
from groupbuy.application.ports import Query
from groupbuy.application.steps.deciding import follow
from groupbuy.application.steps.indexing import index_campaign
from groupbuy.application.steps.scene import Scene
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import GROUP, Campaign, CampaignState, Seat, SeatState
from groupbuy.domain.kernel import Invalid

LOOK_AGAIN = timedelta(seconds=5)
HELD_AT_ONCE = 500
"""How many unpaid checkouts one transaction sends to their provider's last word."""


def close_campaign(work: Work, campaign_id: str, reason: str = "") -> Campaign:
    """Stop selling now, by hand: what has been reached decides, as at the end."""
    campaign = own_campaign(work, campaign_id)
    if campaign.state is not CampaignState.OPEN:
        campaign.close(work.now())  # refuses, saying in which state it is
    scene = Scene(work, groups=groups_of(work, campaign_id), campaigns={campaign_id: campaign})
    for group in list(scene.groups.values()):
        sooner, moved = group.bring_end_forward(work.now())
        after, happened = sooner.decide(campaign, work.now())
        scene.put_group(after, [*moved, *happened])
        follow(work, campaign, group, after)
        work.later("end_group", group.id, work.now(), once="by-hand")
        work.later("settle_holds", group.id, work.now())
    work.audit("campaign.close", campaign_id, reason)
    current = work.of(Campaign).get(campaign_id)
    if current.state is CampaignState.OPEN:
        current, closed = current.close(work.now())
        save_campaign(work, current, closed)
    index_campaign(work, current)
    return current


def end_teams(work: Work, campaign_id: str) -> datetime | None:
    """Close a campaign with teams once its end has come; each team is decided by itself.

    The worker calls this.
    """
    campaign = work.of(Campaign).lock([campaign_id])[campaign_id]
    if campaign.state is not CampaignState.OPEN:
        return None
    if work.now() < campaign.ends_at:
        return campaign.ends_at
    after, happened = campaign.close(work.now())
    save_campaign(work, after, happened)
    index_campaign(work, after)
    return None


def cancel_campaign(work: Work, campaign_id: str, reason: str = "") -> Campaign:
    """Call a campaign off before it formed; everybody who paid gets everything back."""
    campaign = own_campaign(work, campaign_id)
    groups = groups_of(work, campaign_id)
    formed = any(group.formed_at is not None for group in groups.values())
    after, happened = campaign.cancel(work.now(), any_group_formed=formed)
    save_campaign(work, after, happened)
    index_campaign(work, after)
    scene = Scene(work, groups=groups, campaigns={campaign_id: after})
    for group in [each for each in groups.values() if each.state not in GROUP.final]:
        gone, more = group.cancel(after, work.now())
        scene.put_group(gone, more)
        follow(work, after, group, gone)
        work.later("settle_holds", group.id, work.now())
    work.audit("campaign.cancel", campaign_id, reason)
    return after


def waive_quorum(work: Work, campaign_id: str, reason: str) -> Campaign:
    """Let whoever has paid have the goods although too few joined; everybody can see it."""
    campaign = merchants_campaign(work, campaign_id)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, everybody will read it")
    after, happened = campaign.waive(work.caller.user_id, reason, work.now())
    save_campaign(work, after, happened)
    groups = groups_of(work, campaign_id)
    scene = Scene(work, groups=groups, campaigns={campaign_id: after})
    for group in list(groups.values()):
        decided, more = group.decide(after, work.now())
        scene.put_group(decided, more)
        follow(work, after, group, decided)
    work.audit("campaign.waive_quorum", campaign_id, reason)
    return after


def settle_holds(work: Work, group_id: str) -> datetime | None:
    """Ask the provider for its last word on every open checkout of a group that is over.

    The worker calls this; only the provider's certainty frees the seats.
    """
    query = Query().where(group_id=group_id, state=SeatState.HELD).page(HELD_AT_ONCE)
    held = work.of(Seat).select(query)
    for seat in held:
        work.later("expire", seat.id, work.now(), once="group-over")
    # Staged ones stay HELD until the provider has spoken: the rest follows once they are gone.
    return work.now() + LOOK_AGAIN if len(held) == HELD_AT_ONCE else None
