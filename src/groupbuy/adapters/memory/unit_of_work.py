"""One buffered transaction: nothing is seen by others before it is checked and published."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar, cast

from attrs import define, evolve, field, frozen

from groupbuy.adapters.memory.queries import answer
from groupbuy.adapters.memory.searching import MemoryIndex
from groupbuy.application.lock_order import LockWatch
from groupbuy.application.ports.persistence import (
    Answer,
    KeyClaim,
    LoggedEvent,
    Query,
)
from groupbuy.application.storage_rules import ONCE
from groupbuy.domain.kernel import Conflict, Event, KeyReused, NotFound

T = TypeVar("T")


@frozen
class StoredKey:
    """An idempotency key as it stands in storage."""

    input_hash: str
    answer: Answer | None = None
    answered_at: datetime | None = None


@define(eq=False)
class Changes:
    """What one unit of work wants to be true, and what it relies on."""

    new: dict[tuple[type, str], Any] = field(factory=dict)
    changed: dict[tuple[type, str], Any] = field(factory=dict)
    relied_on: dict[tuple[type, str], Any] = field(factory=dict)
    """What was locked, as it was then; None where it did not exist."""
    keys: dict[tuple[str, str], StoredKey] = field(factory=dict)
    claimed: set[tuple[str, str]] = field(factory=set)
    """Idempotency keys that did not exist when they were claimed."""


class Shelf(Protocol):
    """The database behind a unit of work."""

    lock_order: Sequence[type]

    def stored(self, tenant: str, kind: type, keys: Iterable[str]) -> dict[str, Any]:
        """Return committed things by id."""
        ...

    def every(self, tenant: str, kind: type) -> list[Any]:
        """Return all committed things of a kind."""
        ...

    def stored_key(self, tenant: str, scope: str, key: str) -> StoredKey | None:
        """Return a committed idempotency key."""
        ...

    def event_id(self, event: Event) -> str:
        """Return an id that sorts behind all earlier ones."""
        ...

    def publish(self, tenant: str, changes: Changes) -> None:
        """Check and apply changes at once. Raises Conflict and applies nothing."""
        ...


@define(eq=False)
class MemoryStore(Generic[T]):
    """The `Store` port over a dictionary."""

    _kind: type[T]
    _unit: "MemoryUnitOfWork"
    _seen: dict[str, T] = field(factory=dict, init=False)

    def get(self, key: str) -> T:
        """Return one thing, as staged here or as committed. Raises NotFound."""
        found = self.find([key]).get(key)
        if found is None:
            raise NotFound(kind=self._kind.__name__, key=key)
        return found

    def find(self, keys: Iterable[str]) -> dict[str, T]:
        """Return those that exist, by key, without locking."""
        wanted = sorted(set(keys))
        if missing := [key for key in wanted if key not in self._seen]:
            self._seen |= self._unit.shelf.stored(self._unit.tenant, self._kind, missing)
        return {key: self._seen[key] for key in wanted if key in self._seen}

    def lock(self, keys: Iterable[str], create: Callable[[str], T] | None = None) -> dict[str, T]:
        """Return those that exist; the commit fails if anybody changed them meanwhile."""
        changes = self._unit.writing()
        wanted = sorted(set(keys))
        fresh = self._unit.watch.fresh(self._kind, wanted)
        fresh = [key for key in fresh if (self._kind, key) not in changes.new]
        stored = self._unit.shelf.stored(self._unit.tenant, self._kind, fresh)
        for key in fresh:
            self._relock(key, stored.get(key), create)
        return {key: self._seen[key] for key in wanted if key in self._seen}

    def select(self, query: Query) -> list[T]:
        """Return what a query finds in the committed state, each as staged here if it is."""
        found = answer(query, self._unit.shelf.every(self._unit.tenant, self._kind))
        if query.skip_locked:
            self._claim(found)
        return [self._met(thing) for thing in found]

    def add(self, thing: T) -> None:
        """Stage a new thing."""
        changes = self._unit.writing()
        place = (self._kind, _key(thing))
        if place in changes.new:
            if self._kind in ONCE:
                return
            raise Conflict(kind=self._kind.__name__, key=_key(thing))
        changes.new[place] = self._seen[_key(thing)] = thing

    def save(self, thing: T) -> None:
        """Stage the next state of a loaded thing. Raises TypeError for append-only kinds."""
        changes = self._unit.writing()
        if not hasattr(thing, "version"):
            raise TypeError(f"{self._kind.__name__} is append-only")
        key = _key(thing)
        known = self._seen.get(key)
        if known is not None and _version(known) != thing.version:
            raise Conflict(kind=self._kind.__name__, key=key)
        place = (self._kind, key)
        (changes.new if place in changes.new else changes.changed)[place] = thing
        self._seen[key] = thing

    def committed(self, thing: T) -> T:
        """Return a thing with the version it has once what is staged here is committed."""
        if (self._kind, _key(thing)) not in self._unit.changes.changed:
            return thing
        raised: Any = thing
        return cast("T", evolve(raised, version=raised.version + 1))

    def _relock(self, key: str, stored: T | None, create: Callable[[str], T] | None) -> None:
        changes = self._unit.writing()
        place = (self._kind, key)
        changes.relied_on[place] = stored
        staged = changes.changed.get(place)
        if staged is not None:
            if stored is None or _version(stored) != _version(staged):
                raise Conflict(kind=self._kind.__name__, key=key)
        elif stored is not None:
            self._seen[key] = stored
        elif create is not None:
            changes.new[place] = self._seen[key] = create(key)
        else:
            self._seen.pop(key, None)

    def _claim(self, found: Sequence[T]) -> None:
        changes = self._unit.writing()
        self._unit.watch.enter(self._kind)
        self._unit.watch.note(self._kind, map(_key, found))
        for thing in found:
            changes.relied_on[self._kind, _key(thing)] = thing

    def _met(self, thing: T) -> T:
        changes, place = self._unit.changes, (self._kind, _key(thing))
        if place in changes.new or place in changes.changed:
            return self._seen[_key(thing)]
        self._seen[_key(thing)] = thing
        return thing


@define(eq=False)
class MemoryUnitOfWork:
    """Buffers what is staged until the end."""

    shelf: Shelf
    tenant: str
    write: bool
    watch: LockWatch = field(init=False)
    changes: Changes = field(factory=Changes, init=False)
    _stores: dict[type, MemoryStore[Any]] = field(factory=dict, init=False)
    _is_open: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Watch the lock order from the start."""
        self.watch = LockWatch(self.shelf.lock_order)

    @property
    def locked(self) -> list[type]:
        """The kinds locked so far, in order, for tests of the lock order."""
        return self.watch.locked

    def of(self, kind: type[T]) -> MemoryStore[T]:
        """Return the store of one kind of thing."""
        if kind not in self._stores:
            self._stores[kind] = MemoryStore(kind, self)
        return cast("MemoryStore[T]", self._stores[kind])

    def claim_keys(
        self, claims: Sequence[KeyClaim], *, guarded: bool = False
    ) -> Mapping[KeyClaim, Answer]:
        """Stage the keys; return the stored answers of those that existed already."""
        changes = self.writing()
        if not claims:
            return {}
        if not guarded:
            self.watch.enter(KeyClaim)
        answers = {}
        for claim in sorted(set(claims), key=lambda c: (c.scope, c.key)):
            place = (claim.scope, claim.key)
            stored = changes.keys.get(place) or self.shelf.stored_key(self.tenant, *place)
            if stored is None:
                changes.claimed.add(place)
                if not guarded:
                    changes.keys[place] = StoredKey(claim.input_hash)
            elif stored.input_hash != claim.input_hash:
                raise KeyReused(key=claim.key)
            elif stored.answer is None:
                raise Conflict(kind="idempotency_key", key=claim.key)
            else:
                answers[claim] = stored.answer
        return answers

    def answer_keys(self, answers: Mapping[KeyClaim, Answer], now: datetime) -> None:
        """Stage the answers to be stored with their keys."""
        changes = self.writing()
        for claim, said in answers.items():
            changes.keys[claim.scope, claim.key] = StoredKey(claim.input_hash, said, now)

    def emit(self, events: Iterable[Event]) -> None:
        """Stage events for the append-only log, in order."""
        log = self.of(LoggedEvent)
        for event in events:
            key = self.shelf.event_id(event)
            log.add(LoggedEvent(key, event.at, event.name, event.subject, event.data))

    def search(self) -> MemoryIndex:
        """Return the index over what this tenant sells, as it is committed."""
        return MemoryIndex(self.shelf, self.tenant)

    def writing(self) -> Changes:
        """Return what is staged. Raises RuntimeError in a reader and outside `with`."""
        if not self.write:
            raise RuntimeError("this unit of work only reads")
        if not self._is_open:
            raise RuntimeError("a unit of work is used inside `with`")
        return self.changes

    def __enter__(self) -> Self:
        """Begin."""
        self._is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Publish everything staged, or forget it. Raises Conflict."""
        self._is_open = False
        if kind is None and self.write:
            self.shelf.publish(self.tenant, self.changes)


def _key(thing: Any) -> str:
    return str(thing.id)


def _version(thing: Any) -> int:
    return int(thing.version)
