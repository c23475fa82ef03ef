"""Parcels, pickups and their traces. Import from here."""

from groupbuy.domain.logistics.model import (
    PICKUP_TRIES,
    Shipment,
    TraceEntry,
    all_arrived,
    check_number,
)
from groupbuy.domain.logistics.states import (
    ARRIVED,
    IN_THE_SHOP,
    LEFT_OUT,
    SHIPMENT,
    ShipmentMove,
    ShipmentState,
)

__all__ = [
    "ARRIVED",
    "IN_THE_SHOP",
    "LEFT_OUT",
    "PICKUP_TRIES",
    "SHIPMENT",
    "Shipment",
    "ShipmentMove",
    "ShipmentState",
    "TraceEntry",
    "all_arrived",
    "check_number",
]
