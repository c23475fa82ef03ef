"""Unguessable bytes in small change: drawn from the operating system by the thousand.

Asking the kernel for a few bytes at a time costs a request more than everything it does with them.
"""

import os
import threading

from attrs import define, field

DRAWN = 8_192
"""Bytes fetched at once."""


@define(eq=False)
class Chance:
    """Bytes of the operating system's generator, each given out once."""

    _pool: bytes = field(default=b"", init=False, repr=False)
    _used: int = field(default=0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Share nothing with a child process."""
        os.register_at_fork(after_in_child=self._forget)

    def draw(self, count: int) -> bytes:
        """Return that many bytes nobody else gets."""
        with self._lock:
            start, end = self._used, self._used + count
            if end > len(self._pool):
                self._pool = os.urandom(max(DRAWN, count))
                start, end = 0, count
            self._used = end
            return self._pool[start:end]

    def _forget(self) -> None:
        self._pool, self._used, self._lock = b"", 0, threading.Lock()


CHANCE = Chance()
"""The one pool of this process."""
