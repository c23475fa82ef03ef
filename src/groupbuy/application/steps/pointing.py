"""Points: what an order earns, and a lot's change with its journals, all in one commit."""

from collections.abc import Sequence

from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event
from groupbuy.domain.ordering import Order
from groupbuy.domain.points import PointLot, PointLotState, PointMove, PointWhy, points_of

TOPIC = "settle_points"


def earned_with(order: Order) -> int:
    """Return the points an order is worth by what is paid and kept of it now."""
    if order.placed_at is None:
        return 0
    return points_of((line.base for line in order.lines), order.points_per_yuan)


def points_follow(work: Work, before: Order, after: Order) -> None:
    """Have the worker bring an order's points along, if there is anything to bring.

    One row more in the outbox and no statement; none for an order that earns no points.
    """
    if not after.points_per_yuan:
        return
    now_there = earned_with(after), after.completed_at
    if now_there != (earned_with(before), before.completed_at):
        work.later(TOPIC, after.id, work.now(), once=str(after.version))


def stage_lot(work: Work, before: PointLot, after: PointLot, happened: Sequence[Event]) -> None:
    """Stage the next state of a locked lot, its lines in both journals, and its end."""
    if after is before:
        return
    work.of(PointLot).save(after)
    work.emit(happened)
    for why, points, pending in _changes(before, after):
        move = PointMove(
            id=work.new_id("ptm", near=after.id),
            owner_id=after.owner_id,
            lot_id=after.id,
            why=why,
            at=work.now(),
            points=points,
            pending=pending,
        )
        work.of(PointMove).add(move)
        if points:
            value = after.value_of(abs(points))
            work.book(f"points_{why.value}", after.id, {}, {"v": value}, work.kit.policy.currency)
    if before.posted_at is None and after.expires_at is not None:
        work.later("expire_points", after.id, after.expires_at)


def _changes(before: PointLot, after: PointLot) -> list[tuple[PointWhy, int, int]]:
    """Return (why, points, pending) for what changed, each kind at most once."""
    changes = list[tuple[PointWhy, int, int]]()
    grown = after.earned - before.earned if before.posted_at is None else 0
    if grown:
        changes.append((PointWhy.GRANTED if grown > 0 else PointWhy.TAKEN_BACK, 0, grown))
    if before.posted_at is None and after.posted_at is not None:
        changes.append((PointWhy.POSTED, after.earned, -after.earned))
    elif before.posted_at is not None and after.left != before.left:
        ends = after.state is not before.state and after.state is PointLotState.EXPIRED
        why = PointWhy.EXPIRED if ends else PointWhy.TAKEN_BACK
        changes.append((why, after.left - before.left, 0))
    return changes
