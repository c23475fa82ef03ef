"""What every payment gateway promises, as tests for whoever writes one.

Inherit in a pytest module and say how to make a gateway and the puppet strings of its provider::

    from groupbuy.testing.payment_gateway import PaymentGatewayContract

    class TestMyGateway(PaymentGatewayContract):
        @pytest.fixture
        def provider(self): ...

        @pytest.fixture
        def gateway(self, provider): ...

`provider` is a `PaymentProvider` that knows no payments yet.
"""

from datetime import datetime, timedelta
from typing import Protocol

from attrs import evolve

from groupbuy.application.ports.payment import (
    Bills,
    PaymentGateway,
    PaymentOutcome,
    PaymentReport,
    PaymentRequest,
    RefundOutcome,
    RefundReport,
    RefundRequest,
)
from groupbuy.domain.kernel import DomainError, Forbidden, KeyReused, Money
from groupbuy.testing.refusals import flipped, refused

DUE = Money(79_920)
NUMBER = "PAY0000000001"


class PaymentProvider(Protocol):
    """The puppet strings of a provider in a test."""

    def now(self) -> datetime:
        """Return the provider's time, which is the gateway's time too."""
        ...

    def pass_time(self, seconds: int) -> None:
        """Let time pass for both."""
        ...

    def pay(self, number: str, amount: Money | None = None) -> None:
        """Let the buyer pay, exactly what is due or something else. Raises if refused."""
        ...

    def settle(self) -> None:
        """Let everything the provider accepted be carried out."""
        ...

    def refunded(self, payment_number: str) -> int:
        """Return what really went back of a payment, in minor units."""
        ...

    def callbacks(self) -> list[tuple[dict[str, str], bytes]]:
        """Return headers and body of every callback sent so far, oldest first."""
        ...


def announcement(provider: PaymentProvider, number: str = NUMBER) -> PaymentRequest:
    """Return a payment request that can be paid for a quarter of an hour."""
    until = provider.now() + timedelta(minutes=15)
    return PaymentRequest(number=number, amount=DUE, description="苹果", expires_at=until)


def giving_back(minor: int, number: str = "RFD1") -> RefundRequest:
    """Return a request to refund so much of the payment."""
    return RefundRequest(
        number=number, payment_number=NUMBER, amount=Money(minor), paid=DUE, reason="group failed"
    )


