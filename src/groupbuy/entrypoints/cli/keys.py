"""`groupbuy keys`: the master keys that personal data depends on."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.membership import Rotated

_ROTATED = (
    Column("tenant", "租户", "tenant"),
    Column("seen", "检查人数", "seen", right=True),
    Column("wrapped", "重新加密", "wrapped again", right=True),
    Column("lost", "无法打开", "not openable", right=True),
)


@click.group()
def keys() -> None:
    """Wrap personal keys under a new master key."""


@keys.command()
@click.option(
    "--batch",
    type=click.IntRange(1, 1000),
    default=200,
    show_default=True,
    help="People in one transaction.",
)
@changing
@shared
@pass_shell
def rotate(shell: Shell, batch: int) -> None:
    """Wrap every personal key of one shop under the newest master key.

    Put the new key first in keys.master, restart everything, then run this for each shop; it may be
    broken off and run again. The last key in keys.master makes phone numbers findable: keep it.
    """
    shell.confirm("把所有个人密钥换到最新的主密钥？", "wrap all personal keys under the newest?")
    seen = wrapped = lost = 0
    after = ""
    while True:
        done = _some(shell, after, batch)
        seen, wrapped, lost = seen + done.seen, wrapped + done.wrapped, lost + done.lost
        after = done.last
        if not after:
            break
    counts = {"tenant": shell.whose, "seen": seen, "wrapped": wrapped, "lost": lost}
    shell.out.record("keys.rotate/1", _ROTATED, counts)
    if lost:
        shell.out.note("有密钥打不开：主密钥不全", "some keys do not open: a master key is missing")
        shell.leave(Exit.FINDINGS)


def _some(shell: Shell, after: str, batch: int) -> "Rotated":
    from groupbuy.application.membership import rotate_keys

    return shell.run(lambda work: rotate_keys(work, after, batch))
