"""What happens, as it happens: a hub per process, and one raw ASGI stream per listener.

State is sent, never a difference: a listener that falls behind skips what it missed. While nothing
happens a listener costs no task and no timer beyond the server's own: it only waits for its reader
to go. A frame is encoded once and sent by a short task for each; a stalled reader holds only its
own.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import structlog
from attrs import define, frozen
from litestar.types import ASGIApp, HTTPResponseBodyEvent, Message, Receive, Scope, Send

from groupbuy.domain.kernel import DomainError, NotFound, TooMany

HEARTBEAT_SECONDS = 15
POLL_SECONDS = 0.5
"""How often watched groups are read when nobody told us that they changed."""
FRESH_SECONDS = 0.25
"""How long a state that was just read answers others who ask; changes made here end it at once."""
MOST_REMEMBERED = 10_000
MOST_LISTENERS = 20_000
CROWDED, SHARE = 2, 10
"""Once half of the streams are taken no address may have more than a tenth of them."""
AT_ONCE = 128
"""Readers served before others have their turn: a crowd holds up no request for long."""
BUSY_SECONDS = 5
"""When whoever found no room may ask again."""
RETRY_MILLIS = 2_000
"""When a browser whose stream broke should come back."""

Key = tuple[str, str]
"""Tenant, and what is watched."""


class State(Protocol):
    """What listeners are told."""

    @property
    def sequence(self) -> int:
        """A newer state has a greater one."""
        ...


S = TypeVar("S", bound=State)


def _part(body: bytes, *, more: bool = True) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": body, "more_body": more}


_ALIVE = _part(b": still here\n\n")
_END = _part(b"", more=False)


@frozen
class Frame:
    """The newest state of a group, encoded once for all its listeners."""

    sequence: int
    part: HTTPResponseBodyEvent


@define(eq=False)
class Listener:
    """One open stream."""

    key: Key
    seen: int
    """Sequence of the state it was given last."""
    address: str = ""
    send: Send | None = None
    """How to reach it; None until its answer has begun."""
    sending: "asyncio.Task[None] | None" = None
    """What it has not taken in yet."""
    quiet: bool = False
    """Nothing was sent since the last sign of life was due."""


class Hub(Generic[S]):
    """Knows who watches what, and reads all that is watched together, a round at a time."""

    kind = "thing"
    """What is watched."""
    event = "state"
    """What its changes are called in the stream."""

    def __init__(
        self,
        read: Callable[[str, Sequence[str]], Mapping[str, S]],
        *,
        poll_seconds: float = POLL_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        most: int = MOST_LISTENERS,
    ) -> None:
        """Prepare; nothing is read before `start`.

        `read` returns the states of some things of one tenant and is called in a thread; `most` is
        how many may listen.
        """
        self._read, self._most = read, most
        self.poll_seconds, self.heartbeat_seconds = poll_seconds, heartbeat_seconds
        self.closing = False
        self._listeners: dict[Key, set[Listener]] = {}
        self._addresses = Counter[str]()
        self.watchers = 0
        """How many streams are open."""
        self._frames: dict[Key, Frame] = {}
        self._recent: dict[Key, tuple[float, S]] = {}
        self._reading: dict[Key, asyncio.Task[S]] = {}
        self._told = set[Key]()
        """Groups somebody said have changed; written by a foreign thread."""
        self._news = set[Key]()
        """Groups with a frame that their listeners have yet to be given."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudge = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin reading; call it in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._tasks = [self._loop.create_task(each) for each in (self._follow(), self._beat())]

    async def close(self) -> None:
        """Stop reading and end all streams; a stalled one ends when its reader takes that in."""
        self.closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._serve(self._listeners, self._catch_up)

    def encoded(self, state: S) -> bytes:
        """Return a state as JSON."""
        raise NotImplementedError

    async def state(self, key: Key) -> S:
        """Return the state of one thing, read once for all who ask at the same time.

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
        self._tell({(tenant, subject) for subject in subjects} & self._listeners.keys())

    def _tell(self, keys: set[Key]) -> None:
        loop = self._loop
        if keys and loop is not None and not loop.is_closed():
            with self._lock:
                self._told |= keys
            loop.call_soon_threadsafe(self._nudge.set)

    def lost(self) -> None:
        """Take note that any group may have changed; called by any thread."""
        self._recent.clear()
        self._tell(set(self._listeners.copy()))

    def full_for(self, address: str) -> bool:
        """Tell whether one more listener from there would be too many."""
        return self.watchers >= self._most or (
            self.watchers >= self._most // CROWDED
            and self._addresses[address] >= self._most // SHARE
        )

    def join(self, key: Key, state: S, *, last: int = -1, address: str = "") -> Listener:
        """Open a listener that has seen `last`, given the state that was just read."""
        listener = Listener(key, last, address)
        self._listeners.setdefault(key, set()).add(listener)
        self._addresses[address] += 1
        self.watchers += 1
        if self._show(key, state):
            self._nudge.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """Close a listener, and let go of everything that was kept for it."""
        listeners = self._listeners.get(listener.key, set())
        if listener not in listeners:
            return
        listeners.remove(listener)
        self.watchers -= 1
        self._addresses[listener.address] -= 1
        if not self._addresses[listener.address]:
            del self._addresses[listener.address]
        if not listeners:
            del self._listeners[listener.key]
            self._frames.pop(listener.key, None)
        if listener.sending is not None:
            listener.sending.cancel()

    def begin(self, listener: Listener, send: Send) -> None:
        """Send a listener whose answer has begun the newest state, and all that follow."""
        listener.send = send
        self._catch_up(listener)

    def _finished(self, key: Key, done: "asyncio.Task[S]") -> None:
        if self._reading.get(key) is done:
            del self._reading[key]
        if not done.cancelled():
            done.exception()  # everybody who waited has gone: nobody else would look at it

    async def _one(self, key: Key) -> S:
        tenant, subject = key
        found = (await asyncio.to_thread(self._read, tenant, [subject])).get(subject)
        if found is None:
            raise NotFound(kind=self.kind, key=subject)
        # Only while nobody said meanwhile that it has changed.
        if self._reading.get(key) is asyncio.current_task():
            if len(self._recent) >= MOST_REMEMBERED:
                self._recent.clear()
            self._recent[key] = (time.monotonic() + FRESH_SECONDS, found)
        return found

    def _show(self, key: Key, state: S) -> bool:
        """Keep a state if it is news to somebody; tell whether it is."""
        known = self._frames.get(key)
        if key not in self._listeners or (known and known.sequence >= state.sequence):
            return False
        head = f"id: {state.sequence}\nevent: {self.event}\ndata: ".encode()
        self._frames[key] = Frame(state.sequence, _part(head + self.encoded(state) + b"\n\n"))
        self._news.add(key)
        return True

    def _catch_up(self, listener: Listener) -> None:
        """Send what a listener has not seen, unless it is still busy with what it was sent."""
        send = listener.send
        if send is not None and listener.sending is None:
            self._send(listener, send, self._next(listener))

    def _sign_of_life(self, listener: Listener) -> None:
        send = listener.send
        if listener.quiet and send is not None and listener.sending is None:
            self._send(listener, send, _ALIVE)
        listener.quiet = True

    def _send(self, listener: Listener, send: Send, part: Message | None) -> None:
        if part is not None:
            listener.sending = asyncio.create_task(self._give(listener, send, part))

    async def _give(self, listener: Listener, send: Send, part: Message | None) -> None:
        """Send until the listener has seen everything; what came meanwhile is one state."""
        try:
            while part is not None:
                await send(part)
                listener.quiet = False
                part = self._next(listener)
        except OSError:
            listener.send = None  # the reader has gone: its own task is about to hear of it
        finally:
            listener.sending = None

    def _next(self, listener: Listener) -> Message | None:
        """Return what a listener is to be sent now, if anything, and count it as seen."""
        if listener.send is None:
            return None
        if self.closing:
            listener.send = None
            return _END
        frame = self._frames.get(listener.key)
        if frame is None or frame.sequence <= listener.seen:
            return None
        listener.seen = frame.sequence
        return frame.part

    async def _follow(self) -> None:
        """Read what changed as soon as we are told, and everything watched now and then."""
        # A cancellation that comes together with a nudge is lost in `wait_for` of Python 3.11.
        while not self.closing:
            try:
                await asyncio.wait_for(self._nudge.wait(), self.poll_seconds)
                self._nudge.clear()
                with self._lock:
                    wanted, self._told = self._told, set()
            except TimeoutError:
                wanted = set(self._listeners)
            if wanted:
                await self._refresh(wanted)
            news, self._news = self._news, set()
            await self._serve(news, self._catch_up)

    async def _beat(self) -> None:
        """Show everybody signs of life, from one timer."""
        while True:
            await asyncio.sleep(self.heartbeat_seconds)
            await self._serve(self._listeners, self._sign_of_life)

    async def _serve(self, keys: Iterable[Key], act: Callable[[Listener], None]) -> None:
        served = 0
        for key in list(keys):
            for listener in list(self._listeners.get(key, ())):
                act(listener)
                served += 1
                if served % AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _refresh(self, wanted: set[Key]) -> None:
        by_tenant: dict[str, list[str]] = {}
        for tenant, subject in wanted:
            by_tenant.setdefault(tenant, []).append(subject)
        for tenant, ids in by_tenant.items():
            try:
                found = await asyncio.to_thread(self._read, tenant, ids)
            except DomainError as error:
                structlog.get_logger().warning("live.waits", error=error.code)
                continue
            for subject, state in found.items():
                self._show((tenant, subject), state)


def streaming(
    hub: Hub[S],
    key: Key,
    state: S,
    *,
    last: int = -1,
    address: str = "",
    seconds: float | None = None,
) -> ASGIApp:
    """Return the answer that streams what `key` comes to from a state that was just read.

    `last` is the sequence seen last; after `seconds` the stream ends and is to be asked for anew.
    Raises TooMany.
    """
    if hub.full_for(address):
        raise TooMany(retry_after_seconds=BUSY_SECONDS)

    async def answer(_scope: Scope, receive: Receive, send: Send) -> None:
        listener = hub.join(key, state, last=last, address=address)
        await stream(hub, listener, receive, send, seconds=seconds)

    return answer


async def stream(
    hub: Hub[S],
    listener: Listener,
    receive: Receive,
    send: Send,
    *,
    seconds: float | None = None,
) -> None:
    """Answer with a stream that the hub feeds, until the reader, the hub or the time ends it."""
    try:
        async with asyncio.timeout(seconds):
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send(_RETRY)
            hub.begin(listener, send)
            # Once the last part is sent the server says this too.
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        hub.leave(listener)
        await send(_END)
    finally:
        hub.leave(listener)


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_RETRY = _part(f"retry: {RETRY_MILLIS}\n\n".encode())


def last_seen(header: str) -> int:
    """Return the sequence in a Last-Event-ID header; -1 where there is none to understand."""
    plain = header.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else -1
