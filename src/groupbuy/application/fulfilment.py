"""From a formed group to signed for: approval, parcels, pickups, the carrier's word."""

from datetime import datetime, timedelta

from groupbuy.application.ports import Query, TraceReport
from groupbuy.application.steps.casework import window_ends
from groupbuy.application.steps.commissioning import vest
from groupbuy.application.steps.confirming import fee_of, funded_by
from groupbuy.application.steps.delivering import deliver_if_all_there
from groupbuy.application.steps.dispatching import dispatch
from groupbuy.application.steps.handing_out import Shown, bag_of, hand_over
from groupbuy.application.steps.parcels import Parcel
from groupbuy.application.steps.pointing import points_follow
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.scene import set_scene
from groupbuy.application.steps.sealing import CORRECTION, seal
from groupbuy.application.steps.troubles import follow_troubles
from groupbuy.application.steps.unwinding import unwind
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import OPEN, AfterSale
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.logistics import (
    SHIPMENT,
    Proof,
    Shipment,
    TraceEntry,
)
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import CloseReason, Contact, Funder, Order, OrderState
from groupbuy.domain.payments import Refund, RefundCause

CODE_DIGITS = 6


def approve_order(work: Work, order_id: str) -> Order:
    """Accept a confirmed order for shipping."""
    order = merchant_order(work, order_id)
    after, happened = order.approve(work.now())
    work.of(Order).save(after)
    work.emit(happened)
    return after


def ask_correction(work: Work, order_id: str, note: str, hours: int | None = None) -> Order:
    """Ask the buyer to mend address or contact; silence past the deadline rejects the order."""
    order = merchant_order(work, order_id)
    now = work.now()
    deadline = now + timedelta(hours=hours or work.kit.policy.correction_hours)
    buyer = work.of(User).get(order.buyer_id)
    sealed = seal(work, buyer, CORRECTION, note)
    after, happened = order.ask_correction(sealed, deadline, now)
    work.of(Order).save(after)
    work.emit(happened)
    work.later("reject_uncorrected", order_id, deadline, once=str(after.version))
    work.tell(order.buyer_id, "order.correction_asked", order_id, time=after.version)
    return after


