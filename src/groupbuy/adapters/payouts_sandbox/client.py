"""Talks to the sandbox about payouts; keeps nothing but its connections."""

import secrets
from urllib.parse import quote

import httpx
import msgspec
from attrs import frozen

from groupbuy.adapters.payouts_sandbox import wire
from groupbuy.application.ports.payment import PayoutReport, PayoutRequest
from groupbuy.application.ports.system import Clock


@frozen(eq=False)
class SandboxPayouts:
    """Payout over HTTP; may be shared by threads.

    Trouble on the way is PENDING, never an exception. Raises KeyReused when the sandbox says
    that a number belongs to another payout.
    """

    _http: httpx.Client
    _secret: bytes
    _clock: Clock
    _notify_url: str

    def send(self, request: PayoutRequest) -> PayoutReport:
        """Send, or learn how an earlier send with this number stands."""
        body = {
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "channel": request.channel,
            "account": request.account,
            "account_name": request.account_name,
            "remark": request.remark[:32],
            "notify_url": self._notify_url.replace("{tenant}", _safe(request.tenant)),
        }
        answer = self._call("POST", f"/payouts/{_safe(request.number)}", body)
        return wire.read_payout(request.number, answer)

    def query(self, number: str) -> PayoutReport:
        """Ask how a payout stands; a number they do not know is PENDING: send it again."""
        return wire.read_payout(number, self._call("GET", f"/payouts/{_safe(number)}"))

    def read_callback(self, headers: dict[str, str], body: bytes) -> PayoutReport:
        """Verify and translate a callback. Raises Forbidden, or Invalid if it makes no sense."""
        wire.verify(self._secret, self._clock.now(), headers, body)
        return wire.read_notice(body)

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
