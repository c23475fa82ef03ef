"""Engines set up so that what we promise holds: UTC, one writer on SQLite, durable commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool

from groupbuy.domain.kernel import Conflict

LOCK_TIMEOUT_SECONDS = 3
"""How long a command waits for a row on PostgreSQL before it is tried again."""
BUSY_TIMEOUT_SECONDS = 10
"""How long a writer waits for its turn at a SQLite file."""
CACHE_KIB = 65_536
"""Pages a connection to a SQLite file keeps: every join goes through the indexes of a shop."""
CHECKPOINT_PAGES = 4_000
"""How long the log of a SQLite file grows before its pages are copied back, each once."""
POOL_TIMEOUT_SECONDS = 10
PREPARE_AFTER = 2
"""Uses of a statement on one connection before PostgreSQL keeps its plan."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA cache_size=-{CACHE_KIB}",
    f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
)
_SETUP = {
    "timezone": "UTC",
    # Every statement that is sent often reads a few rows by an index, however large its table is
    # now or was when the plan was made. So no plan depends on statistics, and none is made twice.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
"""Of every connection of ours; through PgBouncer the database has to be set up so."""
_OPENING = (
    "SELECT set_config('groupbuy.tenant', %s::text, true), "
    f"set_config('lock_timeout', '{LOCK_TIMEOUT_SECONDS}s', true)"
)
_DISTRIBUTED = (
    "SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL groupbuy.tenant = {tenant}; "
    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"
)
_OPENING_READER = f"{_OPENING}, set_config('transaction_read_only', 'on', true)"


def engine_url(url: str) -> URL:
    """Return the URL with the one driver we use per engine. Raises ValueError for other engines."""
    made = make_url(url)
    backend = made.get_backend_name()
    if backend == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and made.database not in (None, "", ":memory:"):
        return made.set(drivername="sqlite+pysqlite")
    raise ValueError("a database is postgresql://… or sqlite:///path/to/file")


def libpq_url(url: str) -> str:
    """Return the URL as the driver itself reads it."""
    return engine_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def open_engine(url: str, pool_size: int = 8, *, pooled_outside: bool = False) -> Engine:
    """Open an engine with at most `pool_size` connections.

    `pooled_outside` switches prepared statements off, for PgBouncer in transaction mode.
    """
    where = engine_url(url)
    if where.get_backend_name() == "sqlite":
        return _sqlite(where, pool_size)
    connect_args: dict[str, Any] = {
        "application_name": "groupbuy",
        "prepare_threshold": None if pooled_outside else PREPARE_AFTER,
    }
    if not pooled_outside:
        connect_args["options"] = " ".join(f"-c {name}={value}" for name, value in _SETUP.items())
    engine = create_engine(
        where,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,  # an error must not carry somebody's data into a log
        pool_use_lifo=True,
        connect_args=connect_args,
    )
    event.listen(engine, "connect", _keep_all_plans)
    return engine


Opening = tuple[str, tuple[str, ...]]
"""The first statement of a transaction."""


def begin_postgres(connection: Connection, tenant: str, write: bool) -> Opening:  # noqa: FBT001  a signature shared by two engines
    """Name the tenant to row-level security, for this transaction only."""
    connection.begin()
    return _OPENING if write else _OPENING_READER, (tenant,)


def begin_distributed(connection: Connection, tenant: str, write: bool) -> Opening:  # noqa: FBT001  a signature shared by two engines
    """Do the same on Citus, which passes on to its nodes what is set by a command only."""
    connection.begin()
    opening = _DISTRIBUTED.format(tenant=sql.Literal(tenant).as_string())
    more = "" if write else "; SET LOCAL transaction_read_only = on"
    return f"{opening}{more}", ()


def begin_sqlite(_connection: Connection, _tenant: str, write: bool) -> Opening:  # noqa: FBT001  a signature shared by two engines
    """Take the file before reading, or two writers would overwrite each other."""
    return "BEGIN IMMEDIATE" if write else "BEGIN", ()


class WriterTurn:
    """Lets the threads of this process write to a file one at a time.

    SQLite itself only polls: under load some threads would wait for ever and then fail.
    """

    def __init__(self) -> None:
        """Nobody writes yet."""
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self, write: bool) -> Iterator[None]:  # noqa: FBT001  a signature shared by two engines
        """Hold the turn for a writer; readers need none. Raises Conflict if it never comes."""
        if not write:
            yield
            return
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise Conflict(kind="database", key="")
        try:
            yield
        finally:
            self._lock.release()


def _sqlite(where: URL, pool_size: int) -> Engine:
    engine = create_engine(
        where,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,  # an error must not carry somebody's data into a log
        # Autocommit as the driver's mode: the unit of work says BEGIN itself.
        connect_args={
            "isolation_level": None,
            "timeout": BUSY_TIMEOUT_SECONDS,
            "check_same_thread": False,
            "cached_statements": 512,
        },
    )
    event.listen(engine, "connect", _pragmas)
    return engine


def _pragmas(connection: Any, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _keep_all_plans(connection: Any, _record: object) -> None:
    connection.prepared_max = 1000
