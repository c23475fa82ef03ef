"""Withdrawals: a leader asks, finance agrees, the provider pays, and nothing is sent twice."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from groupbuy.application.ports import (
    Query,
)
from groupbuy.application.steps.commissioning import available, calling_leader
from groupbuy.application.steps.paying_out import (
    WITHDRAWALS,
    agree_to,
    book_payout,
    finance_person,
    give_up,
    hold_back,
    lock_payout,
    take_up,
)
from groupbuy.application.steps.payout_accounts import ACCOUNT, HOLDER, checked_account
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import open_sealed, seal
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import (
    Withdrawal,
    WithdrawalRules,
    WithdrawalState,
    cooled_down,
    within_limits,
)
from groupbuy.domain.kernel import Event, Invalid, Money, NotFound, Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Leader, LeaderState, Role, User

PAGE = 50


@frozen
class ChangePayoutAccount:
    """A leader says where to be paid."""

    channel: str
    """bank_card | wechat_wallet"""
    account: str
    """Card number or openid."""
    name: str
    """The account holder's name, as the bank knows it."""


@frozen
class PayoutAccount:
    """Where a leader is paid, as far as it may be shown."""

    channel: str
    tail: str
    """The last four characters of the account."""
    changed_at: datetime | None


@frozen
class RequestWithdrawal:
    """A leader wants settled commission."""

    amount: Money


@frozen
class Decision:
    """What finance, or the leader, says about a withdrawal."""

    withdrawal_id: str
    reason: str = ""


def change_payout_account(work: Work, cmd: ChangePayoutAccount) -> PayoutAccount:
    """Keep, sealed, where the calling leader is paid. Withdrawals cool down after every change.

    Withdrawals asked for before keep the account they were asked for with.
    """
    leader = calling_leader(work)
    account, holder = checked_account(cmd.channel, cmd.account, cmd.name)
    owner, now = work.of(User).get(leader.user_id), work.now()
    locked = work.of(Leader).lock([leader.id])[leader.id]
    changed = evolve(
        locked,
        payout_channel=cmd.channel,
        payout_account_sealed=seal(work, owner, ACCOUNT, account),
        payout_name_sealed=seal(work, owner, HOLDER, holder),
        payout_changed_at=now,
    )
    work.of(Leader).save(changed)
    work.emit([Event("leader.payout_account_changed", leader.id, now)])
    work.audit("leader.payout_account", leader.id, channel_chosen=cmd.channel)
    work.tell(leader.user_id, f"payout_account.changed.{locked.version}", leader.id)
    return PayoutAccount(cmd.channel, account[-4:], now)


def my_payout_account(work: Work) -> PayoutAccount:
    """Return where the calling leader is paid. Raises NotFound if that was never said."""
    leader = calling_leader(work)
    if not leader.payout_account_sealed:
        raise NotFound(kind="payout_account", key=leader.id)
    owner = work.of(User).get(leader.user_id)
    account = open_sealed(work, owner, ACCOUNT, leader.payout_account_sealed)
    return PayoutAccount(leader.payout_channel, account[-4:], leader.payout_changed_at)


