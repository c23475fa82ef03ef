"""Reading on in the event log, and keeping the sums: behind the write path, exactly once.

Ids of events sort by the clock of who told them, but become visible at the commit: a lower id may
come after a higher one. So a pass notes, before it reads, since when the oldest transaction has
been open, and the next pass begins there: whatever this one could not see was told later than that.
Some events are therefore read twice, which changes nothing: an order is counted as the difference
between what it is and what was counted of it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from attrs import evolve, frozen

from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.report_facts import (
    POSITION,
    RULES,
    Grain,
    Key,
    OrderFact,
    ReportPosition,
    Rollup,
)
from groupbuy.application.reporting.counting import (
    Sums,
    campaign_of,
    joined,
    sums_of,
    without_zeros,
)
from groupbuy.application.reporting.gathering import facts_of, orders_behind
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import make_id

EVENTS = 250
"""Events read in one transaction; the writer of a SQLite file waits for it."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first event of any shop."""


@frozen
class Step:
    """What one transaction of a pass has done."""

    orders: int = 0
    """How many orders it looked at again."""
    over: bool = True
    """The pass has read everything there was when it began."""
    stale: bool = False
    """The sums follow other rules or another zone: everything has to be counted anew."""


def feed(
    desk: Desk, horizon: Horizon, tenant: str, go_on: Callable[[], bool] = lambda: True
) -> Step:
    """Run one pass over what was told since the last one. Safe beside others and to repeat.

    Raises Unavailable; what was read before stays counted.
    """
    caller, orders = Caller.system(tenant), 0
    since = settled_until(desk, horizon)
    while True:
        step = desk.run(caller, partial(read_some, next_since=since))
        orders += step.orders
        if step.over or not go_on():
            return evolve(step, orders=orders)


def settled_until(desk: Desk, horizon: Horizon) -> datetime:
    """Return an instant before which nobody who has not committed yet has told anything.

    Clocks of machines may differ by `policy.report_margin_seconds`.
    """
    now = desk.kit.clock.now()
    margin = timedelta(seconds=desk.kit.policy.report_margin_seconds)
    return now - horizon.oldest_open() - margin


def read_some(work: Work, next_since: datetime) -> Step:
    """Read one page of the pass that is going on, or begin one whose follower begins then."""
    position, now = lock_position(work), work.now()
    if position.held_until is not None and position.held_until > now:
        return Step()
    if stale(work, position):
        return Step(stale=True)
    if position.next_since is None:
        position = evolve(position, next_since=next_since)
    low = make_id("evt", millis=int(position.since.timestamp() * 1000), cell=0, entropy=0)
    query = Query().since("id", low).sorted("id")
    place = (position.after, position.after) if position.after else None
    events = work.of(LoggedEvent).select(query.page(EVENTS, place))
    count = recount(work, orders_behind(work, events))
    over = len(events) < EVENTS
    if over:
        # A clock that was set back must not lose what was known.
        begin = max(position.since, position.next_since or position.since)
        position = evolve(position, since=begin, after="", next_since=None, read_at=now)
    else:
        position = evolve(position, after=events[-1].id)
    work.of(ReportPosition).save(position)
    return Step(count, over)


def lock_position(work: Work) -> ReportPosition:
    """Lock the position, whoever reads waits here for each other; make it if it is not there."""
    zone = work.kit.policy.zone

    def begin(key: str) -> ReportPosition:
        return ReportPosition(key, BEGINNING, zone=zone)

    return work.of(ReportPosition).lock([POSITION], create=begin)[POSITION]


def stale(work: Work, position: ReportPosition) -> bool:
    """Tell whether the sums were kept by other rules than they would be now."""
    return (position.zone, position.rules) != (work.kit.policy.zone, RULES)


def recount(work: Work, order_ids: Iterable[str]) -> int:
    """Bring facts and sums to what some orders are now; return how many orders there were."""
    now = facts_of(work, order_ids)
    before = work.of(OrderFact).lock(now)
    sums, zone = Sums(), work.kit.policy.zone
    sums.take(sums_of(before.values(), zone), -1)
    sums.take(sums_of(now.values(), zone))
    for key, fact in now.items():
        old = before.get(key)
        if old is None:
            work.of(OrderFact).add(fact)
        elif (same := evolve(fact, version=old.version)) != old:
            work.of(OrderFact).save(same)
    apply(work, sums)
    return len(now)


def apply(work: Work, sums: Sums) -> None:
    """Add to the stored sums, and what follows from members of campaigns to their campaigns."""
    changes = sums.changes()
    members = [key for key in changes if key.grain is Grain.MEMBERS]
    rows = _rows(work, changes)
    more = Sums()
    for key in members:
        more.add(campaign_of(key), participants=joined(*_before_and_after(rows[key], changes[key])))
    followed = more.changes()
    rows |= _rows(work, followed)
    for key, counts in {**changes, **followed}.items():
        _, after = _before_and_after(rows[key], counts)
        work.of(Rollup).save(evolve(rows[key], counts=after))


def _rows(work: Work, keys: Iterable[Key]) -> dict[Key, Rollup]:
    by_id = {key.id: key for key in keys}
    found = work.of(Rollup).lock(by_id, create=lambda name: Rollup.of(by_id[name]))
    return {by_id[name]: row for name, row in found.items()}


def _before_and_after(row: Rollup, more: dict[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    before = dict(row.counts)
    summed = {name: before.get(name, 0) + more.get(name, 0) for name in {*before, *more}}
    return before, without_zeros(summed)
