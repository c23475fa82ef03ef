"""Teams (拼团): many groups under one campaign, and one buyer's seats in all of them."""

from collections.abc import Iterable, Mapping, Sequence

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    LIVE,
    Campaign,
    CampaignState,
    Group,
    GroupState,
    Mode,
    Seat,
    group_of,
)
from groupbuy.domain.kernel import Event, NotFound, Refused
from groupbuy.domain.ordering import Order

NEW_TEAM = "new"
"""Instead of a team's id: whoever joins opens one."""
SHOWN_AT_MOST = 100
"""How many of the open teams that end first are looked through."""


def seats_across(work: Work, campaigns: Iterable[Campaign], buyers: Iterable[str]) -> list[Seat]:
    """Return the living seats of some buyers in all teams of some campaigns.

    Limits hold for a campaign, whichever team: whoever decides by them has to hold the campaigns,
    so that no seat is added meanwhile.
    """
    teams = {campaign.id: campaign.starts_at for campaign in campaigns}
    if not teams:
        return []
    theirs = Query().among("buyer_id", sorted(buyers)).since("created_at", min(teams.values()))
    orders = every(work.of(Order), theirs, order="created_at")
    ids = [order.id for order in orders if order.campaign_id in teams]
    seats = work.of(Seat).find(ids).values()
    return [seat for seat in seats if seat.state in LIVE]


def group_for(
    work: Work, campaign: Campaign, team: str | None, locked: Mapping[str, Group]
) -> tuple[Group, list[Event]]:
    """Return what somebody joins, and what happened if it was opened for that.

    Raises NotFound, and Refused where a campaign has no teams or a team takes nobody any more.
    """
    own = group_of(campaign.id)
    if campaign.mode is not Mode.TEAM and team:
        raise Refused(rule="campaign_has_teams", about=campaign.id)
    if campaign.mode is Mode.TEAM and not team:
        raise Refused(rule="says_which_team", about=campaign.id)
    if team == NEW_TEAM:
        return Group.team(campaign, work.new_id("grp", near=own), work.now())
    group = locked.get(team or own)
    if group is None or group.campaign_id != campaign.id:
        raise NotFound(kind="group", key=team or own)
    if team and group.state is not GroupState.OPEN:
        raise Refused(rule="team_is_open", about=team)
    return group, []


def open_teams(work: Work, campaign: Campaign) -> list[Group]:
    """Return teams anybody may join now, those that end first at the front.

    A team is shown once somebody has paid in it: whoever opened one and did not pay is nobody.
    """
    query = Query().where(campaign_id=campaign.id, state=GroupState.OPEN)
    query = query.since("ends_at", work.now()).sorted("ends_at").page(SHOWN_AT_MOST)
    found = work.of(Group).select(query)
    return [team for team in found if team.paid_buyers and team.live_buyers < campaign.target]


def lock_ways_back(work: Work, order_ids: Sequence[str]) -> dict[str, str]:
    """Lock the campaigns of orders that were paid late and may move to another team.

    Returns the team offered to each, by order, read without a lock: it may be full by now.
    """
    orders = work.of(Order).find(order_ids)
    campaigns = work.of(Campaign).find({order.campaign_id for order in orders.values()})
    teams = {each.id for each in campaigns.values() if _takes_late_payers(each)}
    campaigns = work.of(Campaign).lock(teams)
    offered = dict[str, str]()
    for order in orders.values():
        if order.campaign_id in campaigns:
            found = open_teams(work, campaigns[order.campaign_id])
            others = [team for team in found if order.buyer_id not in team.members]
            if others:
                offered[order.id] = others[0].id
    return offered


def _takes_late_payers(campaign: Campaign) -> bool:
    return campaign.mode is Mode.TEAM and campaign.state is CampaignState.OPEN