def correct_order(work: Work, order_id: str, contact: Contact) -> Order:
    """Mend the address or the contact, as the buyer."""
    order = work.of(Order).lock([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    after, happened = order.correct(contact, work.now())
    work.of(Order).save(after)
    work.emit(happened)
    return after


def reject_order(work: Work, order_id: str, reason: str) -> Order:
    """Turn a confirmed order down; the buyer gets everything back."""
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the buyer will read it")
    plain = work.of(Order).find([order_id]).get(order_id)
    _check_merchant(work, order_id, plain)
    scene = set_scene(work, [order_id], refunds=True)
    if scene.orders[order_id].state not in (OrderState.CONFIRMED, OrderState.APPROVED):
        raise Refused(rule="order_is_not_shipped", about=order_id)
    work.audit("order.reject", order_id, reason)
    return unwind(
        scene, order_id, cause=RefundCause.REJECTED, why=CloseReason.REJECTED, reason=reason
    )


def reject_uncorrected(work: Work, order_id: str) -> datetime | None:
    """Reject an order whose buyer did not mend it in time (the worker calls this)."""
    scene = set_scene(work, [order_id], refunds=True)
    order = scene.orders[order_id]
    if order.state is not OrderState.CONFIRMED or order.correction is None:
        return None
    if work.now() < order.correction.deadline:
        return order.correction.deadline
    work.audit("order.reject", order_id, "not corrected in time")
    unwind(scene, order_id, cause=RefundCause.REJECTED, why=CloseReason.REJECTED)
    return None


def ship_order(work: Work, parcel: Parcel) -> Shipment:
    """Hand one parcel of an approved order to a carrier. Raises Invalid for a wrong number."""
    order = merchant_order(work, parcel.order_id)
    if order.pickup_point_id is not None:
        raise Refused(rule="order_goes_by_parcel", about=order.id)
    if order.state is OrderState.FULFILLING:
        return dispatch(work, order, parcel)
    if order.state is not OrderState.APPROVED:
        raise Refused(rule="order_is_approved", about=order.id)
    after, happened = order.fulfil(work.now())
    work.of(Order).save(after)
    work.emit(happened)
    return dispatch(work, after, parcel)


def ready_for_pickup(work: Work, order_id: str) -> Shipment:
    """Lay an approved order out at its pickup point; the buyer gets a one-time code."""
    order = merchant_order(work, order_id)
    if order.pickup_point_id is None:
        raise Refused(rule="order_goes_to_a_pickup_point", about=order_id)
    after, happened = order.fulfil(work.now())
    work.of(Order).save(after)
    fingerprint, sealed = _new_code(work, order)
    bag = Shipment(
        id=work.new_id("shp", near=order.id),
        order_id=order.id,
        merchant_id=order.merchant_id,
        created_at=work.now(),
        pickup_point_id=order.pickup_point_id,
        pickup_code_fingerprint=fingerprint,
        pickup_code_sealed=sealed,
    )
    ready, more = bag.make_ready(work.now())
    work.of(Shipment).add(ready)
    work.emit([*happened, *more])
    waits = timedelta(days=work.kit.policy.pickup_wait_days)
    work.later("watch_parcel", ready.id, work.now() + waits)
    work.tell(order.buyer_id, "order.ready_for_pickup", order.id)
    return ready


def renew_pickup_code(work: Work, order_id: str) -> Shipment:
    """Give a bag that lies ready a new one-time code: too many wrong ones were tried, or it leaked.

    Only the buyer can read the new code. Raises IllegalMove unless the bag lies ready.
    """
    order = merchant_order(work, order_id)
    if order.state is OrderState.CLOSED:
        raise Refused(rule="order_is_not_refunded", about=order_id)
    bags = work.of(Shipment).select(Query().where(order_id=order_id))
    if not bags or order.pickup_point_id is None:
        raise Refused(rule="the_bag_is_ready", about=order_id)
    bag = work.of(Shipment).lock([bags[0].id])[bags[0].id]
    fingerprint, sealed = _new_code(work, order)
    after, happened = bag.renew_code(fingerprint, sealed, work.now())
    work.of(Shipment).save(after)
    work.emit(happened)
    work.audit("parcel.renew_pickup_code", bag.id, tries=str(bag.pickup_tries))
    work.tell(order.buyer_id, "order.new_pickup_code", order_id, time=after.version)
    return after


def void_parcel(work: Work, order_id: str, parcel_id: str, reason: str) -> Shipment:
    """Take a parcel that will not arrive out of its order: a mistyped number, a lost parcel.

    An order whose other parcels have all arrived is delivered by this. Raises NotFound,
    IllegalMove for a parcel that has arrived or come back, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    order = merchant_order(work, order_id)
    parcel = work.of(Shipment).lock([parcel_id]).get(parcel_id)
    if parcel is None or parcel.order_id != order_id:
        raise NotFound(kind="parcel", key=parcel_id)
    after, happened = parcel.void(work.now())
    work.of(Shipment).save(after)
    work.emit(happened)
    work.audit("parcel.void", parcel_id, reason, was=parcel.state.value)
    work.tell(order.buyer_id, "order.parcel_void", parcel_id, order=order_id)
    follow_troubles(work, parcel, after)
    deliver_if_all_there(work, order, after)
    return after


def collect(work: Work, order_id: str, code: str) -> Shipment:
    """Hand a bag over against its code, as the point's leader, the merchant or an operator.

    A wrong code counts as a try and is answered by the bag as it is: still READY.
    """
    work.caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    order, bag = bag_of(work, order_id)
    return hand_over(work, order, bag, Shown(Proof.CODE, code, work.now()))


def hear_carrier(work: Work, report: TraceReport) -> list[Shipment]:
    """Take the carrier's news about a tracking number; only a signature delivers."""
    found = work.of(Shipment).select(
        Query().where(tracking_number=report.tracking_number, carrier=report.carrier)
    )
    if not found:
        raise NotFound(kind="parcel", key=report.tracking_number)
    orders = work.of(Order).lock({parcel.order_id for parcel in found})
    steps = tuple(TraceEntry(s.at, s.text, s.state.value) for s in report.steps)
    heard = list[Shipment]()
    for parcel in work.of(Shipment).lock(p.id for p in found).values():
        after, happened = parcel.hear(report.state.value, steps, work.now())
        if after != parcel:
            work.of(Shipment).save(after)
            work.emit(happened)
        heard.append(after)
        follow_troubles(work, parcel, after)
        if happened and after.state in SHIPMENT.final:
            deliver_if_all_there(work, orders[after.order_id], after)
    return heard


def complete_order(work: Work, order_id: str) -> datetime | None:
    """Complete a delivered order after its window, and let its money vest (the worker calls)."""
    order = work.of(Order).lock([order_id])[order_id]
    if order.state is not OrderState.FULFILLING or order.delivered_at is None:
        return None
    cases = list(every(work.of(AfterSale), Query().where(order_id=order_id)))
    now, due = work.now(), window_ends(order, cases)
    if due is not None and now < due:
        return due
    if any(r.open for r in work.of(Refund).select(Query().where(order_id=order_id))):
        return now + timedelta(hours=1)
    if any(case.state in OPEN or case.may_be_escalated(now) for case in cases):
        return now + timedelta(hours=1)
    done, happened = order.complete(work.now())
    work.of(Order).save(done)
    points_follow(work, order, done)
    work.emit(happened)
    work.later("follow_level", done.buyer_id, work.now(), once=done.id)
    _book_vesting(work, done)
    return None


def merchant_order(work: Work, order_id: str) -> Order:
    """Lock an order of the caller's own shop. Raises NotFound."""
    order = work.of(Order).lock([order_id]).get(order_id)
    return _check_merchant(work, order_id, order)


def _check_merchant(work: Work, order_id: str, order: Order | None) -> Order:
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    own = order is not None and order.merchant_id == caller.merchant_id
    if order is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="order", key=order_id)
    return order


def _new_code(work: Work, order: Order) -> tuple[str, str]:
    """Make a pickup code; return its fingerprint and the code sealed for the buyer."""
    code = work.kit.ids.digits(CODE_DIGITS)
    buyer = work.of(User).get(order.buyer_id)
    fingerprint = work.kit.vault.fingerprint("pickup", f"{order.id}/{code}")
    bound_to = f"{work.caller.tenant}|{buyer.id}|pickup"
    return fingerprint, work.kit.vault.seal(buyer.data_key, bound_to, code)


def _book_vesting(work: Work, order: Order) -> None:
    shares = vest(work, order)
    fee = fee_of(order)
    kept = (order.payable - order.refunded).minor + funded_by(order, Funder.PLATFORM)
    merchant = kept - sum(shares.values()) - fee
    work.book(
        "vest",
        order.id,
        {"merchant": order.merchant_id},
        {"m": merchant, "c": shares, "f": fee},
        order.payable.currency,
    )
    work.put_balance(f"merchant:{order.merchant_id}:payable", merchant)
