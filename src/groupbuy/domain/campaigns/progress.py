"""How far a group is, for everybody to see. Only paid seats of living people count."""

from datetime import datetime

from attrs import frozen

from groupbuy.domain.campaigns.group import Group
from groupbuy.domain.campaigns.model import Campaign
from groupbuy.domain.campaigns.states import GroupState
from groupbuy.domain.campaigns.terms import Measure


@frozen
class Progress:
    """What everybody sees: 30 joined, 20 missing, 24 h left."""

    campaign_id: str
    group_id: str
    state: GroupState
    measure: Measure
    target: int
    reached: int
    """In the quorum's measure."""
    joined: int
    """Distinct buyers who have paid."""
    missing: int
    """In the quorum's measure; 0 once formed."""
    held: int
    """Seats waiting for their payment."""
    seats_left: int | None
    """None when there is no capacity."""
    seconds_left: int
    ends_at: datetime
    server_time: datetime
    waived: bool
    sequence: int
    """Grows with every change of the group."""
    tier_bp: int | None = None
    """The step of the price ladder everybody pays now, as a share of the original price."""
    next_tier_bp: int | None = None
    """The step that comes next; None at the bottom, or once the ladder is settled."""
    tier_missing: int | None = None
    """How much is missing to that step, in the quorum's measure."""


def progress_of(campaign: Campaign, group: Group, now: datetime) -> Progress:
    """Describe a group at an instant."""
    reached = group.reached(campaign.measure)
    decided = group.formed_at is not None
    left = None
    if campaign.room is not None:
        buyers = campaign.room.measure is Measure.BUYERS
        taken = group.live_buyers if buyers else group.live_units
        left = max(0, campaign.room.limit - taken)
    return Progress(
        campaign_id=campaign.id,
        group_id=group.id,
        state=group.state,
        measure=campaign.measure,
        target=campaign.target,
        reached=reached,
        joined=group.paid_buyers,
        missing=0 if decided else max(0, campaign.target - reached),
        held=group.held_seats,
        seats_left=left,
        seconds_left=max(0, int((group.ends_at - now).total_seconds())),
        ends_at=group.ends_at,
        server_time=now,
        waived=campaign.waiver is not None,
        sequence=group.version,
        **_ladder(campaign, group),
    )


def _ladder(campaign: Campaign, group: Group) -> dict[str, int]:
    """Return where the ladder of prices stands; nothing without one."""
    if not campaign.tiers:
        return {}
    final = group.final_reached
    reached = group.reached(campaign.measure) if final is None else final
    now, coming = campaign.tier_at(reached), campaign.next_tier(reached)
    told = {} if now is None else {"tier_bp": now.share_bp}
    if coming is None or final is not None:
        return told
    return {**told, "next_tier_bp": coming.share_bp, "tier_missing": coming.reached - reached}
