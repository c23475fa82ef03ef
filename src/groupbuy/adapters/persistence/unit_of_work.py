"""One transaction for one tenant. The only file that commits."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from attrs import define, field
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.events import EventIds
from groupbuy.adapters.persistence.idempotency import Keys
from groupbuy.adapters.persistence.searching import SqlIndex
from groupbuy.adapters.persistence.session import Session, Statement, translated
from groupbuy.adapters.persistence.store import Plan, SqlStore
from groupbuy.adapters.persistence.tenants import Cells
from groupbuy.application.lock_order import LockWatch
from groupbuy.application.ports.persistence import Ahead, Answer, KeyClaim, LoggedEvent
from groupbuy.domain.kernel import Event

T = TypeVar("T")


@define(eq=False)
class Rules:
    """What all units of work of one database share."""

    plans: Mapping[type, Plan[Any]]
    """By class, in the order in which tables are written."""
    keys: Keys
    lock_order: Sequence[type]
    event_ids: EventIds
    opening: Callable[[Connection, str, bool], Statement]
    """Begins a transaction for a tenant, writing or only reading."""
    connect: Callable[[], Connection]
    turn: Callable[[bool], AbstractContextManager[object]]
    """Waits for a writer's turn, where the engine has only one."""
    cells: Cells
    """Remembers how many cells each tenant has."""
    note: Callable[[str], None]
    """Told of every statement that goes past the engine."""


@define(eq=False)
class SqlUnitOfWork:
    """Stages everything and writes it at the end, one statement a table."""

    _rules: Rules
    tenant: str
    write: bool
    _expected: Sequence[Ahead] = ()
    watch: LockWatch = field(init=False)
    _stores: dict[type, SqlStore[Any]] = field(factory=dict, init=False)
    _guarded: set[KeyClaim] = field(factory=set, init=False)
    """Keys to be inserted with their answers."""
    _answers: list[tuple[Mapping[KeyClaim, Answer], datetime]] = field(factory=list, init=False)
    _connection: Connection | None = field(default=None, init=False)
    _session: Session | None = field(default=None, init=False)
    _turn: AbstractContextManager[object] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Watch the lock order from the start."""
        self.watch = LockWatch(self._rules.lock_order)

    @property
    def locked(self) -> list[type]:
        """The kinds locked so far, in order, for tests of the lock order."""
        return self.watch.locked

    @property
    def cells(self) -> Sequence[int]:
        """The cells of the tenant."""
        return self._rules.cells.of(self.session, self.tenant)

    @property
    def session(self) -> Session:
        """The open connection. Raises RuntimeError outside `with`."""
        if self._session is None:
            raise RuntimeError("a unit of work is used inside `with`")
        return self._session

    def of(self, kind: type[T]) -> SqlStore[T]:
        """Return the store of one kind of thing."""
        found = self._stores.get(kind)
        if found is None:
            plan = self._rules.plans.get(kind)
            if plan is None:
                raise RuntimeError(f"{kind.__name__} is not stored")
            found = self._stores[kind] = SqlStore(plan, self)
        return cast("SqlStore[T]", found)

    def claim_keys(
        self, claims: Sequence[KeyClaim], *, guarded: bool = False
    ) -> Mapping[KeyClaim, Answer]:
        """Insert the keys, sorted; return the stored answers of those that existed already."""
        if not self.write:
            raise RuntimeError("this unit of work only reads")
        if not claims:
            return {}
        if guarded:
            self._guarded.update(claims)
            return self._rules.keys.recall(self.session, self.tenant, claims)
        self.watch.enter(KeyClaim)
        return self._rules.keys.claim(self.session, self.tenant, claims)

    def answer_keys(self, answers: Mapping[KeyClaim, Answer], now: datetime) -> None:
        """Stage the answers to be stored with their keys."""
        if answers:
            self._answers.append((dict(answers), now))

    def emit(self, events: Iterable[Event]) -> None:
        """Stage events for the append-only log, in order."""
        log = self.of(LoggedEvent)
        for event in events:
            key = self._rules.event_ids.next(event)
            log.add(LoggedEvent(key, event.at, event.name, event.subject, event.data))

    def search(self) -> SqlIndex:
        """Return the index over what this tenant sells, as it is committed."""
        return SqlIndex(self.session, self._rules.keys.dialect, self.tenant)

    def __enter__(self) -> Self:
        """Begin. Raises Unavailable."""
        self._turn = self._rules.turn(self.write)
        self._turn.__enter__()
        try:
            self._connection = self._rules.connect()
            opening = self._rules.opening(self._connection, self.tenant, self.write)
            self._session = Session(self._connection, self._rules.note)
            self._session.open(opening, self._ahead())
        except SQLAlchemyError as error:
            self._leave()
            raise translated(error, "begin") from error
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write everything staged and commit, or roll back. Raises Conflict."""
        try:
            if kind is None:
                self._finish()
        finally:
            self._leave()

    def _finish(self) -> None:
        if self._connection is None:
            raise RuntimeError("a unit of work is used inside `with`")
        if self.write:
            with self.session.together():
                for answers, now in self._answers:
                    self._answer(answers, now)
                for store in self._in_order():
                    store.flush()
        try:
            self._connection.commit()
        except SQLAlchemyError as error:
            raise translated(error, "commit") from error

    def _ahead(self) -> list[Statement]:
        found = list[Statement]()
        for each in self._expected:
            if each.kind is not None:
                found += self.of(each.kind).statements(each)
            if each.claims:
                found.append(self._rules.keys.recalling(self.tenant, each.claims))
        return found

    def _answer(self, answers: Mapping[KeyClaim, Answer], now: datetime) -> None:
        keys, session = self._rules.keys, self.session
        fresh = {claim: said for claim, said in answers.items() if claim in self._guarded}
        claimed = {claim: said for claim, said in answers.items() if claim not in self._guarded}
        if fresh:
            keys.keep(session, self.tenant, fresh, now)
        if claimed:
            keys.answer(session, self.tenant, claimed, now)

    def _in_order(self) -> Iterator[SqlStore[Any]]:
        for kind in self._rules.plans:
            if (store := self._stores.get(kind)) is not None:
                yield store

    def _leave(self) -> None:
        """Give everything back; whatever was not committed is undone by closing."""
        connection, self._connection, self._session = self._connection, None, None
        if connection is not None:
            # A broken connection cannot roll back and need not: its server already has.
            with suppress(SQLAlchemyError):
                connection.close()
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.__exit__(None, None, None)
