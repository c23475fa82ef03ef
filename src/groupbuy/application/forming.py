"""Groups that form, fail and end by themselves; every step may be repeated or cut short."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from groupbuy.application.ports import Query
from groupbuy.application.steps.confirming import confirm_order
from groupbuy.application.steps.deciding import settle_group
from groupbuy.application.steps.refunding import give_back_order
from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.steps.unwinding import drop_prices
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, Group, GroupState, SeatState
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import BINDING, CloseReason, Order, OrderState
from groupbuy.domain.payments import RefundCause

BATCH = 250
"""How many orders one transaction confirms or refunds. All of them lock their group: many small
ones would wait for each other longer than they work."""
PAGE = 2_000
"""How many orders one statement returns while a group is cut into ranges."""
SHARE = 1_000
"""The smallest range worth a task of its own."""
LANES = 4
"""How many ranges a group is cut into. One works while the others read; more would only wait."""
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


def share_of(group: Group) -> int:
    """Return how many orders one range of a group has; 0 if it is too small to be cut."""
    return 0 if group.paid_seats <= SHARE else max(SHARE, -(-group.paid_seats // LANES))


def placed(
    work: Work,
    group_id: str,
    limit: int,
    after: str | None = None,
    *,
    start: str = "",
    end: str = "",
) -> list[str]:
    """Return the next orders of a group that are paid and wait for its outcome, by id.

    `start` and `end` bound a range, half-open; empty means without bound.
    """
    waiting = Query().where(group_id=group_id, state=OrderState.PLACED)
    return _page(work, waiting, limit, after, start, end)


def binding(
    work: Work,
    group_id: str,
    limit: int,
    after: str | None = None,
    *,
    start: str = "",
    end: str = "",
) -> list[str]:
    """Return the next orders of a group that are paid, confirmed or not, as `placed` does."""
    paid = Query().where(group_id=group_id).among("state", (OrderState.PLACED, *sorted(BINDING)))
    return _page(work, paid, limit, after, start, end)


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


def bring_prices_down(work: Work, order_ids: Sequence[str]) -> None:
    """Refund what some buyers of a group have paid above the price its ladder came to.

    An order that still waits to be confirmed is confirmed on the way.
    """
    scene = set_scene(work, order_ids, refunds=True)
    lowered = dict[str, int]()
    for order_id in order_ids:
        if scene.seats[order_id].state is SeatState.PAID:
            confirm_order(scene, order_id)
        group = scene.groups[scene.orders[order_id].group_id]
        if _bring_down(scene, group, order_id):
            lowered[group.id] = lowered.get(group.id, 0) + 1
    for group_id, orders in lowered.items():
        reached = str(scene.groups[group_id].final_reached)
        work.audit("group.ladder", group_id, "ladder", orders=str(orders), reached=reached)


def _bring_down(scene: Scene, group: Group, order_id: str) -> Money | None:
    if group.final_reached is None or scene.orders[order_id].state not in BINDING:
        return None
    campaign, final = scene.campaign_of(group), group.final_reached
    prices = {offer.sku_id: campaign.price_at(offer.sku_id, final) for offer in campaign.offers}
    return drop_prices(scene, order_id, prices)


def _page(
    work: Work, query: Query, limit: int, after: str | None, start: str, end: str
) -> list[str]:
    query = query.since("id", start) if start else query
    query = query.before("id", end) if end else query
    page = query.sorted("id").page(limit, (after, after) if after else None)
    return [order.id for order in work.of(Order).select(page)]


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
