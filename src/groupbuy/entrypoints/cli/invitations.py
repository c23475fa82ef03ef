"""`groupbuy invitation`: invitations that look odd, decided by a person."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import each
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.points import Invitation

_STATES = ("held", "open", "rewarded", "refused", "lapsed", "reversed")
_INVITATION = (
    Column("invitee", "被邀请人", "invited"),
    Column("inviter", "邀请人", "inviter"),
    Column("state", "状态", "state"),
    Column("doubt", "疑点", "doubt"),
    Column("points", "积分", "points", right=True),
    Column("order", "订单", "order"),
    Column("since", "注册时间", "registered"),
)


@click.group()
def invitation() -> None:
    """Decide invitations that look odd."""


@invitation.command("list")
@click.option("--state", type=click.Choice(_STATES), default="held", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@shared
@pass_shell
def list_invitations(shell: Shell, state: str, limit: int) -> None:
    """List invitations in a state, the oldest first."""
    from groupbuy.application import points
    from groupbuy.domain.points import InvitationState

    found = shell.read(lambda work: points.invitations(work, InvitationState(state), limit))
    shell.out.table("invitation.list/1", _INVITATION, [_line(one) for one in found], state=state)


@invitation.command()
@click.argument("users", nargs=-1, required=True, metavar="USER...")
@reasoned
@changing
@shared
@pass_shell
def approve(shell: Shell, users: tuple[str, ...]) -> None:
    """Reward whoever invited these people, though it looked odd."""
    _decide(shell, "invitation.approve/1", users, approve=True)


@invitation.command()
@click.argument("users", nargs=-1, required=True, metavar="USER...")
@reasoned
@changing
@shared
@pass_shell
def refuse(shell: Shell, users: tuple[str, ...]) -> None:
    """Reward nobody for these people."""
    _decide(shell, "invitation.refuse/1", users, approve=False)


def _decide(shell: Shell, schema: str, users: tuple[str, ...], *, approve: bool) -> None:
    from groupbuy.application import points

    def do(key: str) -> dict[str, object]:
        after = shell.run(
            lambda work: points.decide_invitation(work, key, shell.reason, approve=approve)
        )
        return {"result": after.state.value}

    each(shell, schema, users, do)


def _line(found: "Invitation") -> dict[str, object]:
    return {
        "invitee": found.invitee_id,
        "inviter": found.inviter_id,
        "state": found.state,
        "doubt": found.doubt,
        "points": found.points,
        "order": found.order_id,
        "since": found.created_at,
    }
