"""Payouts: what the provider is asked to send to a leader, and what it says about it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from groupbuy.application.ports import (
    Payout,
    PayoutOutcome,
    PayoutReport,
    PayoutRequest,
    Query,
)
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import open_sealed
from groupbuy.application.steps.withdrawing import (
    book_withdrawal,
    frozen,
    lock_withdrawal,
    put_withdrawal,
    return_money,
)
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    ENDED,
    Withdrawal,
    WithdrawalMove,
    WithdrawalRules,
    WithdrawalState,
    YearSoFar,
    tax_on,
    withdrawal_id_of,
)
from groupbuy.domain.kernel import Money, NotFound, Refused
from groupbuy.domain.membership import Role, User

ASK_AGAIN = timedelta(minutes=1)
"""How soon to ask about a payout that nobody is certain of."""
ASK_THE_USER_AGAIN = timedelta(minutes=10)
"""How soon to ask about one that waits for its owner's wallet."""
_SENT = frozenset({WithdrawalState.SUBMITTED, WithdrawalState.AWAITING_USER})
_UNAPPROVED = frozenset({WithdrawalState.REQUESTED, WithdrawalState.ON_HOLD})
_TAXED = _SENT | {WithdrawalState.PAID}


def send_payout(
    desk: Desk,
    payout: Payout,
    tenant: str,
    withdrawal_id: str,
    rules: WithdrawalRules | None = None,
) -> datetime | None:
    """Carry out the task `payout/{withdrawal}`; return when to ask again, None once it ended.

    Stored as submitted first; the provider is called outside any transaction, always with the
    same number, so a crash or a time-out at any point cannot pay twice.
    """
    caller = Caller.system(tenant)
    request = desk.run(caller, lambda work: submit_payout(work, withdrawal_id, rules))
    if request is None:
        return desk.read(caller, lambda work: _once_free(work, withdrawal_id))
    report = payout.send(request)
    after = desk.run(caller, lambda work: settle_payout(work, report))
    return next_look(after, desk.kit.clock.now())


def pay_by_hand(
    desk: Desk, payout: Payout, caller: Caller, withdrawal_id: str, reason: str
) -> datetime | None:
    """Do what the worker would do, now, because a person asked. Raises Refused, NotFound."""
    caller.require(Role.FINANCE)

    def note(work: Work) -> None:
        withdrawal = lock_withdrawal(work, withdrawal_id)
        if withdrawal.state in _UNAPPROVED:
            raise Refused(rule="withdrawal_is_approved", about=withdrawal_id)
        work.audit("withdrawal.pay", withdrawal_id, reason)

    desk.run(caller, note)
    return send_payout(desk, payout, caller.tenant, withdrawal_id)


