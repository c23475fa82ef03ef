"""Executing refunds: one number for ever, and the provider's word booked exactly once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from groupbuy.application.ports import Query, RefundOutcome, RefundReport, RefundRequest
from groupbuy.application.steps.paying_out import finance_person
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale, CaseState
from groupbuy.domain.kernel import Event, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import (
    NEVER,
    Payment,
    Refund,
    RefundCause,
    RefundLimits,
    RefundState,
    refund_id_of,
)

_OVER = (RefundState.SUCCEEDED, RefundState.NEEDS_OPERATOR)
"""Nobody is asked any more."""
VOUCHER_AT_MOST = 80
_BANK = "bank"
"""Where money is that is at no provider."""


def providers_of(work: Work, refund_ids: Iterable[str]) -> dict[str, str]:
    """Return who gives the money back, by refund; those that are over are left out."""
    found = work.of(Refund).find(refund_ids)
    waiting = {key: refund for key, refund in found.items() if refund.state not in _OVER}
    payments = work.of(Payment).find({refund.payment_id for refund in waiting.values()})
    return {key: payments[refund.payment_id].provider for key, refund in waiting.items()}


@frozen
class Sending:
    """What came of taking refunds to their providers."""

    requests: dict[str, RefundRequest] = field(factory=dict)
    """What to ask, by refund."""
    waits: dict[str, datetime] = field(factory=dict)
    """Refunds that came too soon after another one of their payment, and when they may go."""


def submit_refunds(
    work: Work, refund_ids: Sequence[str], limits: Mapping[str, RefundLimits]
) -> Sending:
    """Store that the provider is about to be asked; `limits` are those of each provider by name.

    Refunds that are over are left out: the money is back, or a person decides. What a provider
    would never do goes to a person here and now, with everything that was decided about it.
    """
    found = _with_siblings(work, refund_ids)
    payments = work.of(Payment).find({found[key].payment_id for key in refund_ids})
    sending = Sending()
    for key in sorted(refund_ids, key=lambda each: (found[each].granted_at, each)):
        refund = found[key]
        if refund.state in _OVER:
            continue
        payment = payments[refund.payment_id]
        others = [r for r in found.values() if r.payment_id == payment.id and r.id != key]
        if refund.state is not RefundState.SUBMITTED and not _may_go(
            work, sending, refund, payment, others, limits.get(payment.provider, RefundLimits())
        ):
            continue
        found[key], happened = refund.submit(work.now())
        work.of(Refund).save(found[key])
        work.emit(happened)
        sending.requests[key] = _request(work, refund, payment)
    return sending


def _with_siblings(work: Work, refund_ids: Sequence[str]) -> dict[str, Refund]:
    """Lock refunds and all others of the same orders, so that two never go at once."""
    plain = work.of(Refund).find(refund_ids)
    theirs = Query().among("order_id", {refund.order_id for refund in plain.values()})
    siblings = {refund.id for refund in every(work.of(Refund), theirs)}
    return work.of(Refund).lock(siblings | plain.keys())


def _may_go(
    work: Work,
    sending: Sending,
    refund: Refund,
    payment: Payment,
    others: Sequence[Refund],
    limits: RefundLimits,
) -> bool:
    """Tell whether a refund may go now; note when it may, or hand it to a person."""
    now = work.now()
    try:
        limits.check(payment, others, now)
    except Refused as refusal:
        after, happened = refund.give_up(refusal.rule, now)
        work.of(Refund).save(after)
        work.emit(happened)
        _tell_finance(work, after)
        return False
    free = limits.free_at(others)
    if free is not None and now < free:
        sending.waits[refund.id] = free
        return False
    return True


def _tell_finance(work: Work, refund: Refund) -> None:
    # Its version, not its attempts: it may come back here without having been sent.
    work.tell("role:finance", "refund.needs_operator", refund.id, time=refund.version + 1)


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
        _end(work, after)
    if after.state is RefundState.NEEDS_OPERATOR:
        _tell_finance(work, after)
    return after


def _end(work: Work, refund: Refund) -> None:
    """Book a refund that has just succeeded, and finish the case it was for."""
    _book_refund(work, refund)
    if refund.cause is RefundCause.AFTER_SALE:
        _finish_case(work, refund.effect_key)


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
    otherwise = refund.paid_otherwise
    work.book(
        "refund_paid_otherwise" if otherwise else "refund_succeeded",
        refund.id,
        {"refund": refund.id, "provider": _BANK if otherwise else payment.provider},
        {"R": refund.amount.minor},
        refund.amount.currency,
    )
    work.tell(payment.buyer_id, "refund.succeeded", refund.id, amount=refund.amount)


def list_refunds(work: Work, query: Query) -> list[Refund]:
    """Return refunds as the query says, for those who watch over money."""
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    return work.of(Refund).select(query)


@frozen
class RefundCase:
    """A refund with what a person needs who decides about it."""

    refund: Refund
    payment: Payment
    sent: int
    """How many refunds of that payment its provider has been asked for."""
    given: Money
    """What has gone back of the payment."""
    choices: tuple[str, ...]
    """What can be done: `retry` with the same number, `mend_at_provider` where its word is final
    for us but not for the merchant's own console, `pay_otherwise` where it never will."""


