"""What differs between the two engines, and nothing else: words and wire forms."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from groupbuy.adapters.persistence.codecs import Plain, utc


class Dialect(Protocol):
    """How one engine wants its parameters and spells its locks.

    A parameter is always sent in one wire type per column, so that the text and the types of a
    statement never change and its plan is prepared once per connection.
    """

    name: str
    for_update: str
    """Appended to a select that locks what it finds."""
    skip_locked: str

    def mark(self, plain: Plain) -> str:
        """Return the placeholder of one value."""
        ...

    def scalar(self, plain: Plain, value: Any) -> Any:
        """Return one plain value as a parameter."""
        ...

    def among(self, plain: Plain) -> str:
        """Return a condition, to stand behind a column: it is one of the values of `many`."""
        ...

    def many(self, plain: Plain, values: Iterable[Any]) -> str:
        """Return any number of plain values as one parameter."""
        ...

    def reader(self, plain: Plain) -> Callable[[Any], Any] | None:
        """Return how a stored value becomes a plain one; None where it is one already."""
        ...


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _texts(values: Sequence[Any]) -> str:
    """Return the body of a text array; nearly always nothing needs escaping, so look once."""
    if None not in values:
        body = '","'.join(values)
        if "\\" not in body and body.count('"') == 2 * (len(values) - 1):
            return f'"{body}"' if values else ""
    return ",".join(["NULL" if v is None else f'"{_escaped(v)}"' for v in values])


def _member(plain: Plain, value: Any) -> str:
    """Return one value as it stands inside an array."""
    return f'"{_escaped(value)}"' if plain is Plain.TEXT else _AS_TEXT[plain](value)


def _flag(flag: object) -> str:
    return "true" if flag else "false"


@lru_cache(4096)
def _stamp(moment: datetime) -> str:
    """Fixed width, so that text sorts like time. The instants of one batch are few."""
    return utc(moment).isoformat(timespec="microseconds")


_AS_TEXT: Mapping[Plain, Callable[[Any], str]] = {
    Plain.TEXT: str,
    Plain.INTEGER: str,
    Plain.FLAG: _flag,
    Plain.INSTANT: _stamp,
}


class PostgresDialect:
    """PostgreSQL: everything travels as text and is cast to the type of its column."""

    name = "postgresql"
    for_update = " FOR NO KEY UPDATE"
    skip_locked = " FOR NO KEY UPDATE SKIP LOCKED"

    def mark(self, plain: Plain) -> str:
        """Return the placeholder, with the cast that fixes its type."""
        return f"%s::{plain}"

    def scalar(self, plain: Plain, value: Any) -> str | None:
        """Return the text form."""
        return None if value is None else _AS_TEXT[plain](value)

    def among(self, plain: Plain) -> str:
        """Compare with an array."""
        return f"= ANY(%s::{plain}[])"

    def many(self, plain: Plain, values: Iterable[Any]) -> str:
        """Return an array literal; much cheaper than the driver's own."""
        found = values if isinstance(values, list | tuple) else list(values)
        if not found:
            return "{}"
        first, count, scalar = found[0], len(found), _AS_TEXT[plain]
        # Most columns of a batch hold one value only.
        if found.count(first) == count:
            body = ",".join(["NULL" if first is None else _member(plain, first)] * count)
        elif plain is Plain.TEXT:
            body = _texts(found)
        else:
            body = ",".join(["NULL" if v is None else scalar(v) for v in found])
        return "{" + body + "}"

    def reader(self, plain: Plain) -> Callable[[Any], Any] | None:
        """Only the zone of an instant may differ."""
        return utc if plain is Plain.INSTANT else None

    def unnest(self, plains: Sequence[Plain]) -> str:
        """Return a table made of array parameters, one a column."""
        return f"unnest({', '.join(f'%s::{plain}[]' for plain in plains)})"


class SqliteDialect:
    """SQLite: instants are text that sorts like time; a writer holds the whole file."""

    name = "sqlite"
    for_update = ""
    skip_locked = ""

    def mark(self, plain: Plain) -> str:  # noqa: ARG002  SQLite needs no casts
        """Return the placeholder."""
        return "?"

    def scalar(self, plain: Plain, value: Any) -> Any:
        """Turn instants into text; the driver knows the rest."""
        if value is None or plain is not Plain.INSTANT:
            return value
        return _stamp(value)

    def among(self, plain: Plain) -> str:  # noqa: ARG002  SQLite needs no casts
        """Compare with a JSON list, so that the text stays the same for any length."""
        return "IN (SELECT value FROM json_each(?))"

    def many(self, plain: Plain, values: Iterable[Any]) -> str:
        """Return a JSON list."""
        return json.dumps([self.scalar(plain, value) for value in values])

    def reader(self, plain: Plain) -> Callable[[Any], Any] | None:
        """Read instants and flags back."""
        if plain is Plain.INSTANT:
            return datetime.fromisoformat
        return bool if plain is Plain.FLAG else None
