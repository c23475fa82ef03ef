"""Campaigns as those who may manage them find, lock and save them."""

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.campaigns import Campaign, Group
from groupbuy.domain.kernel import EditedMeanwhile, Event, NotFound
from groupbuy.domain.membership import Role


def own_campaign(work: Work, campaign_id: str, *, lock: bool = True) -> Campaign:
    """Return a campaign the caller may manage; anybody else's does not exist for them."""
    caller, store = work.caller, work.of(Campaign)
    caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    found = (store.lock([campaign_id]) if lock else store.find([campaign_id])).get(campaign_id)
    if found is None or not (
        speaks_for_merchant(caller, found) or (Role.LEADER in caller.roles and _runs(caller, found))
    ):
        raise NotFound(kind="campaign", key=campaign_id)
    return found


def speaks_for_merchant(caller: Caller, campaign: Campaign) -> bool:
    """Tell whether the caller may give the word of the campaign's own merchant."""
    staff = Role.MERCHANT in caller.roles and caller.merchant_id == campaign.merchant_id
    return staff or Role.OPERATOR in caller.roles


def merchants_campaign(work: Work, campaign_id: str) -> Campaign:
    """Lock a campaign for whoever speaks for its merchant. Raises Forbidden, NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    campaign = own_campaign(work, campaign_id)
    if not speaks_for_merchant(work.caller, campaign):
        raise NotFound(kind="campaign", key=campaign_id)
    return campaign


def check_seen(campaign: Campaign, version: int | None) -> None:
    """Refuse to act on a draft somebody changed meanwhile. Raises EditedMeanwhile."""
    if version is not None and version != campaign.version:
        raise EditedMeanwhile(kind="campaign", key=campaign.id, version=campaign.version)


def _runs(caller: Caller, campaign: Campaign) -> bool:
    """A campaign without a leader belongs to no leader at all."""
    return caller.leader_id is not None and campaign.leader_id == caller.leader_id


def save_campaign(work: Work, campaign: Campaign, happened: list[Event]) -> Campaign:
    """Stage the next state of a campaign."""
    work.of(Campaign).save(campaign)
    work.emit(happened)
    return campaign


def groups_of(work: Work, campaign_id: str) -> dict[str, Group]:
    """Lock and return every group of a campaign."""
    found = every(work.of(Group), Query().where(campaign_id=campaign_id))
    return work.of(Group).lock(group.id for group in found)
