"""Removing what has served its time: a walk along the key, in short transactions.

The walk looks as a reader, then removes page by page. Nothing is indexed by age for it: that index
would cost every join, and the walk happens once a day.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect
from groupbuy.adapters.persistence.idempotency import TABLE
from groupbuy.adapters.persistence.registry import KINDS
from groupbuy.adapters.persistence.unit_of_work import SqlUnitOfWork
from groupbuy.application.retention import INBOX, INBOX_SCOPE, KEPT, KEYS, KEYS_KEPT

BATCH = 1000
"""Most rows one transaction removes."""

Row = Sequence[Any]
Opened = Callable[[bool], SqlUnitOfWork]
"""Opens a unit of work of one tenant, for writing or only for reading."""


@frozen
class Walk:
    """The statements that find and remove the old rows of one table, on one engine."""

    name: str
    tenant: str
    table: str
    key: tuple[str, ...]
    """Primary key after the tenant; the cell comes first."""
    since: str
    before: datetime
    dialect: Dialect
    where: str = ""
    """Further condition with one text value."""
    value: str = ""

    def pages(self, opened: Opened, batch: int) -> Iterator[int]:
        """Remove page after page; yield how many rows of each."""
        start: Row = (-1, *("" for _ in self.key[1:]))
        while True:
            with opened(False) as tx:
                page = [*self._values(start), self.dialect.scalar(Plain.INTEGER, batch)]
                found = tx.session.rows(self._find(), page, self.table)
            if not found:
                return
            with opened(True) as tx:
                # What was used again meanwhile is no longer old: the condition is asked twice.
                page = self._values(start) + self._scalars(found[-1])
                gone = tx.session.rows(self._remove(), page, self.table)
            yield len(gone)
            start = found[-1]

    def _find(self) -> str:
        limit = self.dialect.mark(Plain.INTEGER)
        return (
            f"SELECT {self._key} FROM {self.table} WHERE {self._old} "
            f"ORDER BY {self._key} LIMIT {limit}"
        )

    def _remove(self) -> str:
        until = f"({self._key}) <= {self._place}"
        return f"DELETE FROM {self.table} WHERE {self._old} AND {until} RETURNING 1"

    @property
    def _key(self) -> str:
        return ", ".join(self.key)

    @property
    def _place(self) -> str:
        texts = [Plain.TEXT] * (len(self.key) - 1)
        return f"({', '.join(self.dialect.mark(plain) for plain in (Plain.INTEGER, *texts))})"

    @property
    def _old(self) -> str:
        mark = self.dialect.mark
        more = f" AND {self.where} {mark(Plain.TEXT)}" if self.where else ""
        return (
            f"tenant_id = {mark(Plain.TEXT)} AND {self.since} < {mark(Plain.INSTANT)}{more} "
            f"AND ({self._key}) > {self._place}"
        )

    def _values(self, start: Row) -> list[Any]:
        more = [self.value] if self.where else []
        before = self.dialect.scalar(Plain.INSTANT, self.before)
        return [self.tenant, before, *more, *self._scalars(start)]

    def _scalars(self, place: Row) -> list[Any]:
        cell, *texts = place
        return [self.dialect.scalar(Plain.INTEGER, cell), *texts]


def forget_old(opened: Opened, dialect: Dialect, tenant: str, now: datetime) -> dict[str, int]:
    """Remove what has served its time; return how much of what. Raises Conflict, Unavailable."""
    counted = Counter[str]()
    for walk in (*_of_keys(dialect, tenant, now), *_of_things(dialect, tenant, now)):
        counted[walk.name] += sum(walk.pages(opened, BATCH))
    return dict(counted)


def _of_keys(dialect: Dialect, tenant: str, now: datetime) -> Iterator[Walk]:
    head = f"substr(scope, 1, {len(INBOX_SCOPE)})"
    for name, sign in ((KEYS, "<>"), (INBOX, "=")):
        yield Walk(
            name=name,
            tenant=tenant,
            table=TABLE,
            key=("cell", "scope", "key"),
            since="answered_at",
            before=now - KEYS_KEPT[name],
            dialect=dialect,
            where=f"{head} {sign}",
            value=INBOX_SCOPE,
        )


def _of_things(dialect: Dialect, tenant: str, now: datetime) -> Iterator[Walk]:
    tables = {kind.cls: kind.table for kind in KINDS}
    for kept in KEPT:
        yield Walk(
            name=kept.name,
            tenant=tenant,
            table=tables[kept.kind],
            key=("cell", "id"),
            since=kept.since,
            before=now - kept.span,
            dialect=dialect,
            where="state =" if kept.state else "",
            value=kept.state,
        )
