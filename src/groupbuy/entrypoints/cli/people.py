"""`groupbuy user` and `groupbuy leader`: who may do what."""

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from groupbuy.entrypoints.cli.choices import role_of, states_of
from groupbuy.entrypoints.cli.judging import block, reinstate, suspend, unblock
from groupbuy.entrypoints.cli.moments import recent, since_option
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    confirmed,
    limited,
    pass_shell,
    reasoned,
    shared,
)

if TYPE_CHECKING:
    from groupbuy.application.write_path import Work
    from groupbuy.domain.membership import Leader, Role, User

_USER = (
    Column("id", "编号", "id"),
    Column("name", "昵称首字", "initial"),
    Column("roles", "角色", "roles"),
    Column("merchant_id", "商家", "merchant"),
    Column("blocked", "已封禁", "blocked"),
    Column("created_at", "注册", "created"),
)
_LEADER = (
    Column("id", "编号", "id"),
    Column("name", "姓名", "name"),
    Column("state", "状态", "state"),
    Column("commission_bp", "佣金（万分之）", "commission bp", right=True),
    Column("communities", "社群", "communities"),
    Column("applied_at", "申请", "applied"),
    Column("refusal", "拒绝原因", "refusal"),
)


@click.group()
def user() -> None:
    """List, create, block and erase users, grant and revoke roles."""


for _command in (block, unblock):
    user.add_command(_command)


@user.command("list")
@click.option("--phone", help="The one with this phone number.")
@since_option
@limited
@shared
@pass_shell
def list_users(shell: Shell, phone: str | None, since: datetime | date | None, limit: int) -> None:
    """List users, the newest first; phone numbers stay sealed."""
    from groupbuy.application import membership

    if phone is None:
        found = shell.report(lambda work: membership.list_users(work, limit, None))
    else:
        found = [shell.read(lambda work: membership.find_user(work, phone))]
    found = recent(found, since, shell.settings.policy.zone, lambda each: each.created_at)
    shell.out.table("user.list/1", _USER, [_user(each) for each in found])


@user.command()
@click.option("--phone", required=True, help="Phone number; kept sealed.")
@click.option("--name", required=True, help="Display name.")
@click.option("--role", "roles", multiple=True, help="Besides shopper; may be repeated.")
@click.option("--merchant", "merchant_id", metavar="ID", help="The merchant they work for.")
@changing
@shared
@pass_shell
def create(
    shell: Shell, phone: str, name: str, roles: tuple[str, ...], merchant_id: str | None
) -> None:
    """Make an account. The password is asked for, or read from stdin with --no-input.

    Whoever works for a merchant is made with --merchant; leaders apply and are approved.
    """
    from groupbuy.application import membership
    from groupbuy.application.membership.personal import check_password
    from groupbuy.domain.membership import Role

    wanted = _offices(roles, merchant_id) | {Role.SHOPPER}
    password = _password(shell)
    check_password(password, membership.phone_of(phone))
    hashed = shell.app.passwords.hash(password)
    ready = membership.Enrol(phone, hashed, name, terms="operator", roles=wanted)

    def make(work: "Work") -> "User":
        made = membership.enrol(work, ready)
        if merchant_id is None:
            return made
        return membership.assign_staff(work, made.id, merchant_id, "made with the account")

    shell.out.record("user.create/1", _USER, _user(shell.run(make)))


@user.command()
@click.argument("user_id")
@click.argument("role")
@reasoned
@changing
@shared
@pass_shell
def grant(shell: Shell, user_id: str, role: str) -> None:
    """Give a role; the person has to log in again."""
    from groupbuy.application.membership import ChangeRole, grant_role

    change = ChangeRole(user_id, role_of(role), shell.reason)
    after = shell.run(lambda work: grant_role(work, change))
    shell.out.record("user.grant/1", _USER, _user(after))


@user.command()
@click.argument("user_id")
@click.argument("role")
@reasoned
@changing
@shared
@pass_shell
def revoke(shell: Shell, user_id: str, role: str) -> None:
    """Take a role away; the person's sessions end at once."""
    from groupbuy.application.membership import ChangeRole, revoke_role

    change = ChangeRole(user_id, role_of(role), shell.reason)
    after = shell.run(lambda work: revoke_role(work, change))
    shell.out.record("user.revoke/1", _USER, _user(after))


