"""Are the books right? Checks and the trial balance, as functions of one picture of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from attrs import frozen

from groupbuy.application.ports import BillLine, Query, UnitOfWork
from groupbuy.application.ports.reporting import (
    AccountSum,
    ClosedBooks,
    LedgerPicture,
    LedgerReader,
)
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller
from groupbuy.domain.commission import ENDED, Entry, Withdrawal
from groupbuy.domain.ledger import ACCOUNTS, Balance, Journal
from groupbuy.domain.membership import Role
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Payment, Refund, RefundState

K = TypeVar("K")

_AUTHORISING = (":available", ":payable")
"""Endings of the accounts that have a balance row."""


@frozen
class Finding:
    """One thing that should not be so."""

    check: str
    """The stable name of the check that found it."""
    subject: str
    """The account, journal or currency it is about."""
    expected: int
    """Minor units, debit positive."""
    found: int


@frozen
class TrialRow:
    """All accounts of one pattern of the chart, in one currency, in minor units."""

    account: str
    kind: str
    currency: str
    accounts: int
    """How many accounts it sums up."""
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        """Debit − credit."""
        return self.debit - self.credit


def books(reader: LedgerReader, caller: Caller) -> LedgerPicture:
    """Return the caller's tenant's books. Raises Unauthenticated, Forbidden, Unavailable."""
    caller.require(Role.FINANCE)
    return reader.ledger(caller.tenant)


def verify(picture: LedgerPicture) -> list[Finding]:
    """Run every check; an empty list means that the books are right."""
    return [finding for check in CHECKS for finding in check(picture)]


def trial_balance(picture: LedgerPicture) -> list[TrialRow]:
    """Sum up the accounts by the pattern of the chart they belong to, in its order.

    An account that fits no pattern gets a row of its own, at the end.
    """
    rows: dict[tuple[int, str, str], list[AccountSum]] = {}
    for account in picture.accounts:
        place, pattern, _ = _pattern_of(account.account)
        rows.setdefault((place, pattern, account.currency), []).append(account)
    return [
        TrialRow(
            account=pattern,
            kind=_pattern_of(members[0].account)[2],
            currency=currency,
            accounts=len(members),
            debit=sum(member.debit for member in members),
            credit=sum(member.credit for member in members),
        )
        for (_, pattern, currency), members in sorted(rows.items())
    ]


def journals_balance(picture: LedgerPicture) -> Iterator[Finding]:
    """Every journal sums to zero, and so does everything, per currency."""
    for journal in picture.unbalanced:
        yield Finding("journal_balances", journal, 0, 1)
    totals: dict[str, int] = {}
    for row in picture.accounts:
        totals[row.currency] = totals.get(row.currency, 0) + row.balance
    yield from _differ("everything_sums_to_zero", ((c, 0, total) for c, total in totals.items()))


def accounts_are_known(picture: LedgerPicture) -> Iterator[Finding]:
    """Every account fits the chart of accounts."""
    for account, net in picture.nets.items():
        if _pattern_of(account)[0] == len(ACCOUNTS):
            yield Finding("account_is_in_the_chart", account, 0, net)


def buyers_are_served(picture: LedgerPicture) -> Iterator[Finding]:
    """We hold money for an order only while it is paid and not yet binding."""
    for account, net in _of_kind(picture, "buyer:"):
        if net and account.removeprefix("buyer:") not in picture.placed:
            yield Finding("buyer_account_is_settled", account, 0, net)


def refunds_are_explained(picture: LedgerPicture) -> Iterator[Finding]:
    """What is due back is exactly what was granted and has not arrived."""
    wanted = {f"refund_due:{key}": -amount for key, amount in picture.refunds.items()}
    yield from _compared(picture, "refund_due_is_explained", "refund_due:", "", wanted)


def transit_is_explained(picture: LedgerPicture) -> Iterator[Finding]:
    """What is on its way to leaders and merchants is exactly their open payouts."""
    for whose, open_ones in (
        ("leader", picture.withdrawals),
        ("merchant", picture.merchant_payouts),
    ):
        wanted = {f"{whose}:{key}:in_transit": -amount for key, amount in open_ones.items()}
        check, start = "in_transit_is_explained", f"{whose}:"
        yield from _compared(picture, check, start, ":in_transit", wanted)


def suspense_is_explained(picture: LedgerPicture) -> Iterator[Finding]:
    """Suspense holds exactly the captured money that was put aside and not granted back."""
    found = {row.currency: row.balance for row in picture.accounts if row.account == "suspense"}
    yield from _differ(
        "suspense_is_explained",
        (
            (f"suspense {currency}", -picture.put_aside.get(currency, 0), found.get(currency, 0))
            for currency in {*found, *picture.put_aside}
        ),
    )


def commission_matches_its_entries(picture: LedgerPicture) -> Iterator[Finding]:
    """What leaders have pending and vested is the sum of their entries there."""
    for purse in ("pending", "vested"):
        wanted = {
            f"leader:{leader}:{purse}": -amount
            for (leader, where), amount in picture.earned.items()
            if where == purse
        }
        ending = f":{purse}"
        yield from _compared(picture, "commission_matches_entries", "leader:", ending, wanted)


def balances_match_their_accounts(picture: LedgerPicture) -> Iterator[Finding]:
    """What may be moved out is what the account says."""
    for ending in _AUTHORISING:
        rows = {k: -amount for k, amount in picture.balances.items() if k.endswith(ending)}
        yield from _compared(picture, "balance_matches_account", "", ending, rows)


def rounding_stays_zero(picture: LedgerPicture) -> Iterator[Finding]:
    """Shares are exact, so nothing is ever rounded away."""
    yield from _differ("rounding_is_zero", [("rounding", 0, picture.net("rounding"))])


def closed_books_are_unchanged(picture: LedgerPicture) -> Iterator[Finding]:
    """What was booked before the end of the last closed period is what it was when it closed."""
    closed = picture.closed
    if closed is not None and closed.digest != closed.digest_now:
        same = closed.journals == closed.journals_now
        expected, found = (0, 1) if same else (closed.journals, closed.journals_now)
        yield Finding("closed_books_are_unchanged", closed.period, expected, found)


CHECKS: tuple[Callable[[LedgerPicture], Iterator[Finding]], ...] = (
    journals_balance,
    accounts_are_known,
    buyers_are_served,
    refunds_are_explained,
    transit_is_explained,
    suspense_is_explained,
    commission_matches_its_entries,
    balances_match_their_accounts,
    rounding_stays_zero,
    closed_books_are_unchanged,
)
"""Every check on the books alone."""


def compare_with_bill(
    picture: LedgerPicture, provider: str, bill: Sequence[BillLine]
) -> list[Finding]:
    """Compare our money at a provider with its own statement of all time.

    Fees may be on its bill before they are in our books, or the other way round, so both sides
    are compared without them. Meaningful once no money is on its way.
    """
    fees = picture.net("provider_fees")
    ours = picture.net(f"clearing:{provider}") + fees
    theirs = sum(line.amount.minor for line in bill if line.kind != "fee")
    return list(_differ("clearing_matches_bill", [(f"clearing:{provider}", theirs, ours)]))


def picture_of(tx: UnitOfWork, closed: ClosedBooks | None = None) -> LedgerPicture:
    """Draw the picture from the stores, thing by thing, with the last closing as it was compared.

    For storage without reports of its own; exact only while nobody else writes.
    """
    sums: dict[tuple[str, str], list[int]] = {}
    for journal in every(tx.of(Journal), Query()):
        for line in journal.lines:
            both = sums.setdefault((line.account, journal.currency), [0, 0])
            both[line.amount < 0] += abs(line.amount)
    refunds = list(every(tx.of(Refund), Query()))
    return LedgerPicture(
        accounts=tuple(AccountSum(*key, *both) for key, both in sorted(sums.items())),
        balances={b.id: b.amount for b in every(tx.of(Balance), Query())},
        placed=frozenset(
            order.id for order in every(tx.of(Order), Query().where(state=OrderState.PLACED))
        ),
        refunds={r.id: r.amount.minor for r in refunds if r.state is not RefundState.SUCCEEDED},
        withdrawals=_added(
            (w.leader_id, w.amount.minor)
            for w in every(tx.of(Withdrawal), Query())
            if w.state not in ENDED
        ),
        merchant_payouts=_added(
            (payout.merchant_id, payout.amount.minor)
            for payout in every(tx.of(MerchantPayout), Query())
            if payout.state not in ENDED
        ),
        put_aside=_put_aside(tx, refunds),
        earned=_added(
            ((entry.leader_id, entry.purse.value), entry.amount.minor)
            for entry in every(tx.of(Entry), Query())
        ),
        closed=closed,
    )


def _put_aside(tx: UnitOfWork, refunds: Sequence[Refund]) -> dict[str, int]:
    aside = {
        payment.id: payment.captured
        for payment in every(tx.of(Payment), Query())
        if payment.quarantined and payment.captured is not None
    }
    moves = [(money.currency, money.minor) for money in aside.values()]
    moves += [(r.amount.currency, -r.amount.minor) for r in refunds if r.payment_id in aside]
    return _added(moves)


def _added(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    sums: dict[K, int] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, 0) + amount
    return sums


def _of_kind(picture: LedgerPicture, start: str, end: str = "") -> Iterator[tuple[str, int]]:
    for account, net in picture.nets.items():
        if account.startswith(start) and account.endswith(end):
            yield account, net


def _compared(
    picture: LedgerPicture, check: str, start: str, end: str, wanted: dict[str, int]
) -> Iterator[Finding]:
    """Compare accounts with what they should hold; an account not wanted should hold nothing."""
    accounts = {*wanted, *(account for account, _ in _of_kind(picture, start, end))}
    rows = ((account, wanted.get(account, 0), picture.net(account)) for account in accounts)
    yield from _differ(check, rows)


def _differ(check: str, rows: Iterable[tuple[str, int, int]]) -> Iterator[Finding]:
    for subject, expected, found in sorted(rows):
        if expected != found:
            yield Finding(check, subject, expected, found)


_PATTERNS = tuple(
    re.compile("[^:]+".join(map(re.escape, re.split(r"\{\w+\}", pattern))))
    for pattern, _, _ in ACCOUNTS
)


def _pattern_of(account: str) -> tuple[int, str, str]:
    """Return an account's place in the chart, its pattern and its kind."""
    for place, (pattern, row) in enumerate(zip(_PATTERNS, ACCOUNTS, strict=True)):
        if pattern.fullmatch(account):
            return place, row[0], row[1]
    return len(ACCOUNTS), account, "unknown"
