"""Money in and money back: what to do with the provider's word.

Callback and query lead to the same place. The provider's word is recorded first, always; then
the rules decide whether it pays the order or goes back.
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from groupbuy.application.ports import (
    Answer,
    KeyClaim,
    PaymentOutcome,
    PaymentReport,
    PaymentRequest,
    RefundOutcome,
    RefundReport,
    RefundRequest,
)
from groupbuy.application.steps.confirming import confirm_order
from groupbuy.application.steps.deciding import settle_group
from groupbuy.application.steps.refunding import refuse_money
from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import GroupState, SeatState
from groupbuy.domain.kernel import Event, IllegalMove, NotFound, Refused
from groupbuy.domain.ordering import CloseReason, OrderState
from groupbuy.domain.payments import (
    Payment,
    PaymentState,
    Refund,
    RefundCause,
    RefundState,
    payment_id_of,
    refund_id_of,
)

_UNPAID = frozenset({OrderState.AWAITING_PAYMENT, OrderState.EXPIRED})


@frozen
class Settled:
    """What became of one report."""

    payment: Payment
    outcome: str
    """paid | confirmed | closed | pending | refunded:<cause> | repeated"""


def settle_payments(work: Work, reports: Sequence[PaymentReport]) -> list[Settled]:
    """Take the provider's word about payments, one batch in one transaction.

    Reports of unknown numbers raise NotFound; repeats change nothing.
    """
    by_payment = {payment_id_of(report.number): report for report in reports}
    known = work.of(Payment).find(by_payment)
    for payment_id in by_payment:
        if payment_id not in known:
            raise NotFound(kind="payment", key=payment_id)
    scene = set_scene(work, {p.order_id for p in known.values()}, refunds=True)
    return [_settle(scene, payment_id, report) for payment_id, report in by_payment.items()]


def first_time(work: Work, provider: str, event_id: str) -> bool:
    """Tell whether this callback is new (the inbox): a repeat is answered, not handled."""
    if not event_id:
        return True
    claim = KeyClaim(scope=f"inbox:{provider}", key=event_id, input_hash="")
    if claim in work.tx.claim_keys([claim]):
        return False
    work.tx.answer_keys({claim: Answer(ok=True, body="")}, work.now())
    return True


def _settle(scene: Scene, payment_id: str, report: PaymentReport) -> Settled:
    payment = scene.payments[payment_id]
    if payment.state is PaymentState.CAPTURED:
        return Settled(payment, "repeated")
    if report.outcome is PaymentOutcome.CAPTURED:
        return _capture(scene, payment, report)
    if report.outcome is PaymentOutcome.CLOSED:
        return _close(scene, payment)
    if payment.state is PaymentState.CREATED:
        pending, happened = payment.announce(report.pay_params, scene.work.now())
        scene.put_payment(pending, happened)
        return Settled(pending, "pending")
    return Settled(payment, "pending")


def _capture(scene: Scene, payment: Payment, report: PaymentReport) -> Settled:
    now = scene.work.now()
    amount = report.amount or payment.due
    captured, happened = payment.capture(amount, report.paid_at or now, report.provider_ref, now)
    scene.put_payment(captured, happened)
    cause = _why_not(scene, captured)
    if cause is None:
        return _pay_order(scene, captured)
    refuse_money(scene, captured, cause)
    _give_up_seat(scene, captured.order_id, cause)
    return Settled(captured, f"refunded:{cause.value}")


def _why_not(scene: Scene, payment: Payment) -> RefundCause | None:
    """Return why captured money cannot pay its order; None if it can."""
    order = scene.orders[payment.order_id]
    if payment.captured != payment.due:
        return RefundCause.WRONG_AMOUNT
    if order.state is OrderState.CLOSED and order.placed_at is None:
        return RefundCause.LATE_PAYMENT
    if order.state not in _UNPAID:
        return RefundCause.DUPLICATE
    return None if _seat_order(scene, payment) else RefundCause.LATE_PAYMENT


def _seat_order(scene: Scene, payment: Payment) -> bool:
    """Count the money for its seat, or let a late payer back in; False if it is too late."""
    now = scene.work.now()
    order, seat = scene.orders[payment.order_id], scene.seats[payment.order_id]
    group = scene.groups[order.group_id]
    campaign, mine = scene.campaign_of(group), scene.mine(seat)
    try:
        if seat.state is SeatState.HELD:
            paid_at = payment.paid_at or now
            after, paid, happened = group.pay(campaign, seat, mine, paid_at, now)
            placed, more = order.place(now)
        else:
            after, paid, happened = group.readmit(campaign, seat, mine, now)
            _reserve_again(scene, order.id)
            placed, more = order.readmit(now)
    except (Refused, IllegalMove):
        return False
    scene.put_seat(paid)
    scene.put_order(placed, more)
    scene.work.emit(happened)
    settle_group(scene, after)
    return True


def _reserve_again(scene: Scene, order_id: str) -> None:
    """Hold the goods of a readmitted order again, all of them or none."""
    held = [(s.reserve(units)) for s, units in scene.each_tracked(scene.orders[order_id])]
    for stock in held:
        scene.put_stock(stock)


def _pay_order(scene: Scene, payment: Payment) -> Settled:
    order = scene.orders[payment.order_id]
    scene.work.book(
        "capture",
        payment.id,
        {"provider": payment.provider, "order": order.id},
        {"P": order.payable.minor},
        order.payable.currency,
    )
    scene.work.tell(order.buyer_id, "order.paid", order.id)
    if scene.groups[order.group_id].formed_at is not None:
        confirm_order(scene, order.id)
        return Settled(payment, "confirmed")
    return Settled(payment, "paid")


def _close(scene: Scene, payment: Payment) -> Settled:
    if payment.state in (PaymentState.CLOSED, PaymentState.FAILED):
        return Settled(payment, "repeated")
    closed, happened = payment.close(scene.work.now())
    scene.put_payment(closed, happened)
    others = scene.payments_of(payment.order_id)
    if not any(p.state in (PaymentState.CREATED, PaymentState.PENDING) for p in others):
        _give_up_seat(scene, payment.order_id, None)
    return Settled(closed, "closed")


def _give_up_seat(scene: Scene, order_id: str, cause: RefundCause | None) -> None:
    """Release what an unpaid order still holds: its seat and its goods."""
    now = scene.work.now()
    order, seat = scene.orders[order_id], scene.seats[order_id]
    if order.state is OrderState.EXPIRED and cause is RefundCause.LATE_PAYMENT:
        closed, happened = order.close(CloseReason.EXPIRED, now)
        scene.put_order(closed, happened)
    if order.state is not OrderState.AWAITING_PAYMENT or seat.state is not SeatState.HELD:
        return
    if cause is RefundCause.WRONG_AMOUNT:
        return  # the buyer may still pay the right amount until the seat expires
    expired, happened = order.expire(now)
    scene.put_order(expired, happened)
    for stock, units in scene.each_tracked(order):
        scene.put_stock(stock.release(units))
    group = scene.groups[order.group_id]
    after, gone, more = group.release(seat, scene.mine(seat), now, "expired")
    scene.put_seat(gone)
    scene.work.emit(more)
    settle_group(scene, after)
    if group.state is not GroupState.OPEN and group.formed_at is None:
        closed, more = expired.close(CloseReason.EXPIRED, now)
        scene.put_order(closed, more)


def prepay_request(work: Work, payment_id: str) -> PaymentRequest | None:
    """Return what to announce to the provider; None if there is nothing to pay any more."""
    payment = work.of(Payment).get(payment_id)
    if payment.state not in (PaymentState.CREATED, PaymentState.PENDING):
        return None
    return PaymentRequest(
        number=payment.number,
        amount=payment.due,
        description=payment.order_id,
        expires_at=payment.expires_at,
    )


def announced(work: Work, payment_id: str, pay_params: str) -> Payment:
    """Store what the buyer needs to pay; a callback that came first wins."""
    payment = work.of(Payment).lock([payment_id])[payment_id]
    if payment.state is not PaymentState.CREATED:
        return payment
    pending, happened = payment.announce(pay_params, work.now())
    work.of(Payment).save(pending)
    work.emit(happened)
    return pending


def submit_refund(work: Work, refund_id: str) -> RefundRequest | None:
    """Store that the provider is about to be asked; None if the money is back already."""
    refund = work.of(Refund).lock([refund_id])[refund_id]
    if refund.state in (RefundState.SUCCEEDED, RefundState.NEEDS_OPERATOR):
        return None
    submitted, happened = refund.submit(work.now())
    work.of(Refund).save(submitted)
    work.emit(happened)
    payment = work.of(Payment).get(refund.payment_id)
    return RefundRequest(
        number=refund.number,
        payment_number=payment.number,
        amount=refund.amount,
        paid=payment.captured or payment.due,
        reason=refund.cause.value,
    )


def settle_refund(work: Work, report: RefundReport) -> Refund:
    """Take the provider's word about a refund; success is booked exactly once."""
    refund_id = refund_id_of(report.number)
    found = work.of(Refund).lock([refund_id])
    if refund_id not in found:
        raise NotFound(kind="refund", key=refund_id)
    refund = found[refund_id]
    if refund.state is RefundState.SUCCEEDED:
        return refund
    after, happened = _heard(refund, report, work.now())
    if after is not refund:
        work.of(Refund).save(after)
        work.emit(happened)
    if after.state is RefundState.SUCCEEDED:
        _book_refund(work, after)
    if after.state is RefundState.NEEDS_OPERATOR:
        work.tell("role:finance", "refund.needs_operator", refund.id)
    return after