@user.command()
@click.argument("user_id")
@confirmed
@reasoned
@changing
@shared
@pass_shell
def erase(shell: Shell, user_id: str) -> None:
    """Make a person unreadable for ever; refused while goods or money are open."""
    from groupbuy.application.membership import erase_person

    shell.confirm_text(user_id, "抹去后无法恢复", "erasing cannot be undone")
    after = shell.run(lambda work: erase_person(work, user_id, shell.reason))
    shell.out.record("user.erase/1", _USER, _user(after))


@click.group()
def leader() -> None:
    """List, approve, refuse and suspend leaders."""


for _more in (suspend, reinstate):
    leader.add_command(_more)


@leader.command("list")
@click.option("--state", help="Only those in this state, such as applied.")
@since_option
@limited
@shared
@pass_shell
def list_leaders(
    shell: Shell, state: str | None, since: datetime | date | None, limit: int
) -> None:
    """List leaders, the newest application first."""
    from groupbuy.application import membership
    from groupbuy.domain.membership import LeaderState

    wanted = states_of(LeaderState, [state])[0] if state else None
    found = shell.report(lambda work: membership.list_leaders(work, wanted, limit, None))
    found = recent(found, since, shell.settings.policy.zone, lambda each: each.applied_at)
    shell.out.table("leader.list/1", _LEADER, [_leader(each) for each in found])


@leader.command()
@click.argument("leader_id")
@click.option("--commission-bp", type=click.IntRange(0, 10_000), help="Rate in basis points.")
@reasoned
@changing
@shared
@pass_shell
def approve(shell: Shell, leader_id: str, commission_bp: int | None) -> None:
    """Trust a leader with campaigns."""
    from groupbuy.application.membership import ApproveLeader, approve_leader

    cmd = ApproveLeader(leader_id, commission_bp, shell.reason)
    after = shell.run(lambda work: approve_leader(work, cmd))
    shell.out.record("leader.approve/1", _LEADER, _leader(after))


@leader.command()
@click.argument("leader_id")
@reasoned
@changing
@shared
@pass_shell
def refuse(shell: Shell, leader_id: str) -> None:
    """Turn an application down; the leader reads the reason."""
    from groupbuy.application.membership import JudgeLeader, refuse_leader

    cmd = JudgeLeader(leader_id, shell.reason)
    after = shell.run(lambda work: refuse_leader(work, cmd))
    shell.out.record("leader.refuse/1", _LEADER, _leader(after))


def _offices(typed: tuple[str, ...], merchant_id: str | None) -> "frozenset[Role]":
    """Return the roles that are handed out; the others come with what a person is or does."""
    from groupbuy.domain.membership import Role

    wanted = {role_of(name) for name in typed}
    if Role.LEADER in wanted:
        said = "a leader applies and is approved: groupbuy leader approve"
        raise click.BadParameter(said, param_hint="--role")
    if Role.MERCHANT in wanted and merchant_id is None:
        raise click.BadParameter("give the merchant with --merchant", param_hint="--role")
    return frozenset(wanted - {Role.MERCHANT})


def _password(shell: Shell) -> str:
    """Ask for a password unseen; a flag would stay in the history of the shell."""
    if shell.no_input or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: Any = click.prompt(
        shell.out.words("密码", "password"), hide_input=True, confirmation_prompt=True, err=True
    )
    return str(asked)


def _user(found: "User") -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.initial,
        "roles": found.roles,
        "merchant_id": found.merchant_id,
        "leader_id": found.leader_id,
        "blocked": found.blocked,
        "created_at": found.created_at,
    }


def _leader(found: "Leader") -> dict[str, object]:
    return {
        "id": found.id,
        "user_id": found.user_id,
        "name": found.name,
        "state": found.state,
        "commission_bp": found.commission_bp,
        "communities": found.communities,
        "applied_at": found.applied_at,
        "refusal": found.refusal,
    }
