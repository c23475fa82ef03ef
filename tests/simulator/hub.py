"""Who runs next: greenlets as processes and people, one virtual clock, one seed."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random  # noqa: TID251  the seed is the only source of chance
from typing import Any

from attrs import define, field
from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """The process this ran in is gone; nothing of it may be caught or cleaned up."""


@define(eq=False)
class Fiber:
    """One line of action: a worker, a person, a callback on its way."""

    name: str
    run: greenlet
    rank: float = 0.0
    sleep: int = 0
    """Tells its present sleep from earlier ones that somebody cut short."""
    life: Any = None
    """(process, generation) it acts in; None for people and providers."""
    asleep: bool = False


@define(eq=False)
class Hub:
    """Switches between fibers at every point they pass; time moves only when all of them wait.

    Half of the seeds choose uniformly, half by rank: the highest goes on until it sleeps or falls,
    which finds races that lie many steps apart.
    """

    chance: Random
    at: datetime
    by_rank: bool = False
    falls: frozenset[int] = frozenset()
    kills: frozenset[int] = frozenset()
    steps: int = 0
    overlaps: int = 0
    on_kill: Callable[[Any], None] = lambda _: None
    _ready: list[Fiber] = field(factory=list)
    _timers: list[tuple[datetime, int, Any, int]] = field(factory=list)
    _order: Any = field(factory=count)
    _main: greenlet = field(factory=getcurrent)
    now: Fiber | None = None

    def spawn(self, name: str, act: Callable[[], None]) -> Fiber:
        """Let something begin as soon as it is chosen."""
        fiber = Fiber(name, greenlet(act, parent=self._main), self.chance.random())
        self._ready.append(fiber)
        return fiber

    def later(self, delay: timedelta, name: str, act: Callable[[], None]) -> None:
        """Let something begin after a while."""
        heapq.heappush(self._timers, (self.at + delay, next(self._order), (name, act), 0))

    def point(self) -> None:
        """Pass a point where anybody else may go first, and where a process may die."""
        fiber = self.now
        if fiber is None:
            return
        self.steps += 1
        if self.steps in self.kills and fiber.life is not None:
            self.on_kill(fiber.life[0])
        if self.steps in self.falls:
            fiber.rank -= 1.0
        if self._ready:
            self.overlaps += 1
            self._ready.append(fiber)
            self._main.switch()
        self.check(fiber)

    def sleep(self, delay: timedelta) -> None:
        """Do nothing for a while."""
        fiber = self.now
        if fiber is None:
            return
        self.wake(fiber, self.at + delay)
        fiber.asleep = True
        self._main.switch()
        self.check(fiber)

    def wake(self, fiber: Fiber, at: datetime) -> None:
        """End a fiber's present sleep at an instant, if nothing ends it before."""
        place = (max(at, self.at), next(self._order), fiber, fiber.sleep)
        heapq.heappush(self._timers, place)

    def check(self, fiber: Fiber) -> None:
        """Stop here if the process has died meanwhile."""
        if fiber.life is not None and fiber.life[0].generation != fiber.life[1]:
            raise Killed

    def run(self, stop: Callable[[], bool]) -> None:
        """Go on until everybody sleeps and `stop` says so, or nobody is left."""
        while True:
            while self._ready:
                self.now = fiber = self._next()
                fiber.run.switch()
                self.now = None
            if stop() or not self._timers:
                return
            self._advance()

    def _next(self) -> Fiber:
        if len(self._ready) == 1:
            return self._ready.pop()
        if self.by_rank:
            place = max(range(len(self._ready)), key=lambda n: self._ready[n].rank)
        else:
            place = int(self.chance.random() * len(self._ready))
        return self._ready.pop(place)

    def _advance(self) -> None:
        self.at = max(self.at, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self.at:
            _, _, who, sleep = heapq.heappop(self._timers)
            if isinstance(who, tuple):
                self.spawn(*who)
            elif who.asleep and who.sleep == sleep:
                who.sleep += 1
                who.asleep = False
                self._ready.append(who)
