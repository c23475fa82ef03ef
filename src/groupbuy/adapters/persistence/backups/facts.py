"""Counting what a database holds, as any role may: one tenant after the other."""

import json
from collections.abc import Iterator, Mapping

from attrs import frozen
from sqlalchemy import Connection, inspect, text

from groupbuy.adapters.persistence.backups.manifest import Facts
from groupbuy.adapters.persistence.schema import schema_of
from groupbuy.domain.pictures import Purpose, file_key

_OPEN = "SELECT set_config('groupbuy.tenant', :tenant, true)"
_REVISION = "SELECT version_num FROM alembic_version"
_TENANTS = "SELECT id FROM tenants ORDER BY id"
_PICTURES = "SELECT id, purpose, renditions FROM pictures WHERE tenant_id = :tenant"
_BOOKS = """
SELECT j.currency, SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END),
       SUM(CASE WHEN l.amount < 0 THEN -l.amount ELSE 0 END)
FROM journal_lines l
JOIN journals j ON j.tenant_id = l.tenant_id AND j.cell = l.cell AND j.id = l.parent_id
WHERE l.tenant_id = :tenant GROUP BY j.currency
"""


Named = Mapping[str, str]
"""SHA-256 by key of every file of a picture that a row names."""


@frozen
class Held:
    """What one snapshot holds, and what it needs besides."""

    facts: Facts
    named: Named


def held_by(connection: Connection) -> Held:
    """Return what the snapshot of the transaction that is open holds."""
    known = set(inspect(connection).get_table_names())
    tables = [each for each in schema_of().tables.values() if each.name in known]
    owned = [each.name for each in tables if each.info["tenant"]]
    rows = {
        each.name: _count(connection, f"SELECT COUNT(*) FROM {each.name}")
        for each in tables
        if not each.info["tenant"]
    }
    books, named = dict[str, tuple[int, int]](), dict[str, str]()
    for tenant in _names(connection, _TENANTS):
        _opened(connection, tenant)
        for name in owned:
            counted = f"SELECT COUNT(*) FROM {name} WHERE tenant_id = :tenant"
            rows[f"{tenant}/{name}"] = _count(connection, counted, tenant)
        for currency, debit, credit in connection.execute(text(_BOOKS), {"tenant": tenant}):
            books[f"{tenant}/{currency}"] = (int(debit), int(credit))
        if "pictures" in owned:
            named |= _named(connection, tenant)
    revision = next(_names(connection, _REVISION), "")
    return Held(Facts(revision=revision, rows=rows, books=books), named)


def _named(connection: Connection, tenant: str) -> Iterator[tuple[str, str]]:
    for picture, purpose, made in connection.execute(text(_PICTURES), {"tenant": tenant}):
        for each in json.loads(made) if isinstance(made, str) else made:
            private = Purpose(purpose).private
            yield file_key(tenant, picture, each["file"], private=private), each["sha256"]


def _opened(connection: Connection, tenant: str) -> None:
    """Name the tenant to row-level security: the owner is bound by it too."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_OPEN), {"tenant": tenant})


def _names(connection: Connection, statement: str) -> Iterator[str]:
    return (str(row[0]) for row in connection.execute(text(statement)).all())


def _count(connection: Connection, statement: str, tenant: str = "") -> int:
    given = {"tenant": tenant} if tenant else {}
    return int(connection.execute(text(statement), given).scalar_one())
