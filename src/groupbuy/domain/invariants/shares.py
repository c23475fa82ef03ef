"""Who is owed what of a binding order: everybody's accounts, told from orders and entries alone."""

from collections import Counter
from collections.abc import Iterator

from groupbuy.domain.commission import WithdrawalState
from groupbuy.domain.invariants.books import Books, Finding, differences
from groupbuy.domain.kernel import BASIS_POINTS
from groupbuy.domain.ledger import sums
from groupbuy.domain.ordering import Funder, Order

_MERCHANTS, _FEES, _PROMOTION = "merchant:", "platform:fees", "promotion:platform"


def shares_are_explained(books: Books) -> Iterator[Finding]:
    """Merchants are owed what is kept, and the platform has earned and given what orders say."""
    earned = Counter[str]()
    for entry in books.entries:
        earned[entry.order_id] += entry.amount.minor
    wanted = Counter[str]({_PROMOTION: earned[""]})
    for order in books.orders:
        if order.confirmed_at is None:
            continue
        fee, given = _fee(order), _given(order)
        kept = (order.payable - order.refunded).minor
        wanted[_MERCHANTS + order.merchant_id] -= kept + given - fee - earned[order.id]
        wanted[_FEES] -= fee
        wanted[_PROMOTION] += given
    for payout in books.merchant_payouts:
        if payout.state is WithdrawalState.PAID:
            wanted[_MERCHANTS + payout.merchant_id] += payout.amount.minor
    real = Counter[str]()
    for account, amount in sums(books.journals).items():
        if account.startswith((_MERCHANTS, _FEES, _PROMOTION)):
            real[_whole(account)] += amount
    yield from differences(5, wanted, real)


def _whole(account: str) -> str:
    """Return an account without the purse in which its money lies."""
    return ":".join(account.split(":")[:2])


def _fee(order: Order) -> int:
    return sum(line.base.minor * line.fee_bp // BASIS_POINTS for line in order.lines)


def _given(order: Order) -> int:
    """Return what the platform pays of the units that were not refunded."""
    given = 0
    for line in order.lines:
        for reason in line.attributions:
            if reason.funder is Funder.PLATFORM:
                whole = reason.amount.minor
                given += whole - whole * line.refunded_units // line.units
    return given
