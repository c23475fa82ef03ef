"""Storage in our own words. One unit of work is one transaction for one tenant."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from attrs import evolve, field, frozen

from groupbuy.application.ports.search import SearchIndex
from groupbuy.domain.kernel import Event

T = TypeVar("T")


@frozen
class Query:
    """Which things of one kind, in which order, and how many. Built by chaining.

    Names are attribute names of the kind. Only indexed combinations are fast; the tables say
    which. A query sees what is committed, not what this unit of work has only staged.
    """

    equals: tuple[tuple[str, Any], ...] = ()
    one_of: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    from_: tuple[tuple[str, Any], ...] = ()
    until: tuple[tuple[str, Any], ...] = ()
    order: str = "id"
    """Attribute to sort by, `-` in front for descending; ties go by id, the same way."""
    limit: int = 100
    after: tuple[Any, str] | None = None
    """(value of the order attribute, id) of the last thing already seen."""
    skip_locked: bool = False
    """Lock what is found and leave out what somebody else has locked (claiming due work)."""

    def where(self, **equals: object) -> "Query":
        """Keep things whose attributes equal these values (None means absent)."""
        return evolve(self, equals=(*self.equals, *equals.items()))

    def among(self, name: str, values: Iterable[object]) -> "Query":
        """Keep things whose attribute is one of these values."""
        return evolve(self, one_of=(*self.one_of, (name, tuple(values))))

    def since(self, name: str, bound: object) -> "Query":
        """Keep things whose attribute is at least `bound`."""
        return evolve(self, from_=(*self.from_, (name, bound)))

    def before(self, name: str, bound: object) -> "Query":
        """Keep things whose attribute is less than `bound`."""
        return evolve(self, until=(*self.until, (name, bound)))

    def sorted(self, order: str) -> "Query":
        """Sort by that attribute, `-name` for descending."""
        return evolve(self, order=order)

    def page(self, limit: int, after: tuple[Any, str] | None = None) -> "Query":
        """Return at most `limit` things, those behind `after`."""
        return evolve(self, limit=limit, after=after)

    def claiming(self) -> "Query":
        """Lock what is found, leaving out what is locked already."""
        return evolve(self, skip_locked=True)


class Versions(Protocol[T]):
    """Knows which version a thing will have: an answer is rendered before its commit."""

    def committed(self, thing: T) -> T:
        """Return a thing with the version it has once what is staged here is committed."""
        ...


class Store(Versions[T], Protocol[T]):
    """All things of one kind that belong to the tenant of the unit of work.

    Things are frozen; `add` and `save` only stage them, and everything staged is written by the
    commit, one multi-row statement per table. A thing with a `version` is written only if the
    stored version is still the loaded one (Conflict otherwise) and comes back one higher.
    Things without a version are append-only: `save` refuses them.
    """

    def get(self, key: str) -> T:
        """Return one thing, as staged here or as committed. Raises NotFound."""
        ...

    def find(self, keys: Iterable[str]) -> dict[str, T]:
        """Return those that exist, by key, without locking."""
        ...

    def lock(self, keys: Iterable[str], create: Callable[[str], T] | None = None) -> dict[str, T]:
        """Lock and return those that exist, by key, in key order, until the end of the unit.

        With `create`, missing ones are made first; two units that make the same one meet at the
        lock. Kinds must be locked in `LOCK_ORDER`; anything else is a programming error.
        """
        ...

    def select(self, query: Query) -> list[T]:
        """Return what a query finds."""
        ...

    def add(self, thing: T) -> None:
        """Stage a new thing. For a `Task` whose key exists already, nothing happens."""
        ...

    def save(self, thing: T) -> None:
        """Stage the next state of a loaded thing."""
        ...


@frozen
class Answer:
    """What a command answered, kept with its idempotency key."""

    ok: bool
    body: str
    """The rendered result, or the refusal, exactly as it was sent."""


@frozen
class KeyClaim:
    """An idempotency key as the caller sent it."""

    scope: str
    """Caller and route: keys of different callers never meet."""
    key: str
    input_hash: str


class Transaction(Protocol):
    """What begins and ends."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        """Write everything staged and commit, or roll back. Raises Conflict."""
        ...


class UnitOfWork(Transaction, Protocol):
    """`with begin(tenant) as tx:` commits on a clean exit and rolls back on any exception."""

    def of(self, kind: type[T]) -> Store[T]:
        """Return the store of one kind of thing."""
        ...

    def claim_keys(
        self, claims: Sequence[KeyClaim], *, guarded: bool = False
    ) -> Mapping[KeyClaim, Answer]:
        """Insert the keys, sorted; return the stored answers of those that existed already.

        A key somebody else is inserting is waited for. Raises KeyReused if a key came earlier
        with another input hash, Conflict if the other one has not answered.

        `guarded` keys are only looked at, and inserted together with their answers at the end:
        for a caller who holds a lock that everybody else with these keys needs. Should somebody
        insert one all the same, the commit raises Conflict.
        """
        ...

    def answer_keys(self, answers: Mapping[KeyClaim, Answer], now: datetime) -> None:
        """Stage the answers to be stored with their keys."""
        ...

    def emit(self, events: Iterable[Event]) -> None:
        """Stage events for the append-only log, in order."""
        ...

    def search(self) -> SearchIndex:
        """Return the index over what this tenant sells, as it is committed."""
        ...


@frozen
class Ahead:
    """A reading that a unit of work is known to begin with: locks, finds, a query, guarded keys.

    Only advice: storage may carry out all of them on the way in, in this order, and has the answer
    when the same is asked for. What is asked for otherwise is simply read then.
    """

    kind: type | None = None
    keys: tuple[str, ...] = ()
    lock: bool = False
    query: Query | None = None
    claims: tuple[KeyClaim, ...] = ()


class Begin(Protocol):
    """Opens units of work."""

    def __call__(
        self, tenant: str, *, write: bool = True, ahead: Sequence[Ahead] = ()
    ) -> UnitOfWork:
        """Return a unit of work for one tenant; readers (`write=False`) never block writers."""
        ...


@frozen
class Task:
    """A row of the outbox: something to do once this transaction is committed.

    `id` is the effect key (`topic/subject`, or with a discriminator): staging the same effect
    twice leaves one row. A worker claims due tasks for a while; `token` fences off a worker that
    lost its claim.
    """

    id: str
    topic: str
    subject: str
    due_at: datetime
    data: Mapping[str, str] = field(factory=dict)
    state: str = "pending"
    """pending | done | parked (needs an operator)"""
    attempts: int = 0
    claimed_until: datetime | None = None
    token: str = ""
    last_error: str = ""
    created_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 0


@frozen
class AuditRow:
    """Who did what to whose money or role, and why. Append-only."""

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    channel: str
    request_id: str
    facts: Mapping[str, str] = field(factory=dict)


@frozen
class LoggedEvent:
    """An event as it stands in the append-only log."""

    id: str
    at: datetime
    name: str
    subject: str
    data: Mapping[str, object] = field(factory=dict)
