"""Points along the life of what earns them; the worker calls, once something has changed.

Nobody who joins or pays waits for points: an order that changes leaves a task behind, and the
task brings the order's lot to what the order is by then. However often and however late it runs,
the lot ends at the same number.
"""

from datetime import datetime

from groupbuy.application.steps.pointing import earned_with, stage_lot
from groupbuy.application.write_path import Work
from groupbuy.domain.ordering import Order
from groupbuy.domain.points import PointLot, PointLotState, PointSource, fresh_lot, lot_of_order


def settle_points(work: Work, order_id: str) -> None:
    """Bring the points of an order to what it is worth now, and post them once it is completed."""
    plain = work.of(Order).find([order_id]).get(order_id)
    if plain is None:
        return
    key, now, rules = lot_of_order(order_id), work.now(), work.kit.policy.points
    if not earned_with(plain) and key not in work.of(PointLot).find([key]):
        return
    lot = work.of(PointLot).lock(
        [key],
        create=lambda new: fresh_lot(
            new, plain.buyer_id, PointSource.PURCHASE, order_id, rules.worth, now
        ),
    )[key]
    order = work.of(Order).lock([order_id])[order_id]
    if lot.state is PointLotState.VOID:
        return
    after, happened = lot.follow(earned_with(order), now)
    if after.state is PointLotState.PENDING and after.earned and order.completed_at is not None:
        after, more = after.post(now, rules.good_for)
        happened = [*happened, *more]
    stage_lot(work, lot, after, happened)


def expire_points(work: Work, lot_id: str) -> datetime | None:
    """End a lot whose time is over."""
    lot = work.of(PointLot).lock([lot_id]).get(lot_id)
    if lot is None or lot.state is not PointLotState.POSTED or lot.expires_at is None:
        return None
    if work.now() < lot.expires_at:
        return lot.expires_at
    stage_lot(work, lot, *lot.expire(work.now()))
    return None
