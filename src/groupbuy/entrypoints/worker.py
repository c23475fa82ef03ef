"""The worker: a clock that ticks, and lanes that do what is due.

It owns no facts. What is due are rows; each tick asks the relay to claim and handle them. So any
number of workers may run, and one that dies has forgotten nothing.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from attrs import frozen

from groupbuy.application.write_path import OUTBOX
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.bootstrap import App

TICK_SECONDS = 1
"""How often the worker looks for due work that nobody told it of."""
LANES = 2
"""Threads that handle work: while one waits for a provider, the other goes on."""

_log = structlog.get_logger("worker")


@frozen
class Job:
    """Something that recurs. `run` does what is due for one tenant and returns how much it did."""

    name: str
    zh: str
    en: str
    run: Callable[[App, str], int]


def _relay(app: App, tenant: str) -> int:
    """Handle due effects until there are none."""
    done = 0
    while handled := app.relay.tick(tenant):
        done += handled
    return done


JOBS: tuple[Job, ...] = (
    Job(
        "relay",
        "执行到期的任务（每秒，有新任务时立即）",
        "due effects, each second or at once",
        _relay,
    ),
)
"""All recurring jobs, for `groupbuy jobs`."""


def tenants_of(app: App) -> list[str]:
    """Return every tenant, the default one among them even if nobody registered it."""
    return sorted({t.id for t in app.database.tenants()} | {app.settings.http.default_tenant})


class Worker:
    """Works until told to stop. Also runs beside a server in the same process."""

    def __init__(self, app: App, *, lanes: int = LANES, tick_seconds: int = TICK_SECONDS) -> None:
        """Prepare; nothing runs before `start`."""
        self._app = app
        self._stopping = threading.Event()
        self._wakes = [threading.Event() for _ in range(lanes)]
        self._threads = [
            threading.Thread(target=self._lane, args=(wake,), name=f"worker-{number}", daemon=True)
            for number, wake in enumerate(self._wakes)
        ]
        self._unlisten: Callable[[], None] = _nothing
        self._scheduler = BackgroundScheduler(
            timezone=ZoneInfo("UTC"),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_job(self.wake, "interval", seconds=tick_seconds, id="tick")

    def start(self) -> None:
        """Start ticking, listening and working."""
        self._unlisten = self._app.signals.listen(self._heard)
        for thread in self._threads:
            thread.start()
        self._scheduler.start()
        self.wake()

    def wake(self) -> None:
        """Look for due work now."""
        for wake in self._wakes:
            wake.set()

    def stop(self) -> None:
        """Stop taking work, finish what was begun, then return."""
        self._stopping.set()
        self._unlisten()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _heard(self, _tenant: str, subjects: Sequence[str]) -> None:
        if OUTBOX in subjects:
            self.wake()

    def _lane(self, wake: threading.Event) -> None:
        while True:
            wake.wait()
            wake.clear()
            busy = True
            while busy and not self._stopping.is_set():
                busy = self._round()
            if self._stopping.is_set():
                return

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
        try:
            return self._app.relay.tick(tenant)
        except DomainError as error:
            _log.warning("worker.waits", tenant=tenant, error=error.code, **error.facts)
        except Exception:
            _log.exception("worker.failed", tenant=tenant)
        return 0


def run(app: App, ready: Callable[[], None]) -> None:
    """Work until SIGTERM or SIGINT, then finish what was begun. `ready` is called once it works."""
    told = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker = Worker(app)
    worker.start()
    try:
        ready()
        told.wait()
    finally:
        worker.stop()


def _nothing() -> None:
    """Stop listening before anybody listened."""
