"""What every carrier adapter promises, as tests for whoever writes one.

Inherit `CarrierContract` in a pytest module and give it the fixtures `carrier` and `provider`, a
`CarrierProvider` that knows no parcels yet; see `groupbuy.testing.payment_gateway` for the shape.
"""

from datetime import datetime
from typing import Protocol

from groupbuy.application.ports.carrier import Carrier, ParcelState
from groupbuy.domain.kernel import Forbidden, NotFound
from groupbuy.testing.refusals import flipped, refused

PARCEL = ("shunfeng", "SF1000000001")


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


class CarrierContract:
    """The promises. Needs the fixtures `carrier` and `provider`."""

    def test_a_parcel_nobody_announced_is_not_found(self, carrier: Carrier) -> None:
        """There is nothing to trace."""
        with refused(NotFound):
            carrier.trace("shunfeng", "SF404")

    def test_subscribing_twice_is_subscribing_once(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """One move, one push."""
        carrier.subscribe(*PARCEL)
        carrier.subscribe(*PARCEL)
        provider.move(*PARCEL, ParcelState.IN_TRANSIT)
        assert len(provider.callbacks()) == 1

    def test_every_state_is_translated(self, carrier: Carrier, provider: CarrierProvider) -> None:
        """By push and by query alike."""
        carrier.subscribe(*PARCEL)
        for state in ParcelState:
            provider.move(*PARCEL, state)
            report = carrier.trace(*PARCEL)
            assert (report.carrier, report.tracking_number) == PARCEL
            assert report.state is state
        pushed = [carrier.read_callback(*callback) for callback in provider.callbacks()]
        assert [push.state for push in pushed] == list(ParcelState)
        assert len({push.event_id for push in pushed} - {""}) == len(ParcelState)

    def test_a_trace_keeps_every_step_and_its_time(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """Instants are aware; texts are the carrier's."""
        carrier.subscribe(*PARCEL)
        first = provider.now()
        provider.pass_time(60)
        provider.move(*PARCEL, ParcelState.DELIVERED)
        steps = carrier.trace(*PARCEL).steps
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
        assert carrier.trace(*PARCEL).state is ParcelState.IN_TRANSIT

    def test_a_forged_or_old_push_is_refused(
        self, carrier: Carrier, provider: CarrierProvider
    ) -> None:
        """Any changed byte, a missing signature, and a replay after five minutes."""
        carrier.subscribe(*PARCEL)
        provider.move(*PARCEL, ParcelState.IN_TRANSIT)
        headers, body = provider.callbacks()[0]
        for wrong in flipped(body):
            with refused(Forbidden):
                carrier.read_callback(headers, wrong)
        with refused(Forbidden):
            carrier.read_callback({}, body)
        provider.pass_time(301)
        with refused(Forbidden):
            carrier.read_callback(headers, body)
