"""Parcels and pickups of an order."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Event, Refused
from groupbuy.domain.logistics.states import SHIPMENT, ShipmentMove, ShipmentState

_MOVES = {
    "in_transit": ShipmentMove.TRAVEL,
    "delivered": ShipmentMove.SIGN,
    "exception": ShipmentMove.FAIL,
    "returning": ShipmentMove.TURN_BACK,
    "returned": ShipmentMove.COME_BACK,
}
"""What a carrier's word asks of a parcel; only a signature delivers it."""
PICKUP_TRIES = 5


@frozen
class TraceEntry:
    """One line of the trace the buyer sees."""

    at: datetime
    text: str
    state: str


@frozen
class Shipment:
    """One parcel with a carrier, or one bag at a pickup point."""

    id: str
    order_id: str
    merchant_id: str
    created_at: datetime
    carrier: str = ""
    tracking_number: str = ""
    pickup_point_id: str | None = None
    pickup_code_fingerprint: str = ""
    pickup_code_sealed: str = ""
    pickup_tries: int = 0
    trace: tuple[TraceEntry, ...] = ()
    last_word_at: datetime | None = None
    """The newest carrier event taken; older news never moves the parcel back."""
    state: ShipmentState = ShipmentState.PACKED
    version: int = 0

    def ship(self, now: datetime) -> "tuple[Shipment, list[Event]]":
        """Hand it to the carrier."""
        return self._fire(ShipmentMove.SHIP, now)

    def make_ready(self, now: datetime) -> "tuple[Shipment, list[Event]]":
        """Lay it out at the pickup point."""
        return self._fire(ShipmentMove.MAKE_READY, now)

    def collect(self, fingerprint: str, now: datetime) -> "tuple[Shipment, list[Event]]":
        """Hand it over against the one-time code. A wrong code counts as a try."""
        if self.pickup_tries >= PICKUP_TRIES:
            raise Refused(rule="pickup_tries_left", about=self.id)
        if fingerprint != self.pickup_code_fingerprint:
            if self.state is not ShipmentState.READY:
                raise Refused(rule="the_bag_is_ready", about=self.id)
            return evolve(self, pickup_tries=self.pickup_tries + 1), []
        return self._fire(ShipmentMove.COLLECT, now)

    def hear(
        self, state: str, steps: tuple[TraceEntry, ...], now: datetime
    ) -> "tuple[Shipment, list[Event]]":
        """Take the carrier's news: keep every line, move only forward and only on newer news."""
        known = {(s.at, s.text) for s in self.trace}
        news = [s for s in steps if (s.at, s.text) not in known]
        trace = tuple(sorted([*self.trace, *news], key=lambda s: (s.at, s.text)))
        newest = max((s.at for s in steps), default=now)
        heard = evolve(self, trace=trace)
        move = _MOVES.get(state)
        # A signature counts whenever we hear of it: nothing later undoes that it was signed for.
        old = self.last_word_at is not None and newest < self.last_word_at
        stale = old and move is not ShipmentMove.SIGN
        if stale or move is None:
            return heard, []
        heard = evolve(heard, last_word_at=max(newest, self.last_word_at or newest))
        return heard._fire(move, now) if SHIPMENT.allows(self.state, move) else (heard, [])

    def _fire(self, move: ShipmentMove, now: datetime) -> "tuple[Shipment, list[Event]]":
        edge = SHIPMENT.fire(self.state, move, None)
        return evolve(self, state=edge.target), [
            Event(edge.event, self.id, now, {"order": self.order_id})
        ]
