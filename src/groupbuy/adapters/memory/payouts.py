"""A payout provider in memory: cards are paid by `settle`, wallets by their owner."""

from datetime import datetime, timedelta
from threading import RLock

from attrs import define, evolve, field

from groupbuy.adapters.memory.callbacks import Callbacks
from groupbuy.adapters.memory.trouble import Trouble
from groupbuy.application.ports.payment import (
    BillLine,
    PayoutOutcome,
    PayoutReport,
    PayoutRequest,
)
from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import KeyReused, Refused

CONFIRM_WITHIN = timedelta(hours=24)
FIRST = {"bank_card": PayoutOutcome.PENDING, "wechat_wallet": PayoutOutcome.AWAITING_USER}


@define(eq=False)
class MemoryPayouts:
    """Payout. A card payout is PENDING until `settle`; a wallet waits 24 hours for `confirm`.

    Raises KeyReused when a number comes with another amount or payee.
    """

    _clock: Clock
    callbacks: "Callbacks[PayoutReport]" = field(init=False)
    trouble: Trouble = field(init=False, factory=Trouble)
    movements: list[BillLine] = field(init=False, factory=list)
    """The truth about money, in order; money out is negative."""
    _payouts: dict[str, tuple[PayoutRequest, PayoutReport, datetime]] = field(
        init=False, factory=dict
    )
    _lock: RLock = field(init=False, factory=RLock)

    def __attrs_post_init__(self) -> None:
        """Start with nothing to tell."""
        self.callbacks = Callbacks(self._clock)

    def send(self, request: PayoutRequest) -> PayoutReport:
        """Send, or learn how an earlier send with this number stands."""
        with self._lock:
            if self.trouble.strikes(self.trouble.before, "send"):
                return PayoutReport(number=request.number, outcome=PayoutOutcome.PENDING)
            self._expire()
            answer = self._send(request)
            if self.trouble.strikes(self.trouble.after, "send"):
                return PayoutReport(number=request.number, outcome=PayoutOutcome.PENDING)
            return answer

    def query(self, number: str) -> PayoutReport:
        """Ask how a payout stands; an unknown one is PENDING: it may still be on its way."""
        with self._lock:
            self._expire()
            known = self._payouts.get(number)
            if known is None or self.trouble.strikes(self.trouble.before, "query"):
                return PayoutReport(number=number, outcome=PayoutOutcome.PENDING)
            return known[1]

    def read_callback(self, headers: dict[str, str], body: bytes) -> PayoutReport:
        """Verify and translate one of `callbacks.sent`."""
        return self.callbacks.read(headers, body)

    def confirm(self, number: str) -> PayoutReport:
        """Let the owner of the wallet take the money. Raises Refused, KeyError if unknown."""
        with self._lock:
            self._expire()
            report = self._payouts[number][1]
            if report.outcome is PayoutOutcome.AWAITING_USER:
                self._end(number, PayoutOutcome.PAID)
            elif report.outcome is not PayoutOutcome.PAID:
                raise Refused(rule="transfer_has_ended", about=number)
            return self._payouts[number][1]

    def settle(self) -> None:
        """Pay every card payout that was accepted, and end what has waited too long."""
        with self._lock:
            self._expire()
            for number, (_, report, _) in self._payouts.items():
                if report.outcome is PayoutOutcome.PENDING:
                    self._end(number, PayoutOutcome.PAID)

    def fail(self, number: str, reason: str = "ACCOUNT_ABNORMAL") -> None:
        """Let a payout fail for good; no money moves. Raises KeyError if unknown."""
        with self._lock:
            self._end(number, PayoutOutcome.FAILED, reason)

    def _send(self, request: PayoutRequest) -> PayoutReport:
        known = self._payouts.get(request.number)
        if known is not None:
            if evolve(known[0], remark=request.remark) != request:
                raise KeyReused(key=request.number)
            return known[1]
        outcome = FIRST.get(request.channel, PayoutOutcome.FAILED)
        if outcome is PayoutOutcome.FAILED or request.amount.minor <= 0:
            return PayoutReport(request.number, PayoutOutcome.FAILED, reason="REFUSED")
        report = PayoutReport(request.number, outcome, provider_ref=f"mem-{request.number}")
        self._payouts[request.number] = (request, report, self._clock.now())
        return report

    def _expire(self) -> None:
        oldest = self._clock.now() - CONFIRM_WITHIN
        for number, (_, report, sent_at) in self._payouts.items():
            if report.outcome is PayoutOutcome.AWAITING_USER and sent_at <= oldest:
                self._end(number, PayoutOutcome.FAILED, "USER_NOT_CONFIRMED")

    def _end(self, number: str, outcome: PayoutOutcome, reason: str = "") -> None:
        request, report, sent_at = self._payouts[number]
        ended = evolve(report, outcome=outcome, reason=reason)
        self._payouts[number] = (request, ended, sent_at)
        if outcome is PayoutOutcome.PAID:
            at = self._clock.now()
            self.movements.append(
                BillLine(kind="payout", number=number, amount=-request.amount, at=at)
            )
        self.callbacks.tell(ended)
