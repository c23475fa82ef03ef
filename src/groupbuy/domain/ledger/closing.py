"""Closing a period: what was booked before its end is fixed, and so is its digest."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.domain.kernel import Refused

CLOSED_AFTER = timedelta(hours=1)
"""How long after its end a period stays open: no transaction that began inside it runs so long."""


@frozen
class ClosedPeriod:
    """A period whose books were closed, and everything before it with them.

    `id` is the name of the period. Closed again after it was opened again, it keeps its row.
    """

    id: str
    ends_at: datetime
    """The end in the operator's zone: nothing dated before it may be booked."""
    closed_at: datetime
    closed_by: str
    journals: int
    """How many were booked before the end."""
    digest: str
    """Over all accounts as they were at the end; see `digest_of`."""
    reopened_at: datetime | None = None
    """Set while it is open again."""
    version: int = 0

    @property
    def is_closed(self) -> bool:
        """Tell whether it is closed now."""
        return self.reopened_at is None

    def close_again(self, closing: "ClosedPeriod") -> "ClosedPeriod":
        """Close a period that was opened again, with what is true now."""
        return evolve(closing, version=self.version)

    def reopen(self, now: datetime) -> "ClosedPeriod":
        """Allow bookings into it again. Raises Refused if it is open."""
        if not self.is_closed:
            raise Refused(rule="period_is_closed", about=self.id)
        return evolve(self, reopened_at=now)


def last_closed(periods: Iterable[ClosedPeriod]) -> ClosedPeriod | None:
    """Return the closed period that ends last: its end is where the open books begin."""
    closed = [period for period in periods if period.is_closed]
    return max(closed, key=lambda period: period.ends_at, default=None)


def digest_of(sums: Iterable[tuple[str, str, int, int]]) -> str:
    """Return the SHA-256 of (account, currency, debit, credit), given in order of the first two.

    Any journal more or less changes it, unless it moves nothing.
    """
    digest = hashlib.sha256()
    for account, currency, debit, credit in sums:
        digest.update(f"{account}\t{currency}\t{debit}\t{credit}\n".encode())
    return digest.hexdigest()
