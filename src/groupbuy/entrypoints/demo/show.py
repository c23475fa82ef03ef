"""One evening at the theatre: a folder, a stage, the story, what came of it, and an open door."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid, Refused
from groupbuy.entrypoints.cli.output import Output
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.demo.people import PASSWORD
from groupbuy.entrypoints.demo.report import Outcome, gather_outcome
from groupbuy.entrypoints.demo.stage import DATABASE_FILE, USUAL, Direction, Stage, stage
from groupbuy.entrypoints.demo.story import Story
from groupbuy.entrypoints.demo.table import draw
from groupbuy.entrypoints.settings import DatabaseSettings

SCHEMA = "demo/1"


@frozen
class Evening:
    """What was asked of the demo."""

    serve: bool = False
    database: str = ""
    """Empty for a SQLite file of its own."""
    keep: Path | None = None
    """Folder that stays; otherwise everything is removed."""


def perform(shell: Shell, asked: Evening) -> Outcome:
    """Play the story and tell what came of it.

    Raises Refused in production and on a database that holds somebody, Surprise (a click error)
    when something answers otherwise than the story expects.
    """
    with theatre(shell, asked, USUAL) as on:
        story = Story(on, shell.out)
        story.play()
        outcome = gather_outcome(story)
        _tell(shell.out, outcome)
        if asked.serve:
            _leave_open(shell.out, on, story)
    return outcome


@contextmanager
def theatre(shell: Shell, asked: Evening, direction: Direction) -> Iterator[Stage]:
    """Set a stage where it was asked for; SIGTERM clears it away like Ctrl-C.

    Raises Refused in production and on a database that holds somebody.
    """
    if shell.settings.production:
        raise Refused(rule="demo_never_in_production")
    database = _database(shell, asked.database)
    with _stoppable(), _folder(asked.keep) as folder, stage(folder, database, direction) as on:
        yield on


def _tell(out: Output, outcome: Outcome) -> None:
    if out.json:
        out.document(SCHEMA, outcome.document())
    else:
        draw(outcome, out)


def _leave_open(out: Output, on: Stage, story: Story) -> None:
    """Open a last campaign and keep the time running until somebody says stop."""
    story.open_another()
    cast = story.cast
    people = (
        ("团长", "leader", cast.leaders[0].visitor),
        ("商家", "merchant", cast.merchant),
        ("运营", "operator", cast.operator),
        ("财务", "finance", cast.finance[0]),
        ("邻居", "shopper", cast.shoppers[0].visitor),
    )
    out.note(f"商城 {on.shop.url}/api/docs", f"shop {on.shop.url}/api/docs")
    out.note(f"支付沙箱 {on.sandbox.url}", f"provider sandbox {on.sandbox.url}")
    for zh, en, who in people:
        out.note(f"{zh} {who.name}：{who.phone}", f"{en} {who.name}: {who.phone}")
    out.note(f"密码都是 {PASSWORD}；按 Ctrl-C 结束", f"all passwords: {PASSWORD}; Ctrl-C ends it")
    try:
        while True:
            threading.Event().wait(1)
            on.clock.forward(seconds=1)
    except KeyboardInterrupt:
        out.note("打烊", "the shop closes")


def _database(shell: Shell, url: str) -> DatabaseSettings | None:
    """Return where to play; the role that migrates is the one of the settings."""
    if not url:
        return None
    if not url.startswith("postgresql"):
        raise Invalid(field="database", reason="must be a postgresql:// URL; see --keep for SQLite")
    return evolve(shell.settings.database, url=url)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="groupbuy-demo-") as name:
            yield Path(name)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if (keep / DATABASE_FILE).exists():
        raise Refused(rule="demo_has_a_database_of_its_own", about=str(keep))
    yield keep.resolve()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the demo like Ctrl-C does: our processes must not outlive us."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
