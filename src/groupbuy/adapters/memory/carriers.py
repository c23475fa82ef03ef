"""A carrier in memory: parcels move when a test moves them."""

from datetime import datetime

from attrs import define, field

from groupbuy.adapters.memory.callbacks import Callbacks
from groupbuy.application.ports.carrier import ParcelState, TraceReport, TraceStep
from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import NotFound, Unavailable


@define(eq=False)
class MemoryCarrier:
    """Carrier. Subscribing makes a parcel known; `move` moves it and tells whoever follows."""

    _clock: Clock
    down: bool = False
    """While true, every call raises Unavailable."""
    callbacks: "Callbacks[TraceReport]" = field(init=False)
    _steps: dict[tuple[str, str], list[TraceStep]] = field(init=False, factory=dict)
    _followed: set[tuple[str, str]] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        """Start with nothing to tell."""
        self.callbacks = Callbacks(self._clock)

    def subscribe(
        self,
        carrier: str,
        tracking_number: str,
        tenant: str = "",  # noqa: ARG002
        phone_tail: str = "",  # noqa: ARG002
    ) -> None:
        """Ask to be told of every move; there is only one who listens."""
        self._answer()
        self._followed.add((carrier, tracking_number))
        self._know(carrier, tracking_number)

    def trace(
        self,
        carrier: str,
        tracking_number: str,
        phone_tail: str = "",  # noqa: ARG002
    ) -> TraceReport:
        """Ask where a parcel is. Raises NotFound, Unavailable."""
        self._answer()
        steps = self._steps.get((carrier, tracking_number))
        if steps is None:
            raise NotFound(kind="parcel", key=f"{carrier}/{tracking_number}")
        return TraceReport(carrier, tracking_number, steps[-1].state, tuple(steps))

    def read_callback(self, headers: dict[str, str], body: bytes) -> TraceReport:
        """Verify and translate one of `callbacks.sent`."""
        return self.callbacks.read(headers, body)

    def acknowledgement(self) -> bytes:
        """The status says enough."""
        return b""

    def move(
        self,
        carrier: str,
        tracking_number: str,
        state: ParcelState,
        text: str = "",
        at: datetime | None = None,
    ) -> None:
        """Move a parcel to a state, now unless `at` says when."""
        steps = self._know(carrier, tracking_number)
        steps.append(TraceStep(at=at or self._clock.now(), text=text or state.value, state=state))
        if (carrier, tracking_number) in self._followed:
            self.callbacks.tell(TraceReport(carrier, tracking_number, state, tuple(steps)))

    def _know(self, carrier: str, tracking_number: str) -> list[TraceStep]:
        first = TraceStep(at=self._clock.now(), text="labelled", state=ParcelState.LABELLED)
        return self._steps.setdefault((carrier, tracking_number), [first])

    def _answer(self) -> None:
        if self.down:
            raise Unavailable(what="carrier")
