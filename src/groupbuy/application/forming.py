"""Groups that form, fail and end by themselves; every step may be repeated or cut short."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from groupbuy.application.ports import Query
from groupbuy.application.steps.confirming import confirm_order
from groupbuy.application.steps.deciding import settle_group
from groupbuy.application.steps.refunding import give_back_order
from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, Group, GroupState, Seat, SeatState
from groupbuy.domain.ordering import CloseReason
from groupbuy.domain.payments import RefundCause

BATCH = 100
"""How many orders one transaction confirms or refunds."""
_CAUSES = {
    GroupState.FAILED: (RefundCause.GROUP_FAILED, CloseReason.GROUP_FAILED),
    GroupState.CANCELLED: (RefundCause.CAMPAIGN_CANCELLED, CloseReason.CAMPAIGN_CANCELLED),
}


def end_group(work: Work, group_id: str) -> datetime | None:
    """Decide a group whose end has come; return when to look again, None once it is decided.

    While a payment is uncertain the group waits in CLOSING: only certainty decides it.
    """
    group = work.of(Group).lock([group_id])[group_id]
    now = work.now()
    if group.ends_at > now:
        return group.ends_at
    scene = Scene(work, groups={group_id: group})
    scene.campaigns.update(work.of(Campaign).find([group.campaign_id]))
    after = settle_group(scene, group)
    if after.state is not GroupState.CLOSING:
        return None
    alert_at = after.ends_at + timedelta(minutes=work.kit.policy.closing_alert_minutes)
    if now >= alert_at:
        work.tell("role:operator", "group.still_closing", group_id, held=str(after.held_seats))
    return now + timedelta(seconds=30)


def paid_seats(work: Work, group_id: str, after: str = "") -> list[str]:
    """Return the orders (a seat has its order's id) of the next batch that is paid, by id."""
    place = (after, after) if after else None
    paid = Query().where(group_id=group_id, state=SeatState.PAID).sorted("id")
    return [seat.id for seat in work.of(Seat).select(paid.page(BATCH, place))]


def confirm_orders(work: Work, order_ids: Sequence[str]) -> None:
    """Confirm some paid orders of a formed group; those confirmed already stay as they are."""
    scene = set_scene(work, order_ids)
    for order_id in order_ids:
        if scene.seats[order_id].state is SeatState.PAID:
            confirm_order(scene, order_id)


def refund_orders(work: Work, order_ids: Sequence[str]) -> None:
    """Give everything back to some payers of a group that did not come about."""
    scene = set_scene(work, order_ids, refunds=True)
    paid = [each for each in order_ids if scene.seats[each].state is SeatState.PAID]
    for order_id in paid:
        _give_back(scene, order_id)
    for group in scene.groups.values() if paid else ():
        work.audit("group.refund", group.id, group.state.value, orders=str(len(paid)))


def _give_back(scene: Scene, order_id: str) -> None:
    now = scene.work.now()
    group = scene.groups[scene.orders[order_id].group_id]
    cause, reason = _CAUSES[group.state]
    order = give_back_order(scene, scene.orders[order_id], cause=cause, effect_key=group.id)
    closed, happened = order.close(reason, now)
    for stock, units in scene.each_tracked(scene.orders[order_id]):
        scene.put_stock(stock.release(units))
    scene.put_order(closed, happened)
    seat = scene.seats[order_id]
    after, gone, more = group.release(seat, scene.mine(seat), now, reason.value)
    scene.put_seat(gone)
    scene.put_group(after, more)
    scene.work.tell(closed.buyer_id, f"order.{reason.value}", order_id)
