"""The books as they were at an instant, in a few numbers, and the last closing compared."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import frozen

from groupbuy.application.ports.bookkeeping import LedgerReading, Span
from groupbuy.application.ports.reporting import ClosedBooks
from groupbuy.domain.ledger import digest_of, last_closed


@frozen
class BooksAt:
    """Everything booked before an instant, added up."""

    journals: int
    accounts: int
    totals: Mapping[str, tuple[int, int]]
    """Debits and credits by currency, in minor units."""
    digest: str

    @property
    def balanced(self) -> bool:
        """Tell whether debits equal credits in every currency."""
        return all(debit == credit for debit, credit in self.totals.values())


def books_at(books: LedgerReading, before: datetime) -> BooksAt:
    """Add up what was booked before an instant, an account at a time. Raises Unavailable."""
    span, totals, counted = Span(before=before), dict[str, tuple[int, int]](), [0]

    def rows() -> Iterator[tuple[str, str, int, int]]:
        for each in books.sums(span):
            debit, credit = totals.get(each.currency, (0, 0))
            totals[each.currency] = (debit + each.debit, credit + each.credit)
            counted[0] += 1
            yield each.account, each.currency, each.debit, each.credit

    digest = digest_of(rows())
    return BooksAt(books.count(span), counted[0], totals, digest)


def compare_closed(books: LedgerReading) -> ClosedBooks | None:
    """Compare the last closing with its journals; None while no period is closed."""
    last = last_closed(books.closed())
    if last is None:
        return None
    now = books_at(books, last.ends_at)
    return ClosedBooks(last.id, last.journals, last.digest, now.journals, now.digest)
