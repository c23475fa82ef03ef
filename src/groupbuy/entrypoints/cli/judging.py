"""`groupbuy user block|unblock` and `leader suspend|reinstate`: trust taken away and given back."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.membership import Leader, User

_PERSON = (
    Column("id", "编号", "id"),
    Column("roles", "角色", "roles"),
    Column("blocked", "已封禁", "blocked"),
)
_LEADER = (
    Column("id", "编号", "id"),
    Column("name", "姓名", "name"),
    Column("state", "状态", "state"),
)


@click.command()
@click.argument("user_id")
@reasoned
@changing
@shared
@pass_shell
def block(shell: Shell, user_id: str) -> None:
    """Keep a person out; their sessions end at once."""
    _block(shell, user_id, blocked=True)


@click.command()
@click.argument("user_id")
@reasoned
@changing
@shared
@pass_shell
def unblock(shell: Shell, user_id: str) -> None:
    """Let a person in again."""
    _block(shell, user_id, blocked=False)


@click.command()
@click.argument("leader_id")
@reasoned
@changing
@shared
@pass_shell
def suspend(shell: Shell, leader_id: str) -> None:
    """Take a leader's trust away for now: no campaigns, no withdrawals."""
    from groupbuy.application.membership import JudgeLeader, suspend_leader

    shell.confirm(f"暂停团长 {leader_id}？", f"suspend the leader {leader_id}?")
    cmd = JudgeLeader(leader_id, shell.reason)
    after = shell.run(lambda work: suspend_leader(work, cmd))
    shell.out.record("leader.suspend/1", _LEADER, _leader(after))


@click.command()
@click.argument("leader_id")
@reasoned
@changing
@shared
@pass_shell
def reinstate(shell: Shell, leader_id: str) -> None:
    """Trust a suspended leader again."""
    from groupbuy.application.membership import JudgeLeader, reinstate_leader

    cmd = JudgeLeader(leader_id, shell.reason)
    after = shell.run(lambda work: reinstate_leader(work, cmd))
    shell.out.record("leader.reinstate/1", _LEADER, _leader(after))


def _block(shell: Shell, user_id: str, *, blocked: bool) -> None:
    from groupbuy.application.membership import block_user

    after = shell.run(lambda work: block_user(work, user_id, shell.reason, blocked=blocked))
    shell.out.record(f"user.{'' if blocked else 'un'}block/1", _PERSON, _person(after))


def _person(found: "User") -> dict[str, object]:
    return {"id": found.id, "roles": found.roles, "blocked": found.blocked}


def _leader(found: "Leader") -> dict[str, object]:
    return {"id": found.id, "name": found.name, "state": found.state}
