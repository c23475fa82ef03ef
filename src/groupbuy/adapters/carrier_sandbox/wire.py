"""The sandbox's carrier words: signing, and translation into ours. Pure."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
from attrs import frozen

from groupbuy.application.ports.carrier import ParcelState, TraceReport, TraceStep
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Unavailable

T = TypeVar("T")

CHANNEL = "carrier"
"""Stands for the path in the signature of a callback."""
WINDOW_SECONDS = 300
"""How far the sandbox's clock and ours may be apart."""
STATES = {
    "LABEL": ParcelState.LABELLED,
    "MOVING": ParcelState.IN_TRANSIT,
    "SIGNED": ParcelState.DELIVERED,
    "PROBLEM": ParcelState.EXCEPTION,
    "RETURNING": ParcelState.RETURNING,
    "RETURNED": ParcelState.RETURNED,
}


class _Step(msgspec.Struct, frozen=True):
    at: datetime
    state: str
    text: str


class _Parcel(msgspec.Struct, frozen=True):
    carrier: str
    number: str
    state: str
    steps: list[_Step]


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


def read_subscribed(answer: Answer) -> None:
    """Translate an answer to a subscription. Raises Unavailable, or Invalid on their word."""
    if answer.code == "PARAM_ERROR":
        raise Invalid(field="tracking_number", reason="the carrier does not accept it")
    if answer.status != 200:
        raise Unavailable(what="sandbox carrier")


def read_trace(carrier: str, number: str, answer: Answer) -> TraceReport:
    """Translate an answer about a parcel. Raises NotFound on their word, else Unavailable."""
    if answer.code == "PARCEL_NOT_EXIST":
        raise NotFound(kind="parcel", key=f"{carrier}/{number}")
    view = _decode(answer.body, _Parcel) if answer.status == 200 else None
    report = _parcel(view) if view is not None else None
    if report is None or (report.carrier, report.tracking_number) != (carrier, number):
        raise Unavailable(what="sandbox carrier")
    return report


def read_notice(body: bytes) -> TraceReport:
    """Translate a verified push. Raises Invalid if it makes no sense."""
    notice = _decode(body, _Notice)
    if notice is not None and notice.kind == "parcel":
        view = _decode(notice.data, _Parcel)
        report = _parcel(view, notice.event_id) if view is not None else None
        if report is not None:
            return report
    raise Invalid(field="body", reason="not a push about a parcel")


def _parcel(view: _Parcel, event_id: str = "") -> TraceReport | None:
    words = [view.state, *(step.state for step in view.steps)]
    if any(word not in STATES for word in words):
        return None
    return TraceReport(
        carrier=view.carrier,
        tracking_number=view.number,
        state=STATES[view.state],
        steps=tuple(
            TraceStep(at=step.at, text=step.text, state=STATES[step.state]) for step in view.steps
        ),
        event_id=event_id,
    )


def _decode(body: bytes | msgspec.Raw, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
