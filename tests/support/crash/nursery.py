"""The nursery: one process with everything loaded and built; it forks a life for every death.

`python -m tests.support.crash.nursery BOARD SEED ENOUGH`, with the settings in the environment. It
says on one line where the web is. Its socket outlives every life of the web: whoever connects
between two lives waits for the next one, as behind a supervisor of sockets in production.
"""

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from attrs import define, evolve, field, frozen

from groupbuy.application.ports.system import unmoved
from groupbuy.entrypoints import server, worker
from groupbuy.entrypoints.bootstrap import App, Heard
from groupbuy.entrypoints.http import create_api
from groupbuy.entrypoints.ready import ready_app
from groupbuy.entrypoints.settings import Settings, load
from tests.support.crash.board import Board
from tests.support.crash.failpoints import Failpoints, mortal
from tests.support.postgres import _die_with

WORKERS = 2


@define(eq=False)
class LateSignals:
    """Signals whose thread is started by the life that needs it: threads do not survive a fork."""

    inner: Any
    _waiting: list[tuple[Heard, Callable[[], None]]] | None = field(factory=list, init=False)

    @property
    def listening(self) -> bool:
        """Tell whether signals arrive."""
        return bool(self.inner.listening)

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say what changed."""
        self.inner.publish(tenant, subjects)

    def listen(self, heard: Heard, lost: Callable[[], None] = unmoved) -> Callable[[], None]:
        """Listen, now or from the fork on."""
        if self._waiting is None:
            leave: Callable[[], None] = self.inner.listen(heard, lost)
            return leave
        self._waiting.append((heard, lost))
        return lambda: None

    def wake(self) -> None:
        """Begin to listen for all who asked before the fork."""
        waiting, self._waiting = self._waiting or [], None
        for heard, lost in waiting:
            self.inner.listen(heard, lost)


@frozen
class Cradle:
    """What the lives of one role are forked from."""

    app: App
    points: Failpoints
    signals: LateSignals
    live: Callable[[App], None]

    def wake(self, slot: int, number: int) -> NoReturn:
        """Be a life of that role; never returns."""
        self.points.slot, self.points.seed = slot, f"{self.points.seed}/{number}"
        self.app.database.engine.dispose(close=False)
        self.signals.wake()
        try:
            self.live(self.app)
        finally:
            os._exit(70)


def main() -> None:
    """Keep one web and the workers alive until told to stop."""
    path, seed, enough = sys.argv[1:]
    board, settings = Board(Path(path)), load()
    with server._listening(settings) as listener:
        listener.listen(server.BACKLOG)
        host, port = listener.getsockname()[:2]
        bound = evolve(settings, http=evolve(settings.http, port=port))

        def cradle(role: str, live: Callable[[App], Callable[[App], None]]) -> Cradle:
            points = Failpoints(board, role, 0, f"{seed}/{role}", int(enough))
            return _cradle(bound, points, live)

        cradles = [cradle("web", lambda app: _web(app, listener))]
        cradles += [cradle("worker", lambda _: _work)] * WORKERS
        gc.collect()
        gc.freeze()
        sys.stdout.write(json.dumps({"nursery": f"http://{host}:{port}"}) + "\n")
        sys.stdout.flush()
        _watch_over(board, cradles)


def _cradle(
    settings: Settings, points: Failpoints, live: Callable[[App], Callable[[App], None]]
) -> Cradle:
    app = ready_app(settings)
    late = LateSignals(app.signals._signals)
    app.signals._signals = late
    made = mortal(app, points)
    living = live(made)
    app.database.engine.dispose()
    return Cradle(made, points, late, living)


def _web(app: App, listener: socket.socket) -> Callable[[App], None]:
    api = create_api(app)
    config = server._config(api, app.settings)

    def live(_app: App) -> None:
        server._Server(config, lambda: None).run(sockets=[listener])

    return live


def _work(app: App) -> None:
    worker.run(app, ready=lambda: None)


def _watch_over(board: Board, cradles: Sequence[Cradle]) -> None:
    """Fork a new life whenever one has ended; when told to stop, let nobody live on."""
    lives: dict[int, int] = {}

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit

    signal.signal(signal.SIGTERM, stop)
    try:
        for slot in range(len(cradles)):
            lives[_fork(board, slot, cradles[slot])] = slot
        while True:
            pid, status = os.wait()
            slot = lives.pop(pid)
            board.ended(slot, killed=os.waitstatus_to_exitcode(status) == -signal.SIGKILL)
            lives[_fork(board, slot, cradles[slot])] = slot
    finally:
        for pid in lives:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _fork(board: Board, slot: int, cradle: Cradle) -> int:
    number, parent = board.begun(slot), os.getpid()
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if bind := _die_with(parent):
            bind()
        cradle.wake(slot, number)
    return pid


if __name__ == "__main__":
    main()
