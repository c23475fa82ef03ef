"""The mailbox: joins that arrive together are carried out together.

A handler posts a command and awaits its answer; lanes (threads) take whole batches and call a
synchronous `carry_out`. Commands of one group keep their order of arrival, and a group is worked
on by one lane at a time, so the last seat goes to whoever asked first. Between two batches a lane
waits a moment for company; a command that comes alone is carried out at once.
"""

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

import structlog
from attrs import define, field, frozen

from groupbuy.domain.kernel import DomainError, TooMany, Unavailable, cell_of

LEAST, START, MOST = 32, 64, 256
"""Bounds of a batch, and its size before anything was measured.

A batch of 8 costs more than half of what one of 32 does (its statements are as many), so going
lower on a busy machine would only make it busier.
"""
RETRY_SECONDS = 1
_GROW_BELOW = 0.7
"""A batch that took less than this part of its target makes the next one larger."""
_PATIENCE = 6
"""Times the last batch: whoever joins reads the answer, pays, and only then comes back."""

C = TypeVar("C")
A = TypeVar("A")

Lane = tuple[str, int]
"""Tenant and cell: a batch never spans two of them."""


@frozen
class Letter(Generic[C, A]):
    """One command on its way, and where its answer goes."""

    tenant: str
    group_id: str
    command: C
    reply: "Future[A] | asyncio.Future[A]" = field(factory=Future)

    @property
    def lane(self) -> Lane:
        """What it may share a batch with."""
        return self.tenant, cell_of(self.group_id)


@define
class Tally:
    """What happened so far, for the metrics."""

    posted: int = 0
    refused: int = 0
    """Turned away because a queue was full."""
    batches: int = 0
    carried: int = 0
    one_by_one: int = 0
    """Batches that failed as a whole and were carried out singly."""


