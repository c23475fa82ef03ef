"""Asking a provider about one thing: announce, ask, close, pay out, track, tell people."""

from contextlib import suppress
from datetime import timedelta

from groupbuy.application import fulfilment, payments, payouts
from groupbuy.application.effects.errands import Errand
from groupbuy.application.ports import Message, PaymentOutcome, Query, Task, TraceReport
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.logistics import SHIPMENT, Shipment
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Payment, PaymentState

_SOON, _RARELY, _POLL = timedelta(seconds=15), timedelta(minutes=10), timedelta(hours=2)
_FOLLOWED = "followed"
"""Remembered with the task of a parcel that its carrier was asked to tell us about."""


def prepay(errand: Errand) -> None:
    """Announce a payment that its own request did not manage to announce."""
    payment_id = errand.task.subject
    request = errand.desk.read(
        errand.caller, lambda work: payments.prepay_request(work, payment_id)
    )
    if request is None:
        errand.done()
        return
    payment = errand.desk.read(errand.caller, lambda work: work.of(Payment).get(payment_id))
    if payment.state is PaymentState.PENDING:
        errand.done()
        return
    report = errand.outside.gateways[payment.provider].prepay(request)
    certain = report.outcome is not PaymentOutcome.PENDING or report.pay_params
    if not certain:
        errand.done(_SOON)
        return

    def write(work: Work) -> None:
        if errand.finish(work, errand.task, None):
            payments.settle_payments(work, [report])

    errand.desk.run(errand.caller, write)


def ask(errand: Errand) -> None:
    """Ask how an announced payment stands, ever more rarely, until that is certain.

    A callback may be lost, and a buyer who has paid must not wait until the hold ends. From then
    on closing the payment brings the certainty.
    """
    payment = errand.desk.read(
        errand.caller, lambda work: work.of(Payment).get(errand.task.subject)
    )
    if payment.state not in payments.OPEN:
        errand.done()
        return
    report = errand.outside.gateways[payment.provider].query(payment.number)

    def write(work: Work) -> None:
        if not errand.take(work, errand.task):
            return
        if report.outcome is not PaymentOutcome.PENDING:
            payments.settle_payments(work, [report])
            errand.finish(work, errand.task)
            return
        now = work.now()
        again = now + min(max(now - (errand.task.created_at or now), _SOON), _RARELY)
        errand.finish(work, errand.task, again if again < payment.expires_at else None)

    errand.desk.run(errand.caller, write)


def expire(errand: Errand) -> None:
    """Close an unpaid order at the provider; only its word releases seat and goods."""
    order_id = errand.task.subject
    found = errand.desk.read(
        errand.caller,
        lambda work: work.of(Payment).select(Query().where(order_id=order_id)),
    )
    unsure = [payment for payment in found if payment.state in payments.OPEN]
    reports = [errand.outside.gateways[p.provider].close(p.number) for p in unsure]
    uncertain = any(report.outcome is PaymentOutcome.PENDING for report in reports)

    def write(work: Work) -> None:
        if errand.take(work, errand.task):
            order = payments.expire_order(work, order_id, reports)
            waits = uncertain or order.state is OrderState.AWAITING_PAYMENT
            errand.finish(work, errand.task, work.now() + _SOON if waits else None)

    errand.desk.run(errand.caller, write)


def payout(errand: Errand) -> None:
    """Send an approved payout, or ask how it stands, always with the same number."""
    provider, tenant = errand.outside.payout, errand.caller.tenant
    again = payouts.send_payout(errand.desk, provider, tenant, errand.task.subject)
    errand.desk.run(errand.caller, lambda work: errand.finish(work, errand.task, again))


def track(errand: Errand) -> None:
    """Ask the carrier to tell us, and ask it ourselves now and then until the parcel has ended.

    It is asked to tell us once: services count how often a number is announced.
    """
    parcel, tail = errand.desk.read(
        errand.caller, lambda work: _parcel_and_phone(work, errand.task.subject)
    )
    if parcel.state in SHIPMENT.final:
        errand.done()
        return
    carrier = errand.outside.carrier
    if _FOLLOWED not in errand.task.data:
        tenant = errand.caller.tenant
        carrier.subscribe(parcel.carrier, parcel.tracking_number, tenant, tail)
    report: TraceReport | None = None
    with suppress(NotFound, Invalid):
        report = carrier.trace(parcel.carrier, parcel.tracking_number, tail)
    kept = {**errand.task.data, _FOLLOWED: "yes"}

    def write(work: Work) -> None:
        held = errand.finish(work, errand.task, work.now() + _POLL, data=kept)
        if held and report is not None:
            fulfilment.hear_carrier(work, report)

    errand.desk.run(errand.caller, write)


def notify(errand: Errand) -> None:
    """Tell people, on every channel or on those named; a channel drops a repeated key."""
    messages = [_message(task) for task in errand.tasks]
    for name, notifier in errand.outside.notifiers.items():
        mine = [each for each in messages if name in each.facts.get("channels", name).split()]
        notifier.send(errand.caller.tenant, mine)

    def write(work: Work) -> None:
        for task in errand.held(work):
            errand.finish(work, task, None)

    errand.desk.run(errand.caller, write)


def _parcel_and_phone(work: Work, shipment_id: str) -> tuple[Shipment, str]:
    parcel = work.of(Shipment).get(shipment_id)
    order = work.of(Order).find([parcel.order_id]).get(parcel.order_id)
    return parcel, order.contact.phone_tail if order is not None else ""


def _message(task: Task) -> Message:
    facts = {k: v for k, v in task.data.items() if k not in ("user", "what")}
    at = task.created_at or task.due_at
    return Message(task.id, task.data["user"], task.data["what"], task.subject, at, facts)
