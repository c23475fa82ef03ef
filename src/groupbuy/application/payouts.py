"""Payouts: what the provider is asked to send to a leader or a merchant, and what it says."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from groupbuy.application.ports import Payout, PayoutReport, PayoutRequest, Query
from groupbuy.application.steps.paying_out import (
    MERCHANT_PAYOUTS,
    WITHDRAWALS,
    Till,
    check_end,
    hear_provider,
    is_frozen,
    lock_payout,
    put_payout,
)
from groupbuy.application.steps.payout_accounts import ACCOUNT, HOLDER
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import KeyHolder, open_sealed
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    Withdrawal,
    WithdrawalRules,
    WithdrawalState,
    YearSoFar,
    tax_on,
    withdrawal_id_of,
)
from groupbuy.domain.kernel import Money, NotFound, Refused
from groupbuy.domain.membership import Merchant, Role, User
from groupbuy.domain.merchants import MerchantPayout, is_merchant_number, merchant_payout_id_of
from groupbuy.domain.payouts import ENDED, SENT, UNAPPROVED, PayoutMove, PayoutState

AnyPayout = Withdrawal | MerchantPayout

ASK_AGAIN = timedelta(minutes=1)
"""How soon to ask about a payout that nobody is certain of."""
ASK_THE_USER_AGAIN = timedelta(minutes=10)
"""How soon to ask about one that waits for its owner's wallet."""
ASK_IN_DOUBT = timedelta(hours=1)
"""How soon to ask about one that a person looks at."""
_WAITS = {
    PayoutState.AWAITING_USER: ASK_THE_USER_AGAIN,
    PayoutState.NEEDS_OPERATOR: ASK_IN_DOUBT,
}
_TAXED = SENT | {WithdrawalState.PAID}


def send_payout(
    desk: Desk,
    payout: Payout,
    tenant: str,
    payout_id: str,
    rules: WithdrawalRules | None = None,
) -> datetime | None:
    """Carry out the task `payout/{id}`; return when to ask again, None once it ended.

    Stored as submitted first; the provider is called outside any transaction, always with the
    same number, so a crash or a time-out at any point cannot pay twice.
    """
    caller = Caller.system(tenant)
    request = desk.run(caller, lambda work: submit_payout(work, payout_id, rules))
    if request is None:
        return desk.read(caller, lambda work: _once_free(work, payout_id))
    report = payout.send(request)
    after = desk.run(caller, lambda work: settle_payout(work, report))
    return next_look(after, desk.kit.clock.now())


def pay_by_hand(
    desk: Desk, payout: Payout, caller: Caller, payout_id: str, reason: str
) -> datetime | None:
    """Do what the worker would do, now, because a person asked. Raises Refused, NotFound."""
    caller.require(Role.FINANCE)

    def note(work: Work) -> None:
        till = _till(payout_id)
        found = lock_payout(work, till, payout_id)
        if found.state in UNAPPROVED:
            raise Refused(rule="withdrawal_is_approved", about=payout_id)
        work.audit(f"{till.name}.pay", payout_id, reason)

    desk.run(caller, note)
    return send_payout(desk, payout, caller.tenant, payout_id)


def show_payout(work: Work, withdrawal_id: str) -> Withdrawal:
    """Return one withdrawal. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    found = work.of(Withdrawal).find([withdrawal_id])
    if withdrawal_id not in found:
        raise NotFound(kind="withdrawal", key=withdrawal_id)
    return found[withdrawal_id]


def submit_payout(
    work: Work, payout_id: str, rules: WithdrawalRules | None = None
) -> PayoutRequest | None:
    """Store that the provider is about to be asked; None if there is nothing to send now.

    What is approved waits while its balance is frozen. The tax of a withdrawal is fixed here,
    once, so that every call names the same amount.
    """
    till, now = _till(payout_id), work.now()
    found: AnyPayout = lock_payout(work, till, payout_id)
    if found.state is PayoutState.APPROVED and not is_frozen(work, till, found):
        facts: dict[str, object] = {"submitted_at": now}
        if isinstance(found, Withdrawal):
            method = (rules or work.kit.policy.withdrawals).tax
            tax = tax_on(method, found.amount.minor, _year_so_far(work, found))
            facts["tax"] = Money(tax, found.amount.currency)
        found, happened = found.move(PayoutMove.SUBMIT, now, **facts)
        put_payout(work, till, found, happened)
    return _request(work, found) if found.state in SENT else None


def settle_payout(work: Work, report: PayoutReport) -> AnyPayout:
    """Take the provider's word about a payout; its end is booked exactly once.

    Raises NotFound for an unknown number. A word against an end that was booked changes
    nothing: finance is told.
    """
    ours = is_merchant_number(report.number)
    key = (merchant_payout_id_of if ours else withdrawal_id_of)(report.number)
    till = _till(key)
    found: AnyPayout = lock_payout(work, till, key)
    if found.state in SENT:
        found = hear_provider(work, till, found, report)
    else:
        check_end(work, till, found, report)
    return found


def next_look(payout: AnyPayout, now: datetime) -> datetime | None:
    """Return when to ask the provider again; None for a payout that has ended."""
    return None if payout.state in ENDED else now + _WAITS.get(payout.state, ASK_AGAIN)


def _once_free(work: Work, payout_id: str) -> datetime | None:
    """Return when to look again at one that was not sent because of a frozen balance."""
    found: AnyPayout = work.of(_till(payout_id).kind).get(payout_id)
    waits = found.state is PayoutState.APPROVED
    return work.now() + ASK_THE_USER_AGAIN if waits else None


def _till(payout_id: str) -> Till[Any]:
    return MERCHANT_PAYOUTS if payout_id.startswith("mpo_") else WITHDRAWALS


def _request(work: Work, payout: AnyPayout) -> PayoutRequest:
    owner: KeyHolder
    if isinstance(payout, Withdrawal):
        owner, leaves = work.of(User).get(payout.owner_id), payout.amount - payout.tax
    else:
        owner, leaves = work.of(Merchant).get(payout.merchant_id), payout.amount
    return PayoutRequest(
        tenant=work.caller.tenant,
        number=payout.number,
        amount=leaves,
        channel=payout.channel,
        account=open_sealed(work, owner, ACCOUNT, payout.account_sealed),
        account_name=open_sealed(work, owner, HOLDER, payout.name_sealed),
        remark=payout.id,
    )


def _year_so_far(work: Work, withdrawal: Withdrawal) -> YearSoFar:
    """Add up what was sent this year: income belongs to the year in which it is paid."""
    zone = ZoneInfo(work.kit.policy.zone)
    now = work.now().astimezone(zone)
    mine = every(work.of(Withdrawal), Query().where(leader_id=withdrawal.leader_id))
    sent = [(w, w.submitted_at.astimezone(zone)) for w in mine if w.submitted_at is not None]
    taxed = [(w, at) for w, at in sent if w.state in _TAXED and at.year == now.year]
    return YearSoFar(
        income=sum(w.amount.minor for w, _ in taxed),
        withheld=sum(w.tax.minor for w, _ in taxed),
        months=now.month - min((at.month for _, at in taxed), default=now.month) + 1,
    )
