"""Short words for revisions, so that a table reads as a list of its columns."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from alembic import op

from groupbuy.adapters.persistence.migrations import finding, walls

_WHOLE = 100
"""Per cent."""


def text(name: str, *, null: bool = False) -> "sa.Column[Any]":
    """Text that sorts by its bytes."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null)


def integer(name: str, *, null: bool = False) -> "sa.Column[Any]":
    """A whole number of 64 bits."""
    return sa.Column(name, sa.BigInteger(), nullable=null, autoincrement=False)


def flag(name: str, *, null: bool = False) -> "sa.Column[Any]":
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=null)


def instant(name: str, *, null: bool = False) -> "sa.Column[Any]":
    """An instant; on SQLite fixed-width UTC text."""
    kind = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
    return sa.Column(name, kind, nullable=null)


def table(
    name: str,
    *columns: "sa.Column[Any]",
    key: Sequence[str],
    fill: int = 100,
    unique: Mapping[str, Sequence[str]] = MappingProxyType({}),
    checks: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Create a table with its keys and conditions, each by its full name.

    `fill` is how much of a page new rows may fill, in per cent, where the engine lets us say so.
    """
    room: dict[str, Any] = {}
    if fill < _WHOLE:
        room["postgresql_with"] = {"fillfactor": fill}
    op.create_table(
        name,
        *columns,
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        *(sa.UniqueConstraint(*names, name=op.f(called)) for called, names in unique.items()),
        *(sa.CheckConstraint(condition, name=op.f(c)) for c, condition in checks.items()),
        **room,
    )


def index(
    name: str, of: str, columns: Sequence[str], *, unique: bool = False, where: str = ""
) -> None:
    """Index a table, whole or for some rows only."""
    some = sa.text(where) if where else None
    op.create_index(
        name, of, list(columns), unique=unique, postgresql_where=some, sqlite_where=some
    )


def keep_tenants_apart(*tables: str) -> None:
    """Put the tenant wall around tables, where the engine has one."""
    if _engine() == "postgresql":
        for name in tables:
            _run(walls.tenant_wall(name))


def append_only(*tables: str) -> None:
    """Refuse changes of what was written."""
    if _engine() == "postgresql":
        op.execute(walls.MAKE_GUARD)
    for name in tables:
        _run(walls.append_only_wall(_engine(), name))


def keep_closed_periods() -> None:
    """Refuse what is dated into a closed period."""
    if _engine() == "postgresql":
        op.execute(walls.MAKE_CLOSING)
    op.execute(walls.closing_wall(_engine()))


def make_searchable() -> None:
    """Let rows of the table `search` be found by their tokens."""
    _run(finding.make(_engine()))


def drop(*tables: str) -> None:
    """Remove tables and what belongs to them."""
    _run(finding.unmake(_engine()))
    for name in tables:
        op.drop_table(name)
    if _engine() == "postgresql":
        op.execute(walls.DROP_GUARD)
        op.execute(walls.DROP_CLOSING)


def _engine() -> str:
    return op.get_context().dialect.name


def _run(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
