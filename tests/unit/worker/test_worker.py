import threading
from types import SimpleNamespace

import pytest
from attrs import evolve, field, frozen

from groupbuy.adapters.memory import MemoryDatabase, MemorySignals
from groupbuy.adapters.memory.pictures import MemoryPictures
from groupbuy.application.jobs import last_runs, note_run, run_by_hand
from groupbuy.application.ports.tenancy import Tenant
from groupbuy.application.report_facts import OrderFact
from groupbuy.application.write_path import OUTBOX
from groupbuy.domain.kernel import Busy, Forbidden, Invalid, Unavailable
from groupbuy.entrypoints import recurring
from groupbuy.entrypoints.recurring import JOBS
from groupbuy.entrypoints.settings import Settings
from groupbuy.entrypoints.worker import Worker
from tests.support.shop import Shop

NEVER = 24 * 3600
"""Seconds between ticks, where a test does the waking itself."""
PATIENCE = 30
"""Seconds after which a test that would hang fails instead."""


@frozen
class ScriptedRelay:
    """Handles what a test puts before it."""

    act: object
    each: object = None
    failed: object = None
    seen: list = field(factory=list)

    def tick(self, tenant):
        self.seen.append(tenant)
        return self.act(tenant, self)


class Turns:
    """Counts what happened, and lets a test wait for it."""

    def __init__(self):
        self._more = threading.Condition()
        self._count = 0

    def add(self):
        with self._more:
            self._count += 1
            self._more.notify_all()

    def wait_for(self, count):
        with self._more:
            assert self._more.wait_for(lambda: self._count >= count, PATIENCE)


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def start(shop):
    """Start a worker on a relay; it is stopped after the test."""
    started = []

    def begin(act, tenants=(), **given):
        database, signals = MemoryDatabase(), MemorySignals()
        for tenant in tenants:
            database.put_tenant(Tenant(id=tenant))
        app = SimpleNamespace(
            settings=Settings(),
            database=database,
            desk=shop.desk,
            kit=shop.kit,
            signals=signals,
            relay=ScriptedRelay(act) if callable(act) else act,
            bills={},
            pictures=SimpleNamespace(store=MemoryPictures(shop.clock)),
        )
        worker = Worker(app, **{"tick_seconds": NEVER, **given})
        worker.start()
        started.append(worker)
        return worker, app

    yield begin
    for worker in started:
        worker.stop()


def test_a_worker_works_until_nothing_is_due(start):
    left, turns = [3, 2, 1, 0], Turns()

    def act(tenant, relay):
        turns.add()
        return left.pop(0) if left else 0

    start(act)
    turns.wait_for(4)
    assert left == []


def test_staged_work_wakes_the_worker_at_once(start):
    turns = Turns()
    _, app = start(lambda tenant, relay: turns.add() or 0)
    turns.wait_for(1)
    app.signals.publish("main", (OUTBOX,))
    turns.wait_for(2)


def test_the_clock_wakes_the_worker_when_nobody_else_does(start):
    turns = Turns()
    start(lambda tenant, relay: turns.add() or 0, tick_seconds=1)
    turns.wait_for(2)


def test_every_tenant_gets_its_turn_the_default_one_too(start):
    turns = Turns()
    _, app = start(lambda tenant, relay: turns.add() or 0, tenants=("north", "south"))
    turns.wait_for(3)
    assert app.relay.seen == ["main", "north", "south"]


@pytest.mark.parametrize("trouble", [Unavailable(what="database"), RuntimeError("a defect")])
def test_the_trouble_of_one_tenant_keeps_no_other_from_its_turn(start, trouble, capsys):
    served = Turns()

    def act(tenant, relay):
        if tenant == "main":
            raise trouble
        served.add()
        return 0

    start(act, tenants=("north",))
    served.wait_for(1)


def test_jobs_of_one_tick_run_side_by_side(start):
    together = threading.Barrier(2, timeout=PATIENCE)
    turns = Turns()

    def act(tenant, relay):
        relay.each([together.wait, together.wait])
        turns.add()
        return 0

    start(act)
    turns.wait_for(1)


def test_stopping_waits_for_work_that_was_begun(start):
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def act(tenant, relay):
        begun.set()
        assert may_end.wait(PATIENCE)
        ended.append(tenant)
        return 1

    worker, _ = start(act)
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    assert ended == []
    may_end.set()
    stopping.join(PATIENCE)
    assert ended == ["main"]


def test_a_stopped_worker_hears_nothing_any_more(start):
    turns = Turns()
    worker, app = start(lambda tenant, relay: turns.add() or 0)
    turns.wait_for(1)
    worker.stop()
    seen = len(app.relay.seen)
    app.signals.publish("main", (OUTBOX,))
    assert len(app.relay.seen) == seen


def test_the_month_is_settled_when_the_local_day_changes(start, shop, monkeypatch):
    settled, turns = [], Turns()

    def settle(desk, tenant):
        settled.append(shop.clock.at)
        return SimpleNamespace(settled=())

    monkeypatch.setattr(recurring, "settle_due", settle)
    worker, _ = start(lambda tenant, relay: turns.add() or 0)
    turns.wait_for(1)
    shop.clock.forward(hours=11)
    worker.wake()
    turns.wait_for(2)
    assert len(settled) == 1
    shop.clock.forward(hours=2)
    worker.wake()
    turns.wait_for(3)
    assert len(settled) == 2


