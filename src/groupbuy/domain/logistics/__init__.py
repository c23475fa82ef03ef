"""Parcels, pickups and their traces. Import from here."""

from groupbuy.domain.logistics.allocating import (
    Allocation,
    Demand,
    GoodsReceipt,
    Share,
    allocate,
    allocation_id,
)
from groupbuy.domain.logistics.contents import all_there, check_contents
from groupbuy.domain.logistics.model import (
    PICKUP_TRIES,
    Content,
    Shipment,
    TraceEntry,
    all_arrived,
    check_number,
)
from groupbuy.domain.logistics.plausible import plausible
from groupbuy.domain.logistics.states import (
    ARRIVED,
    LEFT_OUT,
    SHIPMENT,
    ShipmentMove,
    ShipmentState,
)
from groupbuy.domain.logistics.troubles import (
    NEWS,
    OPENED,
    TROUBLE,
    TROUBLE_TEXTS,
    ParcelTrouble,
    Trouble,
    TroubleMove,
    TroubleState,
    ended_by,
    last_heard,
    overdue,
    raised_by,
)

__all__ = [
    "ARRIVED",
    "LEFT_OUT",
    "NEWS",
    "OPENED",
    "PICKUP_TRIES",
    "SHIPMENT",
    "TROUBLE",
    "TROUBLE_TEXTS",
    "Allocation",
    "Content",
    "Demand",
    "GoodsReceipt",
    "ParcelTrouble",
    "Share",
    "Shipment",
    "ShipmentMove",
    "ShipmentState",
    "TraceEntry",
    "Trouble",
    "TroubleMove",
    "TroubleState",
    "all_arrived",
    "all_there",
    "allocate",
    "allocation_id",
    "check_contents",
    "check_number",
    "ended_by",
    "last_heard",
    "overdue",
    "plausible",
    "raised_by",
]
