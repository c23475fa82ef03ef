"""Write the initial revision anew from the tables the code expects.

    python -m tests.support.make_migration

Only until the first release: from then on a change of the schema is a revision of its own.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import CheckConstraint, Dialect, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import Column

from groupbuy.adapters.persistence import migrations
from groupbuy.adapters.persistence.idempotency import TABLE as KEYS
from groupbuy.adapters.persistence.kinds import Kind
from groupbuy.adapters.persistence.registry import PARTS
from groupbuy.adapters.persistence.schema import schema_of

HOME = Path(migrations.__file__).parent
TOOLS = "groupbuy.adapters.persistence.migrations.tools"
TOOLS_USED = "append_only, drop, keep_closed_periods, keep_tenants_apart, make_searchable"
WORDS = {"TEXT": "text", "BIGINT": "integer", "BOOLEAN": "flag", "TIMESTAMP": "instant"}


def main() -> None:
    """Write `initial/*.py` and the revision that calls them."""
    metadata = schema_of()
    parts = {name: list(_tables(kinds)) for name, kinds in PARTS.items()}
    parts = {"base": ["tenants", KEYS]} | parts
    written = []
    for name, tables in parts.items():
        path = HOME / "initial" / f"{name}.py"
        path.write_text(_part(name, [metadata.tables[table] for table in tables]))
        written.append(path)
    revision = HOME / "versions" / "initial.py"
    revision.write_text(_revision(metadata, parts))
    written.append(revision)
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "-q", "--fix", "--select", "I,F401", *written], check=True)
    subprocess.run([*ruff, "format", "-q", *written], check=True)


def _tables(kinds: Iterable[Kind]) -> Iterator[str]:
    for kind in kinds:
        yield kind.table
        yield from (child.table for child in kind.children)


def _part(name: str, tables: list[Table]) -> str:
    lines = [
        f'"""Tables of the first revision: {name}."""',
        f"from {TOOLS} import flag, index, instant, integer, table, text",
        "def create() -> None:",
        f'    """Create the tables of this part ({name})."""',
        *(f"    {_function(table)}()" for table in tables),
    ]
    for table in tables:
        lines += [f"def {_function(table)}() -> None:", *_table(table)]
        lines += [f"    {_index(index)}" for index in sorted(table.indexes, key=_name)]
    return "\n".join(lines) + "\n"


def _name(index: Index) -> str:
    return str(index.name)


def _function(table: Table) -> str:
    return f"_{table.name}"


def _table(table: Table) -> Iterator[str]:
    yield "    table("
    yield f"        {table.name!r},"
    for column in table.columns:
        yield f"        {_column(column)},"
    yield f"        key={tuple(c.name for c in table.primary_key.columns)!r},"
    fill = (table.dialect_options["postgresql"]["with"] or {}).get("fillfactor")
    if fill:
        yield f"        fill={fill},"
    unique = {
        str(c.name): tuple(column.name for column in c.columns)
        for c in table.constraints
        if isinstance(c, UniqueConstraint)
    }
    if unique:
        yield f"        unique={dict(sorted(unique.items()))!r},"
    checks = {
        str(c.name): str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)
    }
    if checks:
        yield f"        checks={dict(sorted(checks.items()))!r},"
    yield "    )"


def _column(column: "Column[object]") -> str:
    postgres: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    word = WORDS[column.type.compile(dialect=postgres).split()[0]]
    return f"{word}({column.name!r}{', null=True' if column.nullable else ''})"


def _index(index: Index) -> str:
    names = [column.name for column in index.columns]
    where = index.dialect_options["sqlite"]["where"]
    rest = ", unique=True" if index.unique else ""
    rest += f", where={str(where)!r}" if where is not None else ""
    table = index.table.name if index.table is not None else ""
    return f"index({str(index.name)!r}, {table!r}, {names!r}{rest})"


def _revision(metadata: MetaData, parts: dict[str, list[str]]) -> str:
    every = [table for tables in parts.values() for table in tables]
    apart = [name for name in every if metadata.tables[name].info["tenant"]]
    once = [name for name in every if metadata.tables[name].info["append_only"]]
    lines = [
        '"""The first schema."""',
        "from groupbuy.adapters.persistence.migrations.initial import " + ", ".join(parts),
        f"from {TOOLS} import {TOOLS_USED}",
        'revision = "0001"',
        "down_revision = None",
        f"TENANTS_APART = {tuple(apart)!r}",
        f"APPEND_ONLY = {tuple(once)!r}",
        "def upgrade() -> None:",
        '    """Create everything."""',
        *(f"    {name}.create()" for name in parts),
        "    keep_tenants_apart(*TENANTS_APART)",
        "    append_only(*APPEND_ONLY)",
        "    keep_closed_periods()",
        "    make_searchable()",
        "def downgrade() -> None:",
        '    """Remove everything."""',
        '    drop(*reversed(TENANTS_APART), "tenants")',
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
