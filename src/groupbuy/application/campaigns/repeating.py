"""Campaigns that come again: a rhythm is set once, and the worker makes each one in time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.campaigns.managing import own_campaign, speaks_for_merchant
from groupbuy.application.ports import Query
from groupbuy.application.steps.indexing import index_campaign
from groupbuy.application.steps.offering import check_sellable, with_rates
from groupbuy.application.steps.price_guards import (
    check_costs,
    check_originals,
    with_references,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Rhythm,
    Series,
    SeriesMove,
    SeriesState,
)
from groupbuy.domain.kernel import DomainError, Event, Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.membership import Role

SERIES_AT_MOST = 200
"""How many series of one merchant may run at once."""


@frozen
class Repeat:
    """What somebody wants to come again, and how often."""

    campaign_id: str
    rhythm: Rhythm
    times: int | None = None
    publish: bool = False


def repeat_campaign(work: Work, wish: Repeat) -> Series:
    """Let a campaign come again. Whoever speaks for the merchant agrees to every one of them.

    A leader's series makes drafts, which the merchant looks at one by one. Raises Forbidden where
    a leader wants them published, NotFound, Invalid, Refused.
    """
    campaign = own_campaign(work, wish.campaign_id, lock=False)
    if wish.publish and not speaks_for_merchant(work.caller, campaign):
        raise Forbidden(needs=Role.MERCHANT.value)
    if wish.times is not None and not 1 <= wish.times <= 1_000:
        raise Invalid(field="times", reason="1 to 1000")
    running = Query().where(merchant_id=campaign.merchant_id, state=SeriesState.RUNNING)
    if len(work.of(Series).select(running.page(SERIES_AT_MOST))) >= SERIES_AT_MOST:
        raise Refused(rule="series_of_one_merchant", about=campaign.merchant_id)
    now = work.now()
    series = Series(
        id=work.new_id("ser", near=campaign.id),
        campaign_id=campaign.id,
        merchant_id=campaign.merchant_id,
        rhythm=wish.rhythm,
        zone=campaign.zone,
        publish=wish.publish,
        next_at=wish.rhythm.next_after(now, ZoneInfo(campaign.zone)),
        created_by=work.caller.user_id,
        created_at=now,
        leader_id=campaign.leader_id,
        left=wish.times,
    )
    work.of(Series).add(series)
    work.emit([Event("series.started", series.id, now, {"campaign": campaign.id})])
    work.later("repeat_campaign", series.id, max(now, series.due_at))
    return series


def list_series(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[Series]:
    """Return the series of the caller's own side, the newest first."""
    caller, query = work.caller, Query().sorted("-created_at").page(limit, after)
    caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    if Role.OPERATOR in caller.roles:
        return work.of(Series).select(query)
    if Role.MERCHANT in caller.roles and caller.merchant_id:
        return work.of(Series).select(query.where(merchant_id=caller.merchant_id))
    if caller.leader_id is None:
        return []
    return work.of(Series).select(query.where(leader_id=caller.leader_id))


def move_series(work: Work, series_id: str, move: SeriesMove) -> Series:
    """Pause, resume or end a series; campaigns that were made go on.

    Raises NotFound, Forbidden for a leader who resumes what publishes by itself, IllegalMove.
    """
    series = _own(work, series_id)
    now, zone = work.now(), ZoneInfo(series.zone)
    moves: dict[SeriesMove, Callable[[], tuple[Series, list[Event]]]] = {
        SeriesMove.PAUSE: partial(series.pause, now),
        SeriesMove.RESUME: partial(series.resume, zone, now),
        SeriesMove.END: partial(series.end, now),
    }
    after, happened = moves[move]()
    _save(work, after, happened)
    if move is SeriesMove.RESUME:
        work.later("repeat_campaign", after.id, max(now, after.due_at), once=str(after.version))
    return after


def repeat_due(work: Work, series_id: str) -> datetime | None:
    """Make the next campaign of a series if it is due; return when to look again.

    The worker calls this. What cannot be sold is left out, and its people hear why; a start that
    nobody was awake for is not made up for.
    """
    series = work.of(Series).lock([series_id])[series_id]
    now, zone = work.now(), ZoneInfo(series.zone)
    if series.state is not SeriesState.RUNNING:
        return None
    if now < series.due_at:
        return series.due_at
    made = "" if series.window()[1] <= now else _make(work, series)
    after, happened = series.make(made, zone, now)
    _save(work, after, happened)
    return max(now, after.due_at) if after.state is SeriesState.RUNNING else None


def _make(work: Work, series: Series) -> str:
    """Return the id of the next campaign; empty where it may not be sold as it was."""
    starts_at, ends_at = series.window()
    source = work.of(Campaign).get(series.campaign_id)
    draft, happened = source.copy(
        new_id=work.new_id_apart("cmp"),
        by=series.created_by,
        starts_at=starts_at,
        ends_at=ends_at,
        now=work.now(),
    )
    try:
        ready, more = _published(work, series, draft)
    except DomainError as refusal:
        rule = refusal.rule if isinstance(refusal, Refused) else refusal.code
        for box in _boxes(series):
            work.tell(box, "series.left_out", series.id, time=series.version + 1, rule=rule)
        return ""
    work.of(Campaign).add(ready)
    work.emit([*happened, *more])
    if ready.state is CampaignState.SCHEDULED:
        work.later("open_campaign", ready.id, ready.starts_at)
        work.later("index_campaign", ready.id, ready.ends_at)
        index_campaign(work, ready)
    else:
        for box in _boxes(series):
            work.tell(box, "series.draft_waits", ready.id, title=ready.title)
    return ready.id


def _published(work: Work, series: Series, draft: Campaign) -> tuple[Campaign, list[Event]]:
    """Return a draft as it is left: published with the merchant's word, or as it is."""
    campaign = with_rates(work, draft)
    check_sellable(work, campaign)
    if not series.publish:
        return draft, []
    check_costs(work, campaign)
    approved, happened = campaign.approve(series.created_by, work.now())
    after, more = with_references(work, approved).schedule(work.now())
    check_originals(work, after)
    return after, [*happened, *more]


def _boxes(series: Series) -> Sequence[str]:
    leader = [f"leader:{series.leader_id}"] if series.leader_id else []
    return [f"merchant:{series.merchant_id}", *leader]


def _own(work: Work, series_id: str) -> Series:
    found = work.of(Series).lock([series_id]).get(series_id)
    work.caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    if found is None or not _is_own(work, found):
        raise NotFound(kind="series", key=series_id)
    return found


def _is_own(work: Work, series: Series) -> bool:
    """Tell whether the caller may manage what comes again; nobody else hears of it."""
    try:
        own_campaign(work, series.campaign_id, lock=False)
    except NotFound:
        return False
    return True


def _save(work: Work, series: Series, happened: Sequence[Event]) -> None:
    work.of(Series).save(series)
    work.emit(happened)
