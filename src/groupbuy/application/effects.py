"""Effects outside: ask a provider, then write down what it said.

The call lies between two transactions, never inside one, and may be repeated: its number was
fixed before the first call. Whatever is not certain is asked about again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from groupbuy.application import forming, fulfilment, payments, payouts, refunds
from groupbuy.application.outside import Outside
from groupbuy.application.ports import (
    Message,
    PaymentOutcome,
    Query,
    Task,
)
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Conflict, DomainError, NotFound, Unavailable
from groupbuy.domain.logistics import SHIPMENT, Shipment
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import Payment, PaymentState, Refund, RefundState

NOTIFY = "notify"
_SOON, _LATER, _POLL = timedelta(seconds=15), timedelta(minutes=1), timedelta(hours=2)
_RARELY, _NEXT_HOUR = timedelta(minutes=10), timedelta(hours=1)
_OF_ONE_ORDER = (DomainError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a defect in the data of one order looks like; its neighbours have nothing to do with it."""


class Finish(Protocol):
    """Marks a claimed task as done, or due again; False if it was lost to another worker."""

    def __call__(
        self,
        work: Work,
        task: Task,
        again: datetime | None = None,
        *,
        data: Mapping[str, str] | None = None,
        trouble: str = "",
    ) -> bool:
        """`data` is kept with the task until then, `trouble` shown to operators."""
        ...


@frozen
class Errand:
    """What one effect needs: the claimed tasks, whom to call, and how to mark them done."""

    desk: Desk
    outside: Outside
    caller: Caller
    tasks: Sequence[Task]
    take: Callable[[Work, Task], Task | None]
    """Lock a claimed task first of all; None if it was lost to another worker."""
    finish: Finish

    @property
    def task(self) -> Task:
        """The one task; only messages come several at once."""
        return self.tasks[0]

    def done(self, again_in: timedelta | None = None) -> None:
        """Mark the task as done, or due again, when nothing else is to be written."""

        def write(work: Work) -> None:
            again = None if again_in is None else work.now() + again_in
            self.finish(work, self.task, again)

        self.desk.run(self.caller, write)


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


def refund(errand: Errand) -> None:
    """Send a granted refund; its number is stored as submitted before the first call."""
    refund_id = errand.task.subject
    request = errand.desk.run(errand.caller, lambda work: refunds.submit_refund(work, refund_id))
    if request is None:
        errand.done()
        return
    provider = errand.desk.read(errand.caller, lambda work: _provider(work, refund_id))
    report = errand.outside.gateways[provider].refund(request)

    def write(work: Work) -> None:
        now = work.now()
        state = {
            RefundState.SUBMITTED: now + _SOON,
            RefundState.RETRYABLE: now + _LATER,
        }
        if errand.take(work, errand.task):
            after = refunds.settle_refund(work, report)
            errand.finish(work, errand.task, state.get(after.state))

    errand.desk.run(errand.caller, write)


def payout(errand: Errand) -> None:
    """Send an approved withdrawal, or ask how it stands, always with the same number."""
    provider, tenant = errand.outside.payout, errand.caller.tenant
    again = payouts.send_payout(errand.desk, provider, tenant, errand.task.subject)
    errand.desk.run(errand.caller, lambda work: errand.finish(work, errand.task, again))


def track(errand: Errand) -> None:
    """Ask the carrier to tell us, and ask it ourselves now and then until the parcel has ended."""
    parcel = errand.desk.read(
        errand.caller, lambda work: work.of(Shipment).get(errand.task.subject)
    )
    if parcel.state in SHIPMENT.final:
        errand.done()
        return
    carrier = errand.outside.carrier
    carrier.subscribe(parcel.carrier, parcel.tracking_number, errand.caller.tenant)
    try:
        report = carrier.trace(parcel.carrier, parcel.tracking_number)
    except NotFound:
        errand.done(_POLL)
        return

    def write(work: Work) -> None:
        if errand.finish(work, errand.task, work.now() + _POLL):
            fulfilment.hear_carrier(work, report)

    errand.desk.run(errand.caller, write)


