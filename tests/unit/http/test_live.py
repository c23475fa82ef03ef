import asyncio

import pytest
from attrs import evolve

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.http.live import last_seen
from groupbuy.entrypoints.http.progress import ProgressHub
from tests.support.live import KEY, PROGRESS, Groups, Reader, a_hub


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


def test_a_stalled_reader_delays_nobody_and_skips_to_the_newest_state():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        slow, quick = Reader(hub), Reader(hub)
        assert await slow.next() == await quick.next() == 1
        slow.stall()
        for sequence in (2, 3, 4, 5):
            groups.change()
            hub.heard("t", ["grp_1"])
            assert await quick.next() == sequence
        slow.resume()
        assert [await slow.next(), await slow.next()] == [2, 5]
        assert slow.got.empty()
        await slow.leave()
        await quick.leave()
        await hub.close()

    asyncio.run(watch())


def test_a_reader_that_is_stalled_from_the_start_gets_only_the_newest_state():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        slow, quick = Reader(hub), Reader(hub)
        slow.stall()
        assert await quick.next() == 1
        for sequence in (2, 3):
            groups.change()
            hub.heard("t", ["grp_1"])
            assert await quick.next() == sequence
        slow.resume()
        assert await slow.next() == 3
        assert slow.got.empty()
        await slow.leave()
        await quick.leave()
        await hub.close()

    asyncio.run(watch())


def test_after_a_loss_of_signals_everything_watched_is_read_again():
    async def watch():
        groups = Groups()
        hub = a_hub(groups)
        hub.start()
        assert (await hub.state(KEY)).sequence == 1
        reader = Reader(hub, last=1)
        groups.change()
        await asyncio.to_thread(hub.lost)
        assert await reader.next() == 2
        assert (await hub.state(KEY)).sequence == 2
        await reader.leave()
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


def test_a_stream_whose_time_is_over_ends_and_makes_room():
    async def watch():
        hub = a_hub(Groups())
        hub.start()
        short, other = Reader(hub, last=1, seconds=0), Reader(hub)
        assert await short.next() == b""
        await asyncio.wait_for(short.task, 20)
        assert hub.watchers == 1
        assert await other.next() == 1
        await other.leave()
        await hub.close()

    asyncio.run(watch())


def test_a_hub_of_few_places_turns_the_next_one_away():
    async def watch():
        hub = ProgressHub(Groups(), most=2)
        readers = [Reader(hub, address=each) for each in "ab"]
        assert hub.full_for("c")
        for each in readers:
            await each.leave()
        assert not hub.full_for("c")

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
        hub.start()
        reader = Reader(hub, last=1)
        assert (await reader.next()).startswith(b":")
        await reader.leave()
        await hub.close()

    asyncio.run(watch())


def test_closing_ends_every_stream():
    async def watch():
        hub = a_hub(Groups())
        hub.start()
        readers = [Reader(hub) for _ in range(3)]
        late = Reader(hub)
        assert [await each.next() for each in (*readers, late)] == [1] * 4
        late.stall()
        hub.join(KEY, evolve(PROGRESS, sequence=2))
        assert [await each.next() for each in readers] == [2] * 3
        await hub.close()
        assert [await each.next() for each in readers] == [b""] * 3
        late.resume()
        assert [await late.next(), await late.next()] == [2, b""]
        await asyncio.wait_for(asyncio.gather(*(e.task for e in (*readers, late))), 20)
        assert hub.watchers == 1

    asyncio.run(watch())


@pytest.mark.parametrize("turns", range(6))
def test_closing_together_with_a_change_ends_everything(turns):
    async def watch():
        hub = a_hub(Groups())
        hub.start()
        await asyncio.sleep(0)
        hub.join(KEY, PROGRESS)
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.wait_for(hub.close(), 20)

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
