"""Taking a binding order back: money, commission, fee, goods and seat in one transaction."""

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import reverse_for
from groupbuy.application.steps.confirming import fee_of
from groupbuy.application.steps.refunding import give_back, give_back_order
from groupbuy.application.steps.scene import Scene
from groupbuy.domain.kernel import Refused
from groupbuy.domain.logistics import Shipment, ShipmentState
from groupbuy.domain.ordering import BINDING, CloseReason, Funder, Order, OrderState
from groupbuy.domain.payments import Payment, RefundCause


def unwind(
    scene: Scene, order_id: str, *, cause: RefundCause, why: CloseReason, reason: str = ""
) -> Order:
    """Refund everything still paid of an order, binding or not, close it, free seat and goods."""
    before = scene.orders[order_id]
    if before.state is OrderState.PLACED:
        after = give_back_order(scene, before, cause=cause, effect_key=order_id, reason=reason)
    elif before.state in BINDING:
        after = _unwind_binding(scene, before, cause, reason)
    else:
        raise Refused(rule="order_is_paid", about=order_id)
    closed, happened = after.close(why, scene.work.now())
    _free_goods(scene, before)
    scene.put_order(closed, happened)
    _free_seat(scene, order_id, why)
    scene.work.tell(closed.buyer_id, f"order.{why.value}", order_id)
    return closed


def _unwind_binding(scene: Scene, before: Order, cause: RefundCause, reason: str) -> Order:
    work = scene.work
    after, total = before.refund_all()
    shares, purses = reverse_for(work, before, after)
    fee = fee_of(before) - fee_of(after)
    funded = _funded_back(before, after, Funder.PLATFORM)
    vested = before.vested_at is not None
    names = {
        "merchant": before.merchant_id,
        "merchant_where": "payable" if vested else "pending",
        "fees_where": "fees" if vested else "fees:pending",
        **{f"where:{leader}": purse.value for leader, purse in purses.items()},
    }
    granted = give_back(
        scene,
        _payer(scene, before),
        total,
        cause=cause,
        effect_key=before.id,
        moment="refund_after_confirmation",
        names=names,
        amounts={"c": shares, "f": fee, "K": funded},
        reason=reason,
    )
    if granted is not None and vested:
        taken = total.minor + funded - fee - sum(shares.values())
        work.put_balance(f"merchant:{before.merchant_id}:payable", -taken)
    return after


def _payer(scene: Scene, order: Order) -> Payment:
    for payment in scene.payments_of(order.id):
        if payment.captured is not None and not payment.quarantined:
            return payment
    raise Refused(rule="order_is_paid", about=order.id)


def _funded_back(before: Order, after: Order, funder: Funder) -> int:
    """Return what one funder gets back: its discount on the units refunded now, by unit."""
    back = 0
    for old, new in zip(before.lines, after.lines, strict=True):
        count = new.refunded_units - old.refunded_units
        for grant in old.attributions:
            if grant.funder is funder:
                back += grant.amount.of_units(
                    units=old.units, start=old.refunded_units, count=count
                ).minor
    return back


def _free_goods(scene: Scene, before: Order) -> None:
    """Goods that never left the shop are for sale again; sent ones come back by inspection."""
    if before.state is OrderState.PLACED:
        for stock, units in scene.each_tracked(before):
            scene.put_stock(stock.release(units))
        return
    parcels = scene.work.of(Shipment).select(Query().where(order_id=before.id))
    if all(p.state in (ShipmentState.PACKED, ShipmentState.READY) for p in parcels):
        for stock, units in scene.each_tracked(before):
            scene.put_stock(stock.unsell(units))


def _free_seat(scene: Scene, order_id: str, why: CloseReason) -> None:
    seat = scene.seats[order_id]
    group = scene.groups[seat.group_id]
    after, gone, happened = group.release(seat, scene.mine(seat), scene.work.now(), why.value)
    scene.put_seat(gone)
    scene.put_group(after, happened)
