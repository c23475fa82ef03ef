"""What a merchant is owed for a period, told from the ledger alone.

We owe a merchant what is pending, payable and on its way. A booking changes that by what was
sold, given back, earned by leaders, kept by the operator, or paid out, and by nothing else.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import field, frozen

from groupbuy.domain.kernel import Money

_REVERSED = "reverse:"
_TRADE = {
    "confirm": "sales",
    "refund_after_confirmation": "refunds",
    "funding_taken_back": "refunds",
}
"""Moments of trade: their gross amount is the merchant's share and what others earn on it."""
_COLUMNS = {"merchant_paid": "payouts", "commission_adjusted": "commission"}
"""Other moments that are not a correction."""


def owed_accounts(merchant_id: str) -> dict[str, str]:
    """Return the accounts that hold what we owe a merchant, by what the money waits for."""
    return {name: f"merchant:{merchant_id}:{name}" for name in ("pending", "payable", "in_transit")}


@frozen
class Booking:
    """One journal, or the sum of many of one moment, as far as it touches a merchant.

    Amounts are minor units, credit positive: what is owed afterwards and was not before.
    """

    id: str
    """The journal; empty for a sum."""
    at: datetime | None
    moment: str
    subject: str
    """The order, refund, dispute or payout it is about."""
    order_id: str
    """The order behind it; empty for a payout."""
    merchant: int
    leaders: int = 0
    platform: int = 0


@frozen
class Owed:
    """What we owe a merchant at one instant, in minor units, by what it waits for."""

    pending: int = 0
    """The after-sale window."""
    payable: int = 0
    """A payout; may be below zero after a late refund."""
    in_transit: int = 0
    """The provider."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.pending + self.payable + self.in_transit


@frozen
class MerchantSums:
    """The books about one merchant, added up by moment."""

    opening: Owed = Owed()
    closing: Owed = Owed()
    moments: tuple[Booking, ...] = ()
    """One for each moment of the posting table that was booked within the period."""
    lines: int = 0
    """How many journals changed what is owed."""


@frozen
class StatementLine:
    """What one journal changed, each amount with its sign: above zero is owed to the merchant."""

    booking: Booking
    sales: Money
    refunds: Money
    commission: Money
    fees: Money
    payouts: Money
    other: Money
    """Corrections that are none of these."""

    @property
    def id(self) -> str:
        """The journal."""
        return self.booking.id

    @property
    def total(self) -> Money:
        """What is owed more, or less, after it."""
        parts = (self.refunds, self.commission, self.fees, self.payouts, self.other)
        return sum(parts, start=self.sales)


@frozen
class MerchantStatement:
    """What a merchant is owed for one period.

    opening + sales + refunds + commission + fees + payouts + other = closing, in every one.
    """

    merchant_id: str
    period: str
    since: datetime
    until: datetime
    opening: Money
    sales: Money
    refunds: Money
    """Not above zero."""
    commission: Money
    """What leaders earn of it; below zero but for reversals."""
    fees: Money
    """What the operator keeps; below zero but for reversals."""
    payouts: Money
    """What was paid out; not above zero."""
    other: Money
    closing: Money
    waits: Mapping[str, Money] = field(factory=dict)
    """The closing amount by what it waits for: pending, payable, in_transit."""
    lines: int = 0

    @property
    def adds_up(self) -> bool:
        """Tell whether the equation holds: it does, unless the books were tampered with."""
        parts = (
            self.sales, self.refunds, self.commission, self.fees, self.payouts, self.other,
        )  # fmt: skip
        return sum(parts, start=self.opening) == self.closing


def line_of(booking: Booking, currency: str) -> StatementLine:
    """Sort what a booking changed into the columns of a statement."""
    moment = booking.moment.removeprefix(_REVERSED)
    if column := _TRADE.get(moment):
        gross = booking.merchant + booking.leaders + booking.platform
        found = {column: gross, "commission": -booking.leaders, "fees": -booking.platform}
    else:
        found = {_COLUMNS.get(moment, "other"): booking.merchant}
    return StatementLine(
        booking,
        *(
            Money(found.get(name, 0), currency)
            for name in ("sales", "refunds", "commission", "fees", "payouts", "other")
        ),
    )


def statement_of(
    merchant_id: str,
    period: str,
    span: tuple[datetime, datetime],
    sums: MerchantSums,
    currency: str,
) -> MerchantStatement:
    """Make the statement of a period; opening and closing come from the accounts, not from it."""
    lines = [line_of(booking, currency) for booking in sums.moments]
    zero = Money(0, currency)

    def total(amounts: Iterable[Money]) -> Money:
        return sum(amounts, start=zero)

    closing = sums.closing
    return MerchantStatement(
        merchant_id=merchant_id,
        period=period,
        since=span[0],
        until=span[1],
        opening=Money(sums.opening.total, currency),
        sales=total(line.sales for line in lines),
        refunds=total(line.refunds for line in lines),
        commission=total(line.commission for line in lines),
        fees=total(line.fees for line in lines),
        payouts=total(line.payouts for line in lines),
        other=total(line.other for line in lines),
        closing=Money(closing.total, currency),
        waits={
            "pending": Money(closing.pending, currency),
            "payable": Money(closing.payable, currency),
            "in_transit": Money(closing.in_transit, currency),
        },
        lines=sums.lines,
    )
