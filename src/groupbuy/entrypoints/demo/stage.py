"""The stage: the shop, its worker and the provider's sandbox, each a process, and their clock."""

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, evolve, field, frozen

from groupbuy.application.policy import Policy
from groupbuy.application.ports import Query, Task
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.kernel import Refused
from groupbuy.domain.membership import User
from groupbuy.entrypoints.bootstrap import App, build
from groupbuy.entrypoints.demo.client import Crowd, Surprise, Web
from groupbuy.entrypoints.demo.clock import FIRST_MORNING, StoryClock
from groupbuy.entrypoints.keys import generated
from groupbuy.entrypoints.logging import into_a_file
from groupbuy.entrypoints.settings import (
    PREFIX,
    DatabaseSettings,
    KeySettings,
    LogSettings,
    Settings,
    names,
    variable,
)
from groupbuy.entrypoints.worker import Worker

R = TypeVar("R")

START_SECONDS = 60
"""How long a process may take to say where it is."""
STOP_SECONDS = 15
LOOK_SECONDS = 0.1
"""Real time between two looks at whether all is quiet."""
LOOK_BESIDE_SECONDS = 0.005
"""The same while the worker is in this process and can be woken."""
LOOKS = 4_000
"""Looks before the demo gives up on quiet."""
QUIET_LOOKS = 2
"""An effect may cause a callback and that an effect; so quiet must be seen twice in a row."""
RETRY_SECONDS = 15
"""How far time moves when something is to be tried again later."""
DATABASE_FILE = "groupbuy.db"
_DAY = timedelta(days=1)
COMMAND = (sys.executable, "-m", "groupbuy.entrypoints")


@frozen
class Direction:
    """What a story wants of its stage."""

    begins: datetime = FIRST_MORNING
    policy: Policy = Policy()
    fee_bp: int = 0
    """What the provider keeps of every payment, in basis points."""
    worker_here: bool = False
    """The worker runs in this process, woken whenever time moves, instead of looking each
    second: for a story of many days."""


USUAL = Direction()


