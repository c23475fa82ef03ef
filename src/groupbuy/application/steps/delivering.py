"""The moment a buyer has everything: all parcels that are waited for have arrived."""

from collections.abc import Iterable
from datetime import timedelta

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.logistics import Shipment, all_there
from groupbuy.domain.ordering import LineKind, Order, OrderState


def units_left(order: Order) -> dict[int, int]:
    """Return how many units of each line of goods have not been refunded."""
    goods = (line for line in order.lines if line.kind is LineKind.GOODS and line.left)
    return {line.line_no: line.left for line in goods}


def first_parcels(work: Work, order_id: str, parcels: Iterable[Shipment]) -> list[Shipment]:
    """Return parcels without those that replace what came back: their goods were sent before."""
    cases = every(work.of(AfterSale), Query().where(order_id=order_id))
    replaced = {case.replacement_id for case in cases}
    return [parcel for parcel in parcels if parcel.id not in replaced]


def deliver_if_all_there(work: Work, order: Order, changed: Shipment | None = None) -> Order:
    """Deliver a locked order whose parcels have all arrived; `changed` is newer than stored."""
    if order.state is not OrderState.FULFILLING or order.delivered_at is not None:
        return order
    found = every(work.of(Shipment), Query().where(order_id=order.id))
    parcels = {parcel.id: parcel for parcel in found}
    if changed is not None:
        parcels[changed.id] = changed
    if not all_there(units_left(order), first_parcels(work, order.id, parcels.values())):
        return order
    return deliver(work, order)


def deliver(work: Work, order: Order) -> Order:
    """Note that the buyer has everything, once, and let the after-sale window begin."""
    if order.state is not OrderState.FULFILLING or order.delivered_at is not None:
        return order
    after, happened = order.deliver(work.now())
    work.of(Order).save(after)
    work.emit(happened)
    work.later("complete", order.id, work.now() + timedelta(days=order.after_sale_days))
    work.tell(order.buyer_id, "order.delivered", order.id)
    return after
