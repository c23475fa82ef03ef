"""What every carrier adapter promises, as tests for whoever writes one.

Inherit `CarrierContract` in a pytest module and give it the fixtures `carrier` and `provider`, a
`CarrierProvider` that knows no parcels yet; see `groupbuy.testing.payment_gateway` for the shape.
"""

import json
from datetime import datetime
from typing import Protocol

from groupbuy.application.ports.carrier import Carrier, ParcelState
from groupbuy.domain.kernel import Forbidden, NotFound
from groupbuy.testing.refusals import flipped, refused

PARCEL = ("shunfeng", "SF1000000001")
PHONE_TAIL = "8000"
"""Some carriers show a parcel only to who knows the end of its receiver's phone."""


class CarrierProvider(Protocol):
    """The puppet strings of a carrier in a test."""

    def now(self) -> datetime:
        """Return the carrier's time."""
        ...

    def pass_time(self, seconds: int) -> None:
        """Let time pass for carrier and adapter."""
        ...

    def move(
        self, carrier: str, number: str, state: ParcelState, at: datetime | None = None
    ) -> None:
        """Move a parcel to a state, now unless `at` says when."""
        ...

    def callbacks(self) -> list[tuple[dict[str, str], bytes]]:
        """Return headers and body of every push sent so far, oldest first."""
        ...

    def unsigned(self, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """Return a push without its signature."""
        ...


class CarrierContract:
    """The promises. Needs the fixtures `carrier` and `provider`."""

    def test_a_parcel_nobody_announced_is_not_found(self, carrier: Carrier) -> None:
        """There is nothing to trace."""
        with refused(NotFound):
            carrier.trace("shunfeng", "SF404", PHONE_TAIL)

    def test_subscribing_twice_is_subscribing_once(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """One move, one push."""
        carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
        carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
        provider.move(*PARCEL, ParcelState.IN_TRANSIT)
        assert len(provider.callbacks()) == 1

    def test_every_state_is_translated(self, carrier: Carrier, provider: CarrierProvider) -> None:
        """By push and by query alike."""
        carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
        for state in ParcelState:
            provider.move(*PARCEL, state)
            report = carrier.trace(*PARCEL, PHONE_TAIL)
            assert (report.carrier, report.tracking_number) == PARCEL
            assert report.state is state
        pushed = [carrier.read_callback(*callback) for callback in provider.callbacks()]
        assert [push.state for push in pushed] == list(ParcelState)
        assert len({push.event_id for push in pushed} - {""}) == len(ParcelState)

    def test_a_trace_keeps_every_step_and_its_time(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """Instants are aware; texts are the carrier's."""
        carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
        first = provider.now()
        provider.pass_time(60)
        provider.move(*PARCEL, ParcelState.DELIVERED)
        steps = carrier.trace(*PARCEL, PHONE_TAIL).steps
        assert [(step.state, step.at) for step in steps] == [
            (ParcelState.LABELLED, first),
            (ParcelState.DELIVERED, provider.now()),
        ]
        assert all(step.text for step in steps)

    def test_a_parcel_nobody_follows_is_not_pushed(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """But it can be asked about."""
        provider.move(*PARCEL, ParcelState.IN_TRANSIT)
        assert provider.callbacks() == []
        assert carrier.trace(*PARCEL, PHONE_TAIL).state is ParcelState.IN_TRANSIT

    def test_a_forged_push_is_refused(self, carrier: Carrier, provider: CarrierProvider) -> None:
        """Any changed byte, and a missing signature."""
        carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
        provider.move(*PARCEL, ParcelState.IN_TRANSIT)
        headers, body = provider.callbacks()[0]
        for wrong in flipped(body):
            with refused(Forbidden):
                carrier.read_callback(headers, wrong)
        with refused(Forbidden):
            carrier.read_callback(*provider.unsigned(headers, body))

    def test_a_replayed_push_is_refused_or_known_by_its_event(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """A service that signs no time has to name the same event again: the inbox drops it."""
        carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
        provider.move(*PARCEL, ParcelState.IN_TRANSIT)
        headers, body = provider.callbacks()[0]
        first = carrier.read_callback(headers, body)
        provider.pass_time(301)
        try:
            again = carrier.read_callback(headers, body)
        except Forbidden:
            return
        assert first.event_id
        assert again == first

    def test_a_push_is_answered_with_nothing_or_with_json(self, carrier: Carrier) -> None:
        """In the words that the service wants to hear."""
        said = carrier.acknowledgement()
        assert not said or json.loads(said)
