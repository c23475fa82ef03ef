"""What a person asks a provider for, beside the timetable of the outbox."""

from groupbuy.application import payments
from groupbuy.application.outside import Outside
from groupbuy.application.ports import PaymentOutcome
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Invalid, NotFound, Unavailable
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import Payment, payment_id_of


def ask_about_payment(
    desk: Desk, outside: Outside, caller: Caller, number: str, reason: str
) -> Payment:
    """Ask the provider how a payment stands, one given up here too, and take its word.

    Money that arrived after all is booked; what pays nothing any more goes back by itself. May be
    repeated: what is booked stays as it is. Raises Forbidden, Invalid without a reason, NotFound,
    Unavailable.
    """
    caller.require(Role.FINANCE, Role.OPERATOR)
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")

    def note(work: Work) -> Payment:
        found = payment_of_number(work, number)
        work.audit("payment.ask", found.id, reason)
        return found

    payment = desk.run(caller, note)
    gateway = outside.gateways.get(payment.provider)
    if gateway is None:
        raise Unavailable(what=payment.provider)
    report = gateway.query(number)
    if report.outcome is not PaymentOutcome.PENDING:
        desk.run(caller, lambda work: payments.settle_payments(work, [report]))
    return desk.read(caller, lambda work: payment_of_number(work, number))


def payment_of_number(work: Work, number: str) -> Payment:
    """Return the payment of one of our numbers at a provider. Raises Forbidden, NotFound."""
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    key = payment_id_of(number)
    found = work.of(Payment).find([key]).get(key)
    if found is None or found.number != number:
        raise NotFound(kind="payment", key=number)
    return found
