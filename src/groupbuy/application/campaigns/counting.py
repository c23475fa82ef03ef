"""The public count of every group, kept behind the write path and shown to anybody."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from attrs import frozen

from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.report_facts import ReportPosition
from groupbuy.application.steps.following import lock_position, next_page, settled_until
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.campaigns import (
    Campaign,
    CountFinding,
    CountHead,
    CountLink,
    Group,
    check_chain,
    count_on,
)

FOLLOWER = "counts"
"""The id of our position in the event log."""
EVENTS = 500
"""Events read in one transaction."""
_COUNTING = frozenset(
    {"group.opened", "group.seat_paid", "group.seat_readmitted", "group.seat_released"}
)
"""After which a group may count something else."""


@frozen
class Checked:
    """A chain as it was looked at, from the first link to the last."""

    links: list[CountLink]
    findings: list[CountFinding]
    agrees: bool
    """Its end is what the group counts at this moment; it lags by a minute at most."""


def keep_counts(
    desk: Desk, horizon: Horizon, tenant: str, go_on: Callable[[], bool] = lambda: True
) -> int:
    """Add a link to every group that counts something else since it was last looked at.

    Returns how many links were added. Safe beside others and to repeat; it stops early once
    `go_on` says so, and nothing is lost. Raises Unavailable.
    """
    caller, added = Caller.system(tenant), 0
    since = settled_until(desk, horizon)
    while True:
        links, over = desk.run(caller, partial(_count_some, next_since=since))
        added += links
        if over or not go_on():
            return added


def public_counts(
    work: Work, group_id: str, limit: int, after: tuple[Any, str] | None = None
) -> list[CountLink]:
    """Return links of a group, from the first one on. Raises NotFound for no group."""
    work.of(Group).get(group_id)
    query = Query().where(group_id=group_id).sorted("sequence")
    return work.of(CountLink).select(query.page(limit, after))


def check_counts(work: Work, group_id: str) -> Checked:
    """Read the whole chain of a group and check it. Raises NotFound."""
    group = work.of(Group).get(group_id)
    campaign = work.of(Campaign).get(group.campaign_id)
    query = Query().where(group_id=group_id)
    links = list(every(work.of(CountLink), query, order="sequence"))
    now = (group.reached(campaign.measure), group.paid_buyers)
    end = (links[-1].count, links[-1].joined) if links else (0, 0)
    return Checked(links, list(check_chain(links)), end == now)


def _count_some(work: Work, next_since: datetime) -> tuple[int, bool]:
    page = next_page(work, lock_position(work, FOLLOWER), next_since, EVENTS)
    added = _count(work, _groups_behind(page.events))
    work.of(ReportPosition).save(page.position)
    return added, page.over


def _groups_behind(events: Iterable[LoggedEvent]) -> list[str]:
    return sorted({event.subject for event in events if event.name in _COUNTING})


def _count(work: Work, group_ids: Iterable[str]) -> int:
    groups = work.of(Group).find(group_ids)
    campaigns = work.of(Campaign).find({group.campaign_id for group in groups.values()})
    heads = work.of(CountHead).lock(groups, create=CountHead)
    added = 0
    for key, group in groups.items():
        measure = campaigns[group.campaign_id].measure
        head, links = count_on(heads[key], group, measure, work.now())
        for link in links:
            work.of(CountLink).add(link)
        if links:
            work.of(CountHead).save(head)
        added += len(links)
    return added
