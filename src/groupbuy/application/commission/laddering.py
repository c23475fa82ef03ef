"""The ladder applied: each month that is over gets the bonus its sales deserve, each time anew."""

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available, calling_leader
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    SHOP,
    Adjusted,
    Entry,
    Ladder,
    Performance,
    Purse,
    Step,
    adjust,
    bonus_of,
    end_of,
    ladder_for,
    month_at,
    performance_id,
)
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Leader, Role

AT_ONCE = 100
"""How many months of leaders one transaction looks at."""


@frozen
class Bonus:
    """What one leader's month gained or lost by being looked at again, in minor units."""

    performance: Performance
    amount: int


@frozen
class Standing:
    """Where a leader stands in a month on the ladder that holds for it."""

    month: str
    sales: Money
    """What vested in the month so far, refunds taken off."""
    ladder: Ladder | None
    reached: Step | None
    following: Step | None
    """The next step up; None on the highest, and without a ladder."""
    missing: Money
    """Sales until the next step; nought where there is none."""
    bonus: Money
    """What the month would earn if it ended now."""


def my_standing(work: Work) -> Standing:
    """Return where the calling leader stands in the month that runs. Raises NotFound."""
    leader, zone = calling_leader(work), ZoneInfo(work.kit.policy.zone)
    currency = work.kit.policy.currency
    key = performance_id(leader.id, work.now(), zone)
    sold = work.of(Performance).find([key]).get(key, Performance.blank(key))
    ladders = every(work.of(Ladder), Query().among("whose", [SHOP, leader.id]))
    ladder = ladder_for(ladders, leader.id, sold.month)
    reached = ladder.reached(sold.total) if ladder else None
    following = ladder.next_above(sold.total) if ladder else None
    return Standing(
        month=sold.month,
        sales=Money(sold.total, currency),
        ladder=ladder,
        reached=reached,
        following=following,
        missing=Money(following.sales.minor - sold.total if following else 0, currency),
        bonus=Money(bonus_of(reached, sold.sales), currency),
    )


def apply_ladders(desk: Desk, caller: Caller) -> list[Bonus]:
    """Look at every month that is over and has changed since; return what that moved.

    May be run at any time and as often as one likes: what is right already moves nothing.
    Raises Forbidden.
    """
    caller.require(Role.FINANCE)
    due = Query().where(due=True).before("month", this_month(desk)).sorted("month")
    moved = list[Bonus]()
    for page in pages(desk, caller, Performance, due, AT_ONCE):
        ids = [performance.id for performance in page]
        moved += desk.run(caller, partial(apply_to, ids=ids))
    return moved


def this_month(desk: Desk) -> str:
    """Return the name of the month that runs."""
    return month_at(desk.kit.clock.now(), ZoneInfo(desk.kit.policy.zone))


def apply_to(work: Work, ids: Sequence[str]) -> list[Bonus]:
    """Bring the bonus of some leaders' months to what their sales deserve."""
    work.caller.require(Role.FINANCE)
    running = month_at(work.now(), ZoneInfo(work.kit.policy.zone))
    locked = work.of(Performance).lock(ids).values()
    due = [each for each in locked if each.due and each.month < running]
    leaders = work.of(Leader).find({each.leader_id for each in due})
    whose = [SHOP, *leaders]
    ladders = list(every(work.of(Ladder), Query().among("whose", whose)))
    earlier = work.of(Entry).lock([key for each in due for key in each.bonus_ids])
    moved = list[Adjusted]()
    for performance in due:
        leader = leaders.get(performance.leader_id)
        gone = leader is None or leader.erased
        ladder = None if gone else ladder_for(ladders, performance.leader_id, performance.month)
        moved += _applied(work, performance, ladder, [earlier[k] for k in performance.bonus_ids])
    _claim(work, moved)
    for done in moved:
        for entry in done.made:
            _book(work, done.performance, entry)
    return [Bonus(done.performance, _amount(done)) for done in moved]


def _applied(
    work: Work, performance: Performance, ladder: Ladder | None, earlier: Sequence[Entry]
) -> list[Adjusted]:
    """Stage what one month needs but its journals; return what is to be booked."""
    currency = work.kit.policy.currency
    done = adjust(
        performance,
        ladder,
        earlier,
        currency=currency,
        vested_at=end_of(performance.month, ZoneInfo(work.kit.policy.zone)),
        now=work.now(),
        new_id=lambda: work.new_id("cme", near=performance.leader_id),
    )
    work.of(Performance).save(done.performance)
    for entry in done.made:
        work.of(Entry).add(entry)
    for entry in done.changed:
        work.of(Entry).save(entry)
    if not done.made:
        return []
    work.emit([entry.taken_back() for entry in done.made if entry.reverses is not None])
    work.audit(
        "ladder.applied",
        performance.id,
        ladder.id if ladder else "",
        sales=str(performance.total),
        amount=str(_amount(done)),
    )
    return [done]


def _book(work: Work, performance: Performance, entry: Entry) -> None:
    amount, leader = entry.amount, performance.leader_id
    if amount.minor > 0:
        names = {"leader": leader}
        work.book("ladder_bonus", performance.id, names, {"b": amount.minor}, amount.currency)
        return
    names = {"leader": leader, "leader_where": entry.purse.value}
    back = {"b": -amount.minor}
    work.book("ladder_bonus_taken_back", performance.id, names, back, amount.currency)


def _amount(done: Adjusted) -> int:
    return sum(entry.amount.minor for entry in done.made)


def _claimed(done: Adjusted) -> int:
    return sum(e.amount.minor for e in done.made if e.purse is Purse.AVAILABLE)


def _claim(work: Work, moved: Sequence[Adjusted]) -> None:
    """Take what was withdrawable out of the balances, which are locked last.

    Before anything is booked, so that journals of an account stand in their true order.
    """
    claims: dict[str, int] = {}
    for done in moved:
        leader_id = done.performance.leader_id
        claims[leader_id] = claims.get(leader_id, 0) + _claimed(done)
    for leader_id, claimed in sorted(claims.items()):
        if claimed:
            work.put_balance(available(leader_id), claimed)
