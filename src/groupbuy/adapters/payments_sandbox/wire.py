"""The sandbox's payment words: signing, and translation into ours. Pure."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
from attrs import frozen

from groupbuy.application.ports.payment import (
    BillLine,
    PaymentOutcome,
    PaymentReport,
    RefundOutcome,
    RefundReport,
)
from groupbuy.domain.kernel import Forbidden, Invalid, KeyReused, Money

T = TypeVar("T")

CHANNEL = "payment"
"""Stands for the path in the signature of a callback."""
WINDOW_SECONDS = 300
"""How far the sandbox's clock and ours may be apart."""
LATER = frozenset(("FREQUENCY_LIMITED", "NOT_ENOUGH"))
"""Refund codes that say: certainly not now."""
NEVER = frozenset(
    (
        *("OVER_REFUND", "ORDER_NOT_PAID", "PAID_MISMATCH", "PAYMENT_NOT_EXIST"),
        *("PARAM_ERROR", "REFUND_TOO_LATE", "TOO_MANY_REFUNDS"),
    )
)
"""Refund codes that say: not with this number, ever."""
PAYMENT_STATES = {
    "NOTPAY": PaymentOutcome.PENDING,
    "SUCCESS": PaymentOutcome.CAPTURED,
    "CLOSED": PaymentOutcome.CLOSED,
}
REFUND_STATES = {
    "PROCESSING": RefundOutcome.PENDING,
    "SUCCESS": RefundOutcome.SUCCEEDED,
    "ABNORMAL": RefundOutcome.FAILED,
}


class _Payment(msgspec.Struct, frozen=True):
    number: str
    state: str
    captured: int | None = None
    captured_currency: str | None = None
    provider_ref: str = ""
    paid_at: datetime | None = None
    payer_ref: str = ""
    prepay_id: str = ""
    cashier_url: str = ""


class _Refund(msgspec.Struct, frozen=True):
    number: str
    state: str
    amount: int
    currency: str
    provider_ref: str = ""


class _Movement(msgspec.Struct, frozen=True):
    kind: str
    number: str
    amount: int
    currency: str
    at: datetime


class _Bill(msgspec.Struct, frozen=True):
    lines: list[_Movement]


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Notice(msgspec.Struct, frozen=True):
    event_id: str
    kind: str
    data: msgspec.Raw


@frozen
class Answer:
    """What came back, byte for byte; status 0 when nothing did."""

    status: int = 0
    body: bytes = b""

    @property
    def code(self) -> str:
        """The refusal code of a 4xx answer; empty when it proves nothing."""
        if not 400 <= self.status < 500:
            return ""
        try:
            return msgspec.json.decode(self.body, type=_Error).code
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ""


def signature(secret: bytes, when: str, nonce: str, method: str, path: str, body: bytes) -> str:
    """Return the hex HMAC-SHA256 the sandbox expects, over the raw body."""
    head = f"{when}\n{nonce}\n{method}\n{path}\n".encode(errors="replace")
    return hmac.new(secret, head + body, "sha256").hexdigest()


