"""How far a long command has come, shown to a person at a terminal and to nobody else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from groupbuy.entrypoints.cli.shell import Shell

Moved = Callable[[int, int], None]
"""Told how much is done, and of how much; 0 as long as nobody knows."""


@contextmanager
def bar(shell: Shell, what: str) -> Iterator[Moved]:
    """Show a bar while something is done, where somebody may watch it."""
    if not sys.stderr.isatty() or shell.out.verbosity < 0:
        yield _unseen
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def moved(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        yield moved


def _unseen(_done: int, _total: int) -> None:
    """Show nothing."""
