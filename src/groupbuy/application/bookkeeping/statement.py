"""The statement of one account: what it held, every line, what it holds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from attrs import frozen

from groupbuy.application.ports.bookkeeping import EVER, Bookshelf, LedgerReading, Span
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.ledger import Journal, row_of
from groupbuy.domain.membership import Role


@frozen
class StatementLine:
    """One journal as one account sees it; amounts in minor units, debit positive."""

    at: datetime
    journal_id: str
    moment: str
    subject: str
    others: tuple[str, ...]
    """The other accounts of the journal, in its order, each once."""
    currency: str
    amount: int
    balance: int
    """Of the account in this currency, after this journal."""
    reverses: str | None = None


@frozen
class AccountStatement:
    """An open statement: its lines are read while somebody walks along them."""

    account: str
    span: Span
    opening: Mapping[str, int]
    """By currency, before the span; minor units, debit positive."""
    closing: Mapping[str, int]
    """By currency, at its end; added up by itself, not from the lines."""
    lines: Iterator[StatementLine]


@contextmanager
def statement_of(
    shelf: Bookshelf, caller: Caller, account: str, span: Span = EVER
) -> Iterator[AccountStatement]:
    """Open the statement of an account in one snapshot; however long, it takes little memory.

    Raises Unauthenticated, Forbidden, Unavailable; NotFound for an account nobody booked on.
    """
    caller.require(Role.FINANCE)
    with shelf.books(caller.tenant) as books:
        if not _is_known(books, account):
            raise NotFound(kind="account", key=account)
        opening = _balances(books, account, span.since)
        closing = _balances(books, account, span.before)
        lines = _lines(books.journals(span, account), account, dict(opening))
        yield AccountStatement(account, span, opening, closing, lines)


def _is_known(books: LedgerReading, account: str) -> bool:
    """Tell whether it is in the chart by its full name, or was ever booked on."""
    row = row_of(account)
    return (row is not None and row.pattern == account) or any(books.sums(EVER, account))


def _balances(books: LedgerReading, account: str, before: datetime) -> dict[str, int]:
    return {each.currency: each.balance for each in books.sums(Span(before=before), account)}


def _lines(
    journals: Iterator[Journal], account: str, held: dict[str, int]
) -> Iterator[StatementLine]:
    for journal in journals:
        amount = sum(line.amount for line in journal.lines if line.account == account)
        held[journal.currency] = held.get(journal.currency, 0) + amount
        others = dict.fromkeys(line.account for line in journal.lines if line.account != account)
        yield StatementLine(
            at=journal.at,
            journal_id=journal.id,
            moment=journal.moment,
            subject=journal.subject,
            others=tuple(others),
            currency=journal.currency,
            amount=amount,
            balance=held[journal.currency],
            reverses=journal.reverses,
        )
