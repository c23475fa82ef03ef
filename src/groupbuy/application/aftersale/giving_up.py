"""Giving an order up: before paying, before the group forms, or by the merchant's refund."""

from datetime import timedelta

from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.steps.unwinding import unwind
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CloseReason, Order, OrderState
from groupbuy.domain.payments import RefundCause


def cancel_checkout(work: Work, order_id: str) -> Order:
    """Give up an unpaid order; it ends once the provider is certain that nobody paid."""
    _own_order(work, order_id)
    order = work.of(Order).lock([order_id])[order_id].cancel(work.now())
    work.of(Order).save(order)
    work.later("expire", order_id, work.now(), once="by-buyer")
    return order


def leave_group(work: Work, order_id: str) -> Order:
    """Leave a group before it forms: everything back, the seat is free again."""
    _own_order(work, order_id)
    scene = set_scene(work, [order_id], refunds=True)
    order = scene.orders[order_id]
    if order.state is not OrderState.PLACED:
        raise Refused(rule="group_is_still_forming", about=order_id)
    _check_may_leave(scene, order)
    work.audit("order.leave", order_id, amount=str(order.payable.minor))
    return unwind(scene, order_id, cause=RefundCause.LEFT, why=CloseReason.LEFT)


def refund_order(work: Work, order_id: str, reason: str) -> Order:
    """Refund a paid order in full, as its merchant or an operator."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR, Role.FINANCE)
    scene = set_scene(work, [order_id], refunds=True)
    order = scene.orders.get(order_id)
    if order is None or not _sells(work, order):
        raise NotFound(kind="order", key=order_id)
    work.audit("order.refund", order_id, reason, amount=str(order.payable.minor))
    return unwind(
        scene, order_id, cause=RefundCause.MERCHANT, why=CloseReason.REFUNDED, reason=reason
    )


def _check_may_leave(scene: Scene, order: Order) -> None:
    group = scene.groups[order.group_id]
    hours = scene.campaign_of(group).refund_rules.leave_hours_before_end
    if hours is None or group.state is not GroupState.OPEN:
        raise Refused(rule="leaving_is_offered", about=order.id)
    if scene.work.now() >= group.ends_at - timedelta(hours=hours):
        raise Refused(rule="before_the_leaving_deadline", about=order.id)


def _own_order(work: Work, order_id: str) -> Order:
    order = work.of(Order).find([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    return order


def _sells(work: Work, order: Order) -> bool:
    caller = work.caller
    if caller.roles & {Role.OPERATOR, Role.FINANCE}:
        return True
    return caller.merchant_id is not None and order.merchant_id == caller.merchant_id
