"""What the invariants look at, and what they find."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from attrs import field, frozen

from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.campaigns import Campaign, Group, Seat
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.commission import SECOND_APPROVER_ABOVE, Entry, Statement, Withdrawal
from groupbuy.domain.ledger import Balance, Journal
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.marketing import Coupon, CouponTemplate
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment, Refund
from groupbuy.domain.points import PointLot, PointMove

K = TypeVar("K")
T = TypeVar("T")


@frozen
class Finding:
    """Something that must never be. `invariant` is its number in the list of invariants."""

    invariant: int
    about: str
    """The id of the thing, or the account."""
    detail: str


@frozen
class Movement:
    """One movement in a provider's own books: the truth that ours are compared with."""

    provider: str
    kind: str
    """payment | refund | payout | fee"""
    number: str
    amount: int
    """Minor units; money in is positive."""


@frozen
class Books:
    """Everything of one tenant, as it stands between two commits."""

    campaigns: Sequence[Campaign] = ()
    groups: Sequence[Group] = ()
    seats: Sequence[Seat] = ()
    orders: Sequence[Order] = ()
    payments: Sequence[Payment] = ()
    refunds: Sequence[Refund] = ()
    shipments: Sequence[Shipment] = ()
    stock: Sequence[Stock] = ()
    entries: Sequence[Entry] = ()
    withdrawals: Sequence[Withdrawal] = ()
    merchant_payouts: Sequence[MerchantPayout] = ()
    journals: Sequence[Journal] = ()
    balances: Sequence[Balance] = ()
    cases: Sequence[AfterSale] = ()
    statements: Sequence[Statement] = ()
    coupons: Sequence[Coupon] = ()
    coupon_templates: Sequence[CouponTemplate] = ()
    points: Sequence[PointLot] = ()
    point_moves: Sequence[PointMove] = ()
    received: Mapping[str, int] = field(factory=dict)
    """Units ever counted in less those written off, by variant, where that is known."""
    two_approvers_above: int = SECOND_APPROVER_ABOVE.minor
    """From more than this on a withdrawal needs two people; minor units."""


Check = Callable[[Books], Iterable[Finding]]
"""Looks at everything and tells what is wrong."""
TruthCheck = Callable[[Sequence[Movement], Books], Iterable[Finding]]
"""Compares everything with what the providers say."""


def differences(number: int, wanted: Counter[str], real: dict[str, int]) -> Iterator[Finding]:
    """Compare what explains accounts with what they hold, in minor units, debit positive."""
    for account in sorted(wanted.keys() | real.keys()):
        if wanted[account] != real.get(account, 0):
            detail = f"holds {real.get(account, 0)}, explained are {wanted[account]}"
            yield Finding(number, account, detail)


def by(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Sort things into lists by a key."""
    found: dict[K, list[T]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return found
