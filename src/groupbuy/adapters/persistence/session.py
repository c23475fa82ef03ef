"""One connection inside a transaction: runs statements, and says what went wrong in our words."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, count
from typing import Any

import psycopg
from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from groupbuy.domain.kernel import Conflict, DomainError, Invalid, Refused, Unavailable

_LOST_RACE = {"40001", "40P01", "55P03", "23505"}
"""Serialization failure, deadlock, lock time-out, somebody took the unique key."""
_PERIOD_CLOSED = "GB001"
"""The trigger of the first revision: with the clock read again, it is booked into the open one."""
_GONE = ("08", "57P", "53")
"""Connection trouble, shut-down, no room for another connection."""
_CHECK_FAILED = "23514"
_MARK = re.compile("%[s%]")
_FILE_TROUBLE = ("unable to open", "disk I/O", "database or disk is full")


Statement = tuple[str, tuple[Any, ...]]
"""Text and parameters."""


class Session:
    """What the unit of work speaks through.

    On PostgreSQL it speaks to the driver itself, inside the transaction that SQLAlchemy's
    connection has begun: a statement costs half, and changes can travel together.
    """

    def __init__(self, connection: Connection, note: Callable[[str], None]) -> None:
        """Speak through this connection; `note` is told of every statement."""
        self._connection = connection
        self._note = note
        raw: Any = connection.connection.dbapi_connection
        self._driver: psycopg.Connection[Any] | None = None
        if isinstance(raw, psycopg.Connection):
            self._driver = raw
        self._sent: list[tuple[psycopg.Cursor[Any], int | None, DomainError]] = []
        self._queueing = False
        self._appended: list[Statement] = []
        self._ahead: dict[Statement, psycopg.Cursor[Any]] = {}

    def open(self, opening: Statement, ahead: Sequence[Statement]) -> None:
        """Begin; on the way send what will be asked for, to have its answers all at once."""
        if self._driver is None:
            self._run(*opening, "begin")
            return
        try:
            if not (ahead and opening[1]):
                self._execute(self._driver, *opening)
            if not ahead:
                return
            with self._driver.pipeline():
                if opening[1]:  # several commands in one text do not travel with others
                    self._execute(self._driver, *opening)
                for statement in ahead:
                    self._ahead[statement] = self._execute(self._driver, *statement)
        except (psycopg.Error, UnicodeError) as error:
            raise self._translated(error, "begin") from error

    def rows(self, text: str, values: Sequence[Any], about: str) -> Sequence[Sequence[Any]]:
        """Run a statement that returns rows."""
        if self._driver is None:
            return self._run(text, tuple(values), about).fetchall()
        if self._ahead and (known := self._ahead.pop((text, tuple(values)), None)) is not None:
            return known.fetchall()
        try:
            return self._execute(self._driver, text, values).fetchall()
        except (psycopg.Error, UnicodeError) as error:
            raise self._translated(error, about) from error

    def change(self, text: str, values: Sequence[Any], about: str, rows: int | None = None) -> None:
        """Run a statement that changes rows. Raises Conflict if they are not so many.

        Inside `together` it may be raised at the end only.
        """
        if self._driver is None:
            _expect(self._run(text, tuple(values), about).rowcount, rows, _conflict(about))
            return
        try:
            cursor = self._execute(self._driver, text, values)
        except (psycopg.Error, UnicodeError) as error:
            raise self._translated(error, about) from error
        if self._queueing:
            self._sent.append((cursor, rows, _conflict(about)))
        else:
            _expect(cursor.rowcount, rows, _conflict(about))

    def append(self, text: str, values: tuple[Any, ...], about: str) -> None:
        """Run an insert of rows that nobody else can have; inside `together` all in one statement.

        In which order the tables are written is then up to the engine: nothing for an insert
        that locks rows which exist.
        """
        if self._queueing:
            self._appended.append((text, values))
        else:
            self.change(text, values, about)

    def change_each(
        self, text: str, many: list[tuple[Any, ...]], about: str, rows: int | None = None
    ) -> None:
        """Run a statement once per row of values. Raises Conflict unless they change so many."""
        _expect(self._run(text, many, about).rowcount, rows, _conflict(about))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send the changes made inside without waiting for each answer; check them at the end."""
        if self._driver is None:
            yield
            return
        self._queueing = True
        try:
            with self._driver.pipeline():
                yield
                self._append_all()
        except psycopg.Error as error:
            table = getattr(getattr(error, "diag", None), "table_name", None)
            raise self._translated(error, table or "write") from error
        finally:
            self._queueing, sent, self._sent, self._appended = False, self._sent, [], []
        for cursor, rows, conflict in sent:
            _expect(cursor.rowcount, rows, conflict)

    def _append_all(self) -> None:
        if not self._appended:
            return
        text = _as_one(tuple(text for text, _ in self._appended))
        self.change(text, tuple(chain.from_iterable(v for _, v in self._appended)), "write")

    def _execute(
        self, driver: "psycopg.Connection[Any]", text: str, values: Sequence[Any]
    ) -> "psycopg.Cursor[Any]":
        self._note(text)
        return psycopg.RawCursor(driver).execute(_numbered(text), values or None)

    def _run(
        self, text: str, values: tuple[Any, ...] | list[tuple[Any, ...]], about: str
    ) -> CursorResult[Any]:
        try:
            return self._connection.exec_driver_sql(text, values)
        except (SQLAlchemyError, OverflowError, UnicodeError) as error:
            raise translated(error, about) from error

    def _translated(self, error: Exception, about: str) -> Exception:
        if self._driver is not None and self._driver.closed:
            self._connection.invalidate(error)  # the pool must not lend it again
        return translated(error, about)


