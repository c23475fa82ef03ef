"""An open database: units of work, signals, tenants, and how many statements it was sent."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from attrs import define, evolve, field
from sqlalchemy import Connection, Engine, event

from groupbuy.adapters.persistence.dialects import Dialect, PostgresDialect, SqliteDialect
from groupbuy.adapters.persistence.engine import (
    Opening,
    WriterTurn,
    begin_distributed,
    begin_postgres,
    begin_sqlite,
    libpq_url,
    open_engine,
)
from groupbuy.adapters.persistence.events import EventIds
from groupbuy.adapters.persistence.forgetting import forget_old
from groupbuy.adapters.persistence.idempotency import Keys
from groupbuy.adapters.persistence.kinds import Kind
from groupbuy.adapters.persistence.mapping import Mapper
from groupbuy.adapters.persistence.reports.books import SqlReading, reading
from groupbuy.adapters.persistence.reports.horizon import oldest_open
from groupbuy.adapters.persistence.reports.ledger import read_ledger
from groupbuy.adapters.persistence.reports.merchants import MerchantBooks
from groupbuy.adapters.persistence.signals import LocalSignals, PostgresSignals
from groupbuy.adapters.persistence.statements import Texts
from groupbuy.adapters.persistence.store import Plan
from groupbuy.adapters.persistence.tenants import Cells, register, registered
from groupbuy.adapters.persistence.unit_of_work import Rules, SqlUnitOfWork
from groupbuy.application.ports.persistence import Ahead
from groupbuy.application.ports.reporting import LedgerPicture
from groupbuy.application.ports.tenancy import Tenant
from groupbuy.domain.merchants import Booking, MerchantSums


@define(eq=False)
class StatementCounter:
    """Counts what is sent to the database, for benchmarks and for tests of query counts."""

    total: int = field(default=0, init=False)
    texts: list[str] | None = field(default=None, init=False)
    """While it is a list, every statement is noted in it."""
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def watch(self, engine: Engine) -> None:
        """Count every statement of an engine."""
        event.listen(engine, "before_cursor_execute", self._heard)

    def _heard(self, _connection: object, _cursor: object, text: str, *_: object) -> None:
        self.note(text)

    def note(self, text: str) -> None:
        """Count a statement."""
        with self._lock:
            self.total += 1
            if self.texts is not None:
                self.texts.append(text)


@define(eq=False)
class Database:
    """Opened by `open_database`; close it in the end."""

    engine: Engine
    signals: PostgresSignals | LocalSignals
    counter: StatementCounter
    _rules: Rules
    _reports: Engine
    """Where reports are read: a replica, or the same engine again."""
    _report_rules: Rules

    def begin(
        self, tenant: str, *, write: bool = True, ahead: Sequence[Ahead] = ()
    ) -> SqlUnitOfWork:
        """Return a unit of work for one tenant; readers never block writers."""
        return SqlUnitOfWork(self._rules, tenant, write, ahead)

    def begin_report(
        self, tenant: str, *, write: bool = False, ahead: Sequence[Ahead] = ()
    ) -> SqlUnitOfWork:
        """Return a reader of what may be a moment old. Raises RuntimeError for a writer."""
        if write:
            raise RuntimeError("a report only reads")
        return SqlUnitOfWork(self._report_rules, tenant, write, ahead)

    @property
    def statements(self) -> int:
        """How many statements were sent so far."""
        return self.counter.total

    def tenants(self) -> list[Tenant]:
        """Return all tenants, by id. Raises Unavailable."""
        return registered(self.engine)

    def put_tenant(self, tenant: Tenant) -> None:
        """Add a tenant, or replace the one with its id. Raises Unavailable."""
        register(self.engine, tenant)

    def spread(self, tenant: str, now: datetime) -> int:
        """Return over how many cells a tenant spreads new groups now. Raises Unavailable."""
        found = [each for each in self.tenants() if each.id == tenant]
        return found[0].spread(now) if found else 1

    def ledger(self, tenant: str) -> LedgerPicture:
        """Return the picture of a tenant's books in one snapshot. Raises Unavailable."""
        return read_ledger(self._reports, self._rules.keys.dialect, tenant, self._rules.opening)

    def books(self, tenant: str, *, live: bool = False) -> AbstractContextManager[SqlReading]:
        """Open a tenant's books in one snapshot, of the replica unless `live`."""
        engine = self.engine if live else self._reports
        return reading(engine, self._rules.keys.dialect, tenant, self._rules.opening)

    def merchant_sums(
        self, tenant: str, merchant_id: str, since: datetime, until: datetime
    ) -> MerchantSums:
        """Add up what the books say about a merchant, in one snapshot. Raises Unavailable."""
        return self._merchants.sums(tenant, merchant_id, since, until)

    def merchant_bookings(
        self,
        tenant: str,
        merchant_id: str,
        since: datetime,
        until: datetime,
        *,
        limit: int,
        after: tuple[datetime, str] | None = None,
    ) -> list[Booking]:
        """Return journals that changed what a merchant is owed. Raises Unavailable."""
        place = after or (since, "")
        return self._merchants.bookings(tenant, merchant_id, (since, until), limit, place)

    @property
    def _merchants(self) -> MerchantBooks:
        return MerchantBooks(self._reports, self._rules.keys.dialect, self._rules.opening)

    def oldest_open(self) -> timedelta:
        """Return how long the oldest open transaction has been open. Raises Unavailable.

        A writer of a SQLite file has it alone, and reads the clock once it has it.
        """
        if self.engine.dialect.name != "postgresql":
            return timedelta()
        return oldest_open(self.engine)

    def forget(self, tenant: str, now: datetime) -> dict[str, int]:
        """Remove what has served its time (`application.retention`); return how much of what.

        Safe beside all other work and to repeat. Raises Conflict, Unavailable; what went before
        stays gone.
        """
        return forget_old(partial(self._opened, tenant), self._rules.keys.dialect, tenant, now)

    def _opened(self, tenant: str, write: bool) -> SqlUnitOfWork:  # noqa: FBT001  called by place
        return self.begin(tenant, write=write)

    def close(self) -> None:
        """Stop the listeners and close all connections."""
        self.signals.close()
        self.engine.dispose()
        self._reports.dispose()


