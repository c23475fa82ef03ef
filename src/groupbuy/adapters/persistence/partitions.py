"""Cutting what is sold into partitions by month: the SQL for it.

Ids sort by time, so a month is a range of ids, and an id alone tells its partition.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Dialect, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from groupbuy.adapters.persistence.migrations import APP_ROLE, walls
from groupbuy.adapters.persistence.schema import schema_of
from groupbuy.domain.kernel import Invalid, make_id

PARTITIONED: Mapping[str, tuple[str, str]] = {
    "seats": ("id", "ord"),
    "orders": ("id", "ord"),
    "order_lines": ("parent_id", "ord"),
    "payments": ("id", "pay"),
    "shipments": ("id", "shp"),
    "commission_entries": ("id", "cme"),
    "journals": ("id", "jrn"),
    "journal_lines": ("parent_id", "jrn"),
    "events": ("id", "evt"),
    "audit": ("id", "aud"),
}
"""Table to (column of the key that sorts by time, kind of the ids in it).

Every table that grows with each order and is unique by its id alone.
"""
MONTHS = 12
"""Numbers of months in a year, as `YYYY-MM` counts them."""


def setup(first: str, months: int, role: str = APP_ROLE) -> str:
    """Return SQL that makes tables partitioned; what is there becomes the first partition.

    `first` is the month (YYYY-MM) the monthly partitions begin with; the last one is open.
    Raises Invalid for what is no month.
    """
    cuts = _cuts(first, months)
    statements = [
        statement
        for name in PARTITIONED
        for statement in (
            *_moved_aside(schema_of().tables[name]),
            *_made_anew(name),
            *_attached(name, cuts),
            *_walled(schema_of().tables[name], role),
        )
    ]
    return _script(_SETUP, statements)


def further(first: str, months: int) -> str:
    """Return SQL that adds the partitions of some months. Raises Invalid for what is no month."""
    cuts = _cuts(first, months)
    return _script(_FURTHER, [each for name in PARTITIONED for each in _monthly(name, cuts)])


def bound(kind: str, month: str) -> str:
    """Return the least id of a kind that can be made in a month or later, in UTC."""
    year, number = _parts(month)
    millis = int(datetime(year, number, 1, tzinfo=UTC).timestamp()) * 1000
    # Only the time tells months apart: of one millisecond this is the least in every cell.
    return make_id(kind, millis=millis, cell=0, entropy=0)


def _parts(month: str) -> tuple[int, int]:
    try:
        begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid(field="month", reason="must read YYYY-MM") from error
    return begin.year, begin.month


def _cuts(first: str, months: int) -> list[str]:
    """Return the months and the one after them."""
    year, number = _parts(first)
    counted = range(year * MONTHS + number - 1, year * MONTHS + number + months)
    return [f"{each // MONTHS:04}-{each % MONTHS + 1:02}" for each in counted]


def _moved_aside(table: Table) -> Iterator[str]:
    name = table.name
    if table.info["append_only"]:
        yield f"DROP TRIGGER {name}_append_only ON {name}"
    if name == walls.BOOKED:
        yield f"DROP TRIGGER {walls.OPEN_ONLY} ON {name}"
    yield f"ALTER TABLE {name} RENAME TO {name}_before"
    for key in _named(table):
        yield f"ALTER INDEX {key} RENAME TO {key[: _LONGEST - len(_BEFORE)]}{_BEFORE}"


def _made_anew(name: str) -> Iterator[str]:
    column, _ = PARTITIONED[name]
    parted = MetaData(naming_convention=schema_of().naming_convention)
    table = schema_of().tables[name].to_metadata(parted)
    table.dialect_options["postgresql"]["partition_by"] = f"RANGE ({column})"
    table.dialect_options["postgresql"]["with"] = {}  # said of each partition instead
    yield _text(CreateTable(table))
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        yield _text(CreateIndex(index))


def _attached(name: str, cuts: Sequence[str]) -> Iterator[str]:
    _, kind = PARTITIONED[name]
    until = bound(kind, cuts[0])
    yield (
        f"ALTER TABLE {name} ATTACH PARTITION {name}_before "
        f"FOR VALUES FROM (MINVALUE) TO ('{until}')"
    )
    yield from _monthly(name, cuts)
    # Rather a slower insert than a refused one, should nobody have added the month.
    yield f"CREATE TABLE {name}_later PARTITION OF {name} DEFAULT{_filled(name)}"


def _monthly(name: str, cuts: Sequence[str]) -> Iterator[str]:
    _, kind = PARTITIONED[name]
    fill = _filled(name)
    for month, after in itertools.pairwise(cuts):
        yield (
            f"CREATE TABLE {name}_{month.replace('-', '_')} PARTITION OF {name} "
            f"FOR VALUES FROM ('{bound(kind, month)}') TO ('{bound(kind, after)}'){fill}"
        )


def _filled(name: str) -> str:
    """Say how full the pages of a partition may be, as they were before."""
    said = schema_of().tables[name].dialect_options["postgresql"]["with"] or {}
    return "".join(f" WITH ({option} = {value})" for option, value in said.items())


def _walled(table: Table, role: str) -> Iterator[str]:
    """Rows are reached through the whole table only, which stands behind the same walls."""
    yield f"REVOKE ALL ON {table.name}_before FROM {role}"
    yield from walls.tenant_wall(table.name)
    if table.info["append_only"]:
        yield from walls.append_only_wall("postgresql", table.name)
    if table.name == walls.BOOKED:
        yield walls.closing_wall("postgresql")
    yield from walls.grants(table, role)


def _named(table: Table) -> list[str]:
    """Return the names of all indexes of a table, those of its keys among them."""
    keys = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    named: list[UniqueConstraint | Index] = [*keys, *_sorted(table)]
    return [str(table.primary_key.name), *(str(each.name) for each in named)]


def _sorted(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda each: str(each.name))


def _text(made: CreateTable | CreateIndex) -> str:
    return " ".join(str(made.compile(dialect=_POSTGRES)).split())


def _script(head: str, statements: Sequence[str]) -> str:
    body = "".join(f"{each};\n" for each in statements)
    return f"{head}BEGIN;\n{body}COMMIT;\n"


_POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
_BEFORE = "_before"
_LONGEST = 63
"""Bytes of a name on PostgreSQL."""
_SETUP = """\
-- Makes the tables that grow with every order partitioned by month; what is there is kept.
-- Run it as the owner while no server and no worker runs: it locks and reads these tables once.
"""
_FURTHER = """\
-- Adds partitions for further months, to be run before they begin.
"""
