"""What people see of an order: one label, from the order, its parcels and its refunds."""

from collections.abc import Iterable
from enum import StrEnum

from groupbuy.domain.ordering.model import Order
from groupbuy.domain.ordering.states import OrderState


class Label(StrEnum):
    """A stable code; `TEXTS` says it in words."""

    AWAITING_PAYMENT = "awaiting_payment"
    FORMING = "forming"
    TO_APPROVE = "to_approve"
    TO_CORRECT = "to_correct"
    APPROVED = "approved"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    PARCEL_EXCEPTION = "parcel_exception"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CLOSED = "closed"


TEXTS: dict[Label, tuple[str, str]] = {
    Label.AWAITING_PAYMENT: ("待支付", "Awaiting payment"),
    Label.FORMING: ("已支付·待成团", "Paid · group forming"),
    Label.TO_APPROVE: ("待审核", "Awaiting approval"),
    Label.TO_CORRECT: ("待更正", "Correction needed"),
    Label.APPROVED: ("已审核", "Approved"),
    Label.SHIPPED: ("已发货", "Shipped"),
    Label.IN_TRANSIT: ("运输中", "In transit"),
    Label.READY_FOR_PICKUP: ("待提货", "Ready for pickup"),
    Label.DELIVERED: ("已签收", "Delivered"),
    Label.COMPLETED: ("已完成", "Completed"),
    Label.PARCEL_EXCEPTION: ("物流异常", "Delivery problem"),
    Label.REFUNDING: ("退款中", "Refund in progress"),
    Label.PARTLY_REFUNDED: ("部分退款", "Partly refunded"),
    Label.REFUNDED: ("已退款", "Refunded"),
    Label.CLOSED: ("已关闭", "Closed"),
}
"""Texts by label: zh-CN, en."""

_EARLY = {
    OrderState.AWAITING_PAYMENT: Label.AWAITING_PAYMENT,
    OrderState.EXPIRED: Label.CLOSED,
    OrderState.PLACED: Label.FORMING,
    OrderState.APPROVED: Label.APPROVED,
}
_PARCELS = (
    ("exception", Label.PARCEL_EXCEPTION),
    ("returning", Label.PARCEL_EXCEPTION),
    ("packed", Label.APPROVED),
    ("shipped", Label.SHIPPED),
    ("in_transit", Label.IN_TRANSIT),
    ("ready", Label.READY_FOR_PICKUP),
)
"""Parcel states, the one that needs attention or is least advanced first.

A void parcel is as good as absent. One that came back is trouble until the others have arrived.
"""


def label_of(order: Order, parcels: Iterable[str], refunds: Iterable[str]) -> Label:
    """Return the label. `parcels` and `refunds` are the states of shipments and refunds."""
    ended = list(refunds)
    if any(state != "succeeded" for state in ended):
        return Label.REFUNDING
    match order.state:
        case OrderState.CLOSED:
            label = Label.REFUNDED if ended else Label.CLOSED
        case OrderState.CONFIRMED:
            label = Label.TO_CORRECT if order.correction else Label.TO_APPROVE
        case OrderState.FULFILLING:
            label = _on_the_way(order, set(parcels), refunded=bool(ended))
        case OrderState.COMPLETED:
            label = Label.PARTLY_REFUNDED if ended else Label.COMPLETED
        case early:
            label = _EARLY[early]
    return label


def _on_the_way(order: Order, parcels: set[str], *, refunded: bool) -> Label:
    if "returned" in parcels and order.delivered_at is None:
        return Label.PARCEL_EXCEPTION
    for state, label in _PARCELS:
        if state in parcels:
            return label
    if order.delivered_at is None:
        return Label.APPROVED
    return Label.PARTLY_REFUNDED if refunded else Label.DELIVERED