def connect(
    url: str,
    *,
    pool_size: int,
    pooled_outside: bool,
    direct_url: str,
    reports_url: str,
    distributed: bool,
    kinds: Sequence[Kind],
    lock_order: Sequence[type],
) -> Database:
    """Open a database whose schema is there already."""
    engine = open_engine(url, pool_size, pooled_outside=pooled_outside)
    counter = StatementCounter()
    counter.watch(engine)
    dialect: Dialect
    signals: PostgresSignals | LocalSignals
    opening: Callable[[Connection, str, bool], Opening]
    turn: Callable[[bool], AbstractContextManager[object]]
    if engine.dialect.name == "postgresql":
        dialect, turn = PostgresDialect(), _no_turn
        opening = begin_distributed if distributed else begin_postgres
        signals = PostgresSignals(engine, libpq_url(direct_url or url))
    else:
        dialect, opening, turn = SqliteDialect(), begin_sqlite, WriterTurn()
        signals = LocalSignals()
    rules = Rules(
        plans={kind.cls: _plan(kind, dialect) for kind in kinds},
        keys=Keys(dialect),
        lock_order=lock_order,
        event_ids=EventIds(),
        opening=opening,
        connect=engine.connect,
        turn=turn,
        cells=Cells(dialect),
        note=counter.note,
    )
    reports, report_rules = engine, rules
    if reports_url:
        reports = open_engine(reports_url, pool_size, pooled_outside=pooled_outside)
        counter.watch(reports)
        report_rules = evolve(rules, connect=reports.connect, cells=Cells(dialect))
    return Database(engine, signals, counter, rules, reports, report_rules)


def _no_turn(_write: bool) -> AbstractContextManager[None]:  # noqa: FBT001  a signature shared by two engines
    return nullcontext()


def _plan(kind: Kind, dialect: Dialect) -> Plan[Any]:
    return Plan(
        texts=Texts(kind, dialect),
        mapper=Mapper(kind.shape, dialect.reader),
        children=tuple(Mapper(shape, dialect.reader) for shape in kind.child_shapes),
        steady={} if kind.steady else None,
    )
