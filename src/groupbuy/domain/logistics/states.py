"""The life of a parcel and of a pickup, in one table."""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine


class ShipmentState(StrEnum):
    """Where goods are."""

    PACKED = "packed"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    READY = "ready"
    """Lying at a pickup point."""
    COLLECTED = "collected"
    VOID = "void"
    """Taken out of the order by a person: a mistyped number, a parcel that got lost."""


class ShipmentMove(StrEnum):
    """What may happen to goods on their way."""

    SHIP = "ship"
    TRAVEL = "travel"
    SIGN = "sign"
    FAIL = "fail"
    TURN_BACK = "turn_back"
    COME_BACK = "come_back"
    MAKE_READY = "make_ready"
    RENEW_CODE = "renew_code"
    COLLECT = "collect"
    VOID = "void"


_S, _M = ShipmentState, ShipmentMove
_OUT = (_S.SHIPPED, _S.IN_TRANSIT, _S.EXCEPTION)
SHIPMENT: Machine[ShipmentState, ShipmentMove, None] = Machine(
    name="shipment",
    initial=_S.PACKED,
    final=frozenset({_S.DELIVERED, _S.COLLECTED, _S.RETURNED, _S.VOID}),
    edges=(
        Edge(_S.PACKED, _M.SHIP, _S.SHIPPED, "shipment.shipped"),
        Edge(_S.PACKED, _M.MAKE_READY, _S.READY, "shipment.ready"),
        Edge(_S.READY, _M.RENEW_CODE, _S.READY, "shipment.code_renewed"),
        Edge(_S.READY, _M.COLLECT, _S.COLLECTED, "shipment.collected"),
        Edge(_S.SHIPPED, _M.TRAVEL, _S.IN_TRANSIT, "shipment.in_transit"),
        Edge(_S.EXCEPTION, _M.TRAVEL, _S.IN_TRANSIT, "shipment.in_transit"),
        *(Edge(s, _M.SIGN, _S.DELIVERED, "shipment.delivered") for s in _OUT),
        *(
            Edge(s, _M.FAIL, _S.EXCEPTION, "shipment.exception")
            for s in (_S.SHIPPED, _S.IN_TRANSIT)
        ),
        *(Edge(s, _M.TURN_BACK, _S.RETURNING, "shipment.returning") for s in _OUT),
        *(Edge(s, _M.COME_BACK, _S.RETURNED, "shipment.returned") for s in (*_OUT, _S.RETURNING)),
        *(Edge(s, _M.VOID, _S.VOID, "shipment.void") for s in (*_OUT, _S.RETURNING)),
    ),
)
ARRIVED = frozenset({_S.DELIVERED, _S.COLLECTED})
"""States in which the buyer has the goods."""
LEFT_OUT = frozenset({_S.RETURNED, _S.VOID})
"""States in which nobody waits for it any more: the order is delivered by its other parcels."""
IN_THE_SHOP = frozenset({_S.PACKED, _S.READY})
"""States in which nothing has left the shop or its pickup point yet."""
