"""The people who carry parcels, in our own words."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen


class ParcelState(StrEnum):
    """Where a parcel is, from the least to the most advanced."""

    LABELLED = "labelled"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    """Signed for; nothing else counts as delivered."""
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"


@frozen
class TraceStep:
    """One line of a parcel's trace."""

    at: datetime
    text: str
    state: ParcelState


@frozen
class TraceReport:
    """What the carrier knows about one parcel; steps in any order."""

    carrier: str
    tracking_number: str
    state: ParcelState
    steps: tuple[TraceStep, ...]
    event_id: str = ""


class Carrier(Protocol):
    """A tracking service for many carriers."""

    def subscribe(
        self, carrier: str, tracking_number: str, tenant: str = "", phone_tail: str = ""
    ) -> None:
        """Ask to be told of every move, at the tenant's address. Repeatable.

        `phone_tail` is the end of the receiver's phone, which some carriers ask for. Raises
        Unavailable, Invalid for a parcel that cannot be followed.
        """
        ...

    def trace(self, carrier: str, tracking_number: str, phone_tail: str = "") -> TraceReport:
        """Ask where a parcel is. Raises NotFound, Unavailable."""
        ...

    def read_callback(self, headers: dict[str, str], body: bytes) -> TraceReport:
        """Verify and translate a push. Raises Forbidden if it is not theirs."""
        ...

    def acknowledgement(self) -> bytes:
        """Return the JSON that a push is answered with once it was taken; empty: the status."""
        ...
