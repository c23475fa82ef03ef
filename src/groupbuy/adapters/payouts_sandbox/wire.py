"""The sandbox's payout words: signing, and translation into ours. Pure."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
from attrs import frozen

from groupbuy.application.ports.payment import PayoutOutcome, PayoutReport
from groupbuy.domain.kernel import Forbidden, Invalid, KeyReused

T = TypeVar("T")

CHANNEL = "payout"
"""Stands for the path in the signature of a callback."""
WINDOW_SECONDS = 300
"""How far the sandbox's clock and ours may be apart."""
NEVER = frozenset(("AMOUNT_LIMIT", "CHANNEL_UNKNOWN"))
"""Codes that prove nothing was sent: the sandbox looks the number up before it judges."""
STATES = {
    "PROCESSING": PayoutOutcome.PENDING,
    "WAIT_USER_CONFIRM": PayoutOutcome.AWAITING_USER,
    "SUCCESS": PayoutOutcome.PAID,
    "FAIL": PayoutOutcome.FAILED,
}


class _Payout(msgspec.Struct, frozen=True):
    number: str
    state: str
    provider_ref: str = ""
    reason: str = ""


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


def read_payout(number: str, answer: Answer) -> PayoutReport:
    """Translate an answer about a payout. Raises KeyReused on their word.

    FAILED needs their word too: a number they do not know may still be on its way to them.
    """
    code = answer.code
    if code == "NUMBER_REUSED":
        raise KeyReused(key=number)
    if code in NEVER:
        return PayoutReport(number=number, outcome=PayoutOutcome.FAILED, reason=code)
    if answer.status == 200:
        view = _decode(answer.body, _Payout)
        if view is not None and view.number == number:
            return _payout(view)
    return PayoutReport(number=number, outcome=PayoutOutcome.PENDING, reason=code)


def read_notice(body: bytes) -> PayoutReport:
    """Translate a verified callback. Raises Invalid if it makes no sense."""
    notice = _decode(body, _Notice)
    if notice is not None and notice.kind == "payout":
        view = _decode(notice.data, _Payout)
        if view is not None:
            return _payout(view, notice.event_id)
    raise Invalid(field="body", reason="not a callback about a payout")


def _payout(view: _Payout, event_id: str = "") -> PayoutReport:
    return PayoutReport(
        number=view.number,
        outcome=STATES.get(view.state, PayoutOutcome.PENDING),
        provider_ref=view.provider_ref,
        reason=view.reason,
        event_id=event_id,
    )


def _decode(body: bytes | msgspec.Raw, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
