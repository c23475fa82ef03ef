"""A payment provider in memory: the reference for what every gateway promises."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from threading import RLock
from typing import TypeVar

from attrs import define, evolve, field, frozen

from groupbuy.adapters.memory.callbacks import Callbacks
from groupbuy.adapters.memory.trouble import Trouble
from groupbuy.application.ports.payment import (
    BillLine,
    PaymentOutcome,
    PaymentReport,
    PaymentRequest,
    RefundOutcome,
    RefundReport,
    RefundRequest,
)
from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import KeyReused, Money, NotFound, Refused
from groupbuy.domain.payments import RefundLimits

R = TypeVar("R")

BEIJING = timezone(timedelta(hours=8))


@frozen
class _Payment:
    request: PaymentRequest
    outcome: PaymentOutcome = PaymentOutcome.PENDING
    captured: Money | None = None
    paid_at: datetime | None = None
    payer_ref: str = ""

    def report(self) -> PaymentReport:
        paid = self.outcome is PaymentOutcome.CAPTURED
        pending = self.outcome is PaymentOutcome.PENDING
        return PaymentReport(
            number=self.request.number,
            outcome=self.outcome,
            amount=self.captured,
            provider_ref=f"mem-{self.request.number}" if paid else "",
            paid_at=self.paid_at,
            payer_ref=self.payer_ref or self.request.payer_ref,
            pay_params=f'{{"prepay_id":"{self.request.number}"}}' if pending else "",
        )


@define(eq=False)
class MemoryPayments:
    """PaymentGateway and Bills. Tests play the buyer with `pay` and let time do with `settle`.

    A refund is PENDING until `settle`, or at once SUCCEEDED with `settles_at_once`. Raises
    KeyReused when a number comes with another amount. `trouble` loses calls or answers. It keeps
    to its `refund_limits` as a provider would.
    """

    _clock: Clock
    settles_at_once: bool = False
    refund_limits: RefundLimits = RefundLimits()
    callbacks: "Callbacks[PaymentReport | RefundReport]" = field(init=False)
    trouble: Trouble = field(init=False, factory=Trouble)
    movements: list[BillLine] = field(init=False, factory=list)
    """The truth about money, in order; signed like the statement."""
    _payments: dict[str, _Payment] = field(init=False, factory=dict)
    _refunds: dict[str, tuple[RefundRequest, RefundReport]] = field(init=False, factory=dict)
    _taken_at: dict[str, list[datetime]] = field(init=False, factory=dict)
    """When refunds were accepted, by payment."""
    _lock: RLock = field(init=False, factory=RLock)

    def __attrs_post_init__(self) -> None:
        """Start with nothing to tell."""
        self.callbacks = Callbacks(self._clock)

    # --- the port -----------------------------------------------------------------------------

    def prepay(self, request: PaymentRequest) -> PaymentReport:
        """Announce a payment."""
        return self._call("prepay", _pending(request.number), lambda: self._prepay(request))

    def query(self, number: str) -> PaymentReport:
        """Ask how a payment stands."""
        return self._call("query", _pending(number), lambda: self._report(number))

    def close(self, number: str) -> PaymentReport:
        """Close a payment, unless somebody just paid."""
        return self._call("close", _pending(number), lambda: self._close(number))

    def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back."""
        unknown = RefundReport(number=request.number, outcome=RefundOutcome.PENDING)
        return self._call("refund", unknown, lambda: self._refund(request))

    def query_refund(self, number: str) -> RefundReport:
        """Ask how a refund stands."""
        unknown = RefundReport(number=number, outcome=RefundOutcome.PENDING)
        return self._call("query_refund", unknown, lambda: self._query_refund(number))

    def read_callback(self, headers: dict[str, str], body: bytes) -> PaymentReport | RefundReport:
        """Verify and translate one of `callbacks.sent`."""
        return self.callbacks.read(headers, body)

    def bill(self, day: date | None = None) -> list[BillLine]:
        """Return the movements of a Beijing day, or all."""
        return [m for m in self.movements if day in (None, m.at.astimezone(BEIJING).date())]

    # --- the puppet strings -------------------------------------------------------------------

    def pay(
        self,
        number: str,
        amount: Money | None = None,
        paid_at: datetime | None = None,
        payer_ref: str = "",
    ) -> PaymentReport:
        """Let the buyer pay what is due, or something else. Raises NotFound, Refused."""
        with self._lock:
            payment = self._payments.get(number)
            if payment is None:
                raise NotFound(kind="payment", key=number)
            if payment.outcome is PaymentOutcome.CAPTURED:
                return payment.report()
            at = (paid_at or self._clock.now()).astimezone(UTC)
            if payment.outcome is PaymentOutcome.CLOSED or at >= payment.request.expires_at:
                raise Refused(rule="payment_is_closed", about=number)
            money = amount or payment.request.amount
            paid = evolve(
                payment,
                outcome=PaymentOutcome.CAPTURED,
                captured=money,
                paid_at=at,
                payer_ref=payer_ref,
            )
            self._payments[number] = paid
            self.movements.append(BillLine(kind="payment", number=number, amount=money, at=at))
            self.callbacks.tell(paid.report())
            return paid.report()

    def settle(self) -> None:
        """Carry out every accepted refund."""
        with self._lock:
            for number, (request, report) in self._refunds.items():
                if report.outcome is RefundOutcome.PENDING:
                    self._settle(number, request, report)

    def fail_refund(self, number: str, reason: str = "ABNORMAL") -> None:
        """Let an accepted refund fail for good; no money moves. Raises KeyError if unknown."""
        with self._lock:
            request, report = self._refunds[number]
            failed = evolve(report, outcome=RefundOutcome.FAILED, reason=reason)
            self._refunds[number] = (request, failed)
            self.callbacks.tell(failed)

    def refunded(self, payment_number: str) -> int:
        """Return what really went back of a payment, in minor units."""
        return sum(
            report.amount.minor
            for request, report in self._refunds.values()
            if request.payment_number == payment_number
            and report.outcome is RefundOutcome.SUCCEEDED
            and report.amount is not None
        )

    # --- inside -------------------------------------------------------------------------------

    def _call(self, operation: str, unknown: R, work: Callable[[], R]) -> R:
        with self._lock:
            if self.trouble.strikes(self.trouble.before, operation):
                return unknown
            answer = work()
            return unknown if self.trouble.strikes(self.trouble.after, operation) else answer

    def _prepay(self, request: PaymentRequest) -> PaymentReport:
        known = self._payments.setdefault(request.number, _Payment(request))
        if known.request.amount and known.request.amount != request.amount:
            raise KeyReused(key=request.number)
        return known.report()

    def _report(self, number: str) -> PaymentReport:
        known = self._payments.get(number)
        closed = PaymentReport(number=number, outcome=PaymentOutcome.CLOSED)
        return known.report() if known is not None else closed

    def _close(self, number: str) -> PaymentReport:
        # A number never announced stays closed: its announcement may still be on its way.
        stranger = PaymentRequest(number, Money(0), "", self._clock.now())
        payment = self._payments.setdefault(number, _Payment(stranger))
        if payment.outcome is PaymentOutcome.PENDING:
            self._payments[number] = evolve(payment, outcome=PaymentOutcome.CLOSED)
        return self._payments[number].report()

    def _refund(self, request: RefundRequest) -> RefundReport:
        known = self._refunds.get(request.number)
        if known is not None:
            if (known[0].payment_number, known[0].amount) != (
                *(request.payment_number, request.amount),
            ):
                raise KeyReused(key=request.number)
            return known[1]
        if code := self._beyond_limits(request.payment_number):
            later = code == "FREQUENCY_LIMITED"
            outcome = RefundOutcome.RETRY_LATER if later else RefundOutcome.FAILED
            return RefundReport(request.number, outcome, reason=code)
        if code := self._why_not(request):
            return RefundReport(request.number, RefundOutcome.FAILED, reason=code)
        report = RefundReport(
            number=request.number,
            outcome=RefundOutcome.PENDING,
            amount=request.amount,
            provider_ref=f"mem-{request.number}",
        )
        self._refunds[request.number] = (request, report)
        self._taken_at.setdefault(request.payment_number, []).append(self._clock.now())
        if self.settles_at_once:
            self._settle(request.number, request, report)
        return self._refunds[request.number][1]

    def _beyond_limits(self, payment_number: str) -> str:
        limits, now = self.refund_limits, self._clock.now()
        taken, payment = self._taken_at.get(payment_number, []), self._payments.get(payment_number)
        if limits.of_a_payment is not None and len(taken) >= limits.of_a_payment:
            return "TOO_MANY_REFUNDS"
        paid_at = payment.paid_at if payment else None
        if limits.within is not None and paid_at is not None and now >= paid_at + limits.within:
            return "REFUND_TOO_LATE"
        return "FREQUENCY_LIMITED" if taken and now < taken[-1] + limits.spacing else ""

    def _why_not(self, request: RefundRequest) -> str:
        payment = self._payments.get(request.payment_number)
        if payment is None or payment.captured is None:
            return "ORDER_NOT_PAID"
        if payment.captured != request.paid or request.amount.currency != request.paid.currency:
            return "PAID_MISMATCH"
        given = sum(
            other.amount.minor
            for other, report in self._refunds.values()
            if other.payment_number == request.payment_number
            and report.outcome is not RefundOutcome.FAILED
        )
        fits = 0 < request.amount.minor <= payment.captured.minor - given
        return "" if fits else "OVER_REFUND"

    def _query_refund(self, number: str) -> RefundReport:
        known = self._refunds.get(number)
        never = RefundReport(number=number, outcome=RefundOutcome.RETRY_LATER)
        return known[1] if known is not None else never

    def _settle(self, number: str, request: RefundRequest, report: RefundReport) -> None:
        done = evolve(report, outcome=RefundOutcome.SUCCEEDED)
        self._refunds[number] = (request, done)
        at = self._clock.now()
        self.movements.append(BillLine(kind="refund", number=number, amount=-request.amount, at=at))
        self.callbacks.tell(done)


def _pending(number: str) -> PaymentReport:
    return PaymentReport(number=number, outcome=PaymentOutcome.PENDING)