@lru_cache(512)
def _as_one(texts: tuple[str, ...]) -> str:
    *others, last = texts
    named = ", ".join(f"a{n} AS ({text})" for n, text in enumerate(others))
    return f"WITH {named} {last}" if others else last


@lru_cache(2048)
def _numbered(text: str) -> bytes:
    """Spell the placeholders as the protocol does; the driver would look for them every time."""
    numbers = count(1)
    return _MARK.sub(lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", text).encode()


def _conflict(about: str) -> DomainError:
    return Conflict(kind=about, key="")


def _expect(changed: int, rows: int | None, otherwise: DomainError) -> None:
    if rows is not None and changed != rows:
        raise otherwise


def translated(error: Exception, about: str) -> Exception:
    """Return what an engine's error means to us, or the error itself where it is a defect.

    `Conflict`: somebody was faster. `Unavailable`: the database cannot be reached. `Refused`: a
    CHECK of the table said no. `Invalid`: a value the engine cannot hold.
    """
    if isinstance(error, PoolTimeout):
        return Unavailable(what="database")
    if isinstance(error, OverflowError | UnicodeError):
        return Invalid(field=about, reason="cannot be stored")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(error, DBAPIError | psycopg.Error):
        return error
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return _from_sqlite(str(cause), about) or _from_driver(error)
    return _from_state(state, cause, about) or _from_driver(error)


def _from_state(state: str, cause: BaseException | None, about: str) -> DomainError | None:
    if state in _LOST_RACE:
        return Conflict(kind=about, key="")
    if state == _PERIOD_CLOSED:
        return Conflict(kind="closed_period", key="")
    if state == _CHECK_FAILED:
        name = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return Refused(rule=str(name or "check"), about=about)
    if state.startswith(_GONE):
        return Unavailable(what="database")
    return Invalid(field=about, reason="cannot be stored") if state.startswith("22") else None


def _from_sqlite(words: str, about: str) -> DomainError | None:
    if "UNIQUE constraint failed" in words or "database is locked" in words:
        return Conflict(kind=about, key="")
    if "the period is closed" in words:
        return Conflict(kind="closed_period", key="")
    if "CHECK constraint failed" in words:
        return Refused(rule=words.rpartition(": ")[2], about=about)
    if any(trouble in words for trouble in _FILE_TROUBLE):
        return Unavailable(what="database")
    return None


def _from_driver(error: DBAPIError | psycopg.Error) -> Exception:
    """Tell a failure to connect, which carries no state, from a defect of ours."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable(what="database")
    gone = isinstance(error, DBAPIError) and error.connection_invalidated
    return Unavailable(what="database") if gone else error
