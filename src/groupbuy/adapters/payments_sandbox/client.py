"""Talks to the sandbox about payments; keeps nothing but its connections."""

import secrets
from datetime import date
from urllib.parse import quote

import httpx
import msgspec
from attrs import frozen

from groupbuy.adapters.payments_sandbox import wire
from groupbuy.application.ports.payment import (
    BillLine,
    PaymentReport,
    PaymentRequest,
    RefundReport,
    RefundRequest,
)
from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import Unavailable
from groupbuy.domain.payments import RefundLimits


@frozen(eq=False)
class SandboxPayments:
    """PaymentGateway and Bills over HTTP; may be shared by threads.

    Trouble on the way is PENDING, never an exception. Raises KeyReused when the sandbox says
    that a number belongs to another payment or refund, Invalid when it refuses the parameters
    of an announcement, and Unavailable only for a statement it cannot fetch.
    """

    _http: httpx.Client
    _secret: bytes
    _clock: Clock
    _notify_url: str
    refund_limits: RefundLimits = RefundLimits()

    def prepay(self, request: PaymentRequest) -> PaymentReport:
        """Announce a payment."""
        body = {
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "description": request.description[:127],
            "expires_at": request.expires_at,
            "payer_ref": request.payer_ref,
            "notify_url": self._notify_url.replace("{tenant}", _safe(request.tenant)),
        }
        answer = self._call("POST", f"/payments/{_safe(request.number)}/prepay", body)
        return wire.read_prepay(request.number, answer)

    def query(self, number: str) -> PaymentReport:
        """Ask how a payment stands."""
        return wire.read_query(number, self._call("GET", f"/payments/{_safe(number)}"))

    def close(self, number: str) -> PaymentReport:
        """Close a payment, unless somebody just paid."""
        answer = self._call("POST", f"/payments/{_safe(number)}/close")
        return wire.read_payment(number, answer)

    def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back."""
        body = {
            "payment_number": request.payment_number,
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "paid": request.paid.minor,
            "reason": request.reason[:80],
            "notify_url": self._notify_url.replace("{tenant}", _safe(request.tenant)),
        }
        answer = self._call("POST", f"/refunds/{_safe(request.number)}", body)
        return wire.read_refund(request.number, answer)

    def query_refund(self, number: str) -> RefundReport:
        """Ask how a refund stands."""
        return wire.read_refund(number, self._call("GET", f"/refunds/{_safe(number)}"))

    def read_callback(self, headers: dict[str, str], body: bytes) -> PaymentReport | RefundReport:
        """Verify and translate a callback. Raises Forbidden, or Invalid if it makes no sense."""
        wire.verify(self._secret, self._clock.now(), headers, body)
        return wire.read_notice(body)

    def bill(self, day: date | None = None) -> list[BillLine]:
        """Return the statement of a Beijing day, or of all time. Raises Unavailable."""
        answer = self._call("GET", f"/bill?day={day.isoformat()}" if day else "/bill")
        lines = wire.read_bill(answer)
        if lines is None:
            raise Unavailable(what="sandbox bill")
        return lines

    def close_connections(self) -> None:
        """Give back the connections; nothing can be asked afterwards."""
        self._http.close()

    def _call(self, method: str, path: str, body: object = None) -> wire.Answer:
        content = b"" if body is None else msgspec.json.encode(body)
        request = self._http.build_request(method, path, content=content)
        when, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(12)
        target = request.url.raw_path.decode("ascii")
        request.headers.update(
            {
                "Content-Type": "application/json",
                "Sandbox-Timestamp": when,
                "Sandbox-Nonce": nonce,
                "Sandbox-Signature": wire.signature(
                    self._secret, when, nonce, method, target, content
                ),
            }
        )
        try:
            answer = self._http.send(request)
        except httpx.HTTPError:
            return wire.Answer()
        return wire.Answer(answer.status_code, answer.content)


def _safe(number: str) -> str:
    return quote(number, safe="")
