"""Ten thousand readers of server-sent events in one loop, and when each had which state."""

import contextlib
import re
import selectors
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

_ID = re.compile(rb"id: (\d+)\n")
_TAIL = 64
"""Bytes kept of what came before: a sequence may be cut in two."""
_CHUNK = 65_536
_AT_ONCE = 64
"""Streams asked for before their first states are awaited: less than a server's backlog."""
_SMALL = 2_048
"""Receive buffer of the reader that never reads."""
_SEGMENT = 536
"""And its segments: on the loopback device large ones would fill megabytes before it stalls."""


@define(eq=False)
class Watcher:
    """One open stream."""

    place: socket.socket
    seen: int = -1
    came: int = 0
    """Bytes."""
    at: float = 0.0
    """When the newest state arrived, by the monotonic clock."""
    tail: bytes = b""


@define(eq=False)
class Watchers:
    """All streams of a loader; one thread reads them."""

    path: str
    _all: list[Watcher] = field(factory=list, init=False)
    _stalled: list[socket.socket] = field(factory=list, init=False)
    _ready: selectors.BaseSelector = field(factory=selectors.DefaultSelector, init=False)

    def __len__(self) -> int:
        """Return how many read what they are sent."""
        return len(self._all)

    def open(self, ports: Sequence[int], each: int, seconds: float) -> None:
        """Open streams to every port and await the first state of each. Raises RuntimeError."""
        end = time.monotonic() + seconds
        for start in range(0, each, _AT_ONCE):
            fresh = [
                Watcher(self._asked(port))
                for _ in range(min(_AT_ONCE, each - start))
                for port in ports
            ]
            for one in fresh:
                one.place.setblocking(False)
                self._ready.register(one.place, selectors.EVENT_READ, one)
            self._all += fresh
            while any(one.seen < 0 for one in fresh):
                self._read(end)

    def stall(self, port: int) -> None:
        """Open one stream more that is never read."""
        self._stalled.append(self._asked(port, buffer=_SMALL))

    def free(self) -> None:
        """Let those that never read go."""
        while self._stalled:
            self._stalled.pop().close()

    def held_back(self) -> int:
        """Return how many bytes the server keeps for a stalled reader, beyond the kernel.

        It was sent what the first of the others was sent.
        """
        port = self._stalled[0].getsockname()[1]
        return self._all[0].came - _in_kernel(port)

    def behind(self, sequence: int) -> int:
        """Return how many have not seen that state."""
        return sum(one.seen < sequence for one in self._all)

    def until_all_saw(self, sequence: int, seconds: float) -> list[float]:
        """Read until all have that state; return when each got it. Raises RuntimeError."""
        end, left = time.monotonic() + seconds, self.behind(sequence)
        while left:
            left -= sum(one.seen >= sequence for one in self._read(end))
        return [one.at for one in self._all]

    def close(self) -> None:
        """Leave all."""
        self._ready.close()
        for place in [*(one.place for one in self._all), *self._stalled]:
            place.close()

    def _asked(self, port: int, buffer: int = 0) -> socket.socket:
        place = socket.socket()
        if buffer:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            place.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)
        place.connect(("127.0.0.1", port))
        place.sendall(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Accept: text/event-stream\r\nCache-Control: no-cache\r\n"
            "User-Agent: Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0\r\n"
            "Accept-Language: zh-CN\r\n\r\n".encode()
        )
        return place

    def _read(self, end: float) -> list[Watcher]:
        """Read once what has arrived; return whose state has become newer."""
        left = end - time.monotonic()
        if left <= 0:
            raise RuntimeError(f"{len(self._all)} streams: some got no state in time")
        newer = []
        for key, _ in self._ready.select(left):
            one: Watcher = key.data
            with contextlib.suppress(BlockingIOError):
                came = one.place.recv(_CHUNK)
                if not came:
                    raise RuntimeError(f"a stream ended after {one.tail!r}")
                if _took(one, came):
                    newer.append(one)
        return newer


def _took(one: Watcher, came: bytes) -> bool:
    one.came += len(came)
    text = one.tail + came
    one.tail = text[-_TAIL:]
    found = [int(number) for number in _ID.findall(text)]
    if not found or max(found) <= one.seen:
        return False
    one.seen, one.at = max(found), time.monotonic()
    return True


def _in_kernel(port: int) -> int:
    """Return the bytes that wait in both sockets of a connection over 127.0.0.1."""
    waiting = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        ports = [int(words[end].partition(":")[2], 16) for end in (1, 2)]
        if port in ports:
            waiting += sum(int(size, 16) for size in words[4].split(":"))
    return waiting
