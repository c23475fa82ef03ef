"""The home page: tonight's campaigns, groups nearly formed, what is hot, what is new."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.catalogue.shelf import ShelfItem, Shelved, category_tree
from groupbuy.application.discovery.listing import HotList, HotWish, hot, shown, today_of
from groupbuy.application.discovery.words import Why, why_nearly, why_new, why_tonight
from groupbuy.application.ports import Query
from groupbuy.application.reporting.days import day_of, start_of
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Group,
    GroupState,
    Progress,
    group_of,
    progress_of,
)
from groupbuy.domain.discovery import NEW_DAYS, Heat, Newcomer, new_and_promising

SHOWN = 10
"""Places of each part of the home page."""
TURN = timedelta(hours=1)
"""After which other unknown products are shown."""
LOOKED_AT = 300
"""Campaigns, and new products, that are looked at for one page."""
NEARLY = 2
"""A group is nearly formed once one of so many parts has been reached, …"""
_EPOCH = date(1970, 1, 1)


@frozen
class CampaignSlot:
    """A campaign, how far its group is, and why it is shown."""

    campaign: Campaign
    progress: Progress
    why: Why


@frozen
class ProductSlot:
    """A product, and why it is shown."""

    shelved: Shelved
    why: Why


@frozen
class Home:
    """What everybody of a community is shown alike."""

    tonight: tuple[CampaignSlot, ...]
    """Ending before midnight, the first to end at the front."""
    nearly_formed: tuple[CampaignSlot, ...]
    """The least missing part at the front."""
    hot: HotList
    new: tuple[ProductSlot, ...]
    made_at: datetime


def home(work: Work, community: str = "") -> Home:
    """Return the home page; what is hot is that of a community if one is named.

    Raises NotFound for no community.
    """
    running = _running(work)
    return Home(
        tonight=tuple(_tonight(work, running)),
        nearly_formed=tuple(_nearly(running)),
        hot=hot(work, HotWish(community=community, limit=SHOWN)),
        new=tuple(newcomers(work, SHOWN)),
        made_at=work.now(),
    )


def newcomers(work: Work, limit: int) -> list[ProductSlot]:
    """Return what is new and promising, and some that nobody knows yet."""
    zone, today = work.kit.policy.zone, today_of(work)
    query = Query().where(listed=True).since("created_at", work.now() - timedelta(days=NEW_DAYS))
    items = work.of(ShelfItem).select(query.sorted("-created_at").page(LOOKED_AT))
    heats = work.of(Heat).find(item.id for item in items)
    known = [_newcomer(item, heats.get(item.id), zone) for item in items]
    turn = (work.now() - start_of(_EPOCH, "UTC")) // TURN
    chosen = new_and_promising(known, today, turn, limit)
    tree = {category.id: category for category in category_tree(work)}
    by_id = {item.id: item for item in items}
    there = shown(work, [by_id[each.newcomer.id] for each in chosen], tree)
    return [ProductSlot(s, why_new(c)) for s, c in zip(there, chosen, strict=True)]


def _newcomer(item: ShelfItem, heat: Heat | None, zone: str) -> Newcomer:
    since = date.fromisoformat(day_of(item.created_at, zone))
    return Newcomer(item.id, since, heat.buyers, heat.rank) if heat else Newcomer(item.id, since)


def _running(work: Work) -> list[tuple[Campaign, Progress]]:
    """Return open campaigns whose one group is open, those that end first at the front."""
    now = work.now()
    query = Query().where(state=CampaignState.OPEN).since("ends_at", now).sorted("ends_at")
    campaigns = work.of(Campaign).select(query.page(LOOKED_AT))
    groups = work.of(Group).find(group_of(campaign.id) for campaign in campaigns)
    pairs = [(each, groups.get(group_of(each.id))) for each in campaigns]
    return [
        (each, progress_of(each, group, now))
        for each, group in pairs
        if group is not None and group.state in (GroupState.OPEN, GroupState.FORMED)
    ]


def _tonight(work: Work, running: Sequence[tuple[Campaign, Progress]]) -> list[CampaignSlot]:
    zone = work.kit.policy.zone
    midnight = start_of(today_of(work) + timedelta(days=1), zone)
    ending = [(each, progress) for each, progress in running if each.ends_at <= midnight]
    return [
        CampaignSlot(each, progress, why_tonight(progress, each.ends_at.astimezone(ZoneInfo(zone))))
        for each, progress in ending[:SHOWN]
    ]


def _nearly(running: Sequence[tuple[Campaign, Progress]]) -> list[CampaignSlot]:
    """Return groups that miss at most half of what they need, the least missing part first."""
    found = [
        (each, progress)
        for each, progress in running
        if progress.missing and progress.reached * NEARLY >= progress.target
    ]
    # Compared as whole numbers: a part of a million is as near as anybody can tell.
    found.sort(key=lambda e: (e[1].missing * 1_000_000 // e[1].target, e[0].ends_at, e[0].id))
    return [CampaignSlot(each, progress, why_nearly(progress)) for each, progress in found[:SHOWN]]
