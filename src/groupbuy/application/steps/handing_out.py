"""Handing a bag over: who may, whose it is, and that it happens once."""

from datetime import datetime

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.delivering import deliver
from groupbuy.application.steps.troubles import follow_troubles
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.logistics import ONLINE, HandOver, Proof, Shipment, ShipmentState
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import Order, OrderState


@frozen
class Shown:
    """What somebody showed, where, and when, by the device's word."""

    proof: Proof
    text: str
    at: datetime
    device: str = ONLINE
    event_id: str = ""


def may_hand_out(work: Work, order: Order, point: PickupPoint | None = None) -> bool:
    """Tell whether the caller may hand this order out: its merchant, its or the point's leader."""
    caller = work.caller
    if Role.OPERATOR in caller.roles or order.merchant_id == caller.merchant_id:
        return True
    if Role.LEADER not in caller.roles or caller.leader_id is None:
        return False
    place = order.pickup_point_id or ""
    at = point if point is not None else work.of(PickupPoint).find([place]).get(place)
    mine = order.leader_id == caller.leader_id
    return mine or (at is not None and at.leader_id == caller.leader_id)


def bag_of(work: Work, order_id: str) -> tuple[Order, Shipment]:
    """Lock an order the caller may hand out, and its bag. Raises NotFound, Refused if refunded."""
    order = work.of(Order).lock([order_id]).get(order_id)
    bags = work.of(Shipment).select(Query().where(order_id=order_id))
    if order is None or not bags or not may_hand_out(work, order):
        raise NotFound(kind="order", key=order_id)
    if order.state is OrderState.CLOSED:
        raise Refused(rule="order_is_not_refunded", about=order_id)
    return order, work.of(Shipment).lock([bags[0].id])[bags[0].id]


def hand_over(work: Work, order: Order, bag: Shipment, shown: Shown) -> Shipment:
    """Hand a locked bag over against what was shown; a wrong code leaves it READY and counts.

    Raises IllegalMove for a bag that does not lie ready, Refused once its tries are used up.
    """
    wanted = bag.pickup_code_fingerprint
    if shown.proof is Proof.CODE:
        fingerprint = work.kit.vault.fingerprint("pickup", f"{order.id}/{shown.text}")
    else:
        fingerprint = wanted if shown.text == order.contact.phone_tail else ""
    after, happened = bag.collect(fingerprint, work.now())
    work.of(Shipment).save(after)
    work.emit(happened)
    if after.state is ShipmentState.COLLECTED:
        work.of(HandOver).add(
            HandOver(
                id=bag.id,
                order_id=order.id,
                by=work.caller.user_id,
                proof=shown.proof,
                device=shown.device,
                event_id=shown.event_id,
                at=shown.at,
                recorded_at=work.now(),
            )
        )
        follow_troubles(work, bag, after)
        deliver(work, order)
    return after
