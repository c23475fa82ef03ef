"""The provider's side of a paid order: the callback about a payment that a join has just made."""

import json
from itertools import count

from attrs import define, field

from benchmarks.kit.seed import TENANT
from groupbuy.adapters.payments_sandbox import wire
from groupbuy.application.ports import Clock
from groupbuy.entrypoints.bootstrap import SystemClock


@define(eq=False)
class Provider:
    """Pays at once what it is shown, and signs what it says as the sandbox does.

    The buyer need not have been sent to the provider first: a callback may come before our own
    announcement is answered, so the product takes one for a payment that was only created.
    """

    secret: bytes
    clock: Clock = field(factory=SystemClock)
    _events: "count[int]" = field(factory=count, init=False)

    def callback(self, _client: int, joined: bytes) -> bytes:
        """Return the signed request that says: paid. `joined` is the answer to the join."""
        payment = json.loads(joined)["payment"]
        number, event = payment["number"], next(self._events)
        data = {
            "number": number,
            "state": "SUCCESS",
            "captured": payment["due"]["amount"],
            "captured_currency": payment["due"]["currency"],
            "provider_ref": f"ref-{event}",
        }
        notice = {"event_id": f"evt-{number}", "kind": "payment", "data": data}
        body, when = json.dumps(notice).encode(), str(int(self.clock.now().timestamp()))
        signed = wire.signature(self.secret, when, str(event), "CALLBACK", wire.CHANNEL, body)
        head = (
            f"POST /api/v1/callbacks/payments/sandbox/{TENANT} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Sandbox-Timestamp: {when}\r\nSandbox-Nonce: {event}\r\n"
            f"Sandbox-Signature: {signed}\r\n\r\n"
        )
        return head.encode() + body
