"""Announcing a payment to its provider from a request, after the join was committed."""

from groupbuy.application import payments
from groupbuy.application.ports import PaymentOutcome, PaymentReport
from groupbuy.domain.kernel import Unavailable
from groupbuy.domain.payments import Payment, PaymentState
from groupbuy.entrypoints.http.visit import Visit


def announce(visit: Visit, order_id: str) -> Payment:
    """Return the open payment of the caller's order, announced to its provider.

    One that was announced before is asked about first: nobody is to pay what they have paid.
    Raises NotFound, Refused when there is nothing to pay, Unavailable when the provider is
    silent: asking again is safe, the number stays.
    """
    payment = visit.run(lambda work: payments.open_payment(work, order_id))
    gateway = visit.app.gateways[payment.provider]
    if payment.state is PaymentState.PENDING:
        word = gateway.query(payment.number)
        return payment if word.outcome is PaymentOutcome.PENDING else _settled(visit, word)
    request = visit.read(lambda work: payments.prepay_request(work, payment.id))
    if request is None:
        return payment
    report = gateway.prepay(request)
    if report.outcome is not PaymentOutcome.PENDING:
        return _settled(visit, report)
    if not report.pay_params:
        raise Unavailable(what="payment provider")
    return visit.run(lambda work: payments.announced(work, payment.id, report.pay_params))


def _settled(visit: Visit, report: PaymentReport) -> Payment:
    return visit.run(lambda work: payments.settle_payments(work, [report]))[0].payment
