"""What the books say about a merchant, read thing by thing, for storage without reports."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from groupbuy.application.ports import Query, UnitOfWork
from groupbuy.application.steps.reading import every
from groupbuy.domain.commission import Dispute
from groupbuy.domain.ledger import Journal
from groupbuy.domain.merchants import Booking, MerchantSums, Owed, owed_accounts
from groupbuy.domain.payments import Refund

Parts = tuple[int, int, int]
"""What a journal credits to the merchant, to leaders, and to the operator."""


def bookings_of(
    tx: UnitOfWork, merchant_id: str, since: datetime, until: datetime
) -> list[Booking]:
    """Return every journal within an interval that changed what a merchant is owed."""
    orders = {refund.id: refund.order_id for refund in every(tx.of(Refund), Query())}
    orders |= {dispute.id: dispute.order_id for dispute in every(tx.of(Dispute), Query())}
    found = list[Booking]()
    for journal in _of(tx, merchant_id):
        parts = _parts(journal, merchant_id)
        if since <= journal.at < until and parts[0]:
            order = orders.get(journal.subject, _order(journal.subject))
            found.append(
                Booking(journal.id, journal.at, journal.moment, journal.subject, order, *parts)
            )
    return sorted(found, key=lambda each: (each.at or since, each.id))


def sums_of(tx: UnitOfWork, merchant_id: str, since: datetime, until: datetime) -> MerchantSums:
    """Add up the same, and what is owed at both ends."""
    journals = list(_of(tx, merchant_id))
    found = bookings_of(tx, merchant_id, since, until)
    moments: dict[str, Counter[str]] = {}
    for booking in found:
        total = moments.setdefault(booking.moment, Counter())
        total.update(merchant=booking.merchant, leaders=booking.leaders, platform=booking.platform)
    return MerchantSums(
        opening=_owed((j for j in journals if j.at < since), merchant_id),
        closing=_owed((j for j in journals if j.at < until), merchant_id),
        moments=tuple(
            Booking("", None, moment, "", "", **sums) for moment, sums in sorted(moments.items())
        ),
        lines=len(found),
    )


def _of(tx: UnitOfWork, merchant_id: str) -> Iterable[Journal]:
    accounts = set(owed_accounts(merchant_id).values())
    for journal in every(tx.of(Journal), Query()):
        if any(line.account in accounts for line in journal.lines):
            yield journal


def _parts(journal: Journal, merchant_id: str) -> Parts:
    accounts = set(owed_accounts(merchant_id).values())
    lines = journal.lines
    return (
        -sum(line.amount for line in lines if line.account in accounts),
        -sum(line.amount for line in lines if line.account.startswith("leader:")),
        -sum(line.amount for line in lines if line.account.startswith("platform:")),
    )


def _owed(journals: Iterable[Journal], merchant_id: str) -> Owed:
    names = {account: name for name, account in owed_accounts(merchant_id).items()}
    sums = Counter[str]()
    for journal in journals:
        for line in journal.lines:
            if line.account in names:
                sums[names[line.account]] -= line.amount
    return Owed(**sums)


def _order(subject: str) -> str:
    return subject if subject.startswith("ord_") else ""
