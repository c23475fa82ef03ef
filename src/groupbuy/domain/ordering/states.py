"""The life of an order, as a table."""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine


class OrderState(StrEnum):
    """Where an order is in its life. Parcels and refunds have lives of their own."""

    AWAITING_PAYMENT = "awaiting_payment"
    """A checkout: an order to nobody but its buyer."""
    PLACED = "placed"
    """Paid; the group is forming."""
    CONFIRMED = "confirmed"
    """The group has formed."""
    APPROVED = "approved"
    FULFILLING = "fulfilling"
    COMPLETED = "completed"
    EXPIRED = "expired"
    """Not paid in time; a late payment may still bring it back."""
    CLOSED = "closed"


class OrderMove(StrEnum):
    """What may be asked of an order."""

    PLACE = "place"
    EXPIRE = "expire"
    READMIT = "readmit"
    CONFIRM = "confirm"
    ASK_CORRECTION = "ask_correction"
    CORRECT = "correct"
    READDRESS = "readdress"
    APPROVE = "approve"
    FULFIL = "fulfil"
    DELIVER = "deliver"
    COMPLETE = "complete"
    CLOSE = "close"


class CloseReason(StrEnum):
    """Why an order ended without being completed."""

    CANCELLED = "cancelled"
    """The buyer gave up before paying."""
    LEFT = "left"
    """The buyer left the group before it formed."""
    EXPIRED = "expired"
    GROUP_FAILED = "group_failed"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    REJECTED = "rejected"
    REFUNDED = "refunded"


PLACED = "order.placed"
EXPIRED = "order.expired"
CONFIRMED = "order.confirmed"
CORRECTION_ASKED = "order.correction_asked"
CORRECTED = "order.corrected"
READDRESSED = "order.readdressed"
APPROVED = "order.approved"
FULFILLING = "order.fulfilling"
DELIVERED = "order.delivered"
COMPLETED = "order.completed"
CLOSED = "order.closed"
CREATED = "order.created"

_S, _M = OrderState, OrderMove
_PAID = (_S.PLACED, _S.CONFIRMED, _S.APPROVED, _S.FULFILLING, _S.COMPLETED)

ORDER: Machine[OrderState, OrderMove, None] = Machine(
    name="order",
    initial=_S.AWAITING_PAYMENT,
    final=frozenset({_S.CLOSED, _S.COMPLETED}),
    edges=(
        Edge(_S.AWAITING_PAYMENT, _M.PLACE, _S.PLACED, PLACED),
        Edge(_S.AWAITING_PAYMENT, _M.EXPIRE, _S.EXPIRED, EXPIRED),
        Edge(_S.AWAITING_PAYMENT, _M.CLOSE, _S.CLOSED, CLOSED),
        Edge(_S.EXPIRED, _M.READMIT, _S.PLACED, PLACED),
        Edge(_S.EXPIRED, _M.CLOSE, _S.CLOSED, CLOSED),
        Edge(_S.PLACED, _M.CONFIRM, _S.CONFIRMED, CONFIRMED),
        Edge(_S.CONFIRMED, _M.ASK_CORRECTION, _S.CONFIRMED, CORRECTION_ASKED),
        Edge(_S.CONFIRMED, _M.CORRECT, _S.CONFIRMED, CORRECTED),
        *(Edge(s, _M.READDRESS, s, READDRESSED) for s in (_S.PLACED, _S.CONFIRMED)),
        Edge(_S.CONFIRMED, _M.APPROVE, _S.APPROVED, APPROVED),
        Edge(_S.APPROVED, _M.FULFIL, _S.FULFILLING, FULFILLING),
        Edge(_S.FULFILLING, _M.DELIVER, _S.FULFILLING, DELIVERED),
        Edge(_S.FULFILLING, _M.COMPLETE, _S.COMPLETED, COMPLETED),
        *(Edge(state, _M.CLOSE, _S.CLOSED, CLOSED) for state in _PAID),
    ),
)

BINDING = frozenset({_S.CONFIRMED, _S.APPROVED, _S.FULFILLING, _S.COMPLETED})
"""States in which the merchant has been promised the money."""
