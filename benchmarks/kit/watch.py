"""A thread's processor time, by the part of the work that used it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field


@define
class Watch:
    """Seconds by part; parts nest."""

    spent: dict[str, float] = field(factory=dict)

    @contextmanager
    def on(self, owner: Any, name: str, part: str) -> Iterator[None]:
        """Charge what a function of `owner` uses to a part."""
        real: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **named: Any) -> Any:
            before = time.thread_time()
            try:
                return real(*args, **named)
            finally:
                self.spent[part] = self.spent.get(part, 0.0) + time.thread_time() - before

        setattr(owner, name, timed)
        try:
            yield
        finally:
            setattr(owner, name, real)
