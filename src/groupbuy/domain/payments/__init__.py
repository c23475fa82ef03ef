"""Payments and refunds. Import from here."""

from groupbuy.domain.payments.model import (
    Payment,
    Refund,
    RefundCause,
    check_refundable,
    grant,
    payment_id_of,
    payment_number,
    refund_id_of,
    refund_number,
    send_at,
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
    "PAYMENT",
    "REFUND",
    "Payment",
    "PaymentMove",
    "PaymentState",
    "Refund",
    "RefundCause",
    "RefundMove",
    "RefundState",
    "check_refundable",
    "grant",
    "payment_id_of",
    "payment_number",
    "refund_id_of",
    "refund_number",
    "send_at",
]
