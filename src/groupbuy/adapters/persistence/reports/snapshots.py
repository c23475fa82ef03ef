"""A transaction in which every statement sees the same state of the books."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

Opening = Callable[[Connection, str, bool], tuple[str, tuple[Any, ...]]]
"""Begins a transaction for a tenant, writing or only reading."""


_WHOLE_TABLES = "SELECT " + ", ".join(
    f"set_config('{name}', 'on', true)"
    for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
)
"""Books are added up from whole tables, which our other statements are kept from."""


def snapshot(connection: Connection, tenant: str, opening: Opening) -> Connection:
    """Begin to read as a tenant; every statement sees the same state, whoever writes meanwhile."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    words, values = opening(connection, tenant, False)
    connection.exec_driver_sql(words if values else words.replace("%", "%%"), values)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_WHOLE_TABLES)
    return connection