class Mailbox(Generic[C, A]):
    """One per process and database; start it before posting, close it before the database."""

    def __init__(
        self,
        carry_out: Callable[[Sequence[C]], Sequence[A | DomainError]],
        *,
        lanes: int = 1,
        per_group: int = 2_000,
        in_total: int = 10_000,
        target_seconds: float = 0.2,
        patience_seconds: float = 0.25,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare; nothing is carried out before `start`.

        `carry_out` answers commands in order; an exception means that nothing of them happened.
        No lane waits longer than `patience_seconds` for company, however long a batch took.
        """
        self.carry_out = carry_out
        self.lanes, self.per_group, self.in_total = lanes, per_group, in_total
        self.target_seconds, self.patience_seconds = target_seconds, patience_seconds
        self._clock = clock
        self.tally = Tally()
        self.size = START
        """How many commands the next batch may hold."""
        self._queues: OrderedDict[tuple[str, str], deque[Letter[C, A]]] = OrderedDict()
        """By tenant and group, the group that waits longest first."""
        self._busy = set[tuple[str, str]]()
        """Groups a lane is working on right now."""
        self._waiting = 0
        self._wanted = 1
        """How many commands must wait before a lane is woken."""
        self._company, self._patience = 0, 0.0
        """How many were just answered, and for how many seconds to wait for as many again."""
        self._closing = False
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []

    @property
    def waiting(self) -> int:
        """How many commands wait for a lane."""
        return self._waiting

    def start(self) -> None:
        """Start the lanes."""
        for number in range(self.lanes):
            thread = threading.Thread(target=self._work, name=f"mailbox-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Take nothing more, answer everything that waits, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def post(self, tenant: str, group_id: str, command: C) -> "Future[A]":
        """Queue a command. Raises TooMany at once when there is no room, Unavailable at the end."""
        reply: Future[A] = Future()
        self._queue(Letter(tenant, group_id, command, reply))
        return reply

    async def answer(self, tenant: str, group_id: str, command: C) -> A:
        """Post a command and await its answer. Raises what `post` raises, and its refusal.

        Whoever stops waiting does not undo anything: the command is carried out all the same.
        """
        reply: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._queue(Letter(tenant, group_id, command, reply))
        return await reply

    def _queue(self, letter: Letter[C, A]) -> None:
        place = (letter.tenant, letter.group_id)
        with self._changed:
            if self._closing:
                raise Unavailable(what="mailbox")
            queue = self._queues.get(place)
            full = queue is not None and len(queue) >= self.per_group
            if full or self._waiting >= self.in_total:
                self.tally.refused += 1
                raise TooMany(retry_after_seconds=RETRY_SECONDS)
            if queue is None:
                queue = self._queues[place] = deque()
            queue.append(letter)
            self._waiting += 1
            self.tally.posted += 1
            if self._waiting >= self._wanted:
                self._changed.notify()

    def _work(self) -> None:
        while (batch := self._next()) is not None:
            started = self._clock()
            try:
                self._deliver(batch)
            finally:
                self._done(batch, self._clock() - started)

    def _next(self) -> "list[Letter[C, A]] | None":
        """Wait for commands; None when we are closing and nothing waits."""
        with self._changed:
            self._wait_for_company()
            while True:
                batch = self._taken()
                if batch:
                    return batch
                if self._closing and not self._queues:
                    return None
                self._changed.wait()

    def _wait_for_company(self) -> None:
        """Wait for as many as were just answered: in a rush as many others press the button.

        Some times as long as the last batch took, and not at all after a batch of one. Meanwhile
        the thread that reads the requests has the interpreter to itself.
        """
        wanted, self._company = min(self._company, self.size), 0
        if wanted <= 1:
            return
        until = self._clock() + self._patience
        self._wanted = wanted
        while self._waiting < wanted and not self._closing:
            left = until - self._clock()
            if left <= 0:
                break
            self._changed.wait(left)
        self._wanted = 1

    def _taken(self) -> "list[Letter[C, A]]":
        """Take whole groups, the one waiting longest first, until the batch is full.

        Only a group that fills a batch alone is split; what is left of it goes to the end.
        """
        batch: list[Letter[C, A]] = []
        lane: Lane | None = None
        for place in list(self._queues):
            queue = self._queues[place]
            if place in self._busy or (lane is not None and queue[0].lane != lane):
                continue
            room = self.size - len(batch)
            if batch and len(queue) > room:
                break
            batch += [queue.popleft() for _ in range(min(room, len(queue)))]
            lane = batch[-1].lane
            self._busy.add(place)
            del self._queues[place]
            if queue:
                self._queues[place] = queue
            if len(batch) >= self.size:
                break
        self._waiting -= len(batch)
        return batch

    def _done(self, batch: "list[Letter[C, A]]", seconds: float) -> None:
        with self._changed:
            self._busy.difference_update({(each.tenant, each.group_id) for each in batch})
            self.tally.batches += 1
            self.tally.carried += len(batch)
            self._company = len(batch)
            self._patience = min(_PATIENCE * seconds, self.patience_seconds)
            if seconds > self.target_seconds:
                self.size = max(LEAST, self.size // 2)
            elif len(batch) >= self.size and seconds < _GROW_BELOW * self.target_seconds:
                self.size = min(MOST, self.size * 2)
            self._changed.notify_all()

    def _deliver(self, batch: "list[Letter[C, A]]") -> None:
        try:
            answers = self.carry_out([letter.command for letter in batch])
        except Exception as error:  # noqa: BLE001  one bad command must not answer for the others
            if len(batch) == 1:
                _reply(batch, [error])
                return
            structlog.get_logger().warning("mailbox.one_by_one", error=type(error).__qualname__)
            self.tally.one_by_one += 1
            for letter in batch:
                self._deliver([letter])
            return
        _reply(batch, answers)


def _reply(batch: "Sequence[Letter[C, A]]", answers: "Sequence[A | Exception]") -> None:
    """Answer whoever still waits; an event loop is woken once for all of its own."""
    awaited: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[A], A | Exception]]] = {}
    for letter, answer in zip(batch, answers, strict=True):
        if isinstance(letter.reply, asyncio.Future):
            awaited.setdefault(letter.reply.get_loop(), []).append((letter.reply, answer))
        elif letter.reply.set_running_or_notify_cancel():
            _settle(letter.reply, answer)
    for loop, replies in awaited.items():
        with suppress(RuntimeError):  # closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle_all, replies)


def _settle_all(replies: "Sequence[tuple[asyncio.Future[A], A | Exception]]") -> None:
    for reply, answer in replies:
        if not reply.done():
            _settle(reply, answer)


def _settle(reply: "Future[A] | asyncio.Future[A]", answer: "A | Exception") -> None:
    if isinstance(answer, Exception):
        reply.set_exception(answer)
    else:
        reply.set_result(answer)
