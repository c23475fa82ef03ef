"""The text of every statement, built once per kind and engine, so that plans can be kept."""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import define, field, frozen

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect, PostgresDialect
from groupbuy.adapters.persistence.kinds import Kind
from groupbuy.adapters.persistence.mapping import Column, Shape
from groupbuy.adapters.persistence.session import Statement
from groupbuy.application.ports.persistence import Query
from groupbuy.domain.kernel import cell_of

Place = tuple[str, Plain]
"""A column in a bulk statement."""

ALL = 1_000
"""From this limit on a query means all there is, and says so: a planner that does not know the
limit hopes for a short page, and would walk through a whole table in the order of its ids."""
CELL: Place = ("cell", Plain.INTEGER)
PARENT: tuple[Place, ...] = (CELL, ("parent_id", Plain.TEXT), ("position", Plain.INTEGER))


def quote(name: str) -> str:
    """Return an identifier as both engines read it."""
    return f'"{name}"'


def listed(names: Iterable[str]) -> str:
    """Return quoted names, parted by commas."""
    return ", ".join(map(quote, names))


def places(shape: Shape, first: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return the columns of a bulk write in order: key parts, then what the class holds."""
    return (*first, *((c.name, c.codec.plain) for c in shape.columns if c.name != "cell"))


def cell_condition(dialect: Dialect, cells: Sequence[int]) -> tuple[str, Any]:
    """Return a condition and its parameter.

    One cell is named as one: of a list a planner that knows no statistics thinks so badly that it
    may rather read everything a tenant has.
    """
    if len(cells) == 1:
        scalar = dialect.scalar(Plain.INTEGER, cells[0])
        return f"cell = {dialect.mark(Plain.INTEGER)}", scalar
    return f"cell {dialect.among(Plain.INTEGER)}", dialect.many(Plain.INTEGER, cells)


def insert_text(dialect: Dialect, table: str, columns: Sequence[Place], conflict: str = "") -> str:
    """Return a multi-row insert. `conflict` is the `ON CONFLICT` tail, if any."""
    head = f"INSERT INTO {quote(table)} (tenant_id, {listed(n for n, _ in columns)})"
    tail = f" {conflict}" if conflict else ""
    if isinstance(dialect, PostgresDialect):
        source = dialect.unnest([plain for _, plain in columns])
        return f"{head} SELECT %s::text, v.* FROM {source} AS v{tail}"
    marks = ", ".join(dialect.mark(plain) for _, plain in columns)
    return f"{head} VALUES ({dialect.mark(Plain.TEXT)}, {marks}){tail}"


def update_text(dialect: Dialect, table: str, columns: Sequence[Place]) -> str:
    """Return a multi-row compare-and-set on `version`.

    PostgreSQL is told the ids twice, so that no plan begins with the rows of the whole tenant.

    SQLite's parameters stand in the order: values, tenant, cell, id, version.
    """
    changing = [(n, p) for n, p in columns if n not in {"cell", "id", "version"}]
    head = f"UPDATE {quote(table)} AS t SET"
    if isinstance(dialect, PostgresDialect):
        sets = ", ".join(f"{quote(n)} = v.{quote(n)}" for n, _ in changing)
        source = dialect.unnest([plain for _, plain in columns])
        return (
            f"{head} {sets}, version = t.version + 1 "
            f"FROM {source} AS v ({listed(n for n, _ in columns)}) "
            "WHERE t.tenant_id = %s::text AND t.cell = v.cell AND t.id = v.id "
            "AND t.version = v.version AND t.id = ANY(%s::text[])"
        )
    sets = ", ".join(f"{quote(n)} = {dialect.mark(p)}" for n, p in changing)
    return (
        f"{head} {sets}, version = version + 1 "
        "WHERE tenant_id = ? AND cell = ? AND id = ? AND version = ?"
    )


def upsert_tail(shape: Shape) -> str:
    """Return the conflict clause that overwrites a child in its place."""
    sets = ", ".join(f"{quote(n)} = excluded.{quote(n)}" for n in shape.names)
    return f"ON CONFLICT (tenant_id, cell, parent_id, position) DO UPDATE SET {sets}"


@frozen
class ChildTexts:
    """The statements of one table of children."""

    table: str
    shape: Shape
    columns: tuple[Place, ...]
    select: str
    """With a place left for the condition on cells."""
    insert: str
    upsert: str
    trim: str
    """Delete those from a position on. Parameters: tenant, cell, parent, position."""


@define(eq=False)
class Texts:
    """The statements of one kind on one engine."""

    kind: Kind
    dialect: Dialect
    columns: tuple[Place, ...] = field(init=False)
    insert: str = field(init=False)
    insert_missing: str = field(init=False)
    """Insert what is not there yet and return its ids."""
    update: str = field(init=False)
    children: tuple[ChildTexts, ...] = field(init=False)
    _selected: str = field(init=False)
    _queries: dict[object, str] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        """Write the texts that never change."""
        table, shape = self.kind.table, self.kind.shape
        nothing = "ON CONFLICT DO NOTHING"
        self.columns = places(shape, (CELL,))
        self.insert = insert_text(
            self.dialect, table, self.columns, nothing if self.kind.once else ""
        )
        self.insert_missing = insert_text(
            self.dialect, table, self.columns, f"{nothing} RETURNING id"
        )
        self.update = update_text(self.dialect, table, self.columns)
        self._selected = f"SELECT {listed(shape.names)} FROM {quote(table)} WHERE tenant_id = "
        self._selected += self.dialect.mark(Plain.TEXT)
        self.children = tuple(
            self._child(child.table, child_shape)
            for child, child_shape in zip(self.kind.children, self.kind.child_shapes, strict=True)
        )

    def by_ids(self, tenant: str, ids: Sequence[str], cells: Iterable[int]) -> Statement:
        """Return a select of some ids, wherever they live."""
        where, values = self._in_cells(cells)
        text = f"{self._selected}{where} AND id {self.dialect.among(Plain.TEXT)}"
        return text, (tenant, *values, self.dialect.many(Plain.TEXT, ids))

    def lock(self, tenant: str, ids: Sequence[str], cell: int) -> Statement:
        """Return a select that locks some ids of one cell, in their order."""
        where, values = "", list[Any]()
        if not self.kind.own_cell:
            where = f" AND cell = {self.dialect.mark(Plain.INTEGER)}"
            values = [self.dialect.scalar(Plain.INTEGER, cell)]
        text = (
            f"{self._selected}{where} AND id {self.dialect.among(Plain.TEXT)} "
            f"ORDER BY id{self.dialect.for_update}"
        )
        return text, (tenant, *values, self.dialect.many(Plain.TEXT, ids))

    def query(self, tenant: str, query: Query, cells: Sequence[int] = (0,)) -> Statement:
        """Return the select of a query. Raises ValueError for what cannot be searched by.

        `cells` are those of the tenant, for a query that does not say where what it finds lives.
        """
        place = self._cells(query)
        if place is None:
            place = cells[0] if len(cells) == 1 else cells
        shape = (
            isinstance(place, int),
            tuple((name, value is None) for name, value in query.equals),
            tuple(name for name, _ in query.one_of),
            tuple(name for name, _ in query.from_),
            tuple(name for name, _ in query.until),
            query.order,
            None if query.after is None else query.after[0] is None,
            query.skip_locked,
            query.limit if query.limit >= ALL else 0,
            proofs := self._proofs(query),
        )
        text = self._queries.get(shape)
        if text is None:
            text = self._queries[shape] = self._write(query, isinstance(place, int), proofs)
        return text, (tenant, self._place(place), *self._values(query))

    def _proofs(self, query: Query) -> tuple[str, ...]:
        """Return the conditions of partial indexes that hold for all a query can find.

        A plan that does not know the values it will get needs them in words to use such an index.
        """
        if not self.kind.partial:
            return ()
        known = {name: self._encoded(name, value) for name, value in query.equals}
        true = {f"{name} = '{value}'" for name, value in known.items()}
        true |= {f"{name} <> ''" for name, value in known.items() if value}
        return tuple(where for where in self.kind.partial if where in true)

    def _write(self, query: Query, one_cell: bool, proofs: Sequence[str]) -> str:  # noqa: FBT001  called by place
        dialect, whole = self.dialect, Plain.INTEGER
        parts = [self._selected]
        # One cell is compared as it is: only then an index that begins with it sorts by the rest.
        parts.append(f"AND cell {f'= {dialect.mark(whole)}' if one_cell else dialect.among(whole)}")
        for name, value in query.equals:
            mark = "IS NULL" if value is None else f"= {dialect.mark(self._plain(name))}"
            parts.append(f"AND {quote(name)} {mark}")
        parts += [f"AND {proof}" for proof in proofs]
        for name, _ in query.one_of:
            parts.append(f"AND {quote(name)} {dialect.among(self._plain(name))}")
        for sign, bounds in ((">=", query.from_), ("<", query.until)):
            for name, _ in bounds:
                parts.append(f"AND {quote(name)} {sign} {dialect.mark(self._plain(name))}")
        parts.append(self._page(query))
        if query.skip_locked:
            parts.append(dialect.skip_locked)
        return " ".join(parts)

    def _page(self, query: Query) -> str:
        """Sort and continue by key; what is absent sorts first, on both engines alike."""
        name, down = query.order.lstrip("-"), query.order.startswith("-")
        sort, sign = (" DESC", "<") if down else ("", ">")
        mark, column = self.dialect.mark(self._plain(name)), quote(name)
        limit = f"LIMIT {query.limit}" if query.limit >= ALL else self._any_limit
        id_mark = self.dialect.mark(Plain.TEXT)
        if name == "id":
            seek = f"AND id {sign} {id_mark} " if query.after else ""
            return f"{seek}ORDER BY id{sort} {limit}"
        nullable = name != "cell" and self.kind.shape.column(name).codec.nullable
        seek = ""
        if query.after and query.after[0] is None:
            others = "" if down else f" OR {column} IS NOT NULL"
            seek = f"AND (({column} IS NULL AND id {sign} {id_mark}){others}) "
        elif query.after:
            others = f" OR {column} IS NULL" if nullable and down else ""
            seek = f"AND (({column}, id) {sign} ({mark}, {id_mark}){others}) "
        absent = (" NULLS LAST" if down else " NULLS FIRST") if nullable else ""
        return f"{seek}ORDER BY {column}{sort}{absent}, id{sort} {limit}"

    @property
    def _any_limit(self) -> str:
        return f"LIMIT {self.dialect.mark(Plain.INTEGER)}"

    def _cells(self, query: Query) -> int | Sequence[int] | None:
        """Return where all that a query can find must lie; None for anywhere.

        Which of the three it is depends on the names in the query only.
        """
        near = self.kind.near
        for name, value in query.equals:
            if name == "cell":
                return int(value)
            if name in near and value is not None:
                return cell_of(value)
        for name, values in query.one_of:
            if name in near:
                return sorted({cell_of(value) for value in values if value is not None})
        return None

    def _place(self, place: int | Sequence[int]) -> Any:
        if isinstance(place, int):
            return self.dialect.scalar(Plain.INTEGER, place)
        return self.dialect.many(Plain.INTEGER, place)

    def _values(self, query: Query) -> Iterable[Any]:
        for name, value in query.equals:
            if value is not None:
                yield self._scalar(name, value)
        for name, values in query.one_of:
            yield self.dialect.many(self._plain(name), [self._encoded(name, v) for v in values])
        for name, value in (*query.from_, *query.until):
            yield self._scalar(name, value)
        if query.after:
            value, key = query.after
            name = query.order.lstrip("-")
            if name != "id" and value is not None:
                yield self._scalar(name, value)
            yield key
        if query.limit < ALL:
            yield self.dialect.scalar(Plain.INTEGER, query.limit)

    def _column(self, name: str) -> Column:
        column = self.kind.shape.column(name)
        if column.codec.opaque:
            raise ValueError(f"{self.kind.cls.__name__}.{name} cannot be searched by")
        return column

    def _plain(self, name: str) -> Plain:
        return Plain.INTEGER if name == "cell" else self._column(name).codec.plain

    def _encoded(self, name: str, value: Any) -> Any:
        encode = None if name == "cell" else self._column(name).codec.encode
        return value if encode is None or value is None else encode(value)

    def _scalar(self, name: str, value: Any) -> Any:
        return self.dialect.scalar(self._plain(name), self._encoded(name, value))

    def _in_cells(self, cells: Iterable[int]) -> tuple[str, tuple[Any, ...]]:
        if self.kind.own_cell:
            return "", ()
        condition, value = cell_condition(self.dialect, sorted(cells))
        return f" AND {condition}", (value,)

    def _child(self, table: str, shape: Shape) -> ChildTexts:
        dialect, columns = self.dialect, places(shape, PARENT)
        mark = dialect.mark
        return ChildTexts(
            table=table,
            shape=shape,
            columns=columns,
            select=f"SELECT parent_id, {listed(shape.names)} FROM {quote(table)} "
            f"WHERE tenant_id = {mark(Plain.TEXT)} AND {{}} "
            f"AND parent_id {dialect.among(Plain.TEXT)} ORDER BY parent_id, position",
            insert=insert_text(dialect, table, columns),
            upsert=insert_text(dialect, table, columns, upsert_tail(shape)),
            trim=f"DELETE FROM {quote(table)} WHERE tenant_id = {mark(Plain.TEXT)} "
            f"AND cell = {mark(Plain.INTEGER)} AND parent_id = {mark(Plain.TEXT)} "
            f"AND position >= {mark(Plain.INTEGER)}",
        )
