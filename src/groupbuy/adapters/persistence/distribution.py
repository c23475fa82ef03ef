"""Spreading the tables over the nodes of Citus: what to say there, and saying it.

A row lives on the node of its cell; what every node needs to look at is copied to all of them.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, MetaData, Table

from groupbuy.adapters.persistence.engine import open_engine
from groupbuy.adapters.persistence.migrations.walls import BOOKED, OPEN_ONLY
from groupbuy.adapters.persistence.schema import schema_of
from groupbuy.domain.kernel import Refused

EXTENSION = "citus"
COPIED = frozenset(
    {
        *("tenants", "alembic_version"),
        *("brands", "categories", "products", "variants", "shelf", "search"),
        *("merchants", "leaders", "pickup_points", "campaigns"),
    }
)
"""Looked at from every cell and seldom changed: a copy on each node."""
FIRST = "groups"
"""All other distributed tables are kept beside this one, cell by cell."""
BY = "cell"


def statements() -> list[str]:
    """Return everything to be said to a coordinator whose tables are still its own, in order."""
    metadata = schema_of()
    return [
        *(f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, name in _triggers(metadata)),
        *(f"SELECT create_reference_table('{name}')" for name in _copied(metadata)),
        *(_distributed(name) for name in _by_cell(metadata)),
    ]


def script() -> str:
    """Return the statements as a text for psql: all of them or nothing."""
    body = "".join(f"{each};\n" for each in statements())
    return f"{_HEAD}BEGIN;\n{body}COMMIT;\n"


def distribute(url: str) -> list[str]:
    """Say on Citus what was not said there before; return it. Raises Refused without Citus.

    One transaction: either all tables are distributed afterwards or none.
    """
    engine = open_engine(url, 1)
    try:
        with engine.begin() as connection:
            if engine.dialect.name != "postgresql" or not _installed(connection):
                raise Refused(rule="citus_is_installed", about=str(engine.url.database))
            todo = _missing(connection)
            for statement in todo:
                connection.exec_driver_sql(statement)
            return todo
    finally:
        engine.dispose()


def _missing(connection: Connection) -> list[str]:
    """Return what remains to be said here."""
    done = _names(connection, "SELECT logicalrelid::regclass::text FROM pg_dist_partition")
    walls = _names(connection, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    said = {_about(each): each for each in statements()}
    return [
        statement
        for about, statement in said.items()
        if (about in walls or not statement.startswith("DROP")) and about.strip("'") not in done
    ]


def _about(statement: str) -> str:
    """Return the one thing a statement is about: trigger or table."""
    words = statement.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return words[4] if words[0] == "DROP" else words[2]


def _installed(connection: Connection) -> bool:
    found = connection.exec_driver_sql(
        "SELECT 1 FROM pg_extension WHERE extname = %s", (EXTENSION,)
    )
    return found.first() is not None


def _names(connection: Connection, text: str) -> set[str]:
    return {str(row[0]) for row in connection.exec_driver_sql(text)}


def _triggers(metadata: MetaData) -> Iterator[tuple[str, str]]:
    for table in metadata.sorted_tables:
        if table.info["append_only"]:
            yield table.name, f"{table.name}_append_only"
    yield BOOKED, OPEN_ONLY


def _copied(metadata: MetaData) -> list[str]:
    return sorted(COPIED & {*metadata.tables, "alembic_version"})


def _by_cell(metadata: MetaData) -> Iterator[str]:
    rest = sorted(_names_of(metadata.sorted_tables) - COPIED - {FIRST})
    yield from (FIRST, *rest)


def _names_of(tables: Iterable[Table]) -> set[str]:
    return {table.name for table in tables}


def _distributed(name: str) -> str:
    beside = "none" if name == FIRST else FIRST
    return f"SELECT create_distributed_table('{name}', '{BY}', colocate_with => '{beside}')"


_HEAD = """\
-- Spreads the tables of groupbuy over the nodes of Citus, cell by cell.
-- Run it on the coordinator as the owner, once, after `groupbuy db upgrade`, before shops open.
-- Triggers are refused on distributed tables: that nothing is rewritten rests on grants there.
-- Then set database.distributed = true, so that each transaction says SET LOCAL groupbuy.tenant.
"""
