"""Many rows, one statement: arrays on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Sequence
from typing import Any

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect, PostgresDialect
from groupbuy.adapters.persistence.mapping import Columns
from groupbuy.adapters.persistence.session import Session
from groupbuy.adapters.persistence.statements import Place, Texts


def insert(
    session: Session,
    dialect: Dialect,
    text: str,
    places: Sequence[Place],
    tenant: str,
    columns: Columns,
    about: str,
) -> None:
    """Insert rows given column by column, in the order of `places`."""
    if isinstance(dialect, PostgresDialect):
        send = session.change if "DO UPDATE" in text else session.append
        send(text, (tenant, *_arrays(dialect, places, columns)), about)
    else:
        session.change_each(text, _rows(dialect, places, columns, (tenant,)), about)


def insert_missing(session: Session, texts: Texts, tenant: str, columns: Columns) -> set[str]:
    """Insert the rows that do not exist yet; return the ids of those inserted."""
    dialect, about = texts.dialect, texts.kind.table
    if isinstance(dialect, PostgresDialect):
        values = (tenant, *_arrays(dialect, texts.columns, columns))
        return {row[0] for row in session.rows(texts.insert_missing, values, about)}
    made = set[str]()
    for values in _rows(dialect, texts.columns, columns, (tenant,)):
        made |= {row[0] for row in session.rows(texts.insert_missing, values, about)}
    return made


def update(session: Session, texts: Texts, tenant: str, columns: Columns) -> None:
    """Compare-and-set rows by version. Raises Conflict if any had moved on or is gone."""
    dialect, about, count = texts.dialect, texts.kind.cls.__name__, len(columns[0])
    if isinstance(dialect, PostgresDialect):
        arrays = _arrays(dialect, texts.columns, columns)
        ids = arrays[[name for name, _ in texts.columns].index("id")]
        values = (*arrays, tenant, ids)
        session.change(texts.update, values, about, rows=count)
        return
    by_name = dict(zip([name for name, _ in texts.columns], columns, strict=True))
    plains = dict(texts.columns)
    key = ["cell", "id", "version"]
    names = [name for name in by_name if name not in key]
    wired = [_wired(dialect, plains[name], by_name[name]) for name in names]
    tail = [[tenant] * count, *(by_name[name] for name in key)]
    session.change_each(texts.update, list(zip(*wired, *tail, strict=True)), about, rows=count)


def _arrays(dialect: Dialect, places: Sequence[Place], columns: Columns) -> list[str]:
    return [dialect.many(plain, values) for (_, plain), values in zip(places, columns, strict=True)]


def _rows(
    dialect: Dialect, places: Sequence[Place], columns: Columns, first: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    wired = [
        _wired(dialect, plain, values) for (_, plain), values in zip(places, columns, strict=True)
    ]
    return [(*first, *row) for row in zip(*wired, strict=True)]


def _wired(dialect: Dialect, plain: Plain, values: Sequence[Any]) -> Sequence[Any]:
    if plain is not Plain.INSTANT:
        return values
    return [dialect.scalar(plain, value) for value in values]