class PaymentGatewayContract:
    """The promises. Needs the fixtures `gateway` and `provider`."""

    def test_an_announced_payment_waits_and_can_be_paid(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Announced: pending, with what the buyer's browser needs."""
        report = gateway.prepay(announcement(provider))
        assert (report.number, report.outcome) == (NUMBER, PaymentOutcome.PENDING)
        assert report.pay_params
        assert report.amount is None
        assert gateway.query(NUMBER).outcome is PaymentOutcome.PENDING

    def test_announcing_again_changes_nothing(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """A repeat is the same payment, whether it is paid or not."""
        gateway.prepay(announcement(provider))
        assert gateway.prepay(announcement(provider)).outcome is PaymentOutcome.PENDING
        provider.pay(NUMBER)
        assert gateway.prepay(announcement(provider)).outcome is PaymentOutcome.CAPTURED

    def test_a_number_cannot_be_announced_with_another_amount(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """The first amount stands."""
        gateway.prepay(announcement(provider))
        with refused(KeyReused):
            gateway.prepay(evolve(announcement(provider), amount=Money(1)))
        provider.pay(NUMBER)
        assert gateway.query(NUMBER).amount == DUE

    def test_a_number_never_seen_is_closed(self, gateway: PaymentGateway) -> None:
        """Nobody can pay what was never announced."""
        assert gateway.query("PAY0000000404").outcome is PaymentOutcome.CLOSED

    def test_a_paid_payment_says_how_much_when_and_where(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Captured: amount, success time, the provider's number."""
        gateway.prepay(announcement(provider))
        provider.pay(NUMBER)
        report = gateway.query(NUMBER)
        assert (report.outcome, report.amount) == (PaymentOutcome.CAPTURED, DUE)
        assert report.paid_at == provider.now()
        assert report.provider_ref
        assert not report.pay_params

    def test_a_wrong_amount_is_reported_as_it_was_paid(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """The gateway tells the truth; comparing with what was due is not its task."""
        gateway.prepay(announcement(provider))
        provider.pay(NUMBER, Money(100))
        assert gateway.query(NUMBER).amount == Money(100)

    def test_nobody_can_pay_after_closing(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Closing came first, so closing wins."""
        gateway.prepay(announcement(provider))
        assert gateway.close(NUMBER).outcome is PaymentOutcome.CLOSED
        with refused(DomainError):
            provider.pay(NUMBER)
        assert gateway.query(NUMBER).outcome is PaymentOutcome.CLOSED
        assert gateway.close(NUMBER).outcome is PaymentOutcome.CLOSED

    def test_closing_after_a_payment_says_that_it_is_paid(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Paying came first, so paying wins."""
        gateway.prepay(announcement(provider))
        provider.pay(NUMBER)
        report = gateway.close(NUMBER)
        assert (report.outcome, report.amount) == (PaymentOutcome.CAPTURED, DUE)

    def test_a_refund_is_accepted_first_and_done_later(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Accepted is not done."""
        self._paid(gateway, provider)
        assert gateway.refund(giving_back(79_920)).outcome is RefundOutcome.PENDING
        provider.settle()
        report = gateway.query_refund("RFD1")
        assert (report.outcome, report.amount) == (RefundOutcome.SUCCEEDED, DUE)
        assert provider.refunded(NUMBER) == 79_920

    def test_a_repeated_refund_pays_once(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """The same number is the same refund, before and after it is done."""
        self._paid(gateway, provider)
        gateway.refund(giving_back(500))
        gateway.refund(giving_back(500))
        provider.settle()
        assert gateway.refund(giving_back(500)).outcome is RefundOutcome.SUCCEEDED
        provider.settle()
        assert provider.refunded(NUMBER) == 500

    def test_a_refund_number_cannot_change_its_amount(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Nothing moves for the second amount."""
        self._paid(gateway, provider)
        gateway.refund(giving_back(500))
        with refused(KeyReused):
            gateway.refund(giving_back(600))
        provider.settle()
        assert provider.refunded(NUMBER) == 500

    def test_refunds_never_exceed_what_was_captured(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Up to the last fen, and not one more."""
        self._paid(gateway, provider)
        assert gateway.refund(giving_back(79_921)).outcome is RefundOutcome.FAILED
        gateway.refund(giving_back(79_919, "RFD2"))
        provider.settle()
        provider.pass_time(120)
        assert gateway.refund(giving_back(2, "RFD3")).outcome is RefundOutcome.FAILED
        gateway.refund(giving_back(1, "RFD4"))
        provider.settle()
        assert gateway.query_refund("RFD4").outcome is RefundOutcome.SUCCEEDED
        assert provider.refunded(NUMBER) == 79_920

    def test_an_unpaid_payment_cannot_be_refunded(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """There is nothing to give back."""
        gateway.prepay(announcement(provider))
        assert gateway.refund(giving_back(1)).outcome is RefundOutcome.FAILED
        assert provider.refunded(NUMBER) == 0

    def test_a_refund_never_seen_may_be_sent_again(self, gateway: PaymentGateway) -> None:
        """It is certain that it is not done."""
        assert gateway.query_refund("RFD404").outcome is RefundOutcome.RETRY_LATER

    def test_callbacks_tell_of_payments_and_refunds(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Each says what a query would say, and has an id of its own."""
        self._paid(gateway, provider)
        gateway.refund(giving_back(500))
        provider.settle()
        reports = [gateway.read_callback(*callback) for callback in provider.callbacks()]
        payments = [r for r in reports if isinstance(r, PaymentReport)]
        refunds = [r for r in reports if isinstance(r, RefundReport)]
        assert [(r.number, r.outcome, r.amount) for r in payments] == [
            (NUMBER, PaymentOutcome.CAPTURED, DUE)
        ]
        assert [(r.number, r.outcome, r.amount) for r in refunds] == [
            ("RFD1", RefundOutcome.SUCCEEDED, Money(500))
        ]
        assert len({r.event_id for r in reports} - {""}) == 2

    def test_a_callback_read_twice_is_the_same_event(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """So that an inbox can drop the second one."""
        self._paid(gateway, provider)
        headers, body = provider.callbacks()[0]
        lower = {name.lower(): value for name, value in headers.items()}
        assert gateway.read_callback(headers, body) == gateway.read_callback(lower, body)

    def test_a_callback_with_any_byte_changed_is_refused(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """The raw bytes are signed."""
        self._paid(gateway, provider)
        headers, body = provider.callbacks()[0]
        for wrong in flipped(body):
            with refused(Forbidden):
                gateway.read_callback(headers, wrong)

    def test_a_callback_without_or_with_a_wrong_signature_is_refused(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """Every header counts."""
        self._paid(gateway, provider)
        headers, body = provider.callbacks()[0]
        with refused(Forbidden):
            gateway.read_callback({}, body)
        for name in headers:
            if "signature" in name.lower():
                with refused(Forbidden):
                    gateway.read_callback({**headers, name: headers[name][::-1]}, body)
                with refused(Forbidden):
                    gateway.read_callback({**headers, name: "é"}, body)

    def test_an_old_callback_is_refused(
        self, gateway: PaymentGateway, provider: PaymentProvider
    ) -> None:
        """A replay after five minutes proves nothing."""
        self._paid(gateway, provider)
        headers, body = provider.callbacks()[0]
        provider.pass_time(301)
        with refused(Forbidden):
            gateway.read_callback(headers, body)

    def _paid(self, gateway: PaymentGateway, provider: PaymentProvider) -> None:
        gateway.prepay(announcement(provider))
        provider.pay(NUMBER)


class BillsContract:
    """What a statement promises. Needs `gateway`, `provider` and `bills`."""

    def test_the_bill_lists_every_movement_once_with_its_sign(
        self, gateway: PaymentGateway, provider: PaymentProvider, bills: Bills
    ) -> None:
        """Money in is positive, money out negative; what did not move is absent."""
        gateway.prepay(announcement(provider))
        gateway.prepay(announcement(provider, "PAY0000000002"))
        provider.pay(NUMBER)
        gateway.refund(giving_back(500))
        provider.settle()
        gateway.refund(giving_back(500))
        provider.settle()
        assert [(line.kind, line.number, line.amount) for line in bills.bill()] == [
            ("payment", NUMBER, DUE),
            ("refund", "RFD1", Money(-500)),
        ]

    def test_the_bill_of_another_day_is_empty(
        self, gateway: PaymentGateway, provider: PaymentProvider, bills: Bills
    ) -> None:
        """A day's statement holds that day only."""
        gateway.prepay(announcement(provider))
        provider.pay(NUMBER)
        today = (provider.now() + timedelta(hours=8)).date()
        assert [line.number for line in bills.bill(today)] == [NUMBER]
        assert bills.bill(today - timedelta(days=1)) == []
        assert bills.bill(today + timedelta(days=1)) == []
