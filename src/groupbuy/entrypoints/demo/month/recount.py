"""Counting anew, as plainly as a person would: from orders and the plan's rates alone."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS
from groupbuy.domain.ordering import LineKind, Order
from groupbuy.entrypoints.demo.month.calendar import NEXT, PERIOD
from groupbuy.entrypoints.demo.month.facts import local_day
from groupbuy.entrypoints.demo.month.plan import (
    HELPER_BP,
    HELPERS,
    LADDER,
    LADDER_OF,
    POINT_BP,
    POINTS,
    rate_of,
)
from groupbuy.entrypoints.demo.month.play import Play, Run


@frozen
class Earned:
    """What somebody earns on one order, in minor units, and on how much."""

    leader_id: str
    as_leader: bool
    base_fen: int
    amount_fen: int


def earned_on(play: Play, run: Run, order: Order) -> Iterator[Earned]:
    """Yield who earns what on an order as it is now: leader, helper, keeper of the point."""
    leaders = play.cast.leaders
    shares = [(leaders[run.plan.leader], rate_of(run.plan.leader), True)]
    if order.helper_id:
        shares.append((leaders[HELPERS[run.plan.leader]], HELPER_BP, False))
    if run.plan.point is not None:
        shares.append((leaders[POINTS[run.plan.point]], POINT_BP, False))
    goods = [line for line in order.lines if line.kind is LineKind.GOODS]
    for leader, basis_points, as_leader in shares:
        if leader.caller.user_id == order.buyer_id:
            continue
        for line in goods:
            base = line.net.minor - line.refunded.minor
            yield Earned(leader.id, as_leader, base, base * basis_points // BASIS_POINTS)


def commission_of(play: Play, orders: Iterable[Order]) -> dict[str, int]:
    """Return what each leader must have earned on the orders that vested, without the ladder."""
    runs, sums = _runs(play), dict[str, int]()
    for order in orders:
        if order.vested_at is not None:
            for earned in earned_on(play, runs[order.campaign_id], order):
                sums[earned.leader_id] = sums.get(earned.leader_id, 0) + earned.amount_fen
    return sums


def taken_back(play: Play, orders: Iterable[Order]) -> int:
    """Return what refunds after the settlement must have taken back, without the ladder."""
    runs, now = _runs(play), {order.id: order for order in orders}
    return sum(
        _amount(play, runs[before.campaign_id], before)
        - _amount(play, runs[before.campaign_id], now[key])
        for key, before in play.taken_later.items()
    )


def bonus_of(play: Play, orders: Iterable[Order], period: str) -> int:
    """Return the ladder's bonus on what its leader sold in a month, as far as it is left."""
    leader, runs, sales = play.cast.leaders[LADDER_OF], _runs(play), 0
    for order in orders:
        vested = order.vested_at
        if vested is None or f"{local_day(vested):%Y-%m}" != period:
            continue
        earned = earned_on(play, runs[order.campaign_id], order)
        mine = (each for each in earned if each.as_leader and each.leader_id == leader.id)
        sales += sum(each.base_fen for each in mine)
    reached = [bp for fen, bp in LADDER if fen <= sales]
    return sales * reached[-1] // BASIS_POINTS if reached else 0


def bonus_in_all(play: Play, orders: Iterable[Order]) -> int:
    """Return the ladder's bonus of both months."""
    found = list(orders)
    return bonus_of(play, found, PERIOD) + bonus_of(play, found, NEXT)


def before_later(play: Play, orders: Iterable[Order]) -> list[Order]:
    """Return all orders as they were when the month was settled."""
    return [play.taken_later.get(order.id, order) for order in orders]


def _amount(play: Play, run: Run, order: Order) -> int:
    return sum(earned.amount_fen for earned in earned_on(play, run, order))


def _runs(play: Play) -> dict[str, Run]:
    return {run.id: run for run in play.runs}
