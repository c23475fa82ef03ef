"""Announcing a payment to its provider from a request, after the join was committed."""

from groupbuy.application import payments
from groupbuy.application.ports import PaymentOutcome
from groupbuy.domain.kernel import Unavailable
from groupbuy.domain.payments import Payment, PaymentState
from groupbuy.entrypoints.http.visit import Visit


def announce(visit: Visit, order_id: str) -> Payment:
    """Return the open payment of the caller's order, announced to its provider.

    Raises NotFound, Refused when there is nothing to pay, Unavailable when the provider is
    silent: asking again is safe, the number stays.
    """
    payment = visit.run(lambda work: payments.open_payment(work, order_id))
    request = visit.read(lambda work: payments.prepay_request(work, payment.id))
    if payment.state is PaymentState.PENDING or request is None:
        return payment
    report = visit.app.gateways[payment.provider].prepay(request)
    if report.outcome is not PaymentOutcome.PENDING:
        return visit.run(lambda work: payments.settle_payments(work, [report]))[0].payment
    if not report.pay_params:
        raise Unavailable(what="payment provider")
    return visit.run(lambda work: payments.announced(work, payment.id, report.pay_params))
