"""Who may take how much out, who must agree, and when."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.domain.commission.model import Withdrawal
from groupbuy.domain.commission.states import WithdrawalMove, WithdrawalState
from groupbuy.domain.commission.tax import TaxMethod
from groupbuy.domain.kernel import Event, Invalid, Money, Refused

SECOND_APPROVER_ABOVE = Money(50_000)
"""Above ¥500 a withdrawal needs two approvers."""
COOLING = timedelta(hours=48)
"""After a change of account, phone or password."""
CHANNELS = ("bank_card", "wechat_wallet")
"""Where a leader may be paid."""
ENDED = frozenset({WithdrawalState.PAID, WithdrawalState.FAILED, WithdrawalState.CANCELLED})
"""States in which nothing is on its way any more."""
APPROVAL_GIVEN = "withdrawal.approval_given"


@frozen
class WithdrawalRules:
    """What an operator may set about withdrawals. Amounts are minor units."""

    minimum: int = 100
    """The least somebody may ask for at once."""
    per_withdrawal: int = 2_000_000
    """The most somebody may ask for at once."""
    per_leader_day: int = 5_000_000
    """Requested by one leader within one local day; failed and cancelled ones do not count."""
    per_tenant_day: int = 50_000_000
    """Requested by all leaders together within one local day; a brake."""
    two_approvers_above: int = SECOND_APPROVER_ABOVE.minor
    """Above this a second person has to agree."""
    cooling_hours: int = 48
    """After a change of account, phone or password."""
    tax: TaxMethod = TaxMethod.NONE
    """How tax is withheld at payout."""


DEFAULT_RULES = WithdrawalRules()


def within_limits(
    amount: Money, *, leader_today: int, tenant_today: int, rules: WithdrawalRules = DEFAULT_RULES
) -> None:
    """Refuse an amount that is too small or beyond a cap. `…_today` are sums asked for before."""
    if amount.minor < rules.minimum:
        raise Refused(rule="withdrawal_reaches_the_minimum")
    if amount.minor > rules.per_withdrawal:
        raise Refused(rule="withdrawal_within_the_cap")
    if leader_today + amount.minor > rules.per_leader_day:
        raise Refused(rule="withdrawals_of_the_day_within_the_cap")
    if tenant_today + amount.minor > rules.per_tenant_day:
        raise Refused(rule="all_withdrawals_of_the_day_within_the_cap")


def approvers_needed(amount: Money, above: int = SECOND_APPROVER_ABOVE.minor) -> int:
    """Return how many different people must approve a withdrawal."""
    return 2 if amount.minor > above else 1


def may_approve(withdrawal: Withdrawal, approver: str, beneficiary: str) -> None:
    """Refuse the requester, the beneficiary, and anybody who approved already."""
    if approver in (withdrawal.requested_by, beneficiary):
        raise Refused(rule="approver_is_somebody_else", about=withdrawal.id)
    if approver in withdrawal.approvals:
        raise Refused(rule="approver_is_a_second_person", about=withdrawal.id)


def approve(
    withdrawal: Withdrawal,
    approver: str,
    *,
    beneficiary: str,
    now: datetime,
    rules: WithdrawalRules = DEFAULT_RULES,
) -> tuple[Withdrawal, list[Event]]:
    """Add one approval; with enough of them the withdrawal is approved.

    Raises Refused (see `may_approve`), IllegalMove unless it is waiting for approval.
    """
    after, happened = withdrawal.move(WithdrawalMove.APPROVE, now)
    may_approve(withdrawal, approver, beneficiary)
    approvals = (*withdrawal.approvals, approver)
    if len(approvals) < approvers_needed(withdrawal.amount, rules.two_approvers_above):
        given = Event(APPROVAL_GIVEN, withdrawal.id, now, {"leader": withdrawal.leader_id})
        return evolve(withdrawal, approvals=approvals), [given]
    return evolve(after, approvals=approvals), happened


def hold(withdrawal: Withdrawal, reason: str, now: datetime) -> tuple[Withdrawal, list[Event]]:
    """Stop it for a question; who approved before must approve again after the answer."""
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")
    return withdrawal.move(WithdrawalMove.HOLD, now, hold_reason=reason, approvals=())


def cooled_down(
    changed_at: Iterable[datetime | None], now: datetime, cooling: timedelta = COOLING
) -> None:
    """Refuse a withdrawal soon after an account, phone or password changed."""
    if any(at is not None and now < at + cooling for at in changed_at):
        raise Refused(rule="cooling_period_is_over")
