"""Everything that happened to an order, one line each, for its buyer, leader and merchant."""

from collections.abc import Iterable, Mapping
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


def _moments(work: Work, order: Order) -> list[Moment]:
    mine = Query().where(order_id=order.id)
    parcels = list(every(work.of(Shipment), mine))
    refunds = list(every(work.of(Refund), mine))
    subjects = [order.id, *(each.id for each in parcels), *(each.id for each in refunds)]
    events = every(work.of(LoggedEvent), Query().among("subject", subjects))
    granted = [Moment(each.granted_at, "refund.granted", each.id) for each in refunds]
    lines = [*(_told(each) for each in events), *granted, *_traces(parcels)]
    return sorted(lines, key=lambda each: each.at)


def _told(event: LoggedEvent) -> Moment:
    facts = {name: str(event.data[name]) for name in _SHOWN if name in event.data}
    return Moment(event.at, event.name, event.subject, facts=facts)


def _traces(parcels: Iterable[Shipment]) -> Iterable[Moment]:
    for parcel in parcels:
        for step in parcel.trace:
            facts = {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number}
            yield Moment(step.at, TRACE, parcel.id, step.text, facts)
