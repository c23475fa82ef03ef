"""Many who watch one group: what each costs, and that none is in the way of the others."""

import asyncio
import gc
import tracemalloc
import weakref

from attrs import evolve

from groupbuy.entrypoints.http.live import AT_ONCE
from groupbuy.entrypoints.http.progress import ProgressHub
from tests.support.live import KEY, PROGRESS, Groups, Reader, a_hub

COUNTED = 500
LISTENER_BYTES = 400
"""What the hub itself may keep for a listener to whom nothing happens."""


def test_a_crowd_is_served_by_and_by_and_others_have_their_turn_meanwhile():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        readers = [Reader(hub, last=1) for _ in range(3 * AT_ONCE)]
        await asyncio.sleep(0)
        groups.change()
        hub.heard("t", ["grp_1"])
        most = 0
        while readers[-1].got.empty() or readers[0].got.empty():
            most = max(most, sum(each.listener.sending is not None for each in readers))
            await asyncio.sleep(0)
        assert [await each.next() for each in readers] == [2] * len(readers)
        assert most <= AT_ONCE
        await asyncio.gather(*(each.leave() for each in readers))
        await hub.close()

    asyncio.run(watch())


def test_a_listener_that_has_left_leaves_nothing_behind():
    async def watch():
        hub = a_hub(Groups())
        hub.start()
        quick, stalled = Reader(hub), Reader(hub)
        assert await quick.next() == await stalled.next() == 1
        stalled.stall()
        hub.join(KEY, evolve(PROGRESS, sequence=2))
        assert await quick.next() == 2
        kept = [weakref.ref(each.listener) for each in (quick, stalled)]
        await quick.leave()
        await stalled.leave()
        del quick, stalled
        await asyncio.sleep(0)
        gc.collect()
        assert [each() for each in kept] == [None, None]
        assert hub.watchers == 1
        await hub.close()

    asyncio.run(watch())


def test_a_reader_whose_connection_breaks_harms_nobody():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        quick = Reader(hub, last=1)
        broken = hub.join(KEY, PROGRESS, last=1)

        async def fail(_message):
            raise ConnectionResetError

        hub.begin(broken, fail)
        for sequence in (2, 3):
            groups.change()
            hub.heard("t", ["grp_1"])
            assert await quick.next() == sequence
        hub.leave(broken)
        hub.leave(broken)
        await quick.leave()
        assert hub.watchers == 0
        await hub.close()

    asyncio.run(watch())


def test_when_it_gets_crowded_no_address_takes_more_than_its_share():
    hub = ProgressHub(Groups(), most=20)
    for address in "aabcdefghi":
        assert not hub.full_for(address)
        last = hub.join(KEY, PROGRESS, address=address)
    assert hub.full_for("a")
    assert not hub.full_for("b")
    hub.leave(last)
    assert not hub.full_for("a")
    for address in "klmnopqrstu":
        hub.join(KEY, PROGRESS, address=address)
    assert hub.full_for("v")


def test_an_idle_listener_costs_few_bytes_and_no_task_of_its_own():
    async def watch():
        hub = a_hub(Groups())
        hub.start()
        left, all_sent = [COUNTED], asyncio.Event()

        async def send(_message):
            left[0] -= 1
            if not left[0]:
                all_sent.set()

        gc.collect()
        tasks = len(asyncio.all_tasks())
        tracemalloc.start()
        for number in range(COUNTED):
            hub.begin(hub.join(KEY, PROGRESS, address=f"10.0.0.{number % 250}"), send)
        await asyncio.wait_for(all_sent.wait(), 20)
        await asyncio.sleep(0)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(asyncio.all_tasks()) == tasks
        assert used / COUNTED <= LISTENER_BYTES
        await hub.close()

    asyncio.run(watch())
