"""Talks to the sandbox about parcels; keeps nothing but its connections."""

import secrets
from urllib.parse import quote

import httpx
import msgspec
from attrs import frozen

from groupbuy.adapters.carrier_sandbox import wire
from groupbuy.application.ports.carrier import TraceReport
from groupbuy.application.ports.system import Clock


@frozen(eq=False)
class SandboxCarrier:
    """Carrier over HTTP; may be shared by threads. Trouble on the way raises Unavailable."""

    _http: httpx.Client
    _secret: bytes
    _clock: Clock
    _notify_url: str

    def subscribe(
        self,
        carrier: str,
        tracking_number: str,
        tenant: str = "",
        phone_tail: str = "",  # noqa: ARG002  the sandbox knows nobody
    ) -> None:
        """Ask to be told of every move. Raises Unavailable, or Invalid for a senseless number."""
        path = f"/parcels/{_safe(carrier)}/{_safe(tracking_number)}/subscribe"
        body = {"notify_url": self._notify_url.replace("{tenant}", _safe(tenant))}
        wire.read_subscribed(self._call("POST", path, body))

    def trace(
        self,
        carrier: str,
        tracking_number: str,
        phone_tail: str = "",  # noqa: ARG002  the sandbox knows nobody
    ) -> TraceReport:
        """Ask where a parcel is. Raises NotFound, Unavailable."""
        path = f"/parcels/{_safe(carrier)}/{_safe(tracking_number)}"
        return wire.read_trace(carrier, tracking_number, self._call("GET", path))

    def read_callback(self, headers: dict[str, str], body: bytes) -> TraceReport:
        """Verify and translate a push. Raises Forbidden, or Invalid if it makes no sense."""
        wire.verify(self._secret, self._clock.now(), headers, body)
        return wire.read_notice(body)

    def acknowledgement(self) -> bytes:
        """The status says enough."""
        return b""

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