def show_payout(work: Work, withdrawal_id: str) -> Withdrawal:
    """Return one withdrawal. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    found = work.of(Withdrawal).find([withdrawal_id])
    if withdrawal_id not in found:
        raise NotFound(kind="withdrawal", key=withdrawal_id)
    return found[withdrawal_id]


def submit_payout(
    work: Work, withdrawal_id: str, rules: WithdrawalRules | None = None
) -> PayoutRequest | None:
    """Store that the provider is about to be asked; None if there is nothing to send now.

    What is approved waits while its leader's balance is frozen. The tax is fixed here, once, so
    that every call names the same amount.
    """
    withdrawal = lock_withdrawal(work, withdrawal_id)
    if withdrawal.state is WithdrawalState.APPROVED and not frozen(work, withdrawal):
        method = (rules or work.kit.policy.withdrawals).tax
        tax = tax_on(method, withdrawal.amount.minor, _year_so_far(work, withdrawal))
        withdrawal, happened = withdrawal.move(
            WithdrawalMove.SUBMIT, work.now(), tax=Money(tax, withdrawal.amount.currency)
        )
        put_withdrawal(work, withdrawal, happened)
    if withdrawal.state not in _SENT:
        return None
    owner = work.of(User).get(withdrawal.owner_id)
    return PayoutRequest(
        tenant=work.caller.tenant,
        number=withdrawal.number,
        amount=withdrawal.amount - withdrawal.tax,
        channel=withdrawal.channel,
        account=open_sealed(work, owner, "payout_account", withdrawal.account_sealed),
        account_name=open_sealed(work, owner, "payout_name", withdrawal.name_sealed),
        remark=withdrawal.id,
    )


def settle_payout(work: Work, report: PayoutReport) -> Withdrawal:
    """Take the provider's word about a payout; its end is booked exactly once.

    Raises NotFound for an unknown number. A word against an end that was booked changes
    nothing: finance is told.
    """
    withdrawal = lock_withdrawal(work, withdrawal_id_of(report.number))
    if withdrawal.state in ENDED:
        _check_end(work, withdrawal, report)
        return withdrawal
    if withdrawal.state not in _SENT:
        return withdrawal
    return _heard(work, withdrawal, report)


def next_look(withdrawal: Withdrawal, now: datetime) -> datetime | None:
    """Return when to ask the provider again; None for a withdrawal that has ended."""
    if withdrawal.state in ENDED:
        return None
    waits = withdrawal.state is WithdrawalState.AWAITING_USER
    return now + (ASK_THE_USER_AGAIN if waits else ASK_AGAIN)


def _once_free(work: Work, withdrawal_id: str) -> datetime | None:
    """Return when to look again at one that was not sent because of a frozen balance."""
    approved = work.of(Withdrawal).get(withdrawal_id).state is WithdrawalState.APPROVED
    return work.now() + ASK_THE_USER_AGAIN if approved else None


def _heard(work: Work, withdrawal: Withdrawal, report: PayoutReport) -> Withdrawal:
    now, ref = work.now(), report.provider_ref or withdrawal.provider_ref
    waits = withdrawal.state is WithdrawalState.AWAITING_USER
    if report.outcome is PayoutOutcome.PAID:
        after, happened = withdrawal.move(
            WithdrawalMove.PAY, now, provider_ref=ref, finished_at=now
        )
        book_withdrawal(work, "withdrawal_paid", after)
        work.tell(after.owner_id, "withdrawal.paid", after.id)
    elif report.outcome is PayoutOutcome.FAILED:
        after, happened = withdrawal.move(
            WithdrawalMove.FAIL, now, provider_ref=ref, finished_at=now, last_word=report.reason
        )
        return_money(work, after)
        work.tell(after.owner_id, "withdrawal.failed", after.id)
    elif report.outcome is PayoutOutcome.AWAITING_USER and not waits:
        after, happened = withdrawal.move(WithdrawalMove.AWAIT_USER, now, provider_ref=ref)
        work.tell(after.owner_id, "withdrawal.awaiting_user", after.id)
    else:
        return withdrawal
    put_withdrawal(work, after, happened)
    return after


def _check_end(work: Work, withdrawal: Withdrawal, report: PayoutReport) -> None:
    ends = {
        PayoutOutcome.PAID: WithdrawalState.PAID,
        PayoutOutcome.FAILED: WithdrawalState.FAILED,
    }
    said = ends.get(report.outcome, withdrawal.state)
    if said is not withdrawal.state:
        facts = {"booked": withdrawal.state.value, "said": said.value}
        work.audit("withdrawal.contradicted", withdrawal.id, **facts)
        work.tell("role:finance", f"withdrawal.contradicted.{said.value}", withdrawal.id)


def _year_so_far(work: Work, withdrawal: Withdrawal) -> YearSoFar:
    zone = ZoneInfo(work.kit.policy.zone)
    now = work.now().astimezone(zone)
    start = datetime(now.year, 1, 1, tzinfo=zone).astimezone(UTC)
    query = Query().where(leader_id=withdrawal.leader_id).since("requested_at", start)
    taxed = [w for w in every(work.of(Withdrawal), query) if w.state in _TAXED]
    months = [w.requested_at.astimezone(zone).month for w in taxed]
    return YearSoFar(
        income=sum(w.amount.minor for w in taxed),
        withheld=sum(w.tax.minor for w in taxed),
        months=now.month - min(months, default=now.month) + 1,
    )
