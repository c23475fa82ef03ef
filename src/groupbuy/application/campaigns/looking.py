"""What people see of campaigns."""

from collections.abc import Iterable

from groupbuy.application.ports import Query
from groupbuy.application.steps.admitting import Admission, admission
from groupbuy.application.steps.teaming import open_teams
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState, Group, Progress, progress_of
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role


def public_campaign(work: Work, campaign_id: str) -> Campaign:
    """Return a campaign anybody may see: not a draft. Raises NotFound."""
    campaign = work.of(Campaign).get(campaign_id)
    if campaign.state is CampaignState.DRAFT:
        raise NotFound(kind="campaign", key=campaign_id)
    return campaign


def open_campaigns(work: Work, query: Query) -> list[Campaign]:
    """Return campaigns that anybody may join, as the query says."""
    return work.of(Campaign).select(query)


def list_campaigns(work: Work, query: Query) -> list[Campaign]:
    """Return campaigns of the caller's own side: leader, merchant, or all for an operator."""
    caller = work.caller
    if Role.OPERATOR in caller.roles:
        return work.of(Campaign).select(query)
    if Role.MERCHANT in caller.roles and caller.merchant_id:
        return work.of(Campaign).select(query.where(merchant_id=caller.merchant_id))
    caller.require(Role.LEADER)
    if caller.leader_id is None:
        return []
    return work.of(Campaign).select(query.where(leader_id=caller.leader_id))


def progress(work: Work, group_ids: Iterable[str]) -> dict[str, Progress]:
    """Return how far groups are, by group id; unknown ones are left out."""
    groups = work.of(Group).find(group_ids)
    campaigns = work.of(Campaign).find({group.campaign_id for group in groups.values()})
    now = work.now()
    return {
        group.id: progress_of(campaigns[group.campaign_id], group, now) for group in groups.values()
    }


def open_teams_of(work: Work, campaign_id: str) -> list[Progress]:
    """Return how far the teams of a campaign are that anybody may join. Raises NotFound."""
    campaign, now = public_campaign(work, campaign_id), work.now()
    return [progress_of(campaign, team, now) for team in open_teams(work, campaign)]


def for_me(work: Work, campaign_id: str) -> tuple[Campaign, Admission]:
    """Tell the caller whether and from when a campaign is open to them. Raises NotFound."""
    campaign = public_campaign(work, campaign_id)
    return campaign, admission(work, campaign, work.caller.user_id, work.caller.member)
