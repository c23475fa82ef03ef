import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from groupbuy.domain.kernel import Refused, TooMany, Unavailable, make_id
from groupbuy.entrypoints.http import mailbox as module
from groupbuy.entrypoints.http.mailbox import Mailbox

LONG = 20


def group(number, cell=0):
    return make_id("grp", millis=1, cell=cell, entropy=number)


class Counter:
    """Carries out commands by echoing them; can be held shut while others queue up."""

    def __init__(self):
        self.batches = []
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Semaphore(0)

    def __call__(self, commands):
        self.batches.append(list(commands))
        self.entered.release()
        assert self.open.wait(LONG)
        return [f"done {command}" for command in commands]

    def shut(self):
        self.open.clear()


class Slow(Counter):
    """Each batch takes an hour, as its own clock says."""

    def __init__(self):
        super().__init__()
        self.seconds = 0.0

    def __call__(self, commands):
        self.seconds += 3600
        return super().__call__(commands)

    def clock(self):
        return self.seconds


@contextmanager
def running(carry_out, **options):
    box = Mailbox(carry_out, **options)
    box.start()
    try:
        yield box
    finally:
        box.close()


@contextmanager
def held(counter, box):
    """Keep one lane busy with a command of a group of its own, so that others queue up."""
    counter.shut()
    first = box.post("t", group(999), "first")
    assert counter.entered.acquire(timeout=LONG)
    counter.batches.clear()
    yield
    counter.open.set()
    assert first.result(LONG) == "done first"


def answers(futures):
    return [future.result(LONG) for future in futures]


def test_a_lonely_command_goes_at_once_as_a_batch_of_one():
    counter = Counter()
    with running(counter) as box:
        assert box.post("t", group(1), "a").result(LONG) == "done a"
    assert counter.batches == [["a"]]


def test_commands_that_wait_together_are_carried_out_together_and_in_order_of_arrival():
    counter = Counter()
    with running(counter) as box:
        with held(counter, box):
            waiting = [box.post("t", group(1), n) for n in range(50)]
        assert answers(waiting) == [f"done {n}" for n in range(50)]
    assert counter.batches == [list(range(50))]


def test_a_lane_waits_for_as_many_as_it_has_just_answered():
    counter = Slow()
    with running(counter, patience_seconds=3600, clock=counter.clock) as box:
        with held(counter, box):
            waiting = [box.post("t", group(1), n) for n in range(3)]
        answers(waiting)
        again = [box.post("t", group(n), n) for n in (1, 2, 3)]
        assert answers(again) == ["done 1", "done 2", "done 3"]
        box.post("t", group(1), "last words")  # two are missing: closing ends the wait
    assert counter.batches == [[0, 1, 2], [1, 2, 3], ["last words"]]


def test_a_lane_waits_no_longer_than_the_last_batch_tells():
    counter = Slow()
    with running(counter, patience_seconds=0.0, clock=counter.clock) as box:
        with held(counter, box):
            waiting = [box.post("t", group(1), n) for n in range(3)]
        answers(waiting)
        assert box.post("t", group(1), "alone").result(LONG) == "done alone"
    assert counter.batches == [[0, 1, 2], ["alone"]]


def test_nobody_waits_after_a_batch_of_one():
    counter = Slow()
    with running(counter, patience_seconds=3600, clock=counter.clock) as box:
        for word in ("one", "two", "three"):
            assert box.post("t", group(1), word).result(LONG) == f"done {word}"
    assert counter.batches == [["one"], ["two"], ["three"]]


def test_a_hot_group_does_not_starve_a_quiet_one():
    counter = Counter()
    with running(counter) as box:
        with held(counter, box):
            hot = [box.post("t", group(1), f"hot{n}") for n in range(module.START * 3)]
            quiet = box.post("t", group(2), "quiet")
        assert quiet.result(LONG) == "done quiet"
        answers(hot)
    turn = next(i for i, batch in enumerate(counter.batches) if "quiet" in batch)
    assert turn == 1, "the group that waits goes before the rest of the hot one"


def test_whole_groups_share_a_batch_before_any_is_split():
    counter = Counter()
    with running(counter) as box:
        with held(counter, box):
            waiting = [box.post("t", group(g), (g, n)) for g in (1, 2, 3) for n in range(30)]
        answers(waiting)
    assert [len(batch) for batch in counter.batches] == [60, 30]
    assert {g for g, _ in counter.batches[0]} == {1, 2}


