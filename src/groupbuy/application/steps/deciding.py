"""What follows when a group changes: confirmations, refunds, the campaign's own end."""

from groupbuy.application.steps.scene import Scene
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState, Group, GroupState, Mode

_OVER = frozenset({GroupState.FAILED, GroupState.ENDED, GroupState.CANCELLED})


def settle_group(scene: Scene, group: Group) -> Group:
    """Stage a group after a change, with whatever is due now and what follows from it."""
    campaign = scene.campaign_of(group)
    before = scene.groups[group.id]
    after, happened = group.decide(campaign, scene.work.now())
    scene.put_group(after, happened)
    follow(scene.work, campaign, before, after)
    return after


def follow(work: Work, campaign: Campaign, before: Group, after: Group) -> None:
    """Stage what a transition of a group sets in motion."""
    now = work.now()
    if before.formed_at is None and after.formed_at is not None:
        work.later("confirm_group", after.id, now)
        work.tell(
            f"merchant:{campaign.merchant_id}", "group.formed", after.id, title=campaign.title
        )
        if campaign.leader_id:
            work.tell(
                f"leader:{campaign.leader_id}", "group.formed", after.id, title=campaign.title
            )
    lost = after.state in (GroupState.FAILED, GroupState.CANCELLED)
    if lost and before.state is not after.state:
        work.later("refund_group", after.id, now)
        if campaign.leader_id:
            what = f"group.{after.state.value}"
            work.tell(f"leader:{campaign.leader_id}", what, after.id, title=campaign.title)
    if after.final_reached is not None and before.final_reached is None:
        work.later("ladder_group", after.id, now)
    if after.state in _OVER and before.state not in _OVER:
        _close_campaign(work, campaign)


def _close_campaign(work: Work, campaign: Campaign) -> None:
    """A pool or relay campaign ends with its one group."""
    current = work.of(Campaign).get(campaign.id)
    if campaign.mode is not Mode.TEAM and current.state is CampaignState.OPEN:
        closed, happened = current.close(work.now())
        work.of(Campaign).save(closed)
        work.emit(happened)
        work.later("index_campaign", campaign.id, work.now(), once="closed")
