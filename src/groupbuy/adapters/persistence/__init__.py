"""Storage on PostgreSQL and SQLite. Import from here.

The domain's classes are never mapped: each kind is stored by an explicit codec, everything a unit
of work staged is written by its commit, one statement a table.
"""

from collections.abc import Sequence

from sqlalchemy import inspect

from groupbuy.adapters.persistence import backups
from groupbuy.adapters.persistence.database import Database, connect
from groupbuy.adapters.persistence.distribution import distribute
from groupbuy.adapters.persistence.distribution import script as distribution_script
from groupbuy.adapters.persistence.engine import open_engine
from groupbuy.adapters.persistence.kinds import By, Child, Kind
from groupbuy.adapters.persistence.migrations import check, current, downgrade, grant, upgrade
from groupbuy.adapters.persistence.partitions import further as further_partitions
from groupbuy.adapters.persistence.partitions import setup as partitions_script
from groupbuy.adapters.persistence.registry import KINDS
from groupbuy.application.lock_order import LOCK_ORDER

__all__ = [
    "KINDS",
    "By",
    "Child",
    "Database",
    "Kind",
    "backups",
    "check",
    "current",
    "distribute",
    "distribution_script",
    "downgrade",
    "further_partitions",
    "grant",
    "open_database",
    "partitions_script",
    "upgrade",
]


def open_database(
    url: str,
    *,
    pool_size: int = 8,
    migrate: bool | None = None,
    pooled_outside: bool = False,
    direct_url: str = "",
    reports_url: str = "",
    distributed: bool = False,
    kinds: Sequence[Kind] = KINDS,
    lock_order: Sequence[type] = LOCK_ORDER,
) -> Database:
    """Open `postgresql://…` or `sqlite:///path/to/file`.

    A SQLite file without our tables is set up by itself; anything else is migrated only with
    `migrate=True`. Behind PgBouncer in transaction mode, say `pooled_outside=True` and give the
    server's own address as `direct_url`: signals need a connection of their own. Reports are read
    from `reports_url`, a replica, where there is one; on Citus say `distributed=True`.
    """
    if migrate or (migrate is None and _is_fresh_file(url)):
        upgrade(url)
    return connect(
        url,
        pool_size=pool_size,
        pooled_outside=pooled_outside,
        direct_url=direct_url,
        reports_url=reports_url,
        distributed=distributed,
        kinds=kinds,
        lock_order=lock_order,
    )


def _is_fresh_file(url: str) -> bool:
    engine = open_engine(url, 1)
    try:
        return engine.dialect.name == "sqlite" and not inspect(engine).get_table_names()
    finally:
        engine.dispose()
