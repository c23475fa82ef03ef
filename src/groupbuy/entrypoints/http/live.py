"""Progress as it happens: a hub per process, and one raw ASGI stream per listener.

State is sent, never a difference: a listener that falls behind skips what it missed. Each one has
its own task and one slot, so a stalled reader delays nobody and costs nothing.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from attrs import define, field, frozen
from litestar.types import Receive, Send

from groupbuy.domain.campaigns import Progress
from groupbuy.domain.kernel import DomainError, NotFound
from groupbuy.entrypoints.http.campaign_schemas import progress_out

HEARTBEAT_SECONDS = 15
POLL_SECONDS = 0.5
"""How often watched groups are read when nobody told us that they changed."""
FRESH_SECONDS = 0.25
"""How long a state that was just read answers others who ask; changes made here end it at once."""
MOST_REMEMBERED = 10_000
MOST_LISTENERS = 20_000
RETRY_MILLIS = 2_000
"""When a browser whose stream broke should come back."""

Key = tuple[str, str]
"""Tenant and group."""
Read = Callable[[str, Sequence[str]], Mapping[str, Progress]]
"""Progress of some groups of one tenant; called in a thread."""


@frozen
class Frame:
    """The newest state of a group, encoded once for all its listeners."""

    sequence: int
    body: bytes


@define(eq=False)
class Listener:
    """One open stream."""

    wake: asyncio.Event = field(factory=asyncio.Event)


class ProgressHub:
    """Knows who watches what, and reads all watched groups by one query a round."""

    def __init__(
        self,
        read: Read,
        *,
        poll_seconds: float = POLL_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        """Prepare; nothing is read before `start`."""
        self._read = read
        self.poll_seconds, self.heartbeat_seconds = poll_seconds, heartbeat_seconds
        self.closing = False
        self._listeners: dict[Key, set[Listener]] = {}
        self._frames: dict[Key, Frame] = {}
        self._recent: dict[Key, tuple[float, Progress]] = {}
        self._reading: dict[Key, asyncio.Task[Progress]] = {}
        self._told = set[Key]()
        """Groups somebody said have changed; written by a foreign thread."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudge = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        """How many streams are open."""
        return sum(map(len, self._listeners.values()))

    def start(self) -> None:
        """Begin reading; call it in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._follow())

    async def close(self) -> None:
        """Stop reading and end all streams."""
        self.closing = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.wake.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def state(self, key: Key) -> Progress:
        """Return a group's progress, read once for all who ask at the same time.

        Raises NotFound, Unavailable.
        """
        recent = self._recent.get(key)
        if recent is not None and recent[0] > time.monotonic():
            return recent[1]
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.create_task(self._one(key))
            reading.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(reading)

    def changed(self, tenant: str, subjects: Sequence[str]) -> None:
        """Forget what was read before a commit of this process; called inside its publish."""
        for subject in subjects:
            self._recent.pop((tenant, subject), None)
            self._reading.pop((tenant, subject), None)
        self.heard(tenant, subjects)

    def heard(self, tenant: str, subjects: Sequence[str]) -> None:
        """Take note that groups have changed; called by any thread."""
        for subject in subjects:
            self._recent.pop((tenant, subject), None)
        keys = {(tenant, subject) for subject in subjects} & self._listeners.keys()
        loop = self._loop
        if keys and loop is not None and not loop.is_closed():
            with self._lock:
                self._told |= keys
            loop.call_soon_threadsafe(self._nudge.set)

    def join(self, key: Key, progress: Progress) -> Listener:
        """Open a listener, given the state its group was just read in."""
        listener = Listener()
        self._listeners.setdefault(key, set()).add(listener)
        self._show(key, progress)
        return listener

    def leave(self, key: Key, listener: Listener) -> None:
        """Close a listener."""
        listeners = self._listeners.get(key)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._listeners[key]
                self._frames.pop(key, None)

    def frame(self, key: Key) -> Frame:
        """Return the newest state of a group that somebody listens to."""
        return self._frames[key]

    def _finished(self, key: Key, done: "asyncio.Task[Progress]") -> None:
        if self._reading.get(key) is done:
            del self._reading[key]
        if not done.cancelled():
            done.exception()  # everybody who waited has gone: nobody else would look at it

    async def _one(self, key: Key) -> Progress:
        tenant, group_id = key
        found = (await asyncio.to_thread(self._read, tenant, [group_id])).get(group_id)
        if found is None:
            raise NotFound(kind="group", key=group_id)
        # Only while nobody said meanwhile that it has changed.
        if self._reading.get(key) is asyncio.current_task():
            if len(self._recent) >= MOST_REMEMBERED:
                self._recent.clear()
            self._recent[key] = (time.monotonic() + FRESH_SECONDS, found)
        return found

    def _show(self, key: Key, progress: Progress) -> None:
        known = self._frames.get(key)
        if key not in self._listeners or (known and known.sequence >= progress.sequence):
            return
        data = msgspec.json.encode(progress_out(progress))
        head = f"id: {progress.sequence}\nevent: progress\ndata: ".encode()
        self._frames[key] = Frame(progress.sequence, head + data + b"\n\n")
        for listener in self._listeners[key]:
            listener.wake.set()

    async def _follow(self) -> None:
        """Read what changed as soon as we are told, and everything watched now and then."""
        while True:
            try:
                await asyncio.wait_for(self._nudge.wait(), self.poll_seconds)
                self._nudge.clear()
                with self._lock:
                    wanted, self._told = self._told, set()
            except TimeoutError:
                wanted = set(self._listeners)
            if wanted:
                await self._refresh(wanted)

    async def _refresh(self, wanted: set[Key]) -> None:
        by_tenant: dict[str, list[str]] = {}
        for tenant, group_id in wanted:
            by_tenant.setdefault(tenant, []).append(group_id)
        for tenant, ids in by_tenant.items():
            try:
                found = await asyncio.to_thread(self._read, tenant, ids)
            except DomainError as error:
                structlog.get_logger().warning("live.waits", error=error.code)
                continue
            for group_id, progress in found.items():
                self._show((tenant, group_id), progress)


async def stream(
    hub: ProgressHub, key: Key, listener: Listener, last: int, receive: Receive, send: Send
) -> None:
    """Send the group's state whenever it is newer than `last`, until the reader goes away."""
    gone: asyncio.Task[Any] = asyncio.create_task(_until_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _send(send, f"retry: {RETRY_MILLIS}\n\n".encode())
        while not gone.done() and not hub.closing:
            listener.wake.clear()
            frame = hub.frame(key)
            if frame.sequence > last:
                last = frame.sequence
                await _send(send, frame.body)
            elif not await _woken(listener, gone, hub.heartbeat_seconds):
                await _send(send, b": still here\n\n")
        if not gone.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        hub.leave(key, listener)


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _woken(listener: Listener, gone: "asyncio.Task[Any]", seconds: float) -> bool:
    """Wait for news or the reader's end; False when it is time for a sign of life."""
    news: asyncio.Task[Any] = asyncio.create_task(listener.wake.wait())
    try:
        done, _ = await asyncio.wait(
            {news, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        return bool(done)
    finally:
        news.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def last_seen(header: str) -> int:
    """Return the sequence in a Last-Event-ID header; -1 where there is none to understand."""
    plain = header.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else -1
