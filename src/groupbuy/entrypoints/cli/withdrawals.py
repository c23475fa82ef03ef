"""`groupbuy withdrawal`: list, approve, hold and resume withdrawals, and send them at once."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import SKIPPED, each
from groupbuy.entrypoints.cli.choices import states_of
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
from groupbuy.entrypoints.cli.sums import total_of

if TYPE_CHECKING:
    from groupbuy.domain.commission import Withdrawal

_WITHDRAWAL = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("amount", "金额", "amount", right=True),
    Column("tax", "代扣税", "tax", right=True),
    Column("channel", "渠道", "channel"),
    Column("leader_id", "团长", "leader"),
    Column("approvals", "审批", "approvals"),
    Column("hold_reason", "暂停原因", "held for"),
    Column("last_word", "渠道答复", "provider said"),
    Column("requested_at", "申请", "requested"),
    Column("finished_at", "完成", "finished"),
)


@click.group()
def withdrawal() -> None:
    """Approve, hold and pay withdrawals."""


@withdrawal.command("list")
@click.option("--state", "states", multiple=True, help="May be repeated.")
@since_option
@limited
@shared
@pass_shell
def list_withdrawals(
    shell: Shell, states: tuple[str, ...], since: datetime | date | None, limit: int
) -> None:
    """List withdrawals, the newest first."""
    from groupbuy.application import withdrawals
    from groupbuy.domain.commission import WithdrawalState

    wanted = states_of(WithdrawalState, states)
    found = shell.read(lambda work: withdrawals.list_withdrawals(work, wanted, limit))
    found = recent(found, since, shell.settings.policy.zone, lambda each: each.requested_at)
    shell.out.table("withdrawal.list/1", _WITHDRAWAL, [withdrawal_item(w) for w in found])


@withdrawal.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@confirmed
@changing
@shared
@pass_shell
def approve(shell: Shell, ids: tuple[str, ...]) -> None:
    """Approve withdrawals; their sum is typed, --actor names the approver, who works in finance."""
    from groupbuy.application.catalogue.facts import yuan
    from groupbuy.application.payouts import show_payout
    from groupbuy.application.withdrawals import Decision, approve_withdrawal

    total = total_of(shell, ids, show_payout)
    if total is not None:
        text = yuan(total)
        shell.confirm_text(text, f"批准提现 {text}", f"approve withdrawals of {text}")

    def do(key: str) -> dict[str, object]:
        decision = Decision(key, shell.reason)
        return _moved(shell.run(lambda work: approve_withdrawal(work, decision)))

    each(shell, "withdrawal.approve/1", ids, do)


@withdrawal.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def hold(shell: Shell, ids: tuple[str, ...]) -> None:
    """Stop withdrawals for a question; approvals given before are asked for again."""
    from groupbuy.application.withdrawals import Decision, hold_withdrawal

    def do(key: str) -> dict[str, object]:
        decision = Decision(key, shell.reason)
        return _moved(shell.run(lambda work: hold_withdrawal(work, decision)))

    each(shell, "withdrawal.hold/1", ids, do)


@withdrawal.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def resume(shell: Shell, ids: tuple[str, ...]) -> None:
    """Let held withdrawals wait for approval again."""
    from groupbuy.application.withdrawals import Decision, resume_withdrawal

    def do(key: str) -> dict[str, object]:
        decision = Decision(key, shell.reason)
        return _moved(shell.run(lambda work: resume_withdrawal(work, decision)))

    each(shell, "withdrawal.resume/1", ids, do)


@withdrawal.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def cancel(shell: Shell, ids: tuple[str, ...]) -> None:
    """Refuse withdrawals before they are approved; the leaders' balances get the money back."""
    from groupbuy.application.withdrawals import Decision, cancel_withdrawal

    shell.confirm(f"取消 {len(ids)} 笔提现？", f"cancel {len(ids)} withdrawals?")

    def do(key: str) -> dict[str, object]:
        decision = Decision(key, shell.reason)
        return _moved(shell.run(lambda work: cancel_withdrawal(work, decision)))

    each(shell, "withdrawal.cancel/1", ids, do)


@withdrawal.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def pay(shell: Shell, ids: tuple[str, ...]) -> None:
    """Send approved withdrawals now, or ask how they stand; the worker does the same by itself.

    Always the same number per withdrawal, so a repeat cannot pay twice.
    """
    from groupbuy.application import payouts
    from groupbuy.domain.payouts import ENDED

    provider = next(iter(shell.app.payouts.values()))
    shell.confirm(f"支付 {len(ids)} 笔提现？", f"pay {len(ids)} withdrawals?")

    def do(key: str) -> dict[str, object]:
        found = shell.read(lambda work: payouts.show_payout(work, key))
        if found.state in ENDED:
            return {**_moved(found), "result": SKIPPED}
        if shell.dry_run:
            return _moved(found)
        payouts.pay_by_hand(shell.app.desk, provider, shell.caller, key, shell.reason)
        return _moved(shell.read(lambda work: payouts.show_payout(work, key)))

    each(shell, "withdrawal.pay/1", ids, do)


def withdrawal_item(found: "Withdrawal") -> dict[str, object]:
    """Return what is shown of a withdrawal; never its account."""
    return {
        "id": found.id,
        "state": found.state,
        "amount": found.amount,
        "tax": found.tax,
        "channel": found.channel,
        "leader_id": found.leader_id,
        "approvals": list(found.approvals),
        "hold_reason": found.hold_reason,
        "last_word": found.last_word,
        "requested_at": found.requested_at,
        "finished_at": found.finished_at,
    }


def _moved(after: "Withdrawal") -> dict[str, object]:
    return {"id": after.id, "state": after.state, "message": str(after.state)}
