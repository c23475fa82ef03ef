"""Wraps failpoints around an application: its transactions, and its calls to the outside.

The life that reaches one whose turn it is kills itself with SIGKILL: no `finally`, no error
handling, no buffer that is flushed, exactly as if somebody outside had done it at that instant.
"""

import hashlib
import os
import re
import signal
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from attrs import define, evolve, field
from sqlalchemy import event

from groupbuy.application.outside import Outside
from groupbuy.application.ports import Ahead
from groupbuy.application.relay import Relay
from groupbuy.entrypoints.bootstrap import App
from tests.support.crash.board import Board
from tests.support.crash.labels import LABELS, SUBJECTS

_PLACES = {label: number for number, label in enumerate(LABELS)}
_WRITTEN = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (?:ONLY )?\"?(\w+)")
_ONE_IN = 2
"""Lives pass a failpoint as often as they die there, so that work also gets behind it."""


class _Here(threading.local):
    """What the transaction of this thread has written so far."""

    def __init__(self) -> None:
        self.written = set[str]()


@define(eq=False)
class Failpoints:
    """The places where one life may die; it passes those that had enough deaths."""

    board: Board
    role: str
    slot: int
    seed: str
    enough: int
    _reached: int = field(default=0, init=False)
    _here: _Here = field(factory=_Here, init=False)

    def reach(self, moment: str, subject: str) -> None:
        """Die here, if this place is in need of a death and chance wants it."""
        place = _PLACES.get(f"{self.role}.{moment}.{subject}")
        if place is None or not self.board.armed or self.board.killed_at(place) >= self.enough:
            return
        self._reached += 1
        drawn = hashlib.sha256(f"{self.seed}/{self._reached}".encode()).digest()
        if drawn[0] % _ONE_IN == 0:
            self.board.dying(self.slot, place)
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(self) -> None:
        """A transaction begins in this thread."""
        self._here.written = set()

    def statement(self, text: str) -> None:
        """A statement is about to be sent."""
        tables = _WRITTEN.findall(text)
        self._here.written.update(tables)
        for table in tables:
            self.reach("change", table)

    def end(self, moment: str) -> None:
        """The transaction is about to be committed, or has been."""
        about = next((each for each in SUBJECTS if each in self._here.written), "")
        self.reach(moment, about)


@define(eq=False)
class _MortalWork:
    """A unit of work that tells the failpoints where it stands."""

    inner: Any
    points: Failpoints

    def __getattr__(self, name: str) -> Any:
        """Do everything else like the unit of work itself."""
        return getattr(self.inner, name)

    def __enter__(self) -> Self:
        """Begin."""
        self.points.begin()
        self.inner.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit or roll back."""
        self.inner.__exit__(kind, error, trace)
        if kind is None:
            self.points.end("committed")


@define(eq=False)
class _MortalCaller:
    """An adapter of the outside; the process that calls may die before and after."""

    inner: Any
    kind: str
    points: Failpoints

    def __getattr__(self, name: str) -> Any:
        """Call, with a failpoint on either side."""
        method = getattr(self.inner, name)
        if not callable(method):
            return method

        def call(*args: Any) -> Any:
            self.points.reach("calling", f"{self.kind}.{name}")
            answer = method(*args)
            self.points.reach("called", f"{self.kind}.{name}")
            return answer

        return call


def mortal(app: App, points: Failpoints) -> App:
    """Return the application as a life with these failpoints has it."""
    begin = app.desk.begin

    def mortal_begin(tenant: str, *, write: bool = True, ahead: Sequence[Ahead] = ()) -> Any:
        return _MortalWork(begin(tenant, write=write, ahead=ahead), points)

    app.database._rules.note = points.statement
    event.listen(app.database.engine, "commit", lambda _: points.end("commit"))
    desk = evolve(app.desk, begin=mortal_begin)
    outside = _mortal_outside(app.outside, points)
    return evolve(app, desk=desk, outside=outside, relay=Relay(desk, outside))


def _mortal_outside(outside: Outside, points: Failpoints) -> Outside:
    def all_of(kind: str, adapters: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _MortalCaller(each, kind, points) for name, each in adapters.items()}

    return Outside(
        all_of("payments", outside.gateways),
        all_of("payouts", outside.payouts),
        all_of("carriers", outside.carriers),
        all_of("notifiers", outside.notifiers),
    )