def verify(secret: bytes, now: datetime, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Forbidden unless a callback is theirs and fresh."""
    given = {name.lower(): value for name, value in headers.items()}
    when, nonce = given.get("sandbox-timestamp", ""), given.get("sandbox-nonce", "")
    got = given.get("sandbox-signature", "")
    wanted = signature(secret, when, nonce, "CALLBACK", CHANNEL, body)
    plain = when.isascii() and when.isdecimal() and got.isascii()
    if not (plain and hmac.compare_digest(wanted, got)):
        raise Forbidden(needs="provider signature")
    if abs(int(now.timestamp()) - int(when)) >= WINDOW_SECONDS:
        raise Forbidden(needs="fresh provider signature")


def read_payment(number: str, answer: Answer) -> PaymentReport:
    """Translate an answer about a payment; what proves nothing is PENDING."""
    if answer.status == 200:
        view = _decode(answer.body, _Payment)
        if view is not None and view.number == number:
            return _payment(view)
    return PaymentReport(number=number, outcome=PaymentOutcome.PENDING)


def read_prepay(number: str, answer: Answer) -> PaymentReport:
    """Translate an answer to an announcement. Raises KeyReused or Invalid on their word."""
    if answer.code == "NUMBER_REUSED":
        raise KeyReused(key=number)
    if answer.code == "PARAM_ERROR":
        raise Invalid(field="payment", reason="the provider does not accept these parameters")
    return read_payment(number, answer)


def read_query(number: str, answer: Answer) -> PaymentReport:
    """Translate an answer to a query: a number they never saw is CLOSED."""
    if answer.code == "ORDER_NOT_EXIST":
        return PaymentReport(number=number, outcome=PaymentOutcome.CLOSED)
    return read_payment(number, answer)


def read_refund(number: str, answer: Answer) -> RefundReport:
    """Translate an answer about a refund. Raises KeyReused on their word."""
    code = answer.code
    if code == "NUMBER_REUSED":
        raise KeyReused(key=number)
    if code in LATER or code == "REFUND_NOT_EXIST":
        return RefundReport(number=number, outcome=RefundOutcome.RETRY_LATER, reason=code)
    if code in NEVER:
        return RefundReport(number=number, outcome=RefundOutcome.FAILED, reason=code)
    if answer.status == 200:
        view = _decode(answer.body, _Refund)
        if view is not None and view.number == number:
            return _refund(view)
    return RefundReport(number=number, outcome=RefundOutcome.PENDING, reason=code)


def read_notice(body: bytes) -> PaymentReport | RefundReport:
    """Translate a verified callback. Raises Invalid if it makes no sense."""
    notice = _decode(body, _Notice)
    if notice is not None and notice.kind == "payment":
        payment = _decode(notice.data, _Payment)
        if payment is not None:
            return _payment(payment, notice.event_id)
    if notice is not None and notice.kind == "refund":
        refund = _decode(notice.data, _Refund)
        if refund is not None:
            return _refund(refund, notice.event_id)
    raise Invalid(field="body", reason="not a callback about a payment or a refund")


def read_bill(answer: Answer) -> list[BillLine] | None:
    """Translate the statement; None when it cannot be read."""
    bill = _decode(answer.body, _Bill) if answer.status == 200 else None
    if bill is None:
        return None
    return [
        BillLine(kind=m.kind, number=m.number, amount=Money(m.amount, m.currency), at=m.at)
        for m in bill.lines
    ]


def _payment(view: _Payment, event_id: str = "") -> PaymentReport:
    outcome = PAYMENT_STATES.get(view.state, PaymentOutcome.PENDING)
    captured = outcome is PaymentOutcome.CAPTURED
    if captured and view.captured is None:
        outcome, captured = PaymentOutcome.PENDING, False
    params = {"prepay_id": view.prepay_id, "cashier_url": view.cashier_url}
    pending = outcome is PaymentOutcome.PENDING
    return PaymentReport(
        number=view.number,
        outcome=outcome,
        amount=Money(view.captured or 0, view.captured_currency or "CNY") if captured else None,
        provider_ref=view.provider_ref if captured else "",
        paid_at=view.paid_at if captured else None,
        payer_ref=view.payer_ref,
        pay_params=msgspec.json.encode(params).decode() if pending else "",
        event_id=event_id,
    )


def _refund(view: _Refund, event_id: str = "") -> RefundReport:
    outcome = REFUND_STATES.get(view.state, RefundOutcome.PENDING)
    return RefundReport(
        number=view.number,
        outcome=outcome,
        amount=Money(view.amount, view.currency),
        provider_ref=view.provider_ref,
        reason=view.state if outcome is RefundOutcome.FAILED else "",
        event_id=event_id,
    )


def _decode(body: bytes | msgspec.Raw, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