def refund_cases(
    work: Work, state: RefundState, limit: int = 50, since: datetime | None = None
) -> list[RefundCase]:
    """Return refunds in one state, granted since an instant, the oldest first, and all about them.

    That is their payments, and what was given back of those before.
    """
    query = Query().where(state=state).sorted("granted_at").page(limit)
    query = query if since is None else query.since("granted_at", since)
    found = list_refunds(work, query)
    payments = work.of(Payment).find({refund.payment_id for refund in found})
    theirs = Query().among("order_id", {refund.order_id for refund in found})
    siblings = list(every(work.of(Refund), theirs)) if found else []
    return [_case(refund, payments[refund.payment_id], siblings) for refund in found]


def _case(refund: Refund, payment: Payment, siblings: Iterable[Refund]) -> RefundCase:
    mine = [other for other in siblings if other.payment_id == payment.id]
    back = [other.amount for other in mine if other.state is RefundState.SUCCEEDED]
    choices: tuple[str, ...] = ()
    if refund.state is RefundState.NEEDS_OPERATOR:
        never = refund.last_word in NEVER
        choices = ("pay_otherwise",) if never else ("retry", "mend_at_provider")
    return RefundCase(
        refund=refund,
        payment=payment,
        sent=sum(other.sent_at is not None for other in mine),
        given=sum(back, Money(0, refund.amount.currency)),
        choices=choices,
    )


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


@frozen
class Vouch:
    """Somebody of finance has seen that a refund was paid some other way."""

    refund_id: str
    voucher: str
    """What proves it, such as the number of the bank's receipt; both people name the same."""
    reason: str


def vouch_for_refund(work: Work, cmd: Vouch) -> Refund:
    """Record a transfer for a refund its provider never will make; the second person ends it.

    The only money that goes back some other way than it came. Raises Forbidden, Invalid without a
    reason or voucher, NotFound, and Refused where the provider may still be asked, for the buyer
    themselves, for whoever has vouched already, and for another voucher than the first one.
    """
    approver = finance_person(work)
    if not cmd.reason.strip():
        raise Invalid(field="reason", reason="is needed")
    voucher = cmd.voucher.strip()
    if not 0 < len(voucher) <= VOUCHER_AT_MOST:
        raise Invalid(field="voucher", reason="1 to 80 characters")
    found = work.of(Refund).lock([cmd.refund_id]).get(cmd.refund_id)
    if found is None:
        raise NotFound(kind="refund", key=cmd.refund_id)
    if work.of(Payment).get(found.payment_id).buyer_id == approver:
        raise Refused(rule="approver_is_somebody_else", about=found.id)
    if found.cause is RefundCause.AFTER_SALE:
        work.of(AfterSale).lock([found.effect_key])
    after, happened = found.vouch(approver, voucher, work.now())
    work.of(Refund).save(after)
    work.emit(happened)
    work.audit(
        "refund.vouch", after.id, cmd.reason, amount=str(after.amount.minor), voucher=voucher
    )
    if after.open:
        work.tell("role:finance", "refund.vouched", after.id, time=after.version + 1)
    else:
        _end(work, after)
    return after