@frozen
class Child:
    """A process of ours and the file of its log."""

    process: "subprocess.Popen[str]"
    log: Path

    def announced(self, what: str) -> str:
        """Return the address it says on its first line. Raises Surprise if it does not."""
        if self.process.stdout is None:
            raise Surprise(f"{what} has no output")
        late = threading.Timer(START_SECONDS, self.process.kill)
        late.start()
        line = self.process.stdout.readline()
        late.cancel()
        if not line.startswith("{"):
            raise Surprise(f"{what} did not start: {self.tail()}")
        return str(json.loads(line)[what])

    def tail(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2_000:]

    def stop(self) -> None:
        """Ask it to finish; make it stop if it does not."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@define(eq=False)
class Stage:
    """Everything that runs, and the way to it."""

    folder: Path
    settings: Settings
    clock: StoryClock
    crowd: Crowd
    direction: Direction = USUAL
    _worker: Worker | None = field(default=None, init=False)
    _shop: Web | None = field(default=None, init=False)
    _sandbox: Web | None = field(default=None, init=False)
    _app: App | None = field(default=None, init=False)

    @property
    def shop(self) -> Web:
        """The shop's web server."""
        return _there(self._shop)

    @property
    def sandbox(self) -> Web:
        """The provider."""
        return _there(self._sandbox)

    @property
    def app(self) -> App:
        """The shop's own rules over the same database, for looking only."""
        return _there(self._app)

    def raise_curtain(self, stack: ExitStack) -> None:
        """Start everything; `stack` stops it again. Raises Surprise, Refused."""
        journal = ("--journal", "sandbox.db", "--fee-bp", str(self.direction.fee_bp))
        self._sandbox = Web(self._start(stack, "sandbox", *journal, "--port", "0"))
        stack.callback(self._sandbox.close)
        provider = evolve(self.settings.provider, base_url=self._sandbox.url)
        self.settings = evolve(self.settings, provider=provider)
        lone = self.settings.sqlite_path is not None
        if not lone:
            self.run("db", "upgrade", "--yes")
        self._app = build(self.settings)
        stack.callback(self._close_shop)
        self._refuse_guests()
        here = self.direction.worker_here
        beside = "--worker" if lone and not here else "--no-worker"
        self._shop = Web(self._start(stack, "serve", "--port", "0", beside))
        stack.callback(self._shop.close)
        http = evolve(self.settings.http, public_url=self._shop.url)
        self.settings = evolve(self.settings, http=http)
        if here:
            self._work_here(stack)
        elif not lone:
            self._start(stack, "worker")

    def run(self, *words: str, typed: str = "") -> dict[str, Any]:
        """Run one `groupbuy` command and return its document. Raises Surprise if it fails."""
        done = subprocess.run(  # noqa: S603  our own command
            [*COMMAND, *words, "--json", "--no-input"],
            check=False,
            capture_output=True,
            text=True,
            input=typed,
            cwd=self.folder,
            env=environment(self.settings),
            timeout=10 * START_SECONDS,
        )
        if done.returncode:
            raise Surprise(f"groupbuy {' '.join(words)}: {done.stderr.strip()}")
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def read(self, query: Callable[[Work], R]) -> R:
        """Look something up in the shop's database."""
        return self.app.desk.read(self.caller, query)

    @property
    def caller(self) -> Caller:
        """Who looks: nobody in particular, with every role."""
        return Caller.system(self.settings.http.default_tenant, channel="cli", actor="demo")

    def turn_to(self, instant: datetime) -> None:
        """Let time pass up to an instant, day by day, each with everything that falls due."""
        while self.clock.now() < instant:
            self.clock.turn_to(min(instant, self.clock.now() + _DAY))
            self.quiet()

    def quiet(self) -> None:
        """Wait until nothing that is due is left to do, here or at the provider."""
        calm = 0
        for _ in range(LOOKS):
            calm = calm + 1 if self._idle() else 0
            if calm == QUIET_LOOKS:
                return
            if not calm:
                pause = LOOK_BESIDE_SECONDS if self._worker else LOOK_SECONDS
                threading.Event().wait(pause)
        raise Surprise(f"the shop does not come to rest: {self._open_tasks()[:3]}")

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for something that is no row of the outbox. Raises Surprise if it never comes."""
        for _ in range(LOOKS):
            if true():
                return
            threading.Event().wait(LOOK_SECONDS)
        raise Surprise(f"waited in vain: {what}")

    def _idle(self) -> bool:
        self._let_work()
        sent = self.sandbox.control("/flush")
        tasks = self._open_tasks()
        now = self.clock.now()
        busy = any(task.due_at <= now or task.claimed_until for task in tasks)
        if not busy and not sent["sent"] and (sent["left"] or any(t.last_error for t in tasks)):
            # Somebody did not answer, and will be asked again a little later.
            self.clock.forward(seconds=RETRY_SECONDS)
            return False
        return not busy and not sent["sent"]

    def _open_tasks(self) -> list[Task]:
        """Return what is due, being done, or due within minutes."""
        soon = self.clock.now() + timedelta(minutes=2)

        def query(work: Work) -> list[Task]:
            wish = Query().where(state="pending").before("due_at", soon).sorted("due_at")
            return work.of(Task).select(wish.page(1_000))

        return self.read(query)

    def _close_shop(self) -> None:
        self.app.close()

    def _work_here(self, stack: ExitStack) -> None:
        """Start a worker in this process; the shop it works for knows its address by now."""
        stack.enter_context(into_a_file(self.folder / "worker.log", "warning"))
        self.app.close()
        self._app = build(self.settings)
        self._worker = Worker(self._app)
        stack.callback(self._worker.stop)
        self._worker.start()

    def _let_work(self) -> None:
        """Wake the worker of this process, if there is one, and wait until it has looked."""
        if self._worker is None:
            return
        self._worker.wake()
        while not self._worker.resting:
            threading.Event().wait(LOOK_BESIDE_SECONDS)

    def _refuse_guests(self) -> None:
        """Play in an empty house only: what others did would not add up with our story."""
        if self.read(lambda work: work.of(User).select(Query().page(1))):
            raise Refused(rule="demo_has_a_database_of_its_own")

    def _start(self, stack: ExitStack, *words: str) -> str:
        log = self.folder / f"{words[0]}.log"
        with log.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(  # noqa: S603  our own command
                [*COMMAND, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                cwd=self.folder,
                env=environment(self.settings),
                start_new_session=True,  # Ctrl-C is ours; we stop them in order
            )
        child = Child(process, log)
        stack.callback(child.stop)
        return child.announced(words[0])


@contextmanager
def stage(
    folder: Path, database: DatabaseSettings | None, direction: Direction = USUAL
) -> Iterator[Stage]:
    """Set the stage in a folder, and clear it away afterwards; SQLite without a `database`."""
    settings = Settings(
        clock_file=str(folder / "clock"),
        database=database or DatabaseSettings(url=f"sqlite:///{folder / DATABASE_FILE}"),
        keys=KeySettings(file=str(_key_file(folder))),
        log=LogSettings(level="warning"),
        policy=direction.policy,
    )
    secret = evolve(settings.provider, secret=type(settings.provider.secret)(secrets.token_hex(32)))
    with ExitStack() as stack:
        crowd = Crowd()
        stack.callback(crowd.close)
        clock = StoryClock(folder / "clock", direction.begins)
        found = Stage(folder, evolve(settings, provider=secret), clock, crowd, direction)
        found.raise_curtain(stack)
        yield found


def _key_file(folder: Path) -> Path:
    """Make the key of the neighbours' personal data."""
    path = folder / "demo.keys"
    path.touch(mode=0o600)
    path.write_text(generated("demo") + "\n", encoding="ascii")
    return path


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that makes a child read these settings and nobody else's."""
    ours = {key: word for key, word in os.environ.items() if not key.startswith(PREFIX)}
    for name in names():
        value: Any = reduce(getattr, name.split("."), settings)
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        ours[variable(name)] = str(plain)
    return ours


def _there(thing: R | None) -> R:
    if thing is None:
        raise Surprise("the curtain has not gone up")
    return thing
