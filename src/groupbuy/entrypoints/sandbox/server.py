"""Serves the sandbox: as a program of its own, or beside a demo or a test."""

import json
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Event, Thread

import uvicorn
from litestar import Litestar

from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import Invalid, Unavailable
from groupbuy.domain.payments import RefundLimits
from groupbuy.entrypoints.sandbox.app import create_sandbox
from groupbuy.entrypoints.sandbox.journal import LIMITS

START_SECONDS = 30
"""How long a server beside us may take to start."""


class _Server(uvicorn.Server):
    """Says when it is ready, which is after it started to listen."""

    def __init__(self, app: Litestar, listener: socket.socket) -> None:
        """Serve on a socket that is already bound, so that its port is known."""
        super().__init__(
            uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
        )
        self.ready = Event()
        host, port = listener.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self.announce = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if not self.started:
            return
        self.ready.set()
        if self.announce:
            sys.stdout.write(json.dumps({"sandbox": self.url}) + "\n")
            sys.stdout.flush()


def run(
    host: str,
    port: int,
    journal_path: str,
    secret: str,
    clock: Clock,
    callback_urls: Mapping[str, str] | None = None,
    limits: RefundLimits = LIMITS,
    fee_bp: int = 0,
) -> None:
    """Serve until interrupted; port 0 takes a free one.

    Prints `{"sandbox": "http://127.0.0.1:PORT"}` on one line of stdout when it answers. Raises
    Invalid for a host that is not this machine: its control API lets anybody pay. Refunds beyond
    `limits` are refused; `fee_bp` basis points of every payment are kept.
    """
    listener = _listen(host, port)
    sandbox = create_sandbox(
        journal_path, secret, clock, callback_urls, limits=limits, fee_bp=fee_bp
    )
    server = _Server(sandbox, listener)
    server.announce = True
    server.run(sockets=[listener])


@contextmanager
def serving(app: Litestar, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve from a thread for as long as the block lasts; gives the base URL.

    Raises Unavailable if it does not start.
    """
    listener = _listen(host, port)
    server = _Server(app, listener)
    thread = Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    try:
        if not server.ready.wait(START_SECONDS):
            raise Unavailable(what="sandbox")
        yield server.url
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    if host != "localhost" and not _is_loopback(host):
        raise Invalid(field="host", reason="the sandbox serves this machine only")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
