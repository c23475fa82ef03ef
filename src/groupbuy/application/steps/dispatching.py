"""Handing a parcel of an order to its carrier."""

from collections.abc import Sequence

from groupbuy.application.ports import Query
from groupbuy.application.steps.parcels import Parcel, known_before
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.logistics import Shipment, ShipmentState, check_number
from groupbuy.domain.ordering import Order


def hand_over(work: Work, order: Order, parcel: Parcel) -> Shipment:
    """Stage a parcel that is on its way, its traces and the message to the buyer.

    Raises Invalid for a wrong number, Refused for a parcel that was handed over before.
    """
    check_number(parcel.carrier, parcel.tracking_number)
    earlier = list(every(work.of(Shipment), Query().where(order_id=order.id)))
    _refuse_twice(earlier, parcel)
    packed = Shipment(
        id=work.new_id("shp", near=order.id),
        order_id=order.id,
        merchant_id=order.merchant_id,
        created_at=work.now(),
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
    )
    shipped, happened = packed.ship(work.now())
    work.of(Shipment).add(shipped)
    work.emit(happened)
    work.later("track", shipped.id, work.now())
    nth, number = len(earlier) + 1, parcel.tracking_number
    work.tell(order.buyer_id, "order.shipped", order.id, time=nth, tracking=number)
    return shipped


def _refuse_twice(earlier: Sequence[Shipment], parcel: Parcel) -> None:
    """Whoever voided a parcel by mistake may hand it over again; nothing else goes twice."""
    wanted = (parcel.carrier, parcel.tracking_number)
    known = [s for s in earlier if (s.carrier, s.tracking_number) == wanted]
    if any(shipment.state is not ShipmentState.VOID for shipment in known):
        raise known_before(parcel)
