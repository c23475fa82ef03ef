"""Telling every process what changed: NOTIFY on PostgreSQL, a queue inside the process else."""

import json
import queue
import selectors
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress

import psycopg
import structlog
from attrs import define, field, frozen
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from groupbuy.application.ports.system import unmoved

CHANNEL = "groupbuy"
PAYLOAD_BYTES = 7_900
"""PostgreSQL refuses payloads of 8000 bytes."""
LISTENER = "groupbuy signals"
"""What the listening connection calls itself in pg_stat_activity."""
PROBE_SECONDS = 1.0
"""How often the listening connection has to answer."""
TRUSTED_SECONDS = 3.0
"""How long after a probe was sent that came back the connection is believed to be alive."""
_STOP_SECONDS = 0.25
"""How soon a quiet listener notices that it shall end."""
_RECONNECT_SECONDS = 1
_CONNECT_SECONDS = 3
_LATE = 10_000
"""Signals kept for slow listeners; when there are more, they are told that some were lost."""
_NEVER = float("-inf")

Heard = Callable[[str, tuple[str, ...]], None]
Lost = Callable[[], None]

_log = structlog.get_logger("signals")


@frozen(eq=False)
class _Listener:
    heard: Heard
    lost: Lost


@define(eq=False)
class Audience:
    """Everybody in this process who listens. Whoever has left is not called any more."""

    _listeners: list[_Listener] = field(factory=list, init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False)
    """Held while they are told, so that leaving waits for the round that is under way."""

    def add(self, heard: Heard, lost: Lost) -> Callable[[], None]:
        """Take in a listener; return how it leaves."""
        listener = _Listener(heard, lost)
        with self._lock:
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    def clear(self) -> None:
        """Let everybody leave."""
        with self._lock:
            self._listeners.clear()

    def tell(self, payload: str) -> None:
        """Pass a payload on; one that nobody can read counts as lost."""
        try:
            tenant, *subjects = json.loads(payload)
        except (ValueError, TypeError):
            self.lost()
            return
        self._each(lambda listener: listener.heard(tenant, tuple(subjects)))

    def lost(self) -> None:
        """Tell everybody that signals may have been missed."""
        self._each(lambda listener: listener.lost())

    def _each(self, call: Callable[[_Listener], None]) -> None:
        with self._lock:
            for listener in list(self._listeners):
                try:
                    call(listener)
                except Exception as error:  # noqa: BLE001  one defect must not deafen the others
                    _log.exception("signals.listener_failed", error=type(error).__name__)


