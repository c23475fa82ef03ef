"""Parcels, pickups and their traces. Import from here."""

from groupbuy.domain.logistics.model import PICKUP_TRIES, Shipment, TraceEntry
from groupbuy.domain.logistics.states import ARRIVED, SHIPMENT, ShipmentMove, ShipmentState

__all__ = [
    "ARRIVED",
    "PICKUP_TRIES",
    "SHIPMENT",
    "Shipment",
    "ShipmentMove",
    "ShipmentState",
    "TraceEntry",
]
