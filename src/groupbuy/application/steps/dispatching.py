"""Sending a parcel of an order: its carrier is asked for traces, its buyer is told."""

from collections.abc import Sequence
from datetime import timedelta

from groupbuy.application.ports import Query
from groupbuy.application.steps.delivering import first_parcels, units_left
from groupbuy.application.steps.parcels import Parcel, known_before
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.logistics import Shipment, ShipmentState, check_contents, check_number
from groupbuy.domain.ordering import Order


def dispatch(work: Work, order: Order, parcel: Parcel, *, replaces: bool = False) -> Shipment:
    """Stage a parcel that is on its way, its traces and the message to the buyer.

    One that `replaces` what came back may hold units that were sent before. Raises Invalid for a
    wrong number or contents the order has not, Refused for a parcel that was handed over before.
    """
    check_number(parcel.carrier, parcel.tracking_number)
    earlier = list(every(work.of(Shipment), Query().where(order_id=order.id)))
    _refuse_twice(earlier, parcel)
    if not replaces:
        check_contents(parcel.contents, units_left(order), first_parcels(work, order.id, earlier))
    packed = Shipment(
        id=work.new_id("shp", near=order.id),
        order_id=order.id,
        merchant_id=order.merchant_id,
        created_at=work.now(),
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        contents=parcel.contents,
    )
    shipped, happened = packed.ship(work.now())
    work.of(Shipment).add(shipped)
    work.emit(happened)
    work.later("track", shipped.id, work.now())
    silent = timedelta(days=work.kit.policy.parcel_silent_days)
    work.later("watch_parcel", shipped.id, work.now() + silent)
    nth, number = len(earlier) + 1, parcel.tracking_number
    work.tell(order.buyer_id, "order.shipped", order.id, time=nth, tracking=number)
    return shipped


def _refuse_twice(earlier: Sequence[Shipment], parcel: Parcel) -> None:
    """Whoever voided a parcel by mistake may hand it over again; nothing else goes twice."""
    wanted = (parcel.carrier, parcel.tracking_number)
    known = [s for s in earlier if (s.carrier, s.tracking_number) == wanted]
    if any(shipment.state is not ShipmentState.VOID for shipment in known):
        raise known_before(parcel)
