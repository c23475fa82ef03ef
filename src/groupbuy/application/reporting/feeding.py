"""Reading on in the event log, and keeping the sums: behind the write path, exactly once.

Some events are read twice, which changes nothing: an order is counted as the difference between
what it is and what was counted of it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from attrs import evolve, frozen

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
from groupbuy.application.steps.following import lock_position, next_page, settled_until
from groupbuy.application.write_path import Caller, Desk, Work

EVENTS = 250
"""Events read in one transaction; the writer of a SQLite file waits for it."""


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


def read_some(work: Work, next_since: datetime) -> Step:
    """Read one page of the pass that is going on, or begin one whose follower begins then."""
    position, now = lock_position(work, POSITION, RULES), work.now()
    if position.held_until is not None and position.held_until > now:
        return Step()
    if stale(work, position):
        return Step(stale=True)
    page = next_page(work, position, next_since, EVENTS)
    count = recount(work, orders_behind(work, page.events))
    work.of(ReportPosition).save(page.position)
    return Step(count, page.over)


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
