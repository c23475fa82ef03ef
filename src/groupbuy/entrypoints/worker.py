"""The worker: a clock that ticks, and threads that do what is due.

It owns no facts. What is due are rows; each tick asks the relay to claim and handle them. So any
number of workers may run, and one that dies has forgotten nothing.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from queue import SimpleQueue
from types import FrameType
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from attrs import evolve

from groupbuy.application import campaigns, catalogue, discovery, reporting
from groupbuy.application.jobs import note_run
from groupbuy.application.ports import Task
from groupbuy.application.write_path import OUTBOX, Caller
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.garbage import collect_rarely
from groupbuy.entrypoints.logging import frames_of
from groupbuy.entrypoints.recurring import (
    COUNTS,
    DAILY,
    DISCOVERY,
    RELAY,
    REPORTS,
    SEALING,
    WATCHING,
    Job,
)

TICK_SECONDS = 1
"""How often the worker looks for due work that nobody told it of."""
THREADS = 8
"""How many effects are worked on side by side; most of them wait for a provider."""

R = TypeVar("R")

_log = structlog.get_logger("worker")


def tenants_of(app: App) -> list[str]:
    """Return every tenant, the default one among them even if nobody registered it."""
    return sorted({t.id for t in app.database.tenants()} | {app.settings.http.default_tenant})


class Worker:
    """Works until told to stop. Also runs beside a server in the same process."""

    def __init__(
        self, app: App, *, threads: int = THREADS, tick_seconds: int = TICK_SECONDS
    ) -> None:
        """Prepare; nothing runs before `start`."""
        self._app = app
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._at_work = False
        self._done_on: dict[tuple[str, str], tuple[date, int]] = {}
        """Day and hour of the last run by job and tenant; a restart merely looks again."""
        self._tried_in: dict[tuple[str, str], int] = {}
        """Minute of the last try by job and tenant: what fails is not tried again each second."""
        self._marks: dict[str, catalogue.Mark | None] = {}
        """Up to where the goods of a tenant's shelf were looked at."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._room = threading.BoundedSemaphore(2 * threads)
        """Begun or about to begin: a slow effect keeps one thread busy, never all of them."""
        self._counting: set[tuple[str, str]] = set()
        """Jobs and tenants whose events a thread is reading: it may be long about it."""
        self._relay = evolve(app.relay, each=self._at_once, failed=_tell)
        self._lane = threading.Thread(target=self._work, name="worker", daemon=True)
        self._unlisten: Callable[[], None] = _nothing
        self._scheduler = BackgroundScheduler(
            timezone=ZoneInfo("UTC"),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_job(self.wake, "interval", seconds=tick_seconds, id="tick")

    def start(self) -> None:
        """Start ticking, listening and working."""
        self._unlisten = self._app.signals.listen(self._heard, self.wake)
        self._lane.start()
        self._scheduler.start()
        self.wake()

    def wake(self) -> None:
        """Look for due work now."""
        self._wake.set()

    @property
    def resting(self) -> bool:
        """Tell whether it looks for no work now and nobody woke it; begun effects may still run."""
        return not self._wake.is_set() and not self._at_work

    def stop(self) -> None:
        """Stop taking work, finish what was begun, then return."""
        self._stopping.set()
        self._unlisten()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self.wake()
        if self._lane.is_alive():
            self._lane.join()
        self._pool.shutdown(wait=True)

    def _heard(self, _tenant: str, subjects: Sequence[str]) -> None:
        if OUTBOX in subjects:
            self.wake()

    def _at_once(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Run jobs side by side, most of them wait for a provider; go on once they have room."""
        for job in jobs:
            self._room.acquire()
            self._pool.submit(self._one, job)

    def _one(self, job: Callable[[], None]) -> None:
        """Run one job; what it staged is looked for afterwards."""
        try:
            self._guarded("", lambda _: job())
        finally:
            self._room.release()
            self.wake()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            # In this order: whoever asks whether it rests sees one or the other.
            self._at_work = True
            self._wake.clear()
            while not self._stopping.is_set() and self._round():
                pass
            self._at_work = False

    def _round(self) -> bool:
        """Give every tenant one turn; tell whether there may be more to do."""
        try:
            tenants = tenants_of(self._app)
        except DomainError as error:
            _log.warning("worker.waits", error=error.code, **error.facts)
            return False
        handled = [self._turn(tenant) for tenant in tenants if not self._stopping.is_set()]
        return any(handled)

    def _turn(self, tenant: str) -> int:
        """Do one tenant's due work; its trouble must not keep others from theirs."""
        if self._is_first_this_minute(SEALING, tenant):
            self._guarded(tenant, partial(self._noted, SEALING))
        if self._is_first_this_minute(WATCHING, tenant):
            self._guarded(tenant, self._watch_on)
        for job, follow in (
            (COUNTS, self._keep_counts),
            (REPORTS, self._keep_reports),
            (DISCOVERY, self._keep_discovery),
        ):
            if self._is_first_this_minute(job, tenant):
                self._follow(job, follow, tenant)
        for job in DAILY:
            self._guarded(tenant, partial(self._work_daily, job))
        handled = self._guarded(tenant, self._relay.tick) or 0
        if handled and self._is_first_this_minute(RELAY, tenant):
            self._guarded(tenant, partial(self._note, RELAY, self._app.kit.clock.now(), handled))
        return handled

    def _noted(self, job: Job, tenant: str) -> None:
        """Do a job and note what came of it, for people who look."""
        began = self._app.kit.clock.now()
        try:
            handled = job.run(self._app, tenant)
        except Exception as error:
            word = error.code if isinstance(error, DomainError) else type(error).__name__
            self._note(job, began, 0, tenant, word)
            raise
        # A minute in which nothing was to be done is nobody's news.
        if handled or job.daily:
            self._note(job, began, handled, tenant)

    def _note(self, job: Job, began: datetime, handled: int, tenant: str, error: str = "") -> None:
        caller = Caller.system(tenant, actor="worker")
        self._app.desk.run(caller, lambda work: note_run(work, job.name, began, handled, error))

    def _watch_on(self, tenant: str) -> None:
        """Look at some of the goods, going on where it ended a minute ago."""
        mark = self._marks.get(tenant)
        self._marks[tenant], _ = catalogue.watch_shelf(self._app.desk, tenant, mark)

    def _follow(self, job: Job, follow: Callable[[str], None], tenant: str) -> None:
        """Let a thread read on in a tenant's events, unless one is busy with that already."""
        key = (job.name, tenant)
        if key in self._counting:
            return

        def read() -> None:
            try:
                follow(tenant)
            finally:
                self._counting.discard(key)

        self._counting.add(key)
        self._pool.submit(read)

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()

    def _keep_counts(self, tenant: str) -> None:
        """Bring the public counts up to date, or as far as it comes until we are told to stop."""
        app = self._app
        self._guarded(
            tenant, lambda _: campaigns.keep_counts(app.desk, app.database, tenant, self._goes_on)
        )

    def _keep_reports(self, tenant: str) -> None:
        """Bring a tenant's reports up to date, or as far as it comes until we are told to stop."""
        app, due = self._app, reporting.due_reports
        self._guarded(
            tenant, lambda _: reporting.keep(app.desk, app.database, tenant, self._goes_on)
        )
        self._guarded(tenant, lambda _: app.desk.run(Caller.system(tenant), due))

    def _keep_discovery(self, tenant: str) -> None:
        """Bring hot lists up to date, or as far as it comes until we are told to stop."""
        app = self._app
        self._guarded(
            tenant, lambda _: discovery.keep(app.desk, app.database, tenant, self._goes_on)
        )

    def _guarded(self, tenant: str, work: Callable[[str], R]) -> R | None:
        """Do something for a tenant; if it fails, say so, and let everything else go on."""
        try:
            return work(tenant)
        except DomainError as error:
            _log.warning("worker.waits", tenant=tenant, error=error.code, **error.facts)
        except Exception as error:  # noqa: BLE001  one defect must not stop the other work
            word, frames = type(error).__qualname__, frames_of(error)
            _log.error("worker.failed", tenant=tenant, error=word, frames=frames)
        return None

    def _is_first_this_minute(self, job: Job, tenant: str) -> bool:
        """Tell whether a job has not been tried for a tenant yet since the minute changed."""
        minute = int(self._app.kit.clock.now().timestamp()) // 60
        before, self._tried_in[job.name, tenant] = self._tried_in.get((job.name, tenant)), minute
        return before != minute

    def _work_daily(self, job: Job, tenant: str) -> None:
        """Do a daily job when the local day has changed."""
        kit = self._app.kit
        now = kit.clock.now().astimezone(ZoneInfo(kit.policy.zone))
        turn = (now.date(), now.hour if job.hourly else 0)
        due = self._done_on.get((job.name, tenant)) != turn
        if due and self._is_first_this_minute(job, tenant):
            self._noted(job, tenant)
            self._done_on[job.name, tenant] = turn


def run(app: App, ready: Callable[[], None]) -> None:
    """Work until SIGTERM or SIGINT, then finish what was begun. `ready` is called once it works."""
    # Not an Event: a signal that arrives while it is being waited for would find its lock held.
    told: SimpleQueue[int] = SimpleQueue()

    def stop(number: int, _frame: FrameType | None) -> None:
        told.put(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker = Worker(app)
    collect_rarely()
    worker.start()
    try:
        ready()
        told.get()
    finally:
        worker.stop()


def _tell(task: Task, error: Exception) -> None:
    """Log a failed effect by its id and the kind of error; what it was about stays out."""
    word = error.code if isinstance(error, DomainError) else type(error).__name__
    _log.warning("worker.postponed", task=task.id, attempts=task.attempts + 1, error=word)


def _nothing() -> None:
    """Stop listening before anybody listened."""