@define(eq=False)
class PostgresSignals:
    """The `Signals` port over NOTIFY. Publishing borrows a pooled connection for a moment.

    One connection and one thread listen for the whole process, from the first `listen` on.
    """

    _engine: Engine
    _listen_url: str
    """A direct connection: LISTEN does not pass a pooler."""
    _probe_seconds: float = PROBE_SECONDS
    _trusted_seconds: float = TRUSTED_SECONDS
    _audience: Audience = field(factory=Audience, init=False)
    _proven: float = field(default=_NEVER, init=False)
    """When the last probe that came back had been sent."""
    _thread: threading.Thread | None = field(default=None, init=False)
    _closing: threading.Event = field(factory=threading.Event, init=False)
    _first: threading.Event = field(factory=threading.Event, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def listening(self) -> bool:
        """Tell whether signals arrive at this moment, as far as a recent probe can tell."""
        return time.monotonic() - self._proven < self._trusted_seconds

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed.

        Never fails: what changed is committed, and a database that went away has cut off the
        listeners too, who count as having missed something.
        """
        payloads = list(_payloads(tenant, subjects))
        # A connection of the pool may have died unnoticed; the one after it is a fresh one.
        if payloads and not self._said(payloads):
            self._said(payloads)

    def _said(self, payloads: Sequence[str]) -> bool:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                    f"SELECT pg_notify('{CHANNEL}', said) FROM unnest(%s::text[]) AS said",
                    (list(payloads),),
                )
        except SQLAlchemyError as error:
            _log.warning("signals.unsaid", error=type(error).__name__)
            return isinstance(error, PoolTimeout)  # waiting a second time would help nobody
        return True

    def listen(self, heard: Heard, lost: Lost = unmoved) -> Callable[[], None]:
        """Call `heard` in a background thread, `lost` when some was missed; return how to stop."""
        leave = self._audience.add(heard, lost)
        with self._lock:
            if self._thread is None:
                self._closing, self._first = threading.Event(), threading.Event()
                self._thread = threading.Thread(
                    target=self._follow, args=(self._closing,), name="signals", daemon=True
                )
                self._thread.start()
        self._first.wait(_CONNECT_SECONDS)
        return leave

    def close(self) -> None:
        """Stop all listeners."""
        self._audience.clear()
        with self._lock:
            thread, self._thread = self._thread, None
            self._closing.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _follow(self, closing_now: threading.Event) -> None:
        while not closing_now.is_set():
            try:
                with closing(
                    psycopg.connect(
                        self._listen_url,
                        autocommit=True,
                        application_name=LISTENER,
                        connect_timeout=_CONNECT_SECONDS,
                    )
                ) as connection:
                    self._hear(connection.pgconn, closing_now)
            except psycopg.Error as error:
                _log.warning("signals.cut", error=type(error).__name__)
            self._proven = _NEVER
            self._first.set()
            closing_now.wait(_RECONNECT_SECONDS)

    def _hear(self, line: PGconn, closing_now: threading.Event) -> None:
        """Pass on what arrives, and probe. Raises psycopg.OperationalError when the line is dead.

        Never waits for an answer: a peer that vanished would hold the thread for minutes.
        """
        sent, answered = time.monotonic(), False
        alive = sent
        line.send_query(f"LISTEN {CHANNEL}".encode())
        with selectors.DefaultSelector() as arrival:
            arrival.register(line.socket, selectors.EVENT_READ)
            while not closing_now.is_set():
                arrival.select(min(_STOP_SECONDS, self._probe_seconds))
                self._pass_on(line)
                if not answered and _answered(line):
                    self._prove(sent)
                    alive, answered = sent, True
                now = time.monotonic()
                if now - alive >= self._trusted_seconds:
                    raise psycopg.OperationalError("the listening connection does not answer")
                if answered and now - sent >= self._probe_seconds:
                    line.send_query(b"SELECT 1")
                    sent, answered = now, False

    def _pass_on(self, line: PGconn) -> None:
        line.consume_input()
        while notice := line.notifies():
            self._audience.tell(notice.extra.decode())

    def _prove(self, sent: float) -> None:
        if self._proven == _NEVER:
            # Before anybody may believe what it remembers, it has forgotten all of it.
            self._audience.lost()
        self._proven = sent
        self._first.set()


def _answered(line: PGconn) -> bool:
    """Take in the answer to the last query, if it is all there."""
    while not line.is_busy():
        result = line.get_result()
        if result is None:
            return True
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise psycopg.OperationalError("the listening connection was refused")
    return False


@define(eq=False)
class LocalSignals:
    """The `Signals` port inside one process: one thread and one queue for all who listen."""

    _audience: Audience = field(factory=Audience, init=False)
    _said: "queue.Queue[str | None]" = field(factory=lambda: queue.Queue(_LATE), init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _dropped: threading.Event = field(factory=threading.Event, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def listening(self) -> bool:
        """Return False: what other processes write to the same file is never heard."""
        return False

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed."""
        if self._thread is None:
            return
        for payload in _payloads(tenant, subjects):
            try:
                self._said.put_nowait(payload)
            except queue.Full:
                self._dropped.set()

    def listen(self, heard: Heard, lost: Lost = unmoved) -> Callable[[], None]:
        """Call `heard` in a background thread, `lost` when some was missed; return how to stop."""
        leave = self._audience.add(heard, lost)
        with self._lock:
            if self._thread is None:
                self._said = queue.Queue(_LATE)
                self._thread = threading.Thread(
                    target=self._follow, args=(self._said,), name="signals", daemon=True
                )
                self._thread.start()
        return leave

    def close(self) -> None:
        """Stop all listeners."""
        self._audience.clear()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._said.put(None)

    def _follow(self, said: "queue.Queue[str | None]") -> None:
        while (payload := said.get()) is not None:
            if self._dropped.is_set():
                self._dropped.clear()
                self._audience.lost()
            self._audience.tell(payload)


def _payloads(tenant: str, subjects: Sequence[str]) -> Iterator[str]:
    """Pack ids into as few payloads as fit."""
    room = PAYLOAD_BYTES - _size(_packed(tenant, []))
    batch, used = list[str](), 0
    for subject in dict.fromkeys(subjects):
        size = _size(_quoted(subject)) + 1
        if batch and used + size > room:
            yield _packed(tenant, batch)
            batch, used = [], 0
        batch.append(subject)
        used += size
    if batch:
        yield _packed(tenant, batch)


def _size(text: str) -> int:
    return len(text.encode())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _packed(tenant: str, subjects: Sequence[str]) -> str:
    return json.dumps([tenant, *subjects], ensure_ascii=False, separators=(",", ":"))
