"""Paying a merchant: preview, ask for exactly that, agree, and let the payout port send it."""

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.paying_out import (
    MERCHANT_PAYOUTS,
    agree_to,
    book_payout,
    finance_person,
    give_up,
    hold_back,
    lock_payout,
    take_up,
)
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import OPEN, AfterSale
from groupbuy.domain.commission import DIGEST_SHOWN, ChangedSincePreview, same_digest
from groupbuy.domain.kernel import Event, Invalid, Money, NotFound, Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Merchant, Role, User
from groupbuy.domain.merchants import MerchantPayout, digest_of_due, owed_accounts
from groupbuy.domain.ordering import Order
from groupbuy.domain.payouts import PayoutState, cooled_down

PAGE = 50


@frozen
class Due:
    """What one merchant may be paid now."""

    merchant_id: str
    name: str
    payable: Money
    """Vested and not paid out; below zero after a late refund."""
    held: Money
    """Kept back for open after-sale cases of vested orders."""
    free: Money
    """What a payout may take at most; not below zero."""
    amount: Money
    """What is proposed: what was asked for, else all that is free."""
    digest: str
    account_set: bool

    @property
    def key(self) -> str:
        """What a request names: merchant, amount and digest."""
        return f"{self.merchant_id}:{self.amount.minor}@{self.digest[:DIGEST_SHOWN]}"


@frozen
class RequestPayout:
    """Finance asks for the payout that was previewed."""

    merchant_id: str
    amount: Money
    digest: str
    reason: str


def parse_key(key: str) -> tuple[str, int, str]:
    """Split `mch_…:AMOUNT@digest` into merchant, minor units and digest. Raises Invalid."""
    what, _, digest = key.partition("@")
    merchant_id, _, minor = what.partition(":")
    if not merchant_id or not minor.isascii() or not minor.isdigit() or not digest:
        raise Invalid(field="preview", reason="must read mch_…:amount@digest")
    return merchant_id, int(minor), digest


def due(work: Work, merchant_id: str, amount: Money | None = None) -> Due:
    """Return what a merchant may be paid, and the fingerprint to ask for it with.

    Raises NotFound, Invalid for another currency.
    """
    work.caller.require(Role.FINANCE)
    return _planned(work, merchant_id, amount)


def _own(work: Work) -> str:
    return work.caller.merchant_id or ""


def _planned(work: Work, merchant_id: str, amount: Money | None) -> Due:
    merchant = _merchant(work, merchant_id)
    account = owed_accounts(merchant_id)["payable"]
    balance = work.of(Balance).find([account]).get(account, Balance(account))
    return _due(work, merchant, balance, amount)


def request_payout(work: Work, cmd: RequestPayout) -> MerchantPayout:
    """Take money that is payable out of reach, and ask for its payment.

    Raises ChangedSincePreview once another payout of the merchant was asked for meanwhile, and
    Refused by rule: account set, cooling period, minimum, and what is free.
    """
    requester = finance_person(work)
    if not cmd.reason.strip():
        raise Invalid(field="reason", reason="is needed")
    return _requested(work, cmd, requester)


def request_my_payout(work: Work, amount: Money, digest: str) -> MerchantPayout:
    """Ask for a payout of the caller's own merchant, as previewed; finance approves it.

    Raises what `request_payout` raises.
    """
    work.caller.require(Role.MERCHANT)
    cmd = RequestPayout(_own(work), amount, digest, "")
    return _requested(work, cmd, work.caller.user_id)


def cancel_my_payout(work: Work, payout_id: str) -> MerchantPayout:
    """Give a payout of the caller's own merchant up before it is approved. Raises NotFound."""
    work.caller.require(Role.MERCHANT)
    payout = lock_payout(work, MERCHANT_PAYOUTS, payout_id)
    if payout.merchant_id != work.caller.merchant_id:
        raise NotFound(kind=MERCHANT_PAYOUTS.name, key=payout_id)
    return give_up(work, MERCHANT_PAYOUTS, payout, "")


def my_due(work: Work, amount: Money | None = None) -> Due:
    """Return what the caller's own merchant may be paid, and the fingerprint to ask with."""
    work.caller.require(Role.MERCHANT)
    return _planned(work, _own(work), amount)


def _requested(work: Work, cmd: RequestPayout, requester: str) -> MerchantPayout:
    merchant, now = _merchant(work, cmd.merchant_id), work.now()
    rules = work.kit.policy.withdrawals
    if not merchant.payout_account_sealed:
        raise Refused(rule="payout_account_is_set", about=merchant.id)
    cooled_down([merchant.payout_changed_at], now, rules.cooling)
    account = owed_accounts(merchant.id)["payable"]
    balance = work.of(Balance).lock([account], create=Balance)[account]
    # Only now: whoever asks for a payout of this merchant holds this lock.
    planned = _due(work, merchant, balance, cmd.amount)
    if not same_digest(cmd.digest, planned.digest):
        raise ChangedSincePreview(settlement=merchant.id, digest=planned.digest[:DIGEST_SHOWN])
    if cmd.amount.minor < rules.minimum:
        raise Refused(rule="withdrawal_reaches_the_minimum", about=merchant.id)
    if planned.free < cmd.amount:
        raise Refused(rule="balance_is_enough", about=account)
    work.of(Balance).save(balance.take(cmd.amount.minor))
    payout = MerchantPayout(
        id=work.new_id("mpo", near=merchant.id),
        merchant_id=merchant.id,
        requested_by=requester,
        amount=cmd.amount,
        channel=merchant.payout_channel,
        account_sealed=merchant.payout_account_sealed,
        name_sealed=merchant.payout_name_sealed,
        requested_at=now,
    )
    work.of(MerchantPayout).add(payout)
    _announce(work, payout, cmd.reason)
    return payout


