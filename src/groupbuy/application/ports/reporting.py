"""Reading the books as a whole: one consistent picture of accounts and of what explains them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from attrs import field, frozen

from groupbuy.domain.merchants import Booking, MerchantSums


@frozen
class AccountSum:
    """Everything ever booked on one account in one currency, in minor units."""

    account: str
    currency: str
    debit: int
    """Sum of what was debited; not below zero."""
    credit: int
    """Sum of what was credited; not below zero."""

    @property
    def balance(self) -> int:
        """Debit − credit."""
        return self.debit - self.credit


@frozen
class ClosedBooks:
    """What the last closing wrote down, and what the journals before its end say now."""

    period: str
    journals: int
    digest: str
    journals_now: int
    digest_now: str


@frozen
class LedgerPicture:
    """The books at one instant, and the open items that explain what is not zero."""

    accounts: tuple[AccountSum, ...] = ()
    unbalanced: tuple[str, ...] = ()
    """Journals whose lines do not add up to zero (at most a hundred)."""
    balances: Mapping[str, int] = field(factory=dict)
    """Minor units that may be moved out, by account."""
    placed: frozenset[str] = frozenset()
    """Orders that are paid and not yet binding."""
    refunds: Mapping[str, int] = field(factory=dict)
    """Granted refunds whose money is not back yet, by id."""
    withdrawals: Mapping[str, int] = field(factory=dict)
    """Sum of the withdrawals on their way, by leader."""
    merchant_payouts: Mapping[str, int] = field(factory=dict)
    """Sum of the payouts on their way, by merchant."""
    put_aside: Mapping[str, int] = field(factory=dict)
    """Captured money that pays nothing and was not granted back yet, by currency."""
    earned: Mapping[tuple[str, str], int] = field(factory=dict)
    """Sum of commission entries, by leader and purse."""

    closed: ClosedBooks | None = None
    """The last closing; None while no period is closed."""

    def net(self, account: str) -> int:
        """Return the balance of one account over all currencies, debit positive."""
        return self._nets.get(account, 0)

    @property
    def nets(self) -> Mapping[str, int]:
        """The balance of every account, debit positive."""
        return self._nets

    _nets: dict[str, int] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Add up once."""
        nets: dict[str, int] = {}
        for row in self.accounts:
            nets[row.account] = nets.get(row.account, 0) + row.balance
        object.__setattr__(self, "_nets", nets)


class LedgerReader(Protocol):
    """Reads the books of one tenant in one snapshot."""

    def ledger(self, tenant: str) -> LedgerPicture:
        """Return the picture as of now; later changes do not show in it. Raises Unavailable."""
        ...


class MerchantLedger(Protocol):
    """Reads what the books of one tenant say about one merchant. Instants are half-open."""

    def merchant_sums(
        self, tenant: str, merchant_id: str, since: datetime, until: datetime
    ) -> MerchantSums:
        """Return what is owed at both ends, and what was booked between, in one snapshot.

        Raises Unavailable.
        """
        ...

    def merchant_bookings(
        self,
        tenant: str,
        merchant_id: str,
        since: datetime,
        until: datetime,
        *,
        limit: int,
        after: tuple[datetime, str] | None = None,
    ) -> list[Booking]:
        """Return journals that changed what is owed, by (at, id), those behind `after`.

        Raises Unavailable.
        """
        ...


class Horizon(Protocol):
    """Knows how long somebody who may still write has been at it."""

    def oldest_open(self) -> timedelta:
        """Return how long the oldest open transaction of the database has been open.

        Zero where a reader sees everything that was told before it. Raises Unavailable.
        """
        ...