def confirm_group(errand: Errand) -> None:
    """Confirm the next batch of paid orders of a formed group."""
    _drain(errand, forming.confirm_orders)


def refund_group(errand: Errand) -> None:
    """Give everything back to the next batch of payers of a group that did not come about."""
    _drain(errand, forming.refund_orders)


def _drain(errand: Errand, step: Callable[[Work, Sequence[str]], None]) -> None:
    """Do something for the next batch of a group's paid orders, all in one transaction.

    If one of them cannot be done each gets a transaction of its own, and those that cannot are
    left behind: an operator hears of them, and they come again once all others are done.
    """
    after = errand.task.data.get("after", "")
    orders = errand.desk.read(
        errand.caller, lambda work: forming.paid_seats(work, errand.task.subject, after)
    )

    def together(work: Work) -> None:
        if errand.take(work, errand.task):
            step(work, orders)
            _go_on(errand, work, orders, {})

    try:
        errand.desk.run(errand.caller, together)
    except (Conflict, Unavailable):
        raise
    except _OF_ONE_ORDER:
        bad = _one_by_one(errand, step, orders)
        errand.desk.run(errand.caller, lambda work: _go_on(errand, work, orders, bad))


def _one_by_one(
    errand: Errand, step: Callable[[Work, Sequence[str]], None], orders: Sequence[str]
) -> dict[str, str]:
    """Return why some of these orders could not be done, by order; all others are."""
    bad = dict[str, str]()

    def alone(order_id: str) -> None:
        def write(work: Work) -> None:
            if errand.take(work, errand.task):
                step(work, [order_id])

        errand.desk.run(errand.caller, write)

    for order_id in orders:
        try:
            alone(order_id)
        except (Conflict, Unavailable):
            raise
        except _OF_ONE_ORDER as error:
            bad[order_id] = error.code if isinstance(error, DomainError) else type(error).__name__
    return bad


def _go_on(errand: Errand, work: Work, orders: Sequence[str], bad: Mapping[str, str]) -> None:
    """Stage the next batch; after the last one another round, later, for those left behind."""
    task, now = errand.task, work.now()
    for order_id, why in bad.items():
        work.tell("role:operator", "order.left_behind", order_id, group=task.subject, why=why)
    left = int(task.data.get("left", "0")) + len(bad)
    rounds = int(task.data.get("rounds", "0"))
    trouble = [task.last_error, *bad.values()][-1] if left else ""
    if len(orders) == forming.BATCH:
        data = {"after": orders[-1], "left": str(left), "rounds": str(rounds)}
        errand.finish(work, task, now, data=data, trouble=trouble)
        return
    wait = min(_LATER * 2 ** min(rounds, 6), _NEXT_HOUR)
    again = now + wait if left else None
    errand.finish(work, task, again, data={"rounds": str(rounds + 1)}, trouble=trouble)


def notify(errand: Errand) -> None:
    """Tell people, on every channel; a repeated key is dropped by the channel."""
    messages = [_message(task) for task in errand.tasks]
    for notifier in errand.outside.notifiers.values():
        notifier.send(errand.caller.tenant, messages)

    def write(work: Work) -> None:
        for task in sorted(errand.tasks, key=lambda each: each.id):
            errand.finish(work, task, None)

    errand.desk.run(errand.caller, write)


def _provider(work: Work, refund_id: str) -> str:
    return work.of(Payment).get(work.of(Refund).get(refund_id).payment_id).provider


def _message(task: Task) -> Message:
    facts = {k: v for k, v in task.data.items() if k not in ("user", "what")}
    at = task.created_at or task.due_at
    return Message(task.id, task.data["user"], task.data["what"], task.subject, at, facts)


EFFECTS: Mapping[str, Callable[[Errand], None]] = {
    "prepay": prepay,
    "ask": ask,
    "expire": expire,
    "refund": refund,
    "payout": payout,
    "track": track,
    "confirm_group": confirm_group,
    "refund_group": refund_group,
    NOTIFY: notify,
}
"""What is done about each topic that needs more than one transaction of its own."""
