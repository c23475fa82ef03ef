"""Telling every process what changed: NOTIFY on PostgreSQL, a queue inside the process else."""

import json
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import psycopg
from attrs import define, field
from sqlalchemy import Engine

CHANNEL = "groupbuy"
PAYLOAD_BYTES = 7_900
"""PostgreSQL refuses payloads of 8000 bytes."""
_POLL_SECONDS = 0.5
_RECONNECT_SECONDS = 1
_LATE = 10_000
"""Signals kept for a slow listener; older ones are dropped, for whoever listens also polls."""

Heard = Callable[[str, tuple[str, ...]], None]


@define(eq=False)
class PostgresSignals:
    """The `Signals` port over NOTIFY. Publishing borrows a pooled connection for a moment."""

    _engine: Engine
    _listen_url: str
    """A direct connection: LISTEN does not pass a pooler."""
    _stops: list[Callable[[], None]] = field(factory=list, init=False)

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed."""
        payloads = list(_payloads(tenant, subjects))
        if not payloads:
            return
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(
                f"SELECT pg_notify('{CHANNEL}', said) FROM unnest(%s::text[]) AS said", (payloads,)
            )

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Call `heard` in a background thread; return how to stop."""
        stopping = threading.Event()
        listening = threading.Event()
        thread = threading.Thread(
            target=self._follow, args=(heard, stopping, listening), name="signals", daemon=True
        )
        thread.start()
        listening.wait(_RECONNECT_SECONDS)

        def stop() -> None:
            stopping.set()
            if thread is not threading.current_thread():
                thread.join()

        self._stops.append(stop)
        return stop

    def close(self) -> None:
        """Stop all listeners."""
        while self._stops:
            self._stops.pop()()

    def _follow(self, heard: Heard, stopping: threading.Event, listening: threading.Event) -> None:
        while not stopping.is_set():
            try:
                with psycopg.connect(self._listen_url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    listening.set()
                    while not stopping.is_set():
                        for notice in connection.notifies(timeout=_POLL_SECONDS):
                            _tell(heard, notice.payload)
            except psycopg.OperationalError:
                stopping.wait(_RECONNECT_SECONDS)


@define(eq=False)
class LocalSignals:
    """The `Signals` port inside one process; each listener has a thread and a queue."""

    _queues: list["queue.Queue[str | None]"] = field(factory=list, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed."""
        with self._lock:
            listeners = list(self._queues)
        for payload in _payloads(tenant, subjects):
            for listener in listeners:
                with suppress(queue.Full):
                    listener.put_nowait(payload)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Call `heard` in a background thread; return how to stop."""
        mine: queue.Queue[str | None] = queue.Queue(_LATE)
        with self._lock:
            self._queues.append(mine)

        def follow() -> None:
            while (payload := mine.get()) is not None:
                _tell(heard, payload)

        threading.Thread(target=follow, name="signals", daemon=True).start()

        def stop() -> None:
            with self._lock:
                if mine in self._queues:
                    self._queues.remove(mine)
                    mine.put(None)

        return stop

    def close(self) -> None:
        """Stop all listeners."""
        with self._lock:
            for listener in self._queues:
                listener.put(None)
            self._queues.clear()


def _tell(heard: Heard, payload: str) -> None:
    tenant, *subjects = json.loads(payload)
    heard(tenant, tuple(subjects))


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
