"""`groupbuy points`: what somebody has in points, and how it came about."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.domain.points import PointMove

_HELD = (
    Column("user", "用户", "user"),
    Column("balance", "可用", "balance", right=True),
    Column("pending", "待入账", "pending", right=True),
    Column("next_points", "即将到期", "ending next", right=True),
    Column("next_end", "到期时间", "at"),
)
_MOVE = (
    Column("at", "时间", "at"),
    Column("why", "原因", "why"),
    Column("points", "可用", "points", right=True),
    Column("pending", "待入账", "pending", right=True),
    Column("lot", "批次", "lot"),
)


@click.group()
def points() -> None:
    """Show points: what somebody has, and every change of it."""


@points.command()
@click.argument("user")
@shared
@pass_shell
def show(shell: Shell, user: str) -> None:
    """Show what somebody has, what is still to come, and what ends next."""
    from groupbuy.application import points as use

    held = shell.read(lambda work: use.held_by(work, user))
    found = {
        "user": held.owner_id,
        "balance": held.balance,
        "pending": held.pending,
        "next_points": held.next_points,
        "next_end": held.next_end,
    }
    shell.out.record("points.show/1", _HELD, found)


@points.command()
@click.argument("user")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@shared
@pass_shell
def journal(shell: Shell, user: str, limit: int) -> None:
    """List every change of somebody's points, the newest first."""
    from groupbuy.application import points as use

    found = shell.read(lambda work: use.journal(work, user, limit))
    shell.out.table("points.journal/1", _MOVE, [_line(move) for move in found], user=user)


def _line(move: "PointMove") -> dict[str, object]:
    return {
        "at": move.at,
        "why": move.why,
        "points": move.points,
        "pending": move.pending,
        "lot": move.lot_id,
    }
