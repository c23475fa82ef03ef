"""A closed-loop HTTP/1.1 loader over raw sockets: a client asks again once it was answered."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

import uvloop
from attrs import define, field, frozen

S = TypeVar("S")

SETTLE_SECONDS = 10
"""How long the last answers of a run may take."""


@frozen
class Window:
    """One measured stretch of a run."""

    seconds: float
    latencies: list[float] = field(repr=False)
    """Seconds, sorted."""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, part: float) -> float:
        """Return a latency in milliseconds; 0 without answers."""
        if not self.latencies:
            return 0.0
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(part * len(self.latencies)))]


@frozen
class Run(Generic[S]):
    """What a run saw."""

    windows: list[Window]
    before: S
    after: S
    """What `look` said at the first and at the last moment of the windows."""
    answered: int
    """Good answers inside the windows."""
    good: int
    """Good answers from the first to the last, warm-up included."""
    bad: Counter[str]

    def median(self, what: Callable[[Window], float]) -> float:
        """Return the median over the windows."""
        return statistics.median(map(what, self.windows))


@define(eq=False)
class Load:
    """Who asks what, where."""

    ports: Sequence[int]
    """Clients are dealt out over them in turn."""
    clients: int
    request: Callable[[int], bytes]
    """Makes the next request of a client, given its number."""
    status: bytes = b"201"
    follow: Callable[[int, bytes], bytes] | None = None
    """Makes what a client asks next out of the body of a good answer; timed as one with it."""
    follow_status: bytes = b"204"
    latencies: list[float] = field(factory=list, init=False)
    good: int = field(default=0, init=False)
    bad: Counter[str] = field(factory=Counter, init=False)
    over: bool = field(default=False, init=False)


class _Client(asyncio.Protocol):
    """One keep-alive connection with one request on its way."""

    def __init__(self, load: Load, number: int) -> None:
        self._load, self._number = load, number
        self._buffer = b""
        self._since = 0.0
        self._following = False
        self._transport: asyncio.Transport | None = None
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's inherits from nobody
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._load.over:
            self._load.bad[f"connection lost: {exc}"] += 1
        if not self.gone.done():
            self.gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0 or len(self._buffer) < head + 4 + _length(self._buffer[:head]):
            return
        answer, self._buffer = self._buffer, b""
        if not self._went_on(answer, head + 4):
            self._note(answer, time.perf_counter())
            self._ask()

    def _went_on(self, answer: bytes, body: int) -> bool:
        """Ask the second question of a flow, if this answers the first one well."""
        load = self._load
        if self._following or load.follow is None or answer[9:12] != load.status:
            return False
        self._following = True
        if self._transport is not None:
            self._transport.write(load.follow(self._number, answer[body:]))
        return True

    def _note(self, answer: bytes, now: float) -> None:
        in_flow = self._load.follow is not None
        wanted = self._load.follow_status if in_flow else self._load.status
        right = self._following == in_flow and answer[9:12] == wanted
        self._following = False
        if right:
            self._load.good += 1
            self._load.latencies.append(now - self._since)
        else:
            self._load.bad[answer[:600].decode("utf-8", "replace")] += 1

    def _ask(self) -> None:
        if self._transport is None:
            return
        if self._load.over:
            self._transport.close()
            return
        self._since = time.perf_counter()
        self._transport.write(self._load.request(self._number))


def drive(
    load: Load,
    *,
    warm: float,
    seconds: float,
    windows: int,
    look: Callable[[], S],
    begin: Callable[[int], None] = lambda _: None,
) -> Run[S]:
    """Run a load: warm up, then measure windows. `begin` is told before warm-up (0) and each."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(load, warm, seconds, windows, look, begin))


async def _drive(
    load: Load,
    warm: float,
    seconds: float,
    windows: int,
    look: Callable[[], S],
    begin: Callable[[int], None],
) -> Run[S]:
    loop = asyncio.get_running_loop()
    begin(0)
    clients = [
        (
            await loop.create_connection(
                lambda n=number: _Client(load, n),  # type: ignore[misc]
                "127.0.0.1",
                load.ports[number % len(load.ports)],
            )
        )[1]
        for number in range(load.clients)
    ]
    await asyncio.sleep(warm)
    before = await asyncio.to_thread(look)
    first, seen = load.good, list[Window]()
    for number in range(1, windows + 1):
        begin(number)
        load.latencies, started = [], time.perf_counter()
        await asyncio.sleep(seconds)
        found, spent = load.latencies, time.perf_counter() - started
        seen.append(Window(spent, sorted(found)))
    answered = load.good - first
    after = await asyncio.to_thread(look)
    load.over = True
    async with asyncio.timeout(SETTLE_SECONDS):
        await asyncio.gather(*(client.gone for client in clients))
    return Run(seen, before, after, answered, load.good, load.bad)


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length:")
    return int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
