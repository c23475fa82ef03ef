"""Levels of customers: followed at every completion and refund, come down at the end of a period.

What is kept is only the outcome, where every request finds it; it is counted from the orders
themselves, so it can be counted again at any time.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event
from groupbuy.domain.membership import Membership, Purchase, Role, User, period_of
from groupbuy.domain.ordering import Order, OrderState

_AS_LONG_AS_IT_TAKES = timedelta(days=366 + 366)
"""Twelve months before the longest period."""


@frozen
class Standing:
    """Where somebody is on the ladder."""

    level: int
    name: str
    score: int
    """Of the twelve months that end today: minor units, or orders."""
    measure: str
    kept_until: datetime
    """When levels may come down next."""
    next_name: str = ""
    next_asks: int | None = None
    """What the next level asks for; None at the top."""


def my_standing(work: Work) -> Standing:
    """Return the caller's own level, and what the next one asks for."""
    work.caller.require(Role.SHOPPER)
    rules, today = work.kit.policy.levels, _today(work)
    bought = purchases_of(work, work.caller.user_id)
    rank = rules.rank(bought, today)
    above = rules.levels[rank : rank + 1]
    return Standing(
        level=rank,
        name=rules.named(rank),
        score=rules.score(bought, today),
        measure=rules.measure,
        kept_until=_period_ends(work, today),
        next_name=above[0].name if above else "",
        next_asks=above[0].asks if above else None,
    )


def follow_level(work: Work, user_id: str) -> datetime | None:
    """Bring somebody's level to what their orders say today (the worker calls).

    It looks again when the period ends, as long as there is a level to lose.
    """
    user = work.of(User).lock([user_id]).get(user_id)
    if user is None or user.erased:
        return None
    today = _today(work)
    rank = work.kit.policy.levels.rank(purchases_of(work, user_id), today)
    if rank != user.member.level:
        put_member(work, user, evolve(user.member, level=rank))
        facts = {"level": str(rank), "was": str(user.member.level)}
        work.emit([Event("user.level_changed", user_id, work.now(), facts)])
    if rank:
        ends = _period_ends(work, today)
        work.later("follow_level", user_id, ends, once=ends.date().isoformat())
    return None


def purchases_of(work: Work, user_id: str) -> list[Purchase]:
    """Return what somebody completed lately, all that a level can depend on."""
    since = work.now() - _AS_LONG_AS_IT_TAKES
    done = every(work.of(Order), Query().where(buyer_id=user_id, state=OrderState.COMPLETED))
    return list(_bought(done, since, work.kit.policy.zone))


def put_member(work: Work, user: User, member: Membership) -> User:
    """Stage what is known of a customer; whoever remembers their sessions hears of it."""
    after = evolve(user, member=member)
    work.of(User).save(after)
    work.touched.append(user.id)
    return after


def _bought(orders: Iterable[Order], since: datetime, zone: str) -> Iterable[Purchase]:
    for order in orders:
        done = order.completed_at
        if done is not None and done >= since:
            net = sum(line.base.minor for line in order.lines)
            yield Purchase(order.id, done.astimezone(ZoneInfo(zone)).date(), net)


def _today(work: Work) -> date:
    return work.now().astimezone(ZoneInfo(work.kit.policy.zone)).date()


def _period_ends(work: Work, today: date) -> datetime:
    _, after = period_of(today, work.kit.policy.levels.months)
    zone = ZoneInfo(work.kit.policy.zone)
    return datetime.combine(after, time.min, zone).astimezone(UTC)