def test_the_jobs_do_what_the_worker_does(shop):
    shop.join_and_pay(shop.campaign(), 3)
    app = SimpleNamespace(
        desk=shop.desk,
        kit=shop.kit,
        relay=shop.relay,
        database=MemoryDatabase(),
        bills={},
        pictures=SimpleNamespace(store=MemoryPictures(shop.clock)),
    )
    handled = {job.name: job.run(app, "main") for job in JOBS}
    assert handled["relay"] > 0
    assert handled["settlement"] == handled["housekeeping"] == 0
    assert shop.relay.tick("main") == 0


def test_a_worker_rests_once_it_has_looked_and_not_from_the_moment_it_is_woken(start):
    begun, may_end = threading.Event(), threading.Event()

    def act(_tenant, _relay):
        begun.set()
        assert may_end.wait(PATIENCE)
        return 0

    worker, _ = start(act)
    for _ in range(2):
        assert begun.wait(PATIENCE)
        assert worker.resting is False
        may_end.set()
        pause = threading.Event()
        while not worker.resting:
            pause.wait(0.001)
        begun.clear()
        may_end.clear()
        worker.wake()
        assert worker.resting is False
    may_end.set()


def test_a_daily_job_that_fails_does_not_keep_due_work_from_being_done(start, monkeypatch):
    def broken(_database, _tenant, _now):
        raise RuntimeError("no right to remove")

    monkeypatch.setattr(MemoryDatabase, "forget", broken)
    turns = Turns()

    def act(_tenant, _relay):
        turns.add()
        return 0

    start(act)
    turns.wait_for(1)


def test_a_daily_job_that_fails_is_tried_again_each_minute_and_keeps_no_other_from_its_turn(
    start, shop, monkeypatch
):
    tries, removed, turns = [], [], Turns()

    def broken(_desk, _tenant):
        tries.append(shop.clock.at)
        raise RuntimeError("no statement to settle on")

    monkeypatch.setattr(recurring, "settle_due", broken)
    monkeypatch.setattr(MemoryDatabase, "forget", lambda *_: removed.append(1) or {})
    worker, _ = start(lambda *_: turns.add() or 0)
    turns.wait_for(1)
    worker.wake()
    turns.wait_for(2)
    assert (len(tries), removed) == (1, [1])
    shop.clock.forward(minutes=1)
    worker.wake()
    turns.wait_for(3)
    assert (len(tries), removed) == (2, [1])


def test_a_real_relay_does_its_work_on_the_workers_threads(start, shop):
    joined = shop.join_and_pay(shop.campaign(), 3)
    idle = Turns()

    def act(tenant, relay):
        handled = evolve(shop.relay, each=relay.each).tick(tenant)
        if not handled:
            idle.add()
        return handled

    worker, _ = start(act)
    idle.wait_for(1)
    # Nothing is left to begin; what was begun ends before the worker does.
    worker.stop()
    assert {message.user_id for _, message in shop.notifier.sent} >= {
        each.order.buyer_id for each in joined
    }
    assert shop.trouble == []


def runs(shop):
    return shop.desk.read(shop.system(), last_runs)


def test_what_the_worker_has_done_is_noted_for_people(start, shop):
    turns, handled = Turns(), iter([3])
    start(lambda *_: turns.add() or next(handled, 0))
    turns.wait_for(2)
    noted = runs(shop)
    daily = {each.name for each in JOBS if each.daily}
    assert noted.keys() == daily | {"relay"}
    assert {run.by for run in noted.values()} == {"worker"}
    assert {run.error for run in noted.values()} == {""}
    assert noted["relay"].handled == 3


def test_a_daily_job_that_fails_is_noted_with_its_error(start, shop, monkeypatch):
    def broken(_desk, _tenant):
        raise Unavailable(what="database")

    monkeypatch.setattr(recurring, "settle_due", broken)
    turns = Turns()
    start(lambda *_: turns.add() or 0)
    turns.wait_for(1)
    assert (runs(shop)["settlement"].error, runs(shop)["ladder"].error) == ("unavailable", "")


def test_a_run_by_hand_keeps_its_claim_while_the_worker_notes_its_own(shop):
    def while_it_runs():
        shop.desk.run(shop.system(), lambda w: note_run(w, "ladder", shop.clock.at, 1))
        with pytest.raises(Busy):
            run_by_hand(shop.desk, shop.system(), "ladder", lambda: 0, "me too")
        return 5

    done = run_by_hand(shop.desk, shop.system(), "ladder", while_it_runs, "now")
    assert (done.handled, done.claimed_until) == (5, None)


def test_a_run_by_hand_that_fails_is_free_again_and_says_with_what(shop):
    def broken():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        run_by_hand(shop.desk, shop.system(), "ladder", broken, "now")
    assert runs(shop)["ladder"].error == "RuntimeError"
    assert run_by_hand(shop.desk, shop.system(), "ladder", lambda: 2, "again").error == ""
    with pytest.raises(Invalid):
        run_by_hand(shop.desk, shop.system(), "ladder", lambda: 2, " ")
    with pytest.raises(Forbidden):
        run_by_hand(shop.desk, shop.shopper(), "ladder", lambda: 2, "mine")


def test_a_worker_counts_what_has_happened_into_the_reports(start, shop):
    shop.join(shop.campaign())
    turns = Turns()
    worker, _ = start(lambda tenant, relay: turns.add() or 0)
    turns.wait_for(1)
    worker.stop()  # it finishes what it has begun
    assert len(shop.all(OrderFact)) == 1
