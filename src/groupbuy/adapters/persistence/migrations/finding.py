"""What the engines keep beside the table `search`, to find its rows by their tokens."""

from collections.abc import Iterator

from sqlalchemy import Connection

TABLE = "search"
INDEX = "ix_search_tokens"
OWN = "search_own"
"""PostgreSQL: what the named tenant has, to be found by the index."""
WORDS = "search_words"
"""SQLite: the FTS5 table; its row numbers are places."""
PLACES = "search_places"
"""SQLite: which row stands at which place. Rows have no lasting number of their own."""
_OF_NEW = (
    f"(SELECT place FROM {PLACES} "
    "WHERE tenant_id = NEW.tenant_id AND cell = NEW.cell AND id = NEW.id)"
)
_GONE = f"INSERT INTO {WORDS} ({WORDS}, rowid, tokens) VALUES ('delete', {_OF_NEW}, OLD.tokens)"
_COME = f"INSERT INTO {WORDS} (rowid, tokens) VALUES ({_OF_NEW}, NEW.tokens)"


def make(engine: str) -> Iterator[str]:
    """Yield what makes rows findable.

    PostgreSQL asks the wall between tenants before it asks an operator that is not known to keep
    secrets, and then no index could serve it. The view names the tenant itself, and its owner, who
    is asked instead of the reader, is not bound by the wall of this one table.
    """
    if engine == "postgresql":
        yield "ALTER TABLE search ALTER COLUMN tokens SET STORAGE EXTERNAL"
        yield "ALTER TABLE search ALTER COLUMN rest SET STORAGE EXTERNAL"
        # Long texts stand apart: a search reads thousands of rows and few of their texts.
        yield "ALTER TABLE search SET (toast_tuple_target = 256)"
        yield (
            f"CREATE INDEX {INDEX} ON search USING gin (string_to_array(tokens, ' ')) "
            "WITH (fastupdate = off)"
        )
        yield "ALTER TABLE search NO FORCE ROW LEVEL SECURITY"
        yield (
            f"CREATE VIEW {OWN} AS SELECT * FROM search "
            "WHERE (tenant_id = current_setting('groupbuy.tenant', true)) IS TRUE"
        )
        return
    yield (
        f"CREATE TABLE {PLACES} (place INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, "
        "cell BIGINT NOT NULL, id TEXT NOT NULL, UNIQUE (tenant_id, cell, id))"
    )
    yield (
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5(tokens, content='', columnsize=0, "
        "detail=none, tokenize='ascii')"
    )
    yield (
        f"CREATE TRIGGER search_comes AFTER INSERT ON search BEGIN INSERT INTO {PLACES} "
        f"(tenant_id, cell, id) VALUES (NEW.tenant_id, NEW.cell, NEW.id); {_COME}; END"
    )
    yield (
        "CREATE TRIGGER search_changes AFTER UPDATE ON search "
        f"WHEN OLD.tokens <> NEW.tokens BEGIN {_GONE}; {_COME}; END"
    )


def unmake(engine: str) -> Iterator[str]:
    """Yield what takes it away again, to be said before the table goes."""
    if engine == "postgresql":
        yield f"DROP VIEW {OWN}"
        return
    yield f"DROP TABLE {WORDS}"
    yield f"DROP TABLE {PLACES}"


def is_ours(name: str | None, kind: str) -> bool:
    """Tell whether a table or an index stands beside `search` and in no list of tables."""
    if kind == "index":
        return name == INDEX
    return kind == "table" and str(name).startswith((WORDS, PLACES))


def missing(connection: Connection) -> list[str]:
    """Return what is not there though rows could not be found without it."""
    if connection.dialect.name == "postgresql":
        known, wanted = "SELECT relname FROM pg_class", [INDEX, OWN]
    else:
        known, wanted = "SELECT name FROM sqlite_master", [WORDS, "search_comes", "search_changes"]
    there = {str(row[0]) for row in connection.exec_driver_sql(known)}
    return [f"search: no {name}" for name in wanted if name not in there]
