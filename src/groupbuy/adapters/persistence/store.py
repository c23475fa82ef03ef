"""All things of one kind inside one unit of work: an identity map over a table."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar, cast

from attrs import define, evolve, field

from groupbuy.adapters.persistence import bulk
from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.mapping import Columns, Mapper
from groupbuy.adapters.persistence.session import Session, Statement
from groupbuy.adapters.persistence.statements import Texts, cell_condition
from groupbuy.application.lock_order import LockWatch
from groupbuy.application.ports.persistence import Ahead, Query
from groupbuy.domain.kernel import Conflict, NotFound
from groupbuy.domain.kernel import cell_of as _cell_of

T = TypeVar("T")

KEPT = 10_000
"""Decoded things of one steady kind that a process keeps."""
cell_of = lru_cache(1 << 16)(_cell_of)
"""One id is written to several tables of a batch; telling its cell is not for nothing."""


Steady = dict[tuple[str, str], tuple[Sequence[Any], Any]]
"""Rows and what they were decoded to, by tenant and id."""


@define(eq=False)
class Plan(Generic[T]):
    """What is compiled once per kind and engine, and shared by all units of work."""

    texts: Texts
    mapper: Mapper[T]
    children: tuple[Mapper[Any], ...]
    steady: Steady | None = None
    """Of a kind whose rows are decoded once."""


class Inside(Protocol):
    """What a store needs of its unit of work."""

    tenant: str
    write: bool
    watch: LockWatch

    @property
    def cells(self) -> Sequence[int]:
        """The cells of the tenant."""
        ...

    @property
    def session(self) -> Session:
        """The open connection. Raises RuntimeError outside `with`."""
        ...


@define(eq=False)
class SqlStore(Generic[T]):
    """The `Store` port over one table and the tables of its children."""

    _plan: Plan[T]
    _unit: Inside
    _seen: dict[str, T] = field(factory=dict, init=False)
    """Everything met so far, as staged or as loaded."""
    _loaded: dict[str, T] = field(factory=dict, init=False)
    """The stored state of what is changed here, to tell which children changed."""
    _new: dict[str, T] = field(factory=dict, init=False)
    _changed: dict[str, T] = field(factory=dict, init=False)

    def get(self, key: str) -> T:
        """Return one thing, as staged here or as committed. Raises NotFound."""
        found = self._seen.get(key)
        if found is None:
            found = self.find([key]).get(key)
        if found is None:
            raise NotFound(kind=self._name, key=key)
        return found

    def find(self, keys: Iterable[str]) -> dict[str, T]:
        """Return those that exist, by key, without locking."""
        wanted = sorted(set(keys))
        if missing := [key for key in wanted if key not in self._seen]:
            cells = {cell_of(key) for key in missing}
            for thing in self._read(self._plan.texts.by_ids(self._unit.tenant, missing, cells)):
                self._seen[_key(thing)] = thing
        return {key: self._seen[key] for key in wanted if key in self._seen}

    def lock(self, keys: Iterable[str], create: Callable[[str], T] | None = None) -> dict[str, T]:
        """Lock and return those that exist, by key; with `create`, make the missing ones."""
        self._must_write()
        wanted = sorted(set(keys))
        fresh = self._unit.watch.fresh(self._plan.texts.kind.cls, wanted)
        fresh = [key for key in fresh if key not in self._new]
        self._relock_all(fresh)
        # Nearly always they exist: look first, for one statement instead of two.
        if create is not None and (missing := [key for key in fresh if key not in self._seen]):
            made = self._make([create(key) for key in missing])
            self._relock_all([key for key in missing if key not in made])
        return {key: self._seen[key] for key in wanted if key in self._seen}

    def statements(self, ahead: Ahead) -> list[Statement]:
        """Return what `lock`, `find` or `select` will send."""
        texts, tenant, keys = self._plan.texts, self._unit.tenant, sorted(set(ahead.keys))
        if ahead.query is not None:
            return [texts.query(tenant, ahead.query)]
        cells = sorted({cell_of(key) for key in keys})
        if not ahead.lock:
            return [texts.by_ids(tenant, keys, cells)] if keys else []
        return [texts.lock(tenant, [k for k in keys if cell_of(k) == c], c) for c in cells]

    def select(self, query: Query) -> list[T]:
        """Return what a query finds in the committed state, each as staged here if it is."""
        if query.skip_locked:
            self._must_write()
            self._unit.watch.enter(self._plan.texts.kind.cls)
        if not all(values for _, values in query.one_of):
            return []
        found = self._claimed(query) if query.skip_locked else self._found(query)
        if query.skip_locked:
            self._unit.watch.note(self._plan.texts.kind.cls, map(_key, found))
        return [self._met(thing) for thing in found]

    def _found(self, query: Query, cells: Sequence[int] = ()) -> list[T]:
        asked = self._plan.texts.query(self._unit.tenant, query, cells or self._unit.cells)
        return self._read(asked)

    def _claimed(self, query: Query) -> list[T]:
        """Claim cell by cell: a distributed engine locks rows of one cell a statement."""
        cells: Sequence[int] = self._unit.cells
        if len(cells) > 1:
            there = self._found(evolve(query, skip_locked=False))
            cells = sorted({cell_of(_key(thing)) for thing in there})
        claimed: list[T] = []
        for cell in cells:
            if room := query.limit - len(claimed):
                claimed += self._found(evolve(query, limit=room), (cell,))
        return claimed

    def add(self, thing: T) -> None:
        """Stage a new thing."""
        self._must_write()
        key = _key(thing)
        if key in self._new:
            if self._plan.texts.kind.once:
                return
            raise Conflict(kind=self._name, key=key)
        self._new[key] = self._seen[key] = thing

    def save(self, thing: T) -> None:
        """Stage the next state of a loaded thing. Raises TypeError for append-only kinds."""
        self._must_write()
        if not self._plan.texts.kind.versioned:
            raise TypeError(f"{self._name} is append-only")
        key = _key(thing)
        known = self._seen.get(key)
        if known is not None and _version(known) != _version(thing):
            raise Conflict(kind=self._name, key=key)
        if key in self._new:
            self._new[key] = thing
        else:
            if known is not None:
                self._loaded.setdefault(key, known)
            self._changed[key] = thing
        self._seen[key] = thing

    def committed(self, thing: T) -> T:
        """Return a thing with the version it has once what is staged here is committed."""
        if _key(thing) not in self._changed:
            return thing
        raised: Any = thing
        return cast("T", evolve(raised, version=raised.version + 1))

    def flush(self) -> None:
        """Write what is staged: one insert, one update, and the same for each child table."""
        if self._new:
            self._insert(list(self._new.values()))
        if self._changed:
            self._update(sorted(self._changed.values(), key=_key))
        self._new.clear()
        self._changed.clear()

    @property
    def _name(self) -> str:
        return self._plan.texts.kind.cls.__name__

    def _must_write(self) -> None:
        if not self._unit.write:
            raise RuntimeError("this unit of work only reads")

    def _read(self, statement: Statement) -> list[T]:
        return self._decoded(self._rows(statement))

    def _rows(self, statement: Statement) -> Sequence[Sequence[Any]]:
        return self._unit.session.rows(*statement, self._plan.texts.kind.table)

    def _decoded(self, rows: Sequence[Sequence[Any]]) -> list[T]:
        plan = self._plan
        if plan.steady is not None:
            return [self._steady(plan.steady, row) for row in rows]
        if not rows or not plan.children:
            return plan.mapper.decode(rows)
        place = plan.mapper.shape.names.index("id")
        ids = [row[place] for row in rows]
        return plan.mapper.decode(rows, [self._children(i, ids) for i in range(len(plan.children))])

    def _steady(self, kept: Steady, row: Sequence[Any]) -> T:
        key = (self._unit.tenant, row[self._plan.mapper.shape.names.index("id")])
        known = kept.get(key)
        if known is not None and known[0] == row:
            return cast("T", known[1])
        if len(kept) >= KEPT:
            kept.clear()
        thing = self._plan.mapper.decode([row])[0]
        kept[key] = (row, thing)
        return thing

    def _children(self, index: int, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        texts, mapper = self._plan.texts.children[index], self._plan.children[index]
        dialect = self._plan.texts.dialect
        where, place = cell_condition(dialect, sorted({cell_of(key) for key in ids}))
        values = (self._unit.tenant, place, dialect.many(Plain.TEXT, ids))
        rows = self._unit.session.rows(texts.select.format(where), values, texts.table)
        grouped: dict[str, list[Any]] = {key: [] for key in ids}
        things = mapper.decode([row[1:] for row in rows])
        for row, thing in zip(rows, things, strict=True):
            grouped[row[0]].append(thing)
        return [tuple(grouped[key]) for key in ids]

    def _met(self, thing: T) -> T:
        key = _key(thing)
        if key in self._new or key in self._changed:
            return self._seen[key]
        self._seen[key] = thing
        return thing

    def _make(self, things: Sequence[T]) -> set[str]:
        """Insert what is missing; what others are inserting right now is waited for."""
        texts = self._plan.texts
        made = bulk.insert_missing(
            self._unit.session, texts, self._unit.tenant, self._columns(things)
        )
        self._insert_children([thing for thing in things if _key(thing) in made])
        self._seen.update({_key(thing): thing for thing in things if _key(thing) in made})
        return made

    def _relock_all(self, keys: Sequence[str]) -> None:
        for cell in sorted({cell_of(key) for key in keys}):
            here = [key for key in keys if cell_of(key) == cell]
            self._relock(here, self._plan.texts.lock(self._unit.tenant, here, cell))

    def _newer(self, rows: Sequence[Sequence[Any]]) -> dict[str, T]:
        """Decode locked rows; one whose version we have met is as we know it, children included."""
        if not self._plan.texts.kind.versioned:
            return {_key(thing): thing for thing in self._decoded(rows)}
        names = self._plan.mapper.shape.names
        place, version = names.index("id"), names.index("version")
        found, unknown = dict[str, T](), list[Sequence[Any]]()
        for row in rows:
            known = self._seen.get(row[place])
            if known is not None and _version(known) == row[version]:
                found[row[place]] = known
            else:
                unknown.append(row)
        return found | {_key(thing): thing for thing in self._decoded(unknown)}

    def _relock(self, keys: Sequence[str], statement: Statement) -> None:
        found = self._newer(self._rows(statement))
        for key in keys:
            staged, stored = self._changed.get(key), found.get(key)
            if staged is not None:
                if stored is None or _version(stored) != _version(staged):
                    raise Conflict(kind=self._name, key=key)
            elif stored is not None:
                self._seen[key] = stored
            else:
                self._seen.pop(key, None)

    def _columns(self, things: Sequence[T]) -> Columns:
        """Return the columns of a bulk write: the cell first, then what the class holds."""
        columns = self._plan.mapper.encode(things)
        if self._plan.texts.kind.own_cell:
            place = self._plan.mapper.shape.names.index("cell")
            return [columns[place], *columns[:place], *columns[place + 1 :]]
        return [[cell_of(_key(thing)) for thing in things], *columns]

    def _insert(self, things: Sequence[T]) -> None:
        texts = self._plan.texts
        if texts.kind.once:
            # Two units that insert the same effects must meet in the same order.
            things = sorted(things, key=_key)
        bulk.insert(
            self._unit.session,
            texts.dialect,
            texts.insert,
            texts.columns,
            self._unit.tenant,
            self._columns(things),
            texts.kind.table,
        )
        self._insert_children(things)

    def _update(self, things: Sequence[T]) -> None:
        texts, unit = self._plan.texts, self._unit
        bulk.update(unit.session, texts, unit.tenant, self._columns(things))
        for index, child in enumerate(texts.kind.children):
            keys = [_key(thing) for thing in things]
            before = [getattr(self._loaded.get(key), child.attribute, ()) for key in keys]
            after = [getattr(thing, child.attribute) for thing in things]
            self._overwrite(index, keys, before, after)

    def _insert_children(self, things: Sequence[T]) -> None:
        for index, child in enumerate(self._plan.texts.kind.children):
            rows = [
                (_key(thing), position, value)
                for thing in things
                for position, value in enumerate(getattr(thing, child.attribute))
            ]
            self._put(index, rows, self._plan.texts.children[index].insert)

    def _overwrite(
        self,
        index: int,
        keys: Sequence[str],
        before: Sequence[tuple[Any, ...]],
        after: Sequence[tuple[Any, ...]],
    ) -> None:
        """Write the children that differ and cut off those at the end that are gone."""
        texts, unit = self._plan.texts.children[index], self._unit
        rows = [
            (key, position, value)
            for key, old, new in zip(keys, before, after, strict=True)
            for position, value in enumerate(new)
            if position >= len(old) or old[position] != value
        ]
        self._put(index, rows, texts.upsert)
        for key, old, new in zip(keys, before, after, strict=True):
            if len(new) < len(old) or key not in self._loaded:
                scalar = self._plan.texts.dialect.scalar
                numbers = [scalar(Plain.INTEGER, n) for n in (cell_of(key), len(new))]
                values = (unit.tenant, numbers[0], key, numbers[1])
                unit.session.change(texts.trim, values, texts.table)

    def _put(self, index: int, rows: Sequence[tuple[str, int, Any]], text: str) -> None:
        if not rows:
            return
        texts, mapper = self._plan.texts.children[index], self._plan.children[index]
        parents = [row[0] for row in rows]
        columns: Columns = [
            [cell_of(key) for key in parents],
            parents,
            [row[1] for row in rows],
            *mapper.encode([row[2] for row in rows]),
        ]
        dialect = self._plan.texts.dialect
        bulk.insert(
            self._unit.session,
            dialect,
            text,
            texts.columns,
            self._unit.tenant,
            columns,
            texts.table,
        )


def _key(thing: Any) -> str:
    return str(thing.id)


def _version(thing: Any) -> int:
    return int(thing.version)
