"""One connection inside a transaction: runs statements, and says what went wrong in our words."""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from groupbuy.domain.kernel import Conflict, DomainError, Invalid, Refused, Unavailable

_LOST_RACE = {"40001", "40P01", "55P03", "23505"}
"""Serialization failure, deadlock, lock time-out, somebody took the unique key."""
_GONE = ("08", "57P", "53")
"""Connection trouble, shut-down, no room for another connection."""
_CHECK_FAILED = "23514"
_FILE_TROUBLE = ("unable to open", "disk I/O", "database or disk is full")


class Session:
    """What the unit of work speaks through."""

    def __init__(self, connection: Connection) -> None:
        """Speak through this connection."""
        self._connection = connection

    def rows(self, text: str, values: Sequence[Any], about: str) -> Sequence[Sequence[Any]]:
        """Run a statement that returns rows."""
        try:
            return self._connection.exec_driver_sql(text, tuple(values)).fetchall()
        except (SQLAlchemyError, OverflowError, UnicodeError) as error:
            raise translated(error, about) from error

    def change(self, text: str, values: Sequence[Any], about: str) -> int:
        """Run a statement that changes rows; return how many it changed."""
        try:
            return self._connection.exec_driver_sql(text, tuple(values)).rowcount
        except (SQLAlchemyError, OverflowError, UnicodeError) as error:
            raise translated(error, about) from error

    def change_each(self, text: str, rows: list[tuple[Any, ...]], about: str) -> int:
        """Run a statement once per row of values; return how many rows it changed in all."""
        try:
            return self._connection.exec_driver_sql(text, rows).rowcount
        except (SQLAlchemyError, OverflowError, UnicodeError) as error:
            raise translated(error, about) from error


def translated(error: Exception, about: str) -> Exception:
    """Return what an engine's error means to us, or the error itself where it is a defect.

    `Conflict`: somebody was faster. `Unavailable`: the database cannot be reached. `Refused`: a
    CHECK of the table said no. `Invalid`: a value the engine cannot hold.
    """
    if isinstance(error, PoolTimeout):
        return Unavailable(what="database")
    if isinstance(error, OverflowError | UnicodeError):
        return Invalid(field=about, reason="cannot be stored")
    if not isinstance(error, DBAPIError):
        return error
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return _from_sqlite(str(error.orig), about) or _from_driver(error)
    return _from_state(state, error.orig, about) or _from_driver(error)


def _from_state(state: str, cause: BaseException | None, about: str) -> DomainError | None:
    if state in _LOST_RACE:
        return Conflict(kind=about, key="")
    if state == _CHECK_FAILED:
        name = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return Refused(rule=str(name or "check"), about=about)
    if state.startswith(_GONE):
        return Unavailable(what="database")
    return Invalid(field=about, reason="cannot be stored") if state.startswith("22") else None


def _from_sqlite(words: str, about: str) -> DomainError | None:
    if "UNIQUE constraint failed" in words or "database is locked" in words:
        return Conflict(kind=about, key="")
    if "CHECK constraint failed" in words:
        return Refused(rule=words.rpartition(": ")[2], about=about)
    if any(trouble in words for trouble in _FILE_TROUBLE):
        return Unavailable(what="database")
    return None


def _from_driver(error: DBAPIError) -> Exception:
    """Tell a failure to connect, which carries no state, from a defect of ours."""
    cause = error.orig
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable(what="database")
    return Unavailable(what="database") if error.connection_invalidated else error
