"""The search index inside the database: FTS5 on SQLite, a GIN index over tokens on PostgreSQL.

Both hold the tokens that stand in the table `search`, and are kept by the engine itself with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import define, field

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect, PostgresDialect
from groupbuy.adapters.persistence.migrations.finding import OWN, PLACES, TABLE, WORDS
from groupbuy.adapters.persistence.session import Session
from groupbuy.application.ports.search import (
    Hit,
    Reach,
    Tokens,
    Wanted,
    combined,
    looked_at_again,
)

_CELL = 0
"""Where all reference data lives, and the stock of its variants."""
_READ: tuple[str, ...] = (
    "id",
    "created_at",
    "category_id",
    "brand_id",
    "price",
    "weight",
    "running_until",
)
_READ += ("head", "facts_end", "story_end")
_SHOWN = 9
"""Columns of a hit besides the places of the terms."""


@define(eq=False)
class SqlIndex:
    """The `SearchIndex` port of one unit of work."""

    session: Session
    dialect: Dialect
    tenant: str
    _values: list[Any] = field(factory=list, init=False)
    """Parameters of the statement at hand, in the order of its text."""

    def find(self, wanted: Wanted, reach: Reach) -> list[Hit]:
        """Return the newest that match, at most `limit`. Raises Unavailable."""
        terms = [] if reach is Reach.NAME else [term.text for term in wanted.terms]
        head = self._shown(wanted, terms)
        if isinstance(self.dialect, PostgresDialect):
            body = self._in_arrays(wanted, reach)
        else:
            body = self._in_words(wanted, reach)
        return self._hits(f"{head} FROM ({body}) AS w", wanted)

    def newest(self, wanted: Wanted) -> list[Hit]:
        """Return the newest that are for sale, whatever the terms. Raises Unavailable."""
        mark, head = self.dialect.mark, self._shown(wanted, ())
        self._values += [self.tenant, self.dialect.scalar(Plain.FLAG, value=True)]
        wheres = f"tenant_id = {mark(Plain.TEXT)} AND listed = {mark(Plain.FLAG)}"
        wheres = " AND ".join([wheres, *self._fitting(wanted, "")])
        order = f"ORDER BY created_at DESC, id DESC LIMIT {mark(Plain.INTEGER)}"
        return self._hits(f"{head} FROM {TABLE} WHERE {wheres} {order}", wanted)

    def stocked(self, product_ids: Iterable[str]) -> set[str]:
        """Return those of which there are goods in hand right now. Raises Unavailable."""
        dialect, ids = self.dialect, sorted(product_ids)
        if not ids:
            return set()
        cell, whole = dialect.scalar(Plain.INTEGER, _CELL), dialect.mark(Plain.INTEGER)
        text = (
            "SELECT DISTINCT v.product_id FROM variants v "
            f"JOIN stock s ON s.tenant_id = v.tenant_id AND s.cell = {whole} AND s.id = v.id "
            f"WHERE v.tenant_id = {dialect.mark(Plain.TEXT)} AND v.cell = {whole} "
            f"AND v.product_id {dialect.among(Plain.TEXT)} AND s.available > 0"
        )
        values = [cell, self.tenant, cell, dialect.many(Plain.TEXT, ids)]
        return {row[0] for row in self.session.rows(text, values, "variants")}

    def _shown(self, wanted: Wanted, terms: Sequence[str]) -> str:
        """Begin a statement: what a hit shows, in its order, and where each term stands."""
        running = "false"
        self._values = []
        if wanted.now is not None:
            running = f"COALESCE(running_until > {self.dialect.mark(Plain.INSTANT)}, false)"
            self._values = [self.dialect.scalar(Plain.INSTANT, wanted.now)]
        self._values += terms
        places = "".join(f", {self._place_in('rest')}" for _ in terms)
        return (
            f"SELECT id, category_id, brand_id, price, weight, {running}, "
            f"head, facts_end, story_end{places}"
        )

    def _in_arrays(self, wanted: Wanted, reach: Reach) -> str:
        """Return the inner query for PostgreSQL.

        Its innermost step must not know the order that is wanted, or the planner might walk
        through everything in that order instead of asking the index.
        """
        tokens, wheres = "string_to_array(tokens, ' ')", list[str]()
        if ways := self._ways(wanted, reach):
            wheres = [f"({' OR '.join(f'{tokens} @> %s::text[]' for _ in ways)})"]
        some = [self._tagged(each, wanted.tag) for each in wanted.each_of]
        wheres += [f"{tokens} && %s::text[]"] * len(some)
        self._values += [self.dialect.many(Plain.TEXT, each) for each in (*ways, *some)]
        wheres += [*self._unknown(wanted, ""), *self._fitting(wanted, "")]
        wheres += self._rechecked(wanted, reach)
        found = f"SELECT {', '.join(_READ)}, rest FROM {OWN} WHERE {' AND '.join(wheres)}"
        order = "ORDER BY created_at DESC, id DESC LIMIT %s::bigint"
        return f"SELECT * FROM ({found} OFFSET 0) AS m {order}"

    def _in_words(self, wanted: Wanted, reach: Reach) -> str:
        """Return the inner query for SQLite; places are given out in the order of making."""
        ways = " OR ".join(_all_of(way) for way in self._ways(wanted, reach))
        some = [_any_of(self._tagged(each, wanted.tag)) for each in wanted.each_of]
        match = " AND ".join(f"({part})" for part in (ways, *some) if part)
        self._values += [match, self.tenant]
        # By its place alone, before the entry itself is read.
        wheres = [*self._unknown(wanted, "p."), *self._fitting(wanted, "s.")]
        wheres += self._rechecked(wanted, reach)
        return (
            f"SELECT {', '.join(f's.{name}' for name in _READ)}, s.rest "
            f"FROM {WORDS} f CROSS JOIN {PLACES} p ON p.place = f.rowid "
            f"CROSS JOIN {TABLE} s ON s.tenant_id = p.tenant_id AND s.cell = p.cell "
            f"AND s.id = p.id WHERE {WORDS} MATCH ? AND p.tenant_id = ?"
            f"{''.join(f' AND {each}' for each in wheres)} ORDER BY f.rowid DESC LIMIT ?"
        )

    def _unknown(self, wanted: Wanted, table: str) -> Iterator[str]:
        """Yield the condition that leaves out what is known already, and keep its values."""
        if wanted.without:
            yield f"NOT ({table}id {self.dialect.among(Plain.TEXT)})"
            self._values.append(self.dialect.many(Plain.TEXT, wanted.without))

    def _fitting(self, wanted: Wanted, table: str) -> Iterator[str]:
        """Yield the conditions on columns, and keep their values."""
        mark, until = self.dialect.mark, wanted.now if wanted.running else None
        for column, sign, plain, value in (
            ("price", ">=", Plain.INTEGER, wanted.lowest),
            ("price", "<=", Plain.INTEGER, wanted.highest),
            ("running_until", ">", Plain.INSTANT, until),
        ):
            if value is not None:
                yield f"{table}{column} {sign} {mark(plain)}"
                self._values.append(self.dialect.scalar(plain, value))

    def _rechecked(self, wanted: Wanted, reach: Reach) -> Iterator[str]:
        """Yield the conditions on the text itself, and keep their values."""
        columns = ("head",) if reach is Reach.NAME else ("head", "rest")
        for term in looked_at_again(wanted, reach):
            yield f"({' OR '.join(f'{self._place_in(column)} > 0' for column in columns)})"
            self._values += [term] * len(columns)

    def _place_in(self, column: str) -> str:
        """Return a call that tells where a text stands in a column, 0 for nowhere."""
        if isinstance(self.dialect, PostgresDialect):
            return f"strpos({column}, %s::text)"
        return f"instr({column}, ?)"

    def _ways(self, wanted: Wanted, reach: Reach) -> list[list[str]]:
        ways = combined(wanted, reach)
        return [self._tagged(way, wanted.tag) for way in ways if way]

    def _tagged(self, tokens: Tokens, tag: str) -> list[str]:
        return sorted(tag + token for token in tokens)

    def _hits(self, text: str, wanted: Wanted) -> list[Hit]:
        values = [*self._values, self.dialect.scalar(Plain.INTEGER, wanted.limit)]
        rows = self.session.rows(text, values, TABLE)
        return [Hit._make((*row[:_SHOWN], tuple(row[_SHOWN:]))) for row in rows]


def _all_of(tokens: Sequence[str]) -> str:
    """Write tokens as FTS5 reads them; ours hold no ASCII punctuation, so no quotes either."""
    return "(" + " AND ".join(f'"{token}"' for token in tokens) + ")"


def _any_of(tokens: Sequence[str]) -> str:
    return " OR ".join(f'"{token}"' for token in tokens)
