"""`groupbuy commission rates`: what leaders earn, and the ladder that rewards a good month."""

import re
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column, money_text
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
    from groupbuy.application.commission import RateRow, Scope
    from groupbuy.domain.commission import Ladder, Step

LADDER = "ladder"
SCOPES = click.Choice(["leader", "category", "campaign", LADDER])
_RATE = (
    Column("scope", "范围", "scope"),
    Column("subject", "对象", "subject"),
    Column("name", "名称", "name"),
    Column("rate_bp", "费率(万分之)", "rate (bp)", right=True),
)
_LADDER = (
    Column("whose", "对象", "whose"),
    Column("month", "自", "from"),
    Column("steps_text", "阶梯", "steps"),
)
_STEP = re.compile(r"([0-9]{1,10})(?:\.([0-9]{2}))?:([0-9]{1,5})")


@click.group()
def commission() -> None:
    """Keep the rates of commission."""


@commission.group()
def rates() -> None:
    """List, set and remove rates of leaders, categories and drafts, and ladders."""


@rates.command("list")
@click.argument("scope", type=SCOPES)
@click.option("--set", "only_set", is_flag=True, help="Leave out those without a rate.")
@limited
@shared
@pass_shell
def list_rates(shell: Shell, scope: str, only_set: bool, limit: int) -> None:
    """List rates by what bears them; an empty one means that less specific ones apply."""
    from groupbuy.application import commission as desk

    if scope == LADDER:
        ladders = shell.report(lambda work: desk.list_ladders(work, limit))
        shell.out.table("commission.ladders/1", _LADDER, [_ladder(each) for each in ladders])
        return
    found = shell.report(lambda work: desk.list_rates(work, _scope(scope), limit))
    items = [_rate(each) for each in found if each.bp is not None or not only_set]
    policy = shell.settings.policy
    more = {"shop_bp": policy.default_commission_bp, "helper_bp": policy.helper_bp}
    shell.out.table("commission.rates/1", _RATE, items, **more)


@rates.command("set")
@click.argument("scope", type=SCOPES)
@click.argument("subject")
@click.option("--bp", type=click.IntRange(0, 3_000), help="Rate in basis points.")
@click.option("--step", "steps", multiple=True, metavar="YUAN:BP", help="For a ladder; repeated.")
@click.option("--from", "month", default="", metavar="YYYY-MM", help="For a ladder: from when.")
@confirmed
@reasoned
@changing
@shared
@pass_shell
def set_(
    shell: Shell, scope: str, subject: str, bp: int | None, steps: tuple[str, ...], month: str
) -> None:
    """Set a rate, or the ladder of `shop` or a leader from a month that has not begun.

    Campaigns published before keep their rates, and so do their orders.
    """
    if scope == LADDER:
        if not steps or bp is not None:
            raise click.UsageError(shell.out.words("阶梯用 --step", "a ladder takes --step"))
        _put_ladder(shell, subject, steps, month)
    elif bp is None or steps or month:
        raise click.UsageError(shell.out.words("费率用 --bp", "a rate takes --bp, nothing else"))
    else:
        _put_rate(shell, scope, subject, bp)


@rates.command()
@click.argument("scope", type=SCOPES)
@click.argument("subject")
@click.option("--from", "month", default="", metavar="YYYY-MM", help="For a ladder: from when.")
@confirmed
@reasoned
@changing
@shared
@pass_shell
def remove(shell: Shell, scope: str, subject: str, month: str) -> None:
    """Take a rate back, so that less specific ones apply; a ladder from a month on."""
    if scope == LADDER:
        _put_ladder(shell, subject, (), month)
    else:
        _put_rate(shell, scope, subject, None)


def _put_rate(shell: Shell, scope: str, subject: str, bp: int | None) -> None:
    from groupbuy.application.commission import SetRate, set_rate

    shell.confirm_text(subject, f"修改 {subject} 的佣金费率", f"this changes the rate of {subject}")
    cmd = SetRate(_scope(scope), subject, bp, shell.reason)
    after = shell.run(lambda work: set_rate(work, cmd))
    shell.out.record("commission.rate/1", _RATE, _rate(after))


def _put_ladder(shell: Shell, whose: str, typed: tuple[str, ...], month: str) -> None:
    from groupbuy.application.commission import SetLadder, set_ladder

    shell.confirm_text(whose, f"修改 {whose} 的业绩阶梯", f"this changes the ladder of {whose}")
    steps = tuple(_step(each, shell.settings.policy.currency) for each in typed)
    cmd = SetLadder(whose, steps, shell.reason, month)
    after = shell.run(lambda work: set_ladder(work, cmd))
    shell.out.record("commission.ladder/1", _LADDER, _ladder(after))


def _scope(typed: str) -> "Scope":
    from groupbuy.application.commission import Scope

    return Scope(typed)


def _step(typed: str, currency: str) -> "Step":
    from groupbuy.domain.commission import Step
    from groupbuy.domain.kernel import Money

    found = _STEP.fullmatch(typed)
    if found is None:
        raise click.BadParameter(f"{typed!r} must read YUAN:BP, like 5000:50", param_hint="--step")
    yuan, fen, bp = found.groups(default="00")
    return Step(Money(int(yuan) * 100 + int(fen), currency), int(bp))


def _rate(row: "RateRow") -> dict[str, object]:
    return {"scope": row.scope, "subject": row.subject, "name": row.name, "rate_bp": row.bp}


def _ladder(ladder: "Ladder") -> dict[str, object]:
    steps = [{"sales": step.sales, "bonus_bp": step.bonus_bp} for step in ladder.steps]
    shown = [f"{money_text(step.sales)}: +{step.bonus_bp} bp" for step in ladder.steps]
    return {
        "id": ladder.id,
        "whose": ladder.whose,
        "month": ladder.month,
        "steps": steps,
        "steps_text": ", ".join(shown) or "–",
        "set_at": ladder.set_at,
    }
