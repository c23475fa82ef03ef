"""The books in memory, as `groupbuy.application.ports.bookkeeping` reads them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import frozen

from groupbuy.adapters.memory.unit_of_work import MemoryUnitOfWork
from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.ports.bookkeeping import EVER, Span
from groupbuy.application.ports.reporting import AccountSum
from groupbuy.application.steps.reading import every
from groupbuy.domain.kernel import kind_of
from groupbuy.domain.ledger import ClosedPeriod, Journal


@frozen
class MemoryReading:
    """Reads through a unit of work; exact only while nobody else writes."""

    tx: MemoryUnitOfWork

    def sums(self, span: Span = EVER, account: str = "") -> Iterator[AccountSum]:
        """Yield what was booked in a span on every account, or on one, per currency, by name."""
        sums: dict[tuple[str, str], list[int]] = {}
        for journal in self.journals(span, account):
            for line in journal.lines:
                if account in {"", line.account}:
                    both = sums.setdefault((line.account, journal.currency), [0, 0])
                    both[line.amount < 0] += abs(line.amount)
        yield from (AccountSum(*key, *both) for key, both in sorted(sums.items()))

    def journals(self, span: Span = EVER, account: str = "") -> Iterator[Journal]:
        """Yield the journals of a span, or those that touch one account, by (instant, id)."""
        query = Query().since("at", span.since).before("at", span.before)
        for journal in every(self.tx.of(Journal), query, order="at"):
            if not account or any(line.account == account for line in journal.lines):
                yield journal

    def count(self, span: Span = EVER) -> int:
        """Return how many journals were booked in a span."""
        return sum(1 for _ in self.journals(span))

    def unbalanced(self) -> bool:
        """Tell whether there is any journal whose lines do not add up to zero."""
        return any(sum(line.amount for line in each.lines) for each in self.journals())

    def lives(
        self, kind: str, places: Mapping[str, int], before: datetime
    ) -> Iterator[tuple[str, int]]:
        """Yield (id, highest place) of everything of a kind, by id, from the events told before."""
        found: dict[str, int] = {}
        for event in every(self.tx.of(LoggedEvent), Query().before("at", before)):
            place = places.get(event.name)
            if place is not None and kind_of(event.subject) == kind:
                found[event.subject] = max(place, found.get(event.subject, place))
        yield from sorted(found.items())

    def closed(self) -> list[ClosedPeriod]:
        """Return every period that was ever closed, by its end."""
        return list(every(self.tx.of(ClosedPeriod), Query(), order="ends_at"))