@pytest.mark.parametrize(
    ("tenant", "other"), [("u", group(2)), ("t", group(2, cell=7))], ids=["tenant", "cell"]
)
def test_a_batch_never_spans_two_tenants_or_cells(tenant, other):
    counter = Counter()
    with running(counter) as box:
        with held(counter, box):
            waiting = [box.post("t", group(1), "ours"), box.post(tenant, other, "theirs")]
        answers(waiting)
    assert sorted(counter.batches) == [["ours"], ["theirs"]]


def test_one_group_is_never_worked_on_by_two_lanes():
    counter = Counter()
    with running(counter, lanes=2) as box:
        counter.shut()
        one = box.post("t", group(1), "one")
        assert counter.entered.acquire(timeout=LONG)
        two = box.post("t", group(1), "two")
        other = box.post("t", group(2), "other")
        assert counter.entered.acquire(timeout=LONG)
        assert counter.batches == [["one"], ["other"]]
        counter.open.set()
        assert answers([one, two, other]) == ["done one", "done two", "done other"]


def test_a_full_group_is_turned_away_at_once_and_others_are_not():
    counter = Counter()
    with running(counter, per_group=2) as box:
        with held(counter, box):
            waiting = [box.post("t", group(1), n) for n in range(2)]
            with pytest.raises(TooMany) as refusal:
                box.post("t", group(1), 3)
            waiting.append(box.post("t", group(2), 4))
        assert len(answers(waiting)) == 3
    assert refusal.value.retry_after_seconds >= 1
    assert box.tally.refused == 1


def test_a_full_mailbox_is_turned_away_at_once():
    counter = Counter()
    with running(counter, in_total=2) as box, held(counter, box):
        box.post("t", group(1), 1)
        box.post("t", group(2), 2)
        with pytest.raises(TooMany):
            box.post("t", group(3), 3)


def test_one_bad_apple_is_answered_alone():
    alone = []

    def carry_out(commands):
        if len(commands) == 1:
            alone.extend(commands)
        if "bad" in commands:
            raise Refused(rule="no")
        return list(commands)

    box = Mailbox(carry_out)
    waiting = [box.post("t", group(1), word) for word in ("a", "bad", "b")]
    box.start()
    assert waiting[0].result(LONG) == "a"
    assert waiting[2].result(LONG) == "b"
    with pytest.raises(Refused):
        waiting[1].result(LONG)
    box.close()
    assert alone == ["a", "bad", "b"]
    assert box.tally.one_by_one == 1


def test_a_lane_survives_any_exception():
    def carry_out(_commands):
        raise RuntimeError

    with running(carry_out) as box:
        for _ in range(3):
            with pytest.raises(RuntimeError):
                box.post("t", group(1), "x").result(LONG)


def test_closing_answers_everything_that_waits_and_takes_nothing_more():
    counter = Counter()
    box = Mailbox(counter)
    waiting = [box.post("t", group(n % 3), n) for n in range(300)]
    box.start()
    box.close()
    assert all(future.done() for future in waiting)
    assert answers(waiting) == [f"done {n}" for n in range(300)]
    with pytest.raises(Unavailable):
        box.post("t", group(1), "late")


def test_whoever_stops_waiting_undoes_nothing():
    counter = Counter()

    async def impatient(box):
        counter.shut()
        task = asyncio.create_task(box.answer("t", group(1), "mine"))
        await asyncio.to_thread(counter.entered.acquire, timeout=LONG)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        counter.open.set()
        return await box.answer("t", group(1), "next")

    with running(counter) as box:
        assert asyncio.run(impatient(box)) == "done next"
    assert counter.batches[0] == ["mine"]


def test_a_command_whose_asker_left_before_its_turn_is_carried_out_too():
    counter = Counter()
    with running(counter) as box:
        with held(counter, box):
            gone: Future[str] = box.post("t", group(1), "gone")
            assert gone.cancel()
        box.post("t", group(2), "after").result(LONG)
    assert "gone" in [each for batch in counter.batches for each in batch]


def test_batches_shrink_when_they_take_too_long_and_grow_back():
    box = Mailbox(lambda commands: commands, target_seconds=1)
    letters = [module.Letter("t", group(1), n) for n in range(module.START)]
    box._done(letters, 1.5)
    assert box.size == module.START // 2
    for _ in range(10):
        box._done(letters, 2)
    assert box.size == module.LEAST
    for _ in range(10):
        box._done([letters[0]] * box.size, 0.1)
    assert box.size == module.MOST
