"""Executing refunds: one number for ever, and the provider's word booked exactly once."""

from datetime import datetime

from groupbuy.application.ports import Query, RefundOutcome, RefundReport, RefundRequest
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event, Invalid, NotFound
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import Payment, Refund, RefundState, refund_id_of


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
        paid=payment.due if payment.captured is None else payment.captured,
        reason=refund.cause.value,
        tenant=work.caller.tenant,
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
    if after is refund:
        return refund
    work.of(Refund).save(after)
    work.emit(happened)
    if after.state is RefundState.SUCCEEDED:
        _book_refund(work, after)
    if after.state is RefundState.NEEDS_OPERATOR:
        # Its version, not its attempts: it may come back here without having been sent.
        work.tell("role:finance", "refund.needs_operator", refund.id, time=after.version + 1)
    return after


def _heard(refund: Refund, report: RefundReport, now: datetime) -> tuple[Refund, list[Event]]:
    if report.outcome is RefundOutcome.SUCCEEDED:
        if report.amount in (None, refund.amount):
            return refund.succeed(report.provider_ref, now)
        if refund.state in (RefundState.SUBMITTED, RefundState.RETRYABLE):
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


def list_refunds(work: Work, query: Query) -> list[Refund]:
    """Return refunds as the query says, for those who watch over money."""
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    return work.of(Refund).select(query)


def retry_refund(work: Work, refund_id: str, reason: str) -> Refund:
    """Let an operator send a refund that needed a person again, with the same number.

    Raises Forbidden, Invalid without a reason, NotFound, IllegalMove.
    """
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why the provider will pay it now")
    found = work.of(Refund).lock([refund_id])
    if refund_id not in found:
        raise NotFound(kind="refund", key=refund_id)
    after, happened = found[refund_id].take_up(work.now())
    work.of(Refund).save(after)
    work.emit(happened)
    work.audit("refund.retry", refund_id, reason)
    work.later("refund", refund_id, work.now(), once=f"again-{after.version}")
    return after
