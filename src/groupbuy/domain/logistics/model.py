"""Parcels and pickups of an order."""

import re
from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Event, Invalid, Refused
from groupbuy.domain.logistics.states import (
    ARRIVED,
    LEFT_OUT,
    SHIPMENT,
    ShipmentMove,
    ShipmentState,
)

_MOVES = {
    "in_transit": ShipmentMove.TRAVEL,
    "delivered": ShipmentMove.SIGN,
    "exception": ShipmentMove.FAIL,
    "returning": ShipmentMove.TURN_BACK,
    "returned": ShipmentMove.COME_BACK,
}
"""What a carrier's word asks of a parcel; only a signature delivers it."""
PICKUP_TRIES = 5
_CARRIER = re.compile(r"[a-z0-9_-]{1,40}")
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")


@frozen
class TraceEntry:
    """One line of the trace the buyer sees."""

    at: datetime
    text: str
    state: str


@frozen
class Content:
    """Some units of one line of the order, in one parcel."""

    line_no: int
    units: int


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
    contents: tuple[Content, ...] = ()
    """What is in it; nothing said: all that is in no other parcel."""
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

    def renew_code(
        self, fingerprint: str, sealed: str, now: datetime
    ) -> "tuple[Shipment, list[Event]]":
        """Give a bag that lies ready another code; all tries are open again."""
        renewed = evolve(
            self,
            pickup_code_fingerprint=fingerprint,
            pickup_code_sealed=sealed,
            pickup_tries=0,
        )
        return renewed._fire(ShipmentMove.RENEW_CODE, now)

    def void(self, now: datetime) -> "tuple[Shipment, list[Event]]":
        """Take a parcel on its way out of the order, which then no longer waits for it."""
        return self._fire(ShipmentMove.VOID, now)

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
        """Take the carrier's news: keep every line, move only forward and only on newer news.

        News of a void parcel is not kept: its number may be somebody else's.
        """
        if self.state is ShipmentState.VOID:
            return self, []
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


def all_arrived(states: Iterable[ShipmentState]) -> bool:
    """Tell whether the buyer has everything: all that is not left out, and at least one."""
    waited_for = set(states) - LEFT_OUT
    return bool(waited_for) and waited_for <= ARRIVED


def check_number(carrier: str, tracking_number: str) -> None:
    """Refuse what cannot name a parcel at a carrier. Raises Invalid."""
    if not _CARRIER.fullmatch(carrier):
        raise Invalid(field="carrier", reason="1 to 40 of a-z, 0-9, _ and -")
    if not _NUMBER.fullmatch(tracking_number):
        raise Invalid(field="tracking_number", reason="1 to 40 letters, digits and dashes")
