"""What every step of a payout shares, whoever is paid: its lock, its journal, who must agree.

A `Till` says what is particular to one kind of payout; the rules are the same for all of them.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from attrs import frozen

from groupbuy.application.ports import PayoutOutcome, PayoutReport
from groupbuy.application.steps.commissioning import available
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import Withdrawal
from groupbuy.domain.kernel import Event, Forbidden, NotFound
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Role, User
from groupbuy.domain.merchants import MerchantPayout, owed_accounts
from groupbuy.domain.payouts import (
    ENDED,
    Outgoing,
    PayoutMove,
    PayoutState,
    approve,
    doubt,
    hold,
)

P = TypeVar("P", bound=Outgoing)


@frozen
class Till(Generic[P]):
    """How one kind of payout is stored, booked and told."""

    kind: type[P]
    name: str
    """Its word in refusals, audit rows and messages."""
    paid: str
    """Moment of the posting table: the money arrived."""
    returned: str
    """Moment of the posting table: the money came back, or never left."""
    names: Callable[[P], Mapping[str, str]]
    amounts: Callable[[P], Mapping[str, int]]
    account: Callable[[P], str]
    """Out of which it was taken."""
    told: Callable[[P], str]
    """Who hears what becomes of it."""


WITHDRAWALS = Till[Withdrawal](
    kind=Withdrawal,
    name="withdrawal",
    paid="withdrawal_paid",
    returned="withdrawal_returned",
    names=lambda each: {"leader": each.leader_id},
    amounts=lambda each: {"W": each.amount.minor, "t": each.tax.minor},
    account=lambda each: available(each.leader_id),
    told=lambda each: each.owner_id,
)
MERCHANT_PAYOUTS = Till[MerchantPayout](
    kind=MerchantPayout,
    name="merchant_payout",
    paid="merchant_paid",
    returned="merchant_payout_failed",
    names=lambda each: {"merchant": each.merchant_id},
    amounts=lambda each: {"V": each.amount.minor},
    account=lambda each: owed_accounts(each.merchant_id)["payable"],
    told=lambda each: f"merchant:{each.merchant_id}",
)


def finance_person(work: Work) -> str:
    """Return who decides. On a command line a name is only a claim: it must be finance's.

    Raises Unauthenticated, Forbidden.
    """
    work.caller.require(Role.FINANCE)
    actor = work.caller.user_id
    if work.caller.channel == "cli":
        user = work.of(User).find([actor]).get(actor)
        if user is None or user.blocked or Role.FINANCE not in user.roles:
            raise Forbidden(needs="--actor naming a user with the role finance")
    return actor


def lock_payout(work: Work, till: Till[P], payout_id: str) -> P:
    """Lock and return a payout. Raises NotFound."""
    found = work.of(till.kind).lock([payout_id])
    if payout_id not in found:
        raise NotFound(kind=till.name, key=payout_id)
    return found[payout_id]


def put_payout(work: Work, till: Till[P], payout: P, happened: list[Event]) -> None:
    """Stage the next state of a payout and what happened."""
    work.of(till.kind).save(payout)
    work.emit(happened)


def book_payout(work: Work, till: Till[P], moment: str, payout: P) -> None:
    """Stage the journal of one moment of a payout."""
    names = {**till.names(payout), "provider": work.kit.policy.provider}
    work.book(moment, payout.id, names, till.amounts(payout), payout.amount.currency)


def return_money(work: Work, till: Till[P], payout: P) -> None:
    """Give the money of a payout that ended unpaid back to the balance it came from."""
    # Under the lock of the balance, so that journals of an account stand in their true order.
    work.put_balance(till.account(payout), payout.amount.minor)
    book_payout(work, till, till.returned, payout)


def is_frozen(work: Work, till: Till[P], payout: P) -> bool:
    """Tell whether nothing may leave its balance for now (locks it)."""
    account = till.account(payout)
    return bool(work.of(Balance).lock([account], create=Balance)[account].frozen_by)


def agree_to(work: Work, till: Till[P], payout: P, reason: str, approver: str, gets_it: str) -> P:
    """Add an approval; with the last one needed the payout is on its way.

    Raises Refused if the approver asked for it, receives it (`gets_it`), or approved it already.
    """
    above = work.kit.policy.withdrawals.two_approvers_above
    after, happened = approve(payout, approver, beneficiary=gets_it, now=work.now(), above=above)
    put_payout(work, till, after, happened)
    work.audit(f"{till.name}.approve", after.id, reason, amount=str(after.amount.minor))
    if after.state is PayoutState.APPROVED:
        work.later("payout", after.id, work.now())
    return after


def hold_back(work: Work, till: Till[P], payout_id: str, reason: str) -> P:
    """Stop a payout that waits for approval; the reason is needed."""
    work.caller.require(Role.FINANCE)
    after, happened = hold(lock_payout(work, till, payout_id), reason, work.now())
    put_payout(work, till, after, happened)
    work.audit(f"{till.name}.hold", after.id, reason)
    work.tell(till.told(after), f"{till.name}.on_hold.{after.version}", after.id)
    return after


def take_up(work: Work, till: Till[P], payout_id: str, reason: str) -> P:
    """Let a stopped payout wait for approval again; all approvals are asked for anew."""
    work.caller.require(Role.FINANCE)
    payout = lock_payout(work, till, payout_id)
    after, happened = payout.move(PayoutMove.RESUME, work.now(), hold_reason="")
    put_payout(work, till, after, happened)
    work.audit(f"{till.name}.resume", after.id, reason)
    return after


def give_up(work: Work, till: Till[P], payout: P, reason: str) -> P:
    """Cancel a payout before it is approved; its money goes back."""
    now = work.now()
    after, happened = payout.move(PayoutMove.CANCEL, now, finished_at=now, last_word=reason)
    put_payout(work, till, after, happened)
    return_money(work, till, after)
    work.audit(f"{till.name}.cancel", after.id, reason, amount=str(after.amount.minor))
    work.tell(till.told(after), f"{till.name}.cancelled", after.id)
    return after


def hear_provider(work: Work, till: Till[P], payout: P, report: PayoutReport) -> P:
    """Take the provider's word about a payout that was sent; its end is booked exactly once."""
    now, ref = work.now(), report.provider_ref or payout.provider_ref
    if report.outcome is PayoutOutcome.PAID:
        after, happened = payout.move(PayoutMove.PAY, now, provider_ref=ref, finished_at=now)
        book_payout(work, till, till.paid, after)
    elif report.outcome is PayoutOutcome.FAILED:
        after, happened = payout.move(
            PayoutMove.FAIL, now, provider_ref=ref, finished_at=now, last_word=report.reason
        )
        return_money(work, till, after)
    elif (
        report.outcome is PayoutOutcome.AWAITING_USER
        and payout.state is not PayoutState.AWAITING_USER
    ):
        after, happened = payout.move(PayoutMove.AWAIT_USER, now, provider_ref=ref)
    else:
        return _wait_or_doubt(work, till, payout)
    put_payout(work, till, after, happened)
    work.tell(till.told(after), f"{till.name}.{after.state.value}", after.id)
    return after


def check_end(work: Work, till: Till[P], payout: P, report: PayoutReport) -> None:
    """Compare a late word with the end that was booked: finance hears of a contradiction."""
    ends = {PayoutOutcome.PAID: PayoutState.PAID, PayoutOutcome.FAILED: PayoutState.FAILED}
    said = ends.get(report.outcome, payout.state)
    if said is not payout.state and payout.state in ENDED:
        facts = {"booked": payout.state.value, "said": said.value}
        work.audit(f"{till.name}.contradicted", payout.id, **facts)
        work.tell("role:finance", f"{till.name}.contradicted.{said.value}", payout.id)


def _wait_or_doubt(work: Work, till: Till[P], payout: P) -> P:
    doubted = doubt(payout, work.now(), work.kit.policy.withdrawals.patience)
    if doubted is None:
        return payout
    after, happened = doubted
    put_payout(work, till, after, happened)
    work.audit(f"{till.name}.needs_operator", after.id, amount=str(after.amount.minor))
    work.tell("role:finance", f"{till.name}.needs_operator", after.id)
    return after
