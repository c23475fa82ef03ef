"""Serves the web: one process, or several behind one socket; the worker may run beside it."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from attrs import evolve
from litestar import Litestar
from uvicorn.supervisors import Multiprocess

from groupbuy.domain.kernel import Invalid, Unavailable
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.garbage import collect_rarely
from groupbuy.entrypoints.http import create_api
from groupbuy.entrypoints.ready import ready_app
from groupbuy.entrypoints.settings import CONFIG_VARIABLE, Settings, load, variable
from groupbuy.entrypoints.worker import Worker

BACKLOG = 2048
"""Connections that may wait to be accepted."""

Announce = Callable[[str], None]
"""Told the address once connections are taken."""


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def application() -> Litestar:
    """Build the web application of a child process from its environment."""
    api = create_api(ready_app(load()))
    collect_rarely()
    return api


def serve(settings: Settings, *, config: str, worker: bool, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT, then finish open requests and due work that was begun.

    `config` is the file the settings came from, for child processes. Port 0 takes a free one.
    Raises Invalid where the settings cannot be served, Unavailable if it does not start.
    """
    if settings.sqlite_path is not None and settings.http.workers > 1:
        raise Invalid(field="http.workers", reason="a SQLite file is served by one process")
    with _listening(settings) as listener:
        host, port = listener.getsockname()[:2]
        bound = evolve(settings, http=evolve(settings.http, port=port))
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        app = ready_app(bound)
        try:
            with _working(app, on=worker):
                if bound.http.workers > 1:
                    _several(bound, config, listener, lambda: announce(url))
                else:
                    _one(app, listener, lambda: announce(url))
        finally:
            app.close()


def _one(app: App, listener: socket.socket, ready: Callable[[], None]) -> None:
    server = _Server(_config(create_api(app), app.settings), ready)
    collect_rarely()
    # uvicorn raises the signal again once it has shut down: there is still work to put away.
    with _signals_ignored():
        server.run(sockets=[listener])
    if not server.started:
        raise Unavailable(what="server")


def _several(
    settings: Settings, config: str, listener: socket.socket, ready: Callable[[], None]
) -> None:
    """Run child processes; they read the settings again, from the same file and environment."""
    if config:
        os.environ[CONFIG_VARIABLE] = config
    os.environ[variable("http.host")] = settings.http.host
    os.environ[variable("http.port")] = str(settings.http.port)
    target = f"{__name__}:{application.__name__}"
    # Connections made before a child is up wait in the backlog of the socket.
    listener.listen(BACKLOG)
    with _signals_ignored():
        supervisor = Multiprocess(_config(target, settings), sockets=[listener])
        ready()
        supervisor.run()


def _config(app: Litestar | str, settings: Settings) -> uvicorn.Config:
    http = settings.http
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=http.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        backlog=BACKLOG,
        timeout_graceful_shutdown=http.graceful_seconds,
    )


@contextmanager
def _working(app: App, *, on: bool) -> Iterator[None]:
    """Run the worker beside the server; it is stopped after the last request."""
    if not on:
        yield
        return
    worker = Worker(app)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    host, port = settings.http.host, settings.http.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    with listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        except OSError as error:
            raise Invalid(field="http.port", reason=f"cannot listen on {host}:{port}") from error
        yield listener


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Let SIGTERM and SIGINT mean "stop" to the server and nothing else."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [(number, signal.signal(number, lambda *_: None)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
