import asyncio
import threading
from datetime import UTC, datetime

import pytest
from attrs import evolve

from groupbuy.domain.campaigns import GroupState, Measure, Progress
from groupbuy.domain.kernel import NotFound, Unavailable
from groupbuy.entrypoints.http.live import ProgressHub, last_seen, stream

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

    def __init__(self):
        self.now = PROGRESS
        self.reads = 0
        self.down = False
        self.looked = threading.Event()

    def __call__(self, _tenant, ids):
        self.reads += 1
        self.looked.set()
        if self.down:
            raise Unavailable(what="database")
        return {each: self.now for each in ids if each == self.now.group_id}

    def change(self):
        self.now = evolve(self.now, sequence=self.now.sequence + 1)


class Reader:
    """One listener over a connection that may be stalled."""

    def __init__(self, hub, last=-1, *, stalled=False):
        self.got = asyncio.Queue()
        self._gone = asyncio.Event()
        self._free = asyncio.Event()
        if not stalled:
            self._free.set()
        listener = hub.join(KEY, PROGRESS)
        self.task = asyncio.create_task(stream(hub, KEY, listener, last, self._receive, self._send))

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        await self._free.wait()
        body = message.get("body", b"")
        if body.startswith((b"id:", b":")) or not message.get("more_body", True):
            await self.got.put(body)

    async def next(self):
        body = await asyncio.wait_for(self.got.get(), 20)
        return int(body.split()[1]) if body.startswith(b"id:") else body

    def resume(self):
        self._free.set()

    async def leave(self):
        self._gone.set()
        await asyncio.wait_for(self.task, 20)


def a_hub(groups, **options):
    return ProgressHub(groups, **{"poll_seconds": NEVER, "heartbeat_seconds": NEVER, **options})


def test_a_change_that_is_told_reaches_everybody_by_one_read():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        readers = [Reader(hub) for _ in range(5)]
        assert [await each.next() for each in readers] == [1] * 5
        groups.change()
        hub.heard("t", ["grp_1"])
        assert [await each.next() for each in readers] == [2] * 5
        assert groups.reads == 1
        for each in readers:
            await each.leave()
        assert hub.watchers == 0
        await hub.close()

    asyncio.run(watch())


def test_a_stalled_reader_delays_nobody_and_gets_only_the_newest_state():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        slow, quick = Reader(hub, stalled=True), Reader(hub)
        assert await quick.next() == 1
        for sequence in (2, 3, 4):
            groups.change()
            hub.heard("t", ["grp_1"])
            assert await quick.next() == sequence
        slow.resume()
        assert await slow.next() == 4
        assert slow.got.empty()
        await slow.leave()
        await quick.leave()
        await hub.close()

    asyncio.run(watch())


def test_whoever_has_seen_the_current_state_hears_nothing_until_it_changes():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        reader = Reader(hub, last=1)
        groups.change()
        hub.heard("t", ["grp_1"])
        assert await reader.next() == 2
        await reader.leave()
        await hub.close()

    asyncio.run(watch())


def test_a_change_nobody_told_of_is_found_by_looking():
    async def watch():
        groups = Groups()
        hub = a_hub(groups, poll_seconds=0)
        hub.start()
        reader = Reader(hub, last=1)
        groups.change()
        assert await reader.next() == 2
        await reader.leave()
        await hub.close()

    asyncio.run(watch())


def test_a_database_that_is_down_ends_no_stream():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        reader = Reader(hub, last=1)
        groups.down = True
        hub.heard("t", ["grp_1"])
        await asyncio.to_thread(groups.looked.wait, 20)
        groups.down = False
        groups.change()
        hub.heard("t", ["grp_1"])
        assert await reader.next() == 2
        await reader.leave()
        await hub.close()

    asyncio.run(watch())


def test_a_quiet_stream_shows_signs_of_life():
    async def watch():
        hub = a_hub(Groups(), heartbeat_seconds=0)
        reader = Reader(hub, last=1)
        assert (await reader.next()).startswith(b":")
        await reader.leave()

    asyncio.run(watch())


def test_closing_ends_every_stream():
    async def watch():
        hub = a_hub(Groups())
        hub.start()
        reader = Reader(hub)
        assert await reader.next() == 1
        await hub.close()
        assert await reader.next() == b""
        await asyncio.wait_for(reader.task, 20)

    asyncio.run(watch())


def test_many_who_ask_at_the_same_time_cause_one_read():
    async def ask():
        groups = Groups()
        hub = a_hub(groups)
        found = await asyncio.gather(*(hub.state(KEY) for _ in range(50)))
        assert {each.sequence for each in found} == {1}
        assert groups.reads == 1

    asyncio.run(ask())


def test_a_change_made_here_is_seen_by_the_next_who_asks():
    async def ask():
        groups = Groups()
        hub = a_hub(groups)
        assert (await hub.state(KEY)).sequence == 1
        groups.change()
        hub.changed("t", ["grp_1"])
        assert (await hub.state(KEY)).sequence == 2

    asyncio.run(ask())


def test_a_group_that_is_not_there_is_not_found():
    async def ask():
        with pytest.raises(NotFound):
            await a_hub(Groups()).state(("t", "grp_2"))

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("header", "sequence"),
    [("", -1), ("7", 7), (" 7 ", 7), ("-7", -1), ("x", -1), ("٣", -1), ("9" * 30, -1)],
)
def test_a_last_event_id_is_a_number_or_nothing(header, sequence):
    assert last_seen(header) == sequence
