"""The sandbox's own words on the wire: what it is asked, and what it answers."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=200)]
Amount = Annotated[int, Meta(ge=1, le=10**12)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Instant = Annotated[datetime, Meta(tz=True)]
Address = Annotated[str, Meta(max_length=500)]
ParcelWord = Literal["LABEL", "MOVING", "SIGNED", "PROBLEM", "RETURNING", "RETURNED"]


class PrepayBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A payment to announce; `amount` in minor units."""

    amount: Amount
    currency: Currency = "CNY"
    description: Text = ""
    expires_at: Instant
    payer_ref: Text = ""
    notify_url: Address = ""


class RefundBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Money to give back; `paid` is the whole captured amount of the payment."""

    payment_number: Text
    amount: Amount
    paid: Amount
    currency: Currency = "CNY"
    reason: Text = ""
    notify_url: Address = ""


class PayoutBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Money to send to a person; the account is kept as a digest only."""

    amount: Annotated[int, Meta(ge=0, le=10**12)]
    currency: Currency = "CNY"
    channel: Text
    account: Text
    account_name: Text = ""
    remark: Text = ""
    notify_url: Address = ""


class SubscribeBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where to push the moves of a parcel."""

    notify_url: Address = ""


class PaymentView(Struct, frozen=True, kw_only=True):
    """How a payment stands: NOTPAY, SUCCESS or CLOSED."""

    number: str
    state: str
    amount: int
    currency: str
    captured: int | None
    captured_currency: str | None
    provider_ref: str
    paid_at: datetime | None
    payer_ref: str
    prepay_id: str
    cashier_url: str = ""
    """A page of the sandbox where a person can play the buyer."""


class RefundView(Struct, frozen=True, kw_only=True):
    """How a refund stands: PROCESSING, SUCCESS or ABNORMAL."""

    number: str
    payment_number: str
    state: str
    amount: int
    currency: str
    provider_ref: str


class PayoutView(Struct, frozen=True, kw_only=True):
    """How a payout stands: PROCESSING, WAIT_USER_CONFIRM, SUCCESS or FAIL."""

    number: str
    state: str
    amount: int
    currency: str
    provider_ref: str
    reason: str


class StepView(Struct, frozen=True, kw_only=True):
    """One line of a parcel's trace."""

    at: datetime
    state: str
    text: str


class ParcelView(Struct, frozen=True, kw_only=True):
    """Where a parcel is."""

    carrier: str
    number: str
    state: str
    steps: list[StepView]


class MovementView(Struct, frozen=True, kw_only=True):
    """One movement of money, signed: money in is positive."""

    seq: int
    kind: str
    number: str
    payment_number: str
    amount: int
    currency: str
    at: datetime


class BillView(Struct, frozen=True, kw_only=True):
    """Every movement of a day, or of all time."""

    lines: list[MovementView]
