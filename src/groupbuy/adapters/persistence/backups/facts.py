"""Counting what a database holds, as any role may: one tenant after the other."""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect, text

from groupbuy.adapters.persistence.backups.manifest import Facts
from groupbuy.adapters.persistence.schema import schema_of

_OPEN = "SELECT set_config('groupbuy.tenant', :tenant, true)"
_REVISION = "SELECT version_num FROM alembic_version"
_TENANTS = "SELECT id FROM tenants ORDER BY id"
_BOOKS = """
SELECT j.currency, SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END),
       SUM(CASE WHEN l.amount < 0 THEN -l.amount ELSE 0 END)
FROM journal_lines l
JOIN journals j ON j.tenant_id = l.tenant_id AND j.cell = l.cell AND j.id = l.parent_id
WHERE l.tenant_id = :tenant GROUP BY j.currency
"""


def facts_of(connection: Connection) -> Facts:
    """Return the facts, in the transaction that is open."""
    known = set(inspect(connection).get_table_names())
    tables = [each for each in schema_of().tables.values() if each.name in known]
    owned = [each.name for each in tables if each.info["tenant"]]
    rows = {
        each.name: _count(connection, f"SELECT COUNT(*) FROM {each.name}")
        for each in tables
        if not each.info["tenant"]
    }
    books = dict[str, tuple[int, int]]()
    for tenant in _names(connection, _TENANTS):
        _opened(connection, tenant)
        for name in owned:
            counted = f"SELECT COUNT(*) FROM {name} WHERE tenant_id = :tenant"
            rows[f"{tenant}/{name}"] = _count(connection, counted, tenant)
        for currency, debit, credit in connection.execute(text(_BOOKS), {"tenant": tenant}):
            books[f"{tenant}/{currency}"] = (int(debit), int(credit))
    revision = next(_names(connection, _REVISION), "")
    return Facts(revision=revision, rows=rows, books=books)


def _opened(connection: Connection, tenant: str) -> None:
    """Name the tenant to row-level security: the owner is bound by it too."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_OPEN), {"tenant": tenant})


def _names(connection: Connection, statement: str) -> Iterator[str]:
    return (str(row[0]) for row in connection.execute(text(statement)).all())


def _count(connection: Connection, statement: str, tenant: str = "") -> int:
    given = {"tenant": tenant} if tenant else {}
    return int(connection.execute(text(statement), given).scalar_one())
