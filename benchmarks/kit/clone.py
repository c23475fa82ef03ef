"""Very many rows without many requests: the database copies one that the domain has made.

Every column stays as the domain wrote it, so that a copy is always complete; only what tells one
thing from another is given anew. Ids are real ones: kind, time, cell, then a number.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from groupbuy.domain.kernel import make_id

CHUNK = 100_000
"""Rows one statement copies: bounded memory on both sides."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION bench_letters(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT {
    " || ".join(
        f"substr('{_LETTERS}', ((n >> {shift}) & 31)::int + 1, 1)" for shift in range(35, -1, -5)
    )
} $$
"""

Connection = psycopg.Connection[tuple[Any, ...]]


def prepare(connection: Connection) -> None:
    """Teach the database to write numbers as the end of an id."""
    connection.execute(_FUNCTION)


def fresh(kind: str, millis: int, number: str = "n") -> str:
    """Return SQL for the id of that kind and number, made at that time, in the first cell."""
    return f"'{numbered(kind, millis, 0)[:-8]}' || bench_letters({number})"


def numbered(kind: str, millis: int, number: int) -> str:
    """Return the same id here."""
    return make_id(kind, millis=millis, cell=0, entropy=number)


def copies(
    connection: Connection,
    table: str,
    which: str,
    changes: Mapping[str, str],
    first: int,
    last: int,
    chunk: int = CHUNK,
) -> None:
    """Copy the rows of `which` (SQL) once for every n from `first` to `last`.

    `changes` maps columns to SQL of `n` and of the row `t`; the others stay.
    """
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
        "AND table_schema = 'public' ORDER BY ordinal_position",
        [table],
    )
    columns = [row[0] for row in found]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changes.get(name, f't."{name}"') for name in columns)
    for start in range(first, last + 1, chunk):
        end = min(last, start + chunk - 1)
        connection.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {values} '
            f'FROM (SELECT * FROM "{table}" WHERE {which}) t, generate_series({start}, {end}) n'
        )


def number_of(
    connection: Connection, query: str, values: Mapping[str, object] | None = None
) -> int:
    """Return the one number a query answers; 0 for none."""
    row = connection.execute(query, values or {}).fetchone()
    return int(row[0] or 0) if row else 0