def request_withdrawal(
    work: Work, cmd: RequestWithdrawal, rules: WithdrawalRules | None = None
) -> Withdrawal:
    """Move settled commission out of reach of another request, and ask for its payment.

    Raises Refused by rule: approved leader, account set, cooling period, limits, balance. The
    cap of all leaders together is a brake: requests of different leaders at the very same
    instant do not see each other.
    """
    rules = rules or work.kit.policy.withdrawals
    leader = calling_leader(work)
    owner, now = work.of(User).get(leader.user_id), work.now()
    if cmd.amount.currency != work.kit.policy.currency:
        raise Invalid(field="amount.currency", reason=f"must be {work.kit.policy.currency}")
    if leader.state is not LeaderState.APPROVED or owner.blocked:
        raise Refused(rule="leader_is_approved", about=leader.id)
    if not leader.payout_account_sealed:
        raise Refused(rule="payout_account_is_set", about=leader.id)
    cooled_down([leader.payout_changed_at, owner.security_changed_at], now, rules.cooling)
    balance = _lock_balance(work, leader.id)
    today = list(_asked_since(work, _midnight(work, now)))
    within_limits(
        cmd.amount,
        leader_today=_sum(w for w in today if w.leader_id == leader.id),
        tenant_today=_sum(today),
        rules=rules,
    )
    work.of(Balance).save(balance.take(cmd.amount.minor))
    withdrawal = Withdrawal(
        id=work.new_id("wdr", near=leader.id),
        leader_id=leader.id,
        requested_by=work.caller.user_id,
        amount=cmd.amount,
        channel=leader.payout_channel,
        account_sealed=leader.payout_account_sealed,
        name_sealed=leader.payout_name_sealed,
        owner_id=owner.id,
        requested_at=now,
        tax=Money(0, cmd.amount.currency),
    )
    work.of(Withdrawal).add(withdrawal)
    work.emit([Event("withdrawal.requested", withdrawal.id, now, {"leader": leader.id})])
    book_payout(work, WITHDRAWALS, "withdraw", withdrawal)
    work.audit("withdrawal.request", withdrawal.id, amount=str(cmd.amount.minor))
    work.tell("role:finance", "withdrawal.requested", withdrawal.id)
    return withdrawal


def cancel_withdrawal(work: Work, cmd: Decision) -> Withdrawal:
    """Give a withdrawal up before it is approved: the leader their own, finance any."""
    withdrawal = lock_payout(work, WITHDRAWALS, cmd.withdrawal_id)
    if Role.FINANCE not in work.caller.roles:
        if calling_leader(work).id != withdrawal.leader_id:
            raise NotFound(kind="withdrawal", key=cmd.withdrawal_id)
    elif not cmd.reason.strip():
        raise Invalid(field="reason", reason="is needed")
    return give_up(work, WITHDRAWALS, withdrawal, cmd.reason)


def approve_withdrawal(work: Work, cmd: Decision) -> Withdrawal:
    """Add finance's approval; with the last one needed the payout is on its way.

    Raises Refused if the approver asked for it, receives it, or has approved it already, and
    while the leader's balance is frozen.
    """
    approver = finance_person(work)
    withdrawal = lock_payout(work, WITHDRAWALS, cmd.withdrawal_id)
    _lock_balance(work, withdrawal.leader_id).check_free()
    return agree_to(work, WITHDRAWALS, withdrawal, cmd.reason, approver, withdrawal.owner_id)


def hold_withdrawal(work: Work, cmd: Decision) -> Withdrawal:
    """Stop a withdrawal that waits for approval; the reason is needed."""
    return hold_back(work, WITHDRAWALS, cmd.withdrawal_id, cmd.reason)


def resume_withdrawal(work: Work, cmd: Decision) -> Withdrawal:
    """Let a stopped withdrawal wait for approval again; all approvals are asked for anew."""
    return take_up(work, WITHDRAWALS, cmd.withdrawal_id, cmd.reason)


def my_withdrawals(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[Withdrawal]:
    """Return the calling leader's withdrawals, the newest first."""
    query = Query().where(leader_id=calling_leader(work).id).sorted("-requested_at")
    return work.of(Withdrawal).select(query.page(limit, after))


def list_withdrawals(
    work: Work,
    states: Iterable[WithdrawalState] = (),
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
) -> list[Withdrawal]:
    """Return everybody's withdrawals in some states (none: all), the newest first."""
    work.caller.require(Role.FINANCE)
    query = Query().sorted("-requested_at").page(limit, after)
    wanted = tuple(states)
    return work.of(Withdrawal).select(query.among("state", wanted) if wanted else query)


def _lock_balance(work: Work, leader_id: str) -> Balance:
    account = available(leader_id)
    return work.of(Balance).lock([account], create=Balance)[account]


def _asked_since(work: Work, start: datetime) -> Iterator[Withdrawal]:
    for withdrawal in every(work.of(Withdrawal), Query().since("requested_at", start)):
        if withdrawal.state not in (WithdrawalState.FAILED, WithdrawalState.CANCELLED):
            yield withdrawal


def _sum(withdrawals: Iterable[Withdrawal]) -> int:
    return sum(withdrawal.amount.minor for withdrawal in withdrawals)


def _midnight(work: Work, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(work.kit.policy.zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
