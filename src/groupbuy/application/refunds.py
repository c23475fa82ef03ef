"""Executing refunds: one number for ever, and the provider's word booked exactly once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from groupbuy.application.ports import Query, RefundOutcome, RefundReport, RefundRequest
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale, CaseState
from groupbuy.domain.kernel import Event, Invalid, NotFound
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import Payment, Refund, RefundCause, RefundState, refund_id_of

_OVER = (RefundState.SUCCEEDED, RefundState.NEEDS_OPERATOR)
"""Nobody is asked any more."""


def providers_of(work: Work, refund_ids: Iterable[str]) -> dict[str, str]:
    """Return who gives the money back, by refund; those that are over are left out."""
    found = work.of(Refund).find(refund_ids)
    waiting = {key: refund for key, refund in found.items() if refund.state not in _OVER}
    payments = work.of(Payment).find({refund.payment_id for refund in waiting.values()})
    return {key: payments[refund.payment_id].provider for key, refund in waiting.items()}


def submit_refunds(work: Work, refund_ids: Sequence[str]) -> dict[str, RefundRequest]:
    """Store that the provider is about to be asked; return requests by refund.

    Refunds that are over are left out: the money is back, or a person decides.
    """
    found = work.of(Refund).lock(refund_ids)
    payments = work.of(Payment).find({refund.payment_id for refund in found.values()})
    requests = dict[str, RefundRequest]()
    for key in refund_ids:
        refund = found[key]
        if refund.state in _OVER:
            continue
        submitted, happened = refund.submit(work.now())
        work.of(Refund).save(submitted)
        work.emit(happened)
        requests[key] = _request(work, refund, payments[refund.payment_id])
    return requests


def _request(work: Work, refund: Refund, payment: Payment) -> RefundRequest:
    return RefundRequest(
        number=refund.number,
        payment_number=payment.number,
        amount=refund.amount,
        paid=payment.due if payment.captured is None else payment.captured,
        reason=refund.cause.value,
        tenant=work.caller.tenant,
    )


def settle_refund(work: Work, report: RefundReport) -> Refund:
    """Take the provider's word about a refund; success is booked exactly once. Raises NotFound."""
    return settle_refunds(work, [report])[refund_id_of(report.number)]


def settle_refunds(work: Work, reports: Sequence[RefundReport]) -> dict[str, Refund]:
    """Do the same for many at once; return the refunds as they are now. Raises NotFound."""
    after = work.of(Refund).lock([refund_id_of(report.number) for report in reports])
    work.of(Payment).find({refund.payment_id for refund in after.values()})
    cases = [r.effect_key for r in after.values() if r.cause is RefundCause.AFTER_SALE]
    if cases:
        work.of(AfterSale).lock(cases)
    for report in reports:
        key = refund_id_of(report.number)
        if key not in after:
            raise NotFound(kind="refund", key=key)
        after[key] = _settled(work, after[key], report)
    return after


def _settled(work: Work, refund: Refund, report: RefundReport) -> Refund:
    if refund.state is RefundState.SUCCEEDED:
        return refund
    after, happened = _heard(refund, report, work.now())
    if after is refund:
        return refund
    work.of(Refund).save(after)
    work.emit(happened)
    if after.state is RefundState.SUCCEEDED:
        _book_refund(work, after)
        if after.cause is RefundCause.AFTER_SALE:
            _finish_case(work, after.effect_key)
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


def _finish_case(work: Work, case_id: str) -> None:
    case = work.of(AfterSale).get(case_id)
    if case.state is CaseState.REFUNDING:
        done, happened = case.finish(work.now())
        work.of(AfterSale).save(done)
        work.emit(happened)


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