def approve_payout(work: Work, payout_id: str, reason: str) -> MerchantPayout:
    """Add finance's approval; with the last one needed the payout is on its way.

    Raises Refused if the approver asked for it, works for the merchant, or approved it already.
    """
    approver = finance_person(work)
    payout = lock_payout(work, MERCHANT_PAYOUTS, payout_id)
    gets_it = approver if _works_for(work, approver, payout.merchant_id) else ""
    return agree_to(work, MERCHANT_PAYOUTS, payout, reason, approver, gets_it)


def hold_payout(work: Work, payout_id: str, reason: str) -> MerchantPayout:
    """Stop a payout that waits for approval. Raises NotFound, IllegalMove, Invalid."""
    return hold_back(work, MERCHANT_PAYOUTS, payout_id, reason)


def resume_payout(work: Work, payout_id: str, reason: str) -> MerchantPayout:
    """Let a stopped payout wait for approval again. Raises NotFound, IllegalMove."""
    return take_up(work, MERCHANT_PAYOUTS, payout_id, reason)


def cancel_payout(work: Work, payout_id: str, reason: str) -> MerchantPayout:
    """Give a payout up before it is approved; its money is payable again.

    Raises NotFound, IllegalMove, Invalid.
    """
    work.caller.require(Role.FINANCE)
    payout = lock_payout(work, MERCHANT_PAYOUTS, payout_id)
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")
    return give_up(work, MERCHANT_PAYOUTS, payout, reason)


def show_payout(work: Work, payout_id: str) -> MerchantPayout:
    """Return one payout. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    found = work.of(MerchantPayout).find([payout_id])
    if payout_id not in found:
        raise NotFound(kind="merchant_payout", key=payout_id)
    return found[payout_id]


def list_payouts(
    work: Work,
    states: Iterable[PayoutState] = (),
    merchant_id: str = "",
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
) -> list[MerchantPayout]:
    """Return payouts in some states (none: all), of one merchant if named, the newest first."""
    work.caller.require(Role.FINANCE)
    query, wanted = Query().sorted("-requested_at").page(limit, after), tuple(states)
    if merchant_id:
        query = query.where(merchant_id=merchant_id)
    return work.of(MerchantPayout).select(query.among("state", wanted) if wanted else query)


def my_payouts(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[MerchantPayout]:
    """Return the payouts of the caller's merchant, the newest first."""
    work.caller.require(Role.MERCHANT)
    query = Query().where(merchant_id=work.caller.merchant_id or "").sorted("-requested_at")
    return work.of(MerchantPayout).select(query.page(limit, after))


def _announce(work: Work, payout: MerchantPayout, reason: str) -> None:
    facts = {"merchant": payout.merchant_id}
    work.emit([Event("merchant_payout.requested", payout.id, payout.requested_at, facts)])
    book_payout(work, MERCHANT_PAYOUTS, "merchant_payout", payout)
    work.audit("merchant_payout.request", payout.id, reason, amount=str(payout.amount.minor))
    work.tell("role:finance", "merchant_payout.requested", payout.id)


def _merchant(work: Work, merchant_id: str) -> Merchant:
    merchant = work.of(Merchant).find([merchant_id]).get(merchant_id)
    if merchant is None:
        raise NotFound(kind="merchant", key=merchant_id)
    return merchant


def _due(work: Work, merchant: Merchant, balance: Balance, amount: Money | None) -> Due:
    currency = work.kit.policy.currency
    if amount is not None and amount.currency != currency:
        raise Invalid(field="amount.currency", reason=f"must be {currency}")
    held = _held(work, merchant.id)
    free = Money(max(0, balance.amount - held), currency)
    wanted = free if amount is None else amount
    latest = Query().where(merchant_id=merchant.id).sorted("-requested_at").page(1)
    last = work.of(MerchantPayout).select(latest)
    return Due(
        merchant_id=merchant.id,
        name=merchant.name,
        payable=Money(balance.amount, currency),
        held=Money(held, currency),
        free=free,
        amount=wanted,
        digest=digest_of_due(merchant.id, wanted, last[0].id if last else ""),
        account_set=bool(merchant.payout_account_sealed),
    )


def _held(work: Work, merchant_id: str) -> int:
    """Return what open after-sale cases may take back out of `payable`, in minor units.

    An order that has not vested answers for its cases itself, out of `pending`.
    """
    of = Query().where(merchant_id=merchant_id).among("state", tuple(OPEN))
    cases = [case for case in every(work.of(AfterSale), of) if case.refund is None]
    orders = work.of(Order).find({case.order_id for case in cases})
    held = 0
    for case in cases:
        order = orders[case.order_id]
        left = min(case.units, order.goods_line(case.line_no).left)
        if order.vested_at is not None and left:
            held += order.refund_units(case.line_no, left, freight=True)[1].minor
    return held


def _works_for(work: Work, user_id: str, merchant_id: str) -> bool:
    user = work.of(User).find([user_id]).get(user_id)
    at = work.caller.merchant_id if user is None else user.merchant_id
    return at == merchant_id
