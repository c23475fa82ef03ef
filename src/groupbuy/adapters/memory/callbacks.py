"""Callbacks of the memory adapters: signed like real ones, and kept for tests to deliver."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Generic, TypeVar

from attrs import define, evolve, field

from groupbuy.application.ports.carrier import TraceReport
from groupbuy.application.ports.payment import PaymentReport, PayoutReport, RefundReport
from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import Forbidden, Invalid

R = TypeVar("R", PaymentReport | RefundReport, PayoutReport, TraceReport)

SECRET = b"memory"
WINDOW_SECONDS = 300


@define(eq=False)
class Callbacks(Generic[R]):
    """What a pretend provider has to tell, in the order it happened."""

    _clock: Clock
    sent: list[tuple[dict[str, str], bytes]] = field(init=False, factory=list)
    """Headers and body of every callback; deliver them as often and in any order you like."""
    _reports: dict[str, R] = field(init=False, factory=dict)

    def tell(self, report: R) -> None:
        """Sign a callback about this report and keep it."""
        event_id = f"evt_{len(self._reports) + 1:06d}"
        self._reports[event_id] = evolve(report, event_id=event_id)
        body = json.dumps({"event_id": event_id}).encode()
        when = str(int(self._clock.now().timestamp()))
        self.sent.append(
            ({"Memory-Timestamp": when, "Memory-Signature": _sign(when, body).decode()}, body)
        )

    def read(self, headers: dict[str, str], body: bytes) -> R:
        """Return the report behind a callback. Raises Forbidden, Invalid."""
        given = {name.lower(): value for name, value in headers.items()}
        when = given.get("memory-timestamp", "")
        signature = given.get("memory-signature", "").encode(errors="replace")
        if not hmac.compare_digest(_sign(when, body), signature):
            raise Forbidden(needs="provider signature")
        if _age(self._clock.now(), when) >= WINDOW_SECONDS:
            raise Forbidden(needs="fresh provider signature")
        report = self._reports.get(json.loads(body)["event_id"])
        if report is None:
            raise Invalid(field="body", reason="unknown event")
        return report


def _sign(when: str, body: bytes) -> bytes:
    signed = when.encode(errors="replace") + b"\n" + body
    return hmac.new(SECRET, signed, hashlib.sha256).hexdigest().encode()


def _age(now: datetime, when: str) -> int:
    return abs(int(now.timestamp()) - int(when))
