"""What must always be true of leaders' money: who may have it, when, and by whose word."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from groupbuy.domain.commission import (
    Purse,
    Withdrawal,
    WithdrawalState,
    approvers_needed,
)
from groupbuy.domain.invariants.books import Books, Finding, by

_WAITING = frozenset(
    {WithdrawalState.REQUESTED, WithdrawalState.ON_HOLD, WithdrawalState.CANCELLED}
)


def withdrawals_take_what_is_there(books: Books) -> Iterator[Finding]:
    """No withdrawal takes more than is available; only what is taken back makes a debt."""
    debts = Counter[str]()
    for entry in books.entries:
        if entry.reverses is not None and entry.purse is Purse.AVAILABLE:
            debts[f"leader:{entry.leader_id}:available"] -= entry.amount.minor
    for balance in books.balances:
        if balance.id.startswith("leader:") and balance.amount < -debts[balance.id]:
            yield Finding(16, balance.id, f"{balance.amount}, only {debts[balance.id]} taken back")
    there = Counter[str]()
    for journal in books.journals:
        for line in journal.lines:
            there[line.account] -= line.amount
            short = there[line.account] < 0 and line.amount > 0
            if short and journal.moment == "withdraw" and line.account.endswith(":available"):
                yield Finding(16, journal.subject, f"left {line.account} {there[line.account]}")


def commission_waits_for_the_window(books: Books) -> Iterator[Finding]:
    """Nobody is paid commission while the buyer may still give the goods back."""
    earned = by(books.entries, lambda entry: entry.order_id)
    for order in books.orders:
        moved = [e for e in earned.get(order.id, ()) if e.purse is not Purse.PENDING]
        if not moved:
            continue
        arrived, vested = order.delivered_at, order.vested_at
        over = None if arrived is None else arrived + timedelta(days=order.after_sale_days)
        if vested is None or over is None or vested < over:
            yield Finding(16, moved[0].id, f"vested at {vested}, the window ends at {over}")


def payouts_have_their_approvers(books: Books) -> Iterator[Finding]:
    """Enough different people agreed, none of whom asked for the money or receives it."""
    for each in books.withdrawals:
        if each.state in _WAITING:
            continue
        needed = approvers_needed(each.amount, books.two_approvers_above)
        if len(_strangers(each)) < needed or len(set(each.approvals)) < len(each.approvals):
            yield Finding(18, each.id, f"{each.state.value} by {each.approvals}, needs {needed}")


def _strangers(withdrawal: Withdrawal) -> set[str]:
    return set(withdrawal.approvals) - {withdrawal.requested_by, withdrawal.owner_id}
