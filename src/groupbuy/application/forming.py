"""Groups that form, fail and end by themselves; every step may be repeated or cut short."""

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


def confirm_group(work: Work, group_id: str) -> datetime | None:
    """Confirm the next batch of paid orders of a formed group; return when to go on."""
    seats = work.of(Seat).select(Query().where(group_id=group_id, state=SeatState.PAID).page(BATCH))
    scene = set_scene(work, (seat.id for seat in seats))
    for seat in seats:
        if scene.seats[seat.id].state is SeatState.PAID:
            confirm_order(scene, seat.id)
    return work.now() if len(seats) == BATCH else None


def refund_group(work: Work, group_id: str) -> datetime | None:
    """Give everything back to the next batch of payers of a group that did not come about."""
    seats = work.of(Seat).select(Query().where(group_id=group_id, state=SeatState.PAID).page(BATCH))
    scene = set_scene(work, (seat.id for seat in seats), refunds=True)
    for seat in seats:
        if scene.seats[seat.id].state is SeatState.PAID:
            _give_back(scene, seat.id)
    return work.now() if len(seats) == BATCH else None


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
