"""A group whose progress is watched, and readers over connections that may be stalled."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from groupbuy.domain.campaigns import GroupState, Measure, Progress
from groupbuy.domain.kernel import Unavailable
from groupbuy.entrypoints.http.live import stream
from groupbuy.entrypoints.http.progress import ProgressHub

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = ("t", "grp_1")
NEVER = 3600
PROGRESS = Progress(
    campaign_id="cmp_1",
    group_id="grp_1",
    state=GroupState.OPEN,
    measure=Measure.BUYERS,
    target=3,
    reached=0,
    joined=0,
    missing=3,
    held=0,
    seats_left=None,
    seconds_left=60,
    ends_at=NOW,
    server_time=NOW,
    waived=False,
    sequence=1,
)


class Groups:
    """The state of one group, and how often it was read."""

    def __init__(self) -> None:
        self.now = PROGRESS
        self.reads = 0
        self.down = False
        self.looked = threading.Event()

    def __call__(self, _tenant: str, ids: Sequence[str]) -> dict[str, Progress]:
        self.reads += 1
        self.looked.set()
        if self.down:
            raise Unavailable(what="database")
        return {each: self.now for each in ids if each == self.now.group_id}

    def change(self) -> None:
        self.now = evolve(self.now, sequence=self.now.sequence + 1)


class Reader:
    """One listener over a connection that may be stalled, as a server treats it."""

    def __init__(
        self,
        hub: ProgressHub,
        last: int = -1,
        *,
        address: str = "",
        seconds: float | None = None,
    ) -> None:
        self.got = asyncio.Queue[bytes]()
        self._over = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()
        self.listener = hub.join(KEY, PROGRESS, last=last, address=address)
        self.task = asyncio.create_task(
            stream(hub, self.listener, self._receive, self._send, seconds=seconds)
        )

    async def _receive(self) -> Any:
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self._free.wait()
        body = message.get("body", b"")
        if body.startswith((b"id:", b":")):
            await self.got.put(body)
        if message["type"] == "http.response.body" and not message["more_body"]:
            await self.got.put(body)
            self._over.set()

    async def next(self) -> int | bytes:
        body = await asyncio.wait_for(self.got.get(), 20)
        return int(body.split()[1]) if body.startswith(b"id:") else body

    def stall(self) -> None:
        self._free.clear()

    def resume(self) -> None:
        self._free.set()

    async def leave(self) -> None:
        self._over.set()
        await asyncio.wait_for(self.task, 20)


def a_hub(
    groups: Groups, *, poll_seconds: float = NEVER, heartbeat_seconds: float = NEVER
) -> ProgressHub:
    """Return a hub that looks and beats only when it is told to."""
    return ProgressHub(groups, poll_seconds=poll_seconds, heartbeat_seconds=heartbeat_seconds)
