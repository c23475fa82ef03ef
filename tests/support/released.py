"""What the released version sends, kept so that the next schema can be tried with it.

While an installation is upgraded, programs of the version before go on for a while on the new
schema. `python -m tests.support.released` records how this version writes everything, and what it
reads on every hot path; it is run when a version is released, and before the first release
whenever the schema changes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen

from groupbuy.adapters import persistence
from groupbuy.adapters.persistence.dialects import PostgresDialect
from groupbuy.adapters.persistence.kinds import Kind
from groupbuy.adapters.persistence.statements import Texts
from tests.support.hot import HotShop, Sent
from tests.support.postgres import PgDatabase, postgres_cluster

RECORD = Path(__file__).parents[1] / "integration" / "golden" / "released.json"
_OBLIGATORY = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND is_nullable = 'NO'
  AND column_default IS NULL AND is_identity = 'NO'
"""


@frozen
class Broken:
    """A statement of the released version that this schema refuses, and why."""

    statement: str
    why: str


def statements(place: PgDatabase) -> list[str]:
    """Return what a shop sends that lives through every hot use case, in a fresh database."""
    database = persistence.open_database(place.app_url)
    try:
        database.counter.texts = []
        hot: Any = HotShop(database)
        hot.live()
        hot.go_through()
        asked = {each for each in database.counter.texts if Sent("", each).about_rows}
        return sorted(asked.union(*(_written(kind) for kind in persistence.KINDS)))
    finally:
        database.close()


def broken(connection: psycopg.Connection[Any], texts: Iterable[str]) -> list[Broken]:
    """Return which statements this schema would refuse; `connection` must be in autocommit."""
    obligatory = dict[str, set[str]]()
    for table, column in connection.execute(_OBLIGATORY):
        obligatory.setdefault(table, set()).add(column)
    return [found for text in texts for found in _found(connection, text, obligatory)]


def recorded() -> dict[str, Any]:
    """Return the record: the release and its statements."""
    read: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return read


def _written(kind: Kind) -> Iterator[str]:
    """Return how a kind is written, whether or not a story writes it."""
    texts = Texts(kind, PostgresDialect())
    yield from (texts.insert, texts.insert_missing)
    if kind.versioned:
        yield texts.update
    for child in texts.children:
        yield from (child.insert, child.upsert, child.trim)


def main() -> None:
    """Record this version."""
    with postgres_cluster() as cluster, cluster.database() as place:
        persistence.upgrade(place.owner_url)
        said = {"release": version("groupbuy"), "statements": statements(place)}
    RECORD.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _found(
    connection: psycopg.Connection[Any], text: str, obligatory: dict[str, set[str]]
) -> Iterator[Broken]:
    marks = count(1)
    numbered = re.sub(r"%s", lambda _: f"${next(marks)}", text).replace("%%", "%")
    try:
        connection.execute(f"PREPARE released AS {numbered}".encode())
        connection.execute("DEALLOCATE released")
    except psycopg.Error as error:
        yield Broken(text, str(error).splitlines()[0])
        return
    if into := re.match(r'INSERT INTO "?(\w+)"? \(([^)]*)\)', text):
        given = {name.strip().strip('"') for name in into[2].split(",")}
        if missing := obligatory.get(into[1], set()) - given:
            yield Broken(text, f"nothing is given for {', '.join(sorted(missing))}")


if __name__ == "__main__":
    main()
