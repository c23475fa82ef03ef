"""Payments and refunds. Import from here."""

from groupbuy.domain.payments.limits import RefundLimits
from groupbuy.domain.payments.model import (
    NEVER,
    TOO_LATE,
    TOO_MANY,
    Payment,
    Refund,
    RefundCause,
    grant,
    payment_id_of,
    payment_number,
    refund_id_of,
    refund_number,
)
from groupbuy.domain.payments.states import (
    PAYMENT,
    REFUND,
    PaymentMove,
    PaymentState,
    RefundMove,
    RefundState,
)

__all__ = [
    "NEVER",
    "PAYMENT",
    "REFUND",
    "TOO_LATE",
    "TOO_MANY",
    "Payment",
    "PaymentMove",
    "PaymentState",
    "Refund",
    "RefundCause",
    "RefundLimits",
    "RefundMove",
    "RefundState",
    "grant",
    "payment_id_of",
    "payment_number",
    "refund_id_of",
    "refund_number",
]
