"""Schema migrations: up, down, where we are, and whether tables and code agree.

`upgrade` runs as the owner of the schema and hands the application role exactly what it needs:
no role of the product can change or delete what is append-only.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from groupbuy.adapters.persistence.engine import open_engine
from groupbuy.adapters.persistence.migrations import finding
from groupbuy.adapters.persistence.migrations.walls import grant_all, missing_walls
from groupbuy.adapters.persistence.schema import schema_of

APP_ROLE = "groupbuy_app"
"""The role the product runs as on PostgreSQL; another one may be named."""
_MIGRATORS = 7_205_113_001
"""Advisory lock: two migrators at once wait for each other."""


def upgrade(url: str, *, app_role: str = APP_ROLE) -> None:
    """Bring a database to the newest schema, in one transaction, and grant it to `app_role`.

    A role that does not exist is granted nothing: call `grant` once it does.
    """
    with _migrating(url) as connection:
        command.upgrade(_config(connection), "head")
        grant_all(connection, schema_of(), app_role)


def downgrade(url: str, revision: str = "base") -> None:
    """Take a database back; `base` leaves nothing of ours."""
    with _migrating(url) as connection:
        command.downgrade(_config(connection), revision)


def grant(url: str, app_role: str = APP_ROLE) -> None:
    """Hand the application role what it needs (PostgreSQL only)."""
    with _migrating(url) as connection:
        grant_all(connection, schema_of(), app_role)


def current(url: str) -> str:
    """Return the revision a database is at; empty for one without our tables."""
    with _looking(url) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def check(url: str) -> list[str]:
    """Return how a database differs from what the code expects; empty when it does not."""
    wanted = schema_of()
    with _looking(url) as connection:
        opts = {"compare_type": True, "include_name": _of_the_code(connection)}
        context = MigrationContext.configure(connection, opts=opts)
        found = [str(difference) for difference in compare_metadata(context, wanted)]
        return found or missing_walls(connection, wanted)


def _of_the_code(connection: Connection) -> Callable[[str | None, str, object], bool]:
    """Return what passes over parts of a table that was partitioned, and what search stands on."""
    parts = set[str]()
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition")
        parts = {str(row[0]) for row in found}
    return lambda name, kind, _parents: (
        not finding.is_ours(name, kind) and (kind != "table" or name not in parts)
    )


@contextmanager
def _migrating(url: str) -> Iterator[Connection]:
    engine = open_engine(url, 1)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATORS})")
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _looking(url: str) -> Iterator[Connection]:
    engine = open_engine(url, 1)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