def _heard(refund: Refund, report: RefundReport, now: datetime) -> tuple[Refund, list[Event]]:
    if report.outcome is RefundOutcome.SUCCEEDED:
        if report.amount in (None, refund.amount):
            return refund.succeed(report.provider_ref, now)
        return refund.give_up("the provider names another amount", now)
    asked = refund.state is RefundState.SUBMITTED
    if asked and report.outcome is RefundOutcome.RETRY_LATER:
        return refund.postpone(report.reason, now)
    if asked and report.outcome is RefundOutcome.FAILED:
        return refund.give_up(report.reason, now)
    return refund, []


def _book_refund(work: Work, refund: Refund) -> None:
    payment = work.of(Payment).get(refund.payment_id)
    work.book(
        "refund_succeeded",
        refund.id,
        {"refund": refund.id, "provider": payment.provider},
        {"R": refund.amount.minor},
        refund.amount.currency,
    )
    work.tell(payment.buyer_id, "refund.succeeded", refund.id, amount=str(refund.amount.minor))


def retry_refund(work: Work, refund_id: str, reason: str) -> Refund:
    """Let an operator send a refund that needed a person again, with the same number."""
    found = work.of(Refund).lock([refund_id])
    if refund_id not in found:
        raise NotFound(kind="refund", key=refund_id)
    after, happened = found[refund_id].take_up(work.now())
    work.of(Refund).save(after)
    work.emit(happened)
    work.audit("refund.retry", refund_id, reason)
    work.later("refund", refund_id, work.now(), once=f"again-{after.attempts}")
    return after
