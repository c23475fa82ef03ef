"""Walking through the books: journals, sums and lives, at any moment, in bounded memory."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

from attrs import frozen

from groupbuy.application.ports.reporting import AccountSum
from groupbuy.domain.ledger import ClosedPeriod, Journal

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
"""Nothing is booked before the one or after the other."""


@frozen
class Span:
    """The instants `[since, before)`."""

    since: datetime = BEGINNING
    before: datetime = END


EVER = Span()


class LedgerReading(Protocol):
    """The books of one tenant as they were when it was opened, whoever writes meanwhile.

    What it yields is to be used while it is open. Raises Unavailable.
    """

    def sums(self, span: Span = EVER, account: str = "") -> Iterator[AccountSum]:
        """Yield what was booked in a span on every account, or on one, per currency, by name."""
        ...

    def journals(self, span: Span = EVER, account: str = "") -> Iterator[Journal]:
        """Yield the journals of a span, or those that touch one account, by (instant, id)."""
        ...

    def count(self, span: Span = EVER) -> int:
        """Return how many journals were booked in a span."""
        ...

    def unbalanced(self) -> bool:
        """Tell whether there is any journal whose lines do not add up to zero."""
        ...

    def lives(
        self, kind: str, places: Mapping[str, int], before: datetime
    ) -> Iterator[tuple[str, int]]:
        """Yield (id, highest place) of everything of a kind, by id, from the events told before.

        `kind` is the prefix of its ids; an event whose name has no place does not count.
        """
        ...

    def closed(self) -> list[ClosedPeriod]:
        """Return every period that was ever closed, by its end."""
        ...


class Bookshelf(Protocol):
    """Opens the books of a tenant."""

    def books(self, tenant: str, *, live: bool = False) -> AbstractContextManager[LedgerReading]:
        """Open one snapshot; a live one never lags behind, as that of a replica may."""
        ...
