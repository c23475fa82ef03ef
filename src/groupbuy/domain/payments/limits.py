"""What a provider allows of refunds: how many of a payment, how far apart, for how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import frozen

from groupbuy.domain.kernel import Refused
from groupbuy.domain.payments.model import Payment, Refund


@frozen
class RefundLimits:
    """The limits of one provider, as its gateway states them; None and zero mean no limit."""

    spacing: timedelta = timedelta(0)
    """Least time between two refunds of one payment."""
    of_a_payment: int | None = None
    """The most refunds of one payment."""
    within: timedelta | None = None
    """How long after its success a payment can be refunded."""

    def check(self, payment: Payment, others: Iterable[Refund], now: datetime) -> None:
        """Refuse what this provider will never do, however often it is asked. Raises Refused.

        `others` are the payment's other refunds.
        """
        sent = sum(refund.sent_at is not None for refund in others)
        if self.of_a_payment is not None and sent >= self.of_a_payment:
            raise Refused(rule="refunds_of_the_payment_left", about=payment.id)
        late = self.within is not None and payment.paid_at is not None
        if late and now >= payment.paid_at + self.within:  # type: ignore[operator]
            raise Refused(rule="payment_is_young_enough_to_refund", about=payment.id)

    def free_at(self, others: Iterable[Refund]) -> datetime | None:
        """Return when one more refund of a payment may be sent; None if none was sent before."""
        sent = [refund.sent_at for refund in others if refund.sent_at is not None]
        return max(sent) + self.spacing if sent else None
