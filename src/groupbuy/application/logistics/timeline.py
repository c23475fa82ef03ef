"""Everything that happened to an order, one line each, for its buyer, leader and merchant."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Refund

TRACE = "parcel.trace"
"""What a line of a carrier's trace is called."""
_SHOWN = ("rule", "reason")
_UNSEEN = (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED)


@frozen
class Moment:
    """One line of the timeline."""

    at: datetime
    what: str
    """The event's name, or `parcel.trace`."""
    subject: str
    text: str = ""
    """The carrier's own words."""
    facts: Mapping[str, str] = field(factory=dict)


def my_timeline(work: Work, order_id: str) -> list[Moment]:
    """Return what happened to the caller's own order, oldest first. Raises NotFound."""
    order = work.of(Order).find([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    return _moments(work, order)


def leader_timeline(work: Work, order_id: str) -> list[Moment]:
    """Return what happened to a paid order of the leader's own campaign. Raises NotFound."""
    work.caller.require(Role.LEADER)
    order = work.of(Order).find([order_id]).get(order_id)
    mine = order is not None and order.leader_id == work.caller.leader_id
    if order is None or not mine or order.leader_id is None or order.state in _UNSEEN:
        raise NotFound(kind="order", key=order_id)
    return _moments(work, order)


def merchant_timeline(work: Work, order_id: str) -> list[Moment]:
    """Return what happened to a paid order of the caller's shop. Raises NotFound."""
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    order = work.of(Order).find([order_id]).get(order_id)
    own = order is not None and order.merchant_id == caller.merchant_id
    if order is None or order.state in _UNSEEN or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="order", key=order_id)
    return _moments(work, order)


def timelines(work: Work, order_ids: Sequence[str]) -> dict[str, list[Moment]]:
    """Return what happened to some orders, oldest first, for those who may see it already."""
    mine = Query().among("order_id", order_ids)
    parcels = list(every(work.of(Shipment), mine))
    refunds = list(every(work.of(Refund), mine))
    owners = {order_id: order_id for order_id in order_ids}
    owners |= {parcel.id: parcel.order_id for parcel in parcels}
    owners |= {refund.id: refund.order_id for refund in refunds}
    found: dict[str, list[Moment]] = {order_id: [] for order_id in order_ids}
    for event in every(work.of(LoggedEvent), Query().among("subject", list(owners))):
        found[owners[event.subject]].append(_told(event))
    for refund in refunds:
        found[refund.order_id].append(Moment(refund.granted_at, "refund.granted", refund.id))
    for parcel in parcels:
        found[parcel.order_id].extend(_trace(parcel))
    return {key: sorted(lines, key=lambda each: each.at) for key, lines in found.items()}


def _moments(work: Work, order: Order) -> list[Moment]:
    return timelines(work, [order.id])[order.id]


def _told(event: LoggedEvent) -> Moment:
    facts = {name: str(event.data[name]) for name in _SHOWN if name in event.data}
    return Moment(event.at, event.name, event.subject, facts=facts)


def _trace(parcel: Shipment) -> Iterable[Moment]:
    facts = {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number}
    for step in parcel.trace:
        yield Moment(step.at, TRACE, parcel.id, step.text, facts)
