"""The journal file: what really happened to money, committed before anybody hears of it.

One SQLite connection behind one lock; every change is one `BEGIN IMMEDIATE` transaction in WAL
mode with full flushing, so a killed sandbox remembers everything it ever answered.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from threading import RLock
from typing import Any

from attrs import frozen

from groupbuy.application.ports.system import Clock
from groupbuy.domain.payments import RefundLimits
from groupbuy.entrypoints.sandbox.schema import SCHEMA, TABLES

BEIJING = timezone(timedelta(hours=8))
"""The zone in which the provider cuts its days; it has no summer time."""
LIMITS = RefundLimits(timedelta(minutes=1), 50, timedelta(days=365))
"""What WeChat Pay allows of refunds."""


def stamp(at: datetime) -> str:
    """Write an instant as text that sorts by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@frozen
class Tx:
    """One transaction: its connection, its instant, and the settings its rules need."""

    db: sqlite3.Connection
    now: datetime
    callback_urls: Mapping[str, str]
    """Where to call back when a request names no address, by channel."""
    settle_seconds: int
    """How long an accepted refund or card payout takes, on the sandbox's clock."""
    limits: RefundLimits
    """What it allows of refunds, on its own clock."""
    fee_bp: int = 0
    """What it keeps of every payment, in basis points."""

    def run(self, sql: str, *values: object) -> None:
        """Execute one statement."""
        self.db.execute(sql, values)

    def one(self, sql: str, *values: object) -> "sqlite3.Row | None":
        """Return the first row, if there is one."""
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> "list[sqlite3.Row]":
        """Return every row."""
        return self.db.execute(sql, values).fetchall()

    def count(self, sql: str, *values: object) -> int:
        """Return the single whole number a query computes; NULL counts as 0."""
        row = self.one(sql, *values)
        return int(row[0] or 0) if row is not None else 0

    def move(
        self,
        kind: str,
        number: str,
        payment: str,
        amount: int,
        currency: str,
        at: datetime | None = None,
    ) -> None:
        """Record that money moved, now unless `at` says when; money in is positive."""
        self.run(
            "INSERT INTO movements (kind, number, payment_number, amount, currency, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(kind, number, payment, amount, currency, stamp(at or self.now)),
        )


class Journal:
    """The open journal file; may be shared by threads."""

    def __init__(
        self,
        path: str,
        clock: Clock,
        callback_urls: Mapping[str, str] | None = None,
        settle_seconds: int = 0,
        limits: RefundLimits = LIMITS,
        fee_bp: int = 0,
    ) -> None:
        """Open the file, creating it if there is none."""
        self._clock = clock
        self._callback_urls = dict(callback_urls or {})
        self._settle_seconds = settle_seconds
        self._limits = limits
        self._fee_bp = fee_bp
        self._lock = RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self._clock.now()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Do everything inside, durably, or nothing at all."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                now = self._clock.now()
                told = (self._callback_urls, self._settle_seconds, self._limits, self._fee_bp)
                yield Tx(self._db, now, *told)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def movements(self, day: str = "") -> list[dict[str, Any]]:
        """Return every movement in order, or those of one Beijing day (`YYYY-MM-DD`)."""
        start, end = "", "9999"
        if day:
            first = datetime.fromisoformat(day).replace(tzinfo=BEIJING)
            start, end = stamp(first), stamp(first + timedelta(days=1))
        with self.transaction() as tx:
            rows = tx.all(
                "SELECT * FROM movements WHERE at >= ? AND at < ? ORDER BY seq", start, end
            )
        return [dict(row) for row in rows]

    def totals(self) -> dict[str, dict[str, int]]:
        """Return the sum of movements by kind and currency, signed, in minor units."""
        sums: dict[str, dict[str, int]] = {"payment": {}, "refund": {}, "payout": {}}
        with self.transaction() as tx:
            for row in tx.all(
                "SELECT kind, currency, SUM(amount) AS total FROM movements GROUP BY 1, 2"
            ):
                sums.setdefault(row["kind"], {})[row["currency"]] = row["total"]
        return sums

    def callbacks(self) -> dict[str, int]:
        """Return how many callbacks are waiting, done, lost, given up."""
        with self.transaction() as tx:
            rows = tx.all("SELECT state, COUNT(*) AS many FROM callbacks GROUP BY state")
        return {row["state"]: row["many"] for row in rows}

    def reset(self) -> None:
        """Forget everything: the only way anything ever leaves the journal."""
        with self._lock:
            self._db.execute("PRAGMA foreign_keys = OFF")
            self._db.executescript(
                "BEGIN IMMEDIATE;"
                + "".join(f"DROP TABLE IF EXISTS {table};" for table in TABLES)
                + SCHEMA
                + "COMMIT; PRAGMA foreign_keys = ON;"
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
