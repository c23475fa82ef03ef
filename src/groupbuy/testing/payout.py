"""What every payout provider promises, as tests for whoever writes an adapter.

Inherit `PayoutContract` in a pytest module and give it the fixtures `payout` and `provider`, a
`PayoutProvider` that has paid nobody yet; see `groupbuy.testing.payment_gateway` for the shape.
"""

from typing import Protocol

from attrs import evolve

from groupbuy.application.ports.payment import Payout, PayoutOutcome, PayoutReport, PayoutRequest
from groupbuy.domain.kernel import DomainError, Forbidden, KeyReused, Money
from groupbuy.testing.refusals import flipped, refused

CARD = PayoutRequest(
    number="WDR1",
    amount=Money(50_000),
    channel="bank_card",
    account="6222020000000000000",
    account_name="何秀兰",
    remark="commission",
)
WALLET = evolve(CARD, number="WDR2", channel="wechat_wallet", account="openid-1")
DAY_SECONDS = 24 * 3600


class PayoutProvider(Protocol):
    """The puppet strings of a provider in a test."""

    def pass_time(self, seconds: int) -> None:
        """Let time pass for provider and adapter."""
        ...

    def confirm(self, number: str) -> None:
        """Let the owner of a wallet take the money. Raises a DomainError if it is too late."""
        ...

    def settle(self) -> None:
        """Let everything the provider accepted be carried out."""
        ...

    def paid_out(self) -> int:
        """Return what really left, in minor units."""
        ...

    def callbacks(self) -> list[tuple[dict[str, str], bytes]]:
        """Return headers and body of every callback sent so far, oldest first."""
        ...


class ReadingPayout(Payout, Protocol):
    """A payout adapter that can read its provider's callbacks."""

    def read_callback(self, headers: dict[str, str], body: bytes) -> PayoutReport:
        """Verify and translate a callback. Raises Forbidden."""
        ...


class PayoutContract:
    """The promises. Needs the fixtures `payout` and `provider`."""

    def test_a_card_payout_is_accepted_first_and_paid_later(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """Accepted is not paid."""
        assert payout.send(CARD).outcome is PayoutOutcome.PENDING
        assert provider.paid_out() == 0
        provider.settle()
        assert payout.query("WDR1").outcome is PayoutOutcome.PAID
        assert provider.paid_out() == 50_000

    def test_sending_again_pays_once(self, payout: ReadingPayout, provider: PayoutProvider) -> None:
        """The same number is the same payout, before and after it is paid."""
        payout.send(CARD)
        payout.send(CARD)
        provider.settle()
        assert payout.send(CARD).outcome is PayoutOutcome.PAID
        provider.settle()
        assert provider.paid_out() == 50_000

    def test_a_number_never_serves_another_payout(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """Neither another amount nor another person."""
        payout.send(CARD)
        for other in (evolve(CARD, amount=Money(1_000)), evolve(CARD, account="6222021111")):
            with refused(KeyReused):
                payout.send(other)
        provider.settle()
        assert provider.paid_out() == 50_000

    def test_a_wallet_waits_for_its_owner(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """Time alone pays nobody; the owner does."""
        assert payout.send(WALLET).outcome is PayoutOutcome.AWAITING_USER
        provider.settle()
        assert payout.query("WDR2").outcome is PayoutOutcome.AWAITING_USER
        provider.confirm("WDR2")
        provider.confirm("WDR2")
        assert payout.query("WDR2").outcome is PayoutOutcome.PAID
        assert provider.paid_out() == 50_000

    def test_a_wallet_nobody_confirms_in_a_day_has_failed(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """One second before it still waits; afterwards it cannot be confirmed."""
        payout.send(WALLET)
        provider.pass_time(DAY_SECONDS - 1)
        assert payout.query("WDR2").outcome is PayoutOutcome.AWAITING_USER
        provider.pass_time(1)
        assert payout.query("WDR2").outcome is PayoutOutcome.FAILED
        with refused(DomainError):
            provider.confirm("WDR2")
        assert payout.send(WALLET).outcome is PayoutOutcome.FAILED
        assert provider.paid_out() == 0

    def test_an_unknown_number_has_not_failed(self, payout: ReadingPayout) -> None:
        """It may still be on its way: only the provider's word is a failure."""
        assert payout.query("WDR404").outcome is PayoutOutcome.PENDING

    def test_an_unknown_channel_is_refused(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """Nothing is sent to nowhere."""
        report = payout.send(evolve(CARD, channel="carrier_pigeon"))
        assert report.outcome is PayoutOutcome.FAILED
        provider.settle()
        assert provider.paid_out() == 0

    def test_callbacks_tell_how_payouts_ended(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """One event each, with an id of its own."""
        payout.send(CARD)
        payout.send(WALLET)
        provider.settle()
        provider.confirm("WDR2")
        reports = [payout.read_callback(*callback) for callback in provider.callbacks()]
        assert {(r.number, r.outcome) for r in reports} == {
            ("WDR1", PayoutOutcome.PAID),
            ("WDR2", PayoutOutcome.PAID),
        }
        assert len({r.event_id for r in reports} - {""}) == 2

    def test_a_forged_or_old_callback_is_refused(
        self, payout: ReadingPayout, provider: PayoutProvider
    ) -> None:
        """Any changed byte, a missing signature, and a replay after five minutes."""
        payout.send(CARD)
        provider.settle()
        headers, body = provider.callbacks()[0]
        for wrong in flipped(body):
            with refused(Forbidden):
                payout.read_callback(headers, wrong)
        with refused(Forbidden):
            payout.read_callback({}, body)
        provider.pass_time(301)
        with refused(Forbidden):
            payout.read_callback(headers, body)
