"""The month as a command: a stage, the story with a bar, and what came of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from attrs import frozen

from groupbuy.application.policy import Policy
from groupbuy.entrypoints.cli.output import Output
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.demo.month.calendar import DAYS, FIRST_DAY, SIGN_UP, day_of
from groupbuy.entrypoints.demo.month.facts import read_facts
from groupbuy.entrypoints.demo.month.figures import Outcome
from groupbuy.entrypoints.demo.month.judging import judged
from groupbuy.entrypoints.demo.month.plan import HELPER_BP, ORDERS, PROVIDER_FEE_BP, SEED, planned
from groupbuy.entrypoints.demo.month.play import Play
from groupbuy.entrypoints.demo.month.story import Moved, Story
from groupbuy.entrypoints.demo.month.table import draw
from groupbuy.entrypoints.demo.month.telling import outcome_of
from groupbuy.entrypoints.demo.show import Evening, theatre
from groupbuy.entrypoints.demo.stage import Direction

SCHEMA = "demo.month/1"
_WEEK = 7
DIRECTION = Direction(
    begins=SIGN_UP,
    policy=Policy(helper_bp=HELPER_BP),
    fee_bp=PROVIDER_FEE_BP,
    worker_here=True,
)
"""How the stage of a month is set."""


@frozen
class Month:
    """What was asked of the month."""

    orders: int = ORDERS
    seed: int = SEED


def perform_month(shell: Shell, evening: Evening, month: Month) -> Outcome:
    """Play a month and tell what came of it.

    Raises what `perform` raises, and DomainError when the shop refuses what the story does.
    """
    plan = planned(month.orders, month.seed)
    with theatre(shell, evening, DIRECTION) as on, _bar(shell.out, plan.orders) as moved:
        play = Story(on, shell.out, plan, moved).play()
        outcome = tell(play)
    if shell.out.json:
        shell.out.document(SCHEMA, outcome.document())
    else:
        draw(outcome, shell.out)
    return outcome


def tell(play: Play) -> Outcome:
    """Read everything, put the figures together and judge them. Raises DomainError."""
    facts = read_facts(play)
    return judged(play, facts, outcome_of(play, facts))


@contextmanager
def _bar(out: Output, orders: int) -> Iterator[Moved]:
    """Show day and orders while the month is played; at a terminal as a bar, else week by week."""
    if out.verbosity < 0:
        yield lambda _day, _paid: None
        return
    if not sys.stderr.isatty():
        yield lambda day, paid: _note(out, day, paid, orders)
        return
    from rich.console import Console  # noqa: PLC0415  only for whoever watches
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    words = TextColumn("{task.description}")
    with Progress(
        words, BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("", total=orders)
        yield lambda day, paid: progress.update(
            task,
            completed=paid,
            description=out.words(f"{day:%m月%d日} 订单", f"{day:%d %b} orders"),
        )


def _note(out: Output, day: date, paid: int, orders: int) -> None:
    if (day - FIRST_DAY).days % _WEEK == _WEEK - 1 or day == day_of(DAYS):
        out.note(f"{day:%m月%d日}  {paid}/{orders} 笔订单", f"{day:%d %b}  {paid}/{orders} orders")
