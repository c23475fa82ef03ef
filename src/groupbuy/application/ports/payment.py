"""Taking money, giving it back, and paying people out, in our own words.

Every call names a number of ours that never changes; a repeated call with the same number
gives the same answer. What a provider does not state with certainty is PENDING and is asked
about again: network trouble is an answer, not an exception.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from groupbuy.domain.kernel import Money
from groupbuy.domain.payments import RefundLimits


class PaymentOutcome(StrEnum):
    """What the provider says about a payment."""

    PENDING = "pending"
    """Not known yet, or nobody has paid yet: ask again."""
    CAPTURED = "captured"
    CLOSED = "closed"
    """Unpaid for ever, by the provider's own word."""


@frozen
class PaymentRequest:
    """What we ask a buyer to pay."""

    number: str
    """Our number for this payment: 6–32 letters and digits."""
    amount: Money
    description: str
    expires_at: datetime
    payer_ref: str = ""
    """Who pays at the provider (an openid), where the provider needs it."""
    tenant: str = ""
    """Whose payment it is: the address for callbacks names the tenant."""


@frozen
class PaymentReport:
    """What the provider says about one payment, by callback or by query."""

    number: str
    outcome: PaymentOutcome
    amount: Money | None = None
    """What was really captured; compare it with what was due."""
    provider_ref: str = ""
    """The provider's own number, once captured."""
    paid_at: datetime | None = None
    """The provider's success time."""
    payer_ref: str = ""
    pay_params: str = ""
    """What the buyer's browser needs to pay (opaque JSON), while pending."""
    event_id: str = ""
    """Set on callbacks: unique per provider event, for the inbox."""


class RefundOutcome(StrEnum):
    """What the provider says about a refund."""

    PENDING = "pending"
    """Accepted or unknown: ask again, with the same number."""
    SUCCEEDED = "succeeded"
    RETRY_LATER = "retry_later"
    """Certainly not done now (limits, balance): send the same number again later."""
    FAILED = "failed"
    """Terminally failed by the provider's word: a person must decide."""


@frozen
class RefundRequest:
    """Money to give back to the payment it came from."""

    number: str
    payment_number: str
    amount: Money
    paid: Money
    """The whole captured amount of that payment."""
    reason: str
    tenant: str = ""
    """Whose refund it is, for the address of callbacks."""


@frozen
class RefundReport:
    """What the provider says about one refund."""

    number: str
    outcome: RefundOutcome
    amount: Money | None = None
    provider_ref: str = ""
    reason: str = ""
    event_id: str = ""


@frozen
class BillLine:
    """One movement on the provider's own statement; signed: money in is positive."""

    kind: str
    """payment | refund | payout | fee"""
    number: str
    amount: Money
    at: datetime


class Limited(Protocol):
    """Says beforehand what would be refused."""

    @property
    def refund_limits(self) -> RefundLimits:
        """What this provider allows of refunds; whoever sends them keeps to it."""
        ...


class PaymentGateway(Limited, Protocol):
    """One payment provider. Implementations keep no state of their own."""

    def prepay(self, request: PaymentRequest) -> PaymentReport:
        """Announce a payment; the report carries `pay_params`. Repeatable."""
        ...

    def query(self, number: str) -> PaymentReport:
        """Ask how a payment stands. A number the provider never saw is CLOSED."""
        ...

    def close(self, number: str) -> PaymentReport:
        """Make sure nobody can pay any more: CLOSED, or CAPTURED if somebody just did."""
        ...

    def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back. Repeatable with the same number."""
        ...

    def query_refund(self, number: str) -> RefundReport:
        """Ask how a refund stands. RETRY_LATER if the provider never saw the number."""
        ...

    def read_callback(self, headers: dict[str, str], body: bytes) -> PaymentReport | RefundReport:
        """Verify and translate a callback. Raises Forbidden if its signature is not theirs."""
        ...


class Bills(Protocol):
    """The provider's own statement of what happened."""

    def bill(self, day: date | None = None) -> list[BillLine]:
        """Return every movement of a (local) day, or of all time."""
        ...


class PayoutOutcome(StrEnum):
    """What the provider says about a payout."""

    PENDING = "pending"
    AWAITING_USER = "awaiting_user"
    """The beneficiary must confirm in their wallet."""
    PAID = "paid"
    FAILED = "failed"
    """Terminally failed by the provider's word; the money is back with us."""


@frozen
class PayoutRequest:
    """Money to send to a leader or a merchant."""

    number: str
    amount: Money
    channel: str
    """bank_card | wechat_wallet"""
    account: str
    """Card number or openid; never logged."""
    account_name: str
    remark: str
    tenant: str = ""
    """Whose payout it is, for the address of callbacks."""


@frozen
class PayoutReport:
    """What the provider says about one payout."""

    number: str
    outcome: PayoutOutcome
    provider_ref: str = ""
    reason: str = ""
    event_id: str = ""


class Payout(Protocol):
    """Sends money to people. A number is never reused for another payout."""

    def send(self, request: PayoutRequest) -> PayoutReport:
        """Send, or learn how an earlier send with this number stands."""
        ...

    def query(self, number: str) -> PayoutReport:
        """Ask how a payout stands. FAILED only by the provider's word."""
        ...

    def read_callback(self, headers: dict[str, str], body: bytes) -> PayoutReport:
        """Verify and translate a callback. Raises Forbidden if its signature is not theirs."""
        ...
