"""Our own movements in the words of a reconciliation: looked up by number, or page by page."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import Withdrawal, withdrawal_id_of
from groupbuy.domain.kernel import Money
from groupbuy.domain.merchants import MerchantPayout, merchant_payout_id_of
from groupbuy.domain.payments import (
    Payment,
    PaymentState,
    Refund,
    RefundState,
    payment_id_of,
    refund_id_of,
)
from groupbuy.domain.payouts import SENT, PayoutState
from groupbuy.domain.reconciliation import BilledFee, Movement, Progress, Record, Span, fee_key

GRANTED_BEFORE = timedelta(days=30)
"""So long before it moved a refund or a withdrawal may have been granted."""
_REASON = '--reason "…"'
_ON_ITS_WAY = SENT | {PayoutState.APPROVED}
_UNPAID = (PaymentState.CREATED, PaymentState.PENDING)


def payment_record(payment: Payment) -> Record:
    """Return a payment as a movement."""
    moved = payment.state is PaymentState.CAPTURED
    waits = payment.state in _UNPAID
    amount = payment.due if payment.captured is None else payment.captured
    progress = Progress.MOVED if moved else Progress.ON_ITS_WAY if waits else Progress.ENDED
    return Record(
        kind=Movement.PAYMENT,
        number=payment.number,
        amount=amount,
        state=payment.state.value,
        progress=progress,
        at=payment.paid_at or payment.created_at,
        command="" if moved else f"groupbuy reconcile ask {payment.number} {_REASON}",
    )


def refund_record(refund: Refund) -> Record:
    """Return a refund as a movement."""
    done = refund.state is RefundState.SUCCEEDED
    at_the_provider = Progress.MOVED if done else Progress.ON_ITS_WAY
    again = f"groupbuy outbox replay refund/{refund.id} {_REASON}"
    if refund.state is RefundState.NEEDS_OPERATOR:
        again = f"groupbuy refund retry {refund.id} {_REASON}"
    return Record(
        kind=Movement.REFUND,
        number=refund.number,
        amount=-refund.amount,
        state=refund.state.value,
        progress=Progress.ENDED if refund.paid_otherwise else at_the_provider,
        at=refund.finished_at or refund.granted_at,
        command="" if done else again,
    )


def payout_record(payout: Withdrawal | MerchantPayout) -> Record:
    """Return a payout as a movement: what leaves is its amount without the tax."""
    moved, waits = payout.state is PayoutState.PAID, payout.state in _ON_ITS_WAY
    progress = Progress.MOVED if moved else Progress.ON_ITS_WAY if waits else Progress.ENDED
    leader = isinstance(payout, Withdrawal)
    tax = payout.tax if isinstance(payout, Withdrawal) else Money(0, payout.amount.currency)
    pay = f"groupbuy {'withdrawal' if leader else 'merchant payout'} pay {payout.id} {_REASON}"
    return Record(
        kind=Movement.PAYOUT,
        number=payout.number,
        amount=tax - payout.amount,
        state=payout.state.value,
        progress=progress,
        at=payout.finished_at or payout.requested_at,
        command=pay if waits else "",
    )


def fee_record(fee: BilledFee) -> Record:
    """Return a booked fee as a movement."""
    return Record(Movement.FEE, fee.number, fee.amount, "booked", Progress.MOVED, fee.at)


def look_up(
    work: Work, provider: str, keys: Iterable[tuple[Movement, str]]
) -> dict[tuple[Movement, str], Record]:
    """Return our records of those kinds and numbers that exist at a provider."""
    numbers: dict[Movement, list[str]] = {kind: [] for kind in Movement}
    for kind, number in keys:
        numbers[kind].append(number)
    payments = work.of(Payment).find(map(payment_id_of, numbers[Movement.PAYMENT]))
    refunds = work.of(Refund).find(map(refund_id_of, numbers[Movement.REFUND]))
    fees = work.of(BilledFee).find(fee_key(provider, n) for n in numbers[Movement.FEE])
    found = [payment_record(p) for p in payments.values() if p.provider == provider]
    found += [refund_record(r) for r in _of_provider(work, provider, list(refunds.values()))]
    found += map(fee_record, fees.values())
    if provider == work.kit.policy.provider:
        paid_out = numbers[Movement.PAYOUT]
        to_leaders = work.of(Withdrawal).find(map(withdrawal_id_of, paid_out))
        to_merchants = work.of(MerchantPayout).find(map(merchant_payout_id_of, paid_out))
        found += map(payout_record, to_leaders.values())
        found += map(payout_record, to_merchants.values())
    wanted = {(kind, number) for kind, some in numbers.items() for number in some}
    return {(r.kind, r.number): r for r in found if (r.kind, r.number) in wanted}


def our_records(desk: Desk, caller: Caller, provider: str, span: Span) -> Iterator[Record]:
    """Yield what moved within the days, and what is on its way, a page in memory at a time."""
    end = span.end
    before = span.start - timedelta(days=span.look_back_days)
    paid = Query().sorted("created_at").since("created_at", before).before("created_at", end)
    for payments in pages(desk, caller, Payment, paid):
        mine = [p for p in payments if p.provider == provider]
        yield from (payment_record(p) for p in mine if p.state is PaymentState.CAPTURED)
    yield from _refunds(desk, caller, provider, span)
    if provider == desk.kit.policy.provider:
        yield from _payouts(desk, caller, Withdrawal, span)
        yield from _payouts(desk, caller, MerchantPayout, span)
    seen = Query().where(provider=provider).sorted("at").since("at", span.start).before("at", end)
    for fees in pages(desk, caller, BilledFee, seen):
        yield from map(fee_record, fees)


def _payouts(
    desk: Desk, caller: Caller, kind: type[Withdrawal] | type[MerchantPayout], span: Span
) -> Iterator[Record]:
    """Yield payouts asked for lately, and every older one that is still on its way."""
    since = span.start - GRANTED_BEFORE
    lately = Query().sorted("requested_at").since("requested_at", since)
    for page in pages(desk, caller, kind, lately.before("requested_at", span.end)):
        yield from map(payout_record, page)
    for state in sorted(_ON_ITS_WAY):
        old = Query().where(state=state).sorted("requested_at").before("requested_at", since)
        for page in pages(desk, caller, kind, old):
            yield from map(payout_record, page)


def _refunds(desk: Desk, caller: Caller, provider: str, span: Span) -> Iterator[Record]:
    for state in RefundState:
        query = Query().where(state=state).sorted("granted_at").before("granted_at", span.end)
        if state is RefundState.SUCCEEDED:
            query = query.since("granted_at", span.start - GRANTED_BEFORE)
        for page in pages(desk, caller, Refund, query):
            yield from map(refund_record, _theirs(desk, caller, provider, page))


def _theirs(desk: Desk, caller: Caller, provider: str, page: Sequence[Refund]) -> list[Refund]:
    return desk.read(caller, lambda work: _of_provider(work, provider, page))


def _of_provider(work: Work, provider: str, refunds: Sequence[Refund]) -> list[Refund]:
    payments = work.of(Payment).find({refund.payment_id for refund in refunds})
    return [r for r in refunds if payments[r.payment_id].provider == provider]
