"""The books read by the database in one snapshot, a few rows at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import groupby
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect
from groupbuy.adapters.persistence.reports.snapshots import Opening, snapshot
from groupbuy.adapters.persistence.session import translated
from groupbuy.application.ports.bookkeeping import EVER, Span
from groupbuy.application.ports.reporting import AccountSum
from groupbuy.domain.ledger import ClosedPeriod, Journal, JournalLine

CHUNK = 1_000
"""Rows fetched at once."""

_LINES = "JOIN journal_lines l ON l.tenant_id = j.tenant_id AND l.cell = j.cell "
_SPAN = "j.tenant_id = :tenant AND j.at >= :since AND j.at < :before"
_SUMS = f"""
SELECT l.account, j.currency,
       SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END),
       SUM(CASE WHEN l.amount < 0 THEN -l.amount ELSE 0 END)
FROM journals j {_LINES} AND l.parent_id = j.id
WHERE {_SPAN} {{only}}
GROUP BY l.account, j.currency ORDER BY l.account, j.currency
"""
_ONE_ACCOUNT = "AND l.account = :account"
_JOURNALS = f"""
SELECT j.id, j.at, j.moment, j.subject, j.currency, j.reverses, l.account, l.amount
FROM journals j LEFT {_LINES} AND l.parent_id = j.id
WHERE {_SPAN} {{only}}
ORDER BY j.at, j.id, l.position
"""
_TOUCHING = """
AND EXISTS (SELECT 1 FROM journal_lines m WHERE m.tenant_id = j.tenant_id AND m.cell = j.cell
            AND m.parent_id = j.id AND m.account = :account)
"""
_COUNT = f"SELECT COUNT(*) FROM journals j WHERE {_SPAN}"
_UNBALANCED = """
SELECT parent_id FROM journal_lines WHERE tenant_id = :tenant
GROUP BY cell, parent_id HAVING SUM(amount) <> 0 LIMIT 1
"""
_LIVES = """
SELECT subject, MAX(CASE name {cases} END) FROM events
WHERE tenant_id = :tenant AND subject >= :low AND subject < :high AND at < :before
  AND name IN ({names})
GROUP BY subject ORDER BY subject
"""
_CLOSED = """
SELECT id, ends_at, closed_at, closed_by, journals, digest, reopened_at, version
FROM closed_periods WHERE tenant_id = :tenant ORDER BY ends_at
"""


@contextmanager
def reading(
    engine: Engine, dialect: Dialect, tenant: str, opening: Opening
) -> Iterator["SqlReading"]:
    """Open the books of a tenant for reading. Raises Unavailable."""
    try:
        with engine.connect() as plain:
            made = SqlReading(snapshot(plain, tenant, opening), dialect, tenant)
            with made.results:
                yield made
    except SQLAlchemyError as error:
        raise translated(error, "ledger") from error


@frozen
class SqlReading:
    """Reads through one connection inside a transaction that sees one state."""

    connection: Connection
    dialect: Dialect
    tenant: str
    results: ExitStack = field(factory=ExitStack)
    """Closes what nobody has read to its end."""

    def sums(self, span: Span = EVER, account: str = "") -> Iterator[AccountSum]:
        """Yield what was booked in a span on every account, or on one, per currency, by name."""
        statement = _SUMS.format(only=_ONE_ACCOUNT if account else "")
        for name, currency, debit, credit in self._rows(statement, **self._span(span, account)):
            # PostgreSQL adds whole numbers up to a Decimal.
            yield AccountSum(name, currency, int(debit), int(credit))

    def journals(self, span: Span = EVER, account: str = "") -> Iterator[Journal]:
        """Yield the journals of a span, or those that touch one account, by (instant, id)."""
        statement = _JOURNALS.format(only=_TOUCHING if account else "")
        rows = self._rows(statement, **self._span(span, account))
        for head, lines in groupby(rows, key=lambda row: tuple(row[:6])):
            key, at, moment, subject, currency, reverses = head
            yield Journal(
                id=key,
                at=self._read(at),
                moment=moment,
                subject=subject,
                lines=tuple(JournalLine(name, n) for *_, name, n in lines if name is not None),
                currency=currency,
                reverses=reverses,
            )

    def count(self, span: Span = EVER) -> int:
        """Return how many journals were booked in a span."""
        ((found,),) = self._rows(_COUNT, **self._span(span))
        return int(found)

    def unbalanced(self) -> bool:
        """Tell whether there is any journal whose lines do not add up to zero."""
        return any(True for _ in self._rows(_UNBALANCED))

    def lives(
        self, kind: str, places: Mapping[str, int], before: datetime
    ) -> Iterator[tuple[str, int]]:
        """Yield (id, highest place) of everything of a kind, by id, from the events told before."""
        names = {f"n{place}": name for place, name in enumerate(places)}
        statement = _LIVES.format(
            cases=" ".join(f"WHEN :{mark} THEN {places[name]:d}" for mark, name in names.items()),
            names=", ".join(f":{mark}" for mark in names),
        )
        given = {**names, "low": f"{kind}_", "high": f"{kind}`", "before": self._stamp(before)}
        for subject, place in self._rows(statement, **given):
            yield subject, int(place)

    def closed(self) -> list[ClosedPeriod]:
        """Return every period that was ever closed, by its end."""
        return [
            ClosedPeriod(
                key, self._read(ends), self._read(closed), by, count, digest, self._read(again), v
            )
            for key, ends, closed, by, count, digest, again, v in self._rows(_CLOSED)
        ]

    def _span(self, span: Span, account: str = "") -> dict[str, Any]:
        given = {"since": self._stamp(span.since), "before": self._stamp(span.before)}
        return {**given, "account": account} if account else given

    def _stamp(self, moment: datetime) -> Any:
        # The driver knows how PostgreSQL wants an instant; SQLite has none.
        if self.dialect.name == "postgresql":
            return moment
        return self.dialect.scalar(Plain.INSTANT, moment)

    def _read(self, stored: Any) -> Any:
        reader = self.dialect.reader(Plain.INSTANT)
        return reader(stored) if reader is not None and stored is not None else stored

    def _rows(self, statement: str, **given: Any) -> Iterator[Sequence[Any]]:
        asked = self.connection.execution_options(stream_results=True, yield_per=CHUNK)
        try:
            found = asked.execute(text(statement), {"tenant": self.tenant, **given})
            self.results.callback(found.close)
            yield from found
        except SQLAlchemyError as error:
            raise translated(error, "ledger") from error
