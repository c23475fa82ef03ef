"""Talks to Kuaidi100 about parcels; keeps nothing but its connections."""

from collections.abc import Mapping
from urllib.parse import quote

import httpx
from attrs import frozen

from groupbuy.adapters.carrier_kuaidi100 import wire
from groupbuy.application.ports.carrier import TraceReport


@frozen(eq=False)
class Kuaidi100Carrier:
    """Carrier over HTTP; may be shared by threads. Trouble on the way raises Unavailable."""

    _http: httpx.Client
    _account: wire.Account
    _notify_url: str

    def subscribe(
        self, carrier: str, tracking_number: str, tenant: str = "", phone_tail: str = ""
    ) -> None:
        """Ask to be told of every move. Raises Unavailable, or Invalid on their word."""
        address = self._notify_url.replace("{tenant}", quote(tenant, safe=""))
        parcel = wire.Parcel(carrier, tracking_number, phone_tail)
        wire.read_subscribed(self._call("/poll", wire.subscription(self._account, parcel, address)))

    def trace(self, carrier: str, tracking_number: str, phone_tail: str = "") -> TraceReport:
        """Ask where a parcel is. Raises NotFound, Unavailable, or Invalid on their word."""
        parcel = wire.Parcel(carrier, tracking_number, phone_tail)
        asked = wire.query(self._account, parcel)
        return wire.read_trace(parcel, self._call("/poll/query.do", asked))

    def read_callback(self, headers: dict[str, str], body: bytes) -> TraceReport:  # noqa: ARG002
        """Verify and translate a push. Raises Forbidden, or Invalid if it makes no sense."""
        return wire.read_push(self._account, body)

    def acknowledgement(self) -> bytes:
        """Return what ends their retries."""
        return wire.TAKEN

    def close_connections(self) -> None:
        """Give back the connections; nothing can be asked afterwards."""
        self._http.close()

    def _call(self, path: str, form: Mapping[str, str]) -> bytes:
        """Return the body of an answer; empty when nothing useful came."""
        try:
            answer = self._http.post(path, data=form)
        except httpx.HTTPError:
            return b""
        return answer.content if answer.status_code == 200 else b""
