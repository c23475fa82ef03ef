"""A fake provider that never crashes and keeps the truth, behind a line that does what lines do."""

from datetime import timedelta

from attrs import define, evolve, field

from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application.ports import (
    PaymentOutcome,
    PaymentReport,
    PayoutOutcome,
    PayoutReport,
    RefundOutcome,
    RefundReport,
)
from groupbuy.domain.kernel import TooMany


@define(eq=False)
class Line:
    """Calls that get lost, answers that get lost, and a provider that takes its time."""

    world: object

    def call(self, unknown, work):
        world = self.world
        world.hub.point()
        if world.strikes("lost_call"):
            return unknown
        answer = work()
        if world.strikes("slow_provider"):
            world.hub.sleep(timedelta(seconds=world.chance.choice((5, 40, 90))))
        else:
            world.hub.point()
        return unknown if world.strikes("lost_answer") else answer


@define(eq=False)
class Gateway:
    """The port of payments, over the line."""

    world: object
    line: Line
    bank: MemoryPayments = field(init=False)

    def __attrs_post_init__(self):
        self.bank = MemoryPayments(self.world.true_clock)
        self.bank.callbacks = Post(self.world)

    def prepay(self, request):
        return self.line.call(_pending(request.number), lambda: self.bank.prepay(request))

    def query(self, number):
        return self.line.call(_pending(number), lambda: self.bank.query(number))

    def close(self, number):
        return self.line.call(_pending(number), lambda: self.bank.close(number))

    def refund(self, request):
        if self.world.strikes("too_many"):
            raise TooMany(retry_after_seconds=5)
        unknown = RefundReport(number=request.number, outcome=RefundOutcome.PENDING)
        return self.line.call(unknown, lambda: self._accept(request))

    def query_refund(self, number):
        unknown = RefundReport(number=number, outcome=RefundOutcome.PENDING)
        return self.line.call(unknown, lambda: self.bank.query_refund(number))

    def _accept(self, request):
        known = self.bank._refunds.get(request.number)
        if known is not None and known[1].outcome is RefundOutcome.FAILED:
            # An operator has mended it at the provider and sends the same number again.
            again = evolve(known[1], outcome=RefundOutcome.PENDING, reason="")
            self.bank._refunds[request.number] = (known[0], again)
            known = None
        report = self.bank.refund(request)
        if known is None and report.outcome is RefundOutcome.PENDING:
            wait = timedelta(seconds=self.world.chance.choice((0, 0, 20, 100)))
            self.world.hub.later(wait, "bank", lambda: self._end(request.number))
        return self.bank._refunds.get(request.number, (None, report))[1]

    def _end(self, number):
        request, report = self.bank._refunds[number]
        if report.outcome is not RefundOutcome.PENDING:
            return
        if self.world.strikes("abnormal_refund"):
            self.bank.fail_refund(number)
        else:
            self.bank._settle(number, request, report)


@define(eq=False)
class Payouts:
    """The port of payouts, over the line."""

    world: object
    line: Line
    bank: MemoryPayouts = field(init=False)

    def __attrs_post_init__(self):
        self.bank = MemoryPayouts(self.world.true_clock)
        self.bank.callbacks = Post(self.world)

    def send(self, request):
        unknown = PayoutReport(number=request.number, outcome=PayoutOutcome.PENDING)
        return self.line.call(unknown, lambda: self._accept(request))

    def query(self, number):
        unknown = PayoutReport(number=number, outcome=PayoutOutcome.PENDING)
        return self.line.call(unknown, lambda: self.bank.query(number))

    def _accept(self, request):
        fresh = request.number not in self.bank._payouts
        report = self.bank.send(request)
        if fresh and report.outcome is PayoutOutcome.PENDING:
            wait = timedelta(seconds=self.world.chance.choice((0, 30, 200)))
            self.world.hub.later(wait, "bank", lambda: self._end(request.number))
        return self.bank.query(request.number)

    def _end(self, number):
        if self.bank._payouts[number][1].outcome is not PayoutOutcome.PENDING:
            return
        if self.world.strikes("failed_payout"):
            self.bank.fail(number)
        else:
            self.bank._end(number, PayoutOutcome.PAID)


@define(eq=False)
class Post:
    """Callbacks on their way: lost, late, repeated, in any order."""

    world: object
    count: int = 0

    def tell(self, report):
        world = self.world
        self.count += 1
        told = evolve(report, event_id=f"{type(report).__name__}-{self.count}")
        if world.strikes("lost_callback"):
            return
        times = world.chance.choice((2, 3)) if world.strikes("repeated_callback") else 1
        for _ in range(times):
            wait = timedelta(seconds=world.chance.choice((0, 1, 10)))
            if world.strikes("late_callback"):
                wait = world.chance.choice((timedelta(minutes=40), timedelta(hours=25)))
            world.hub.later(wait, "callback", lambda: world.hear(told))


def _pending(number):
    return PaymentReport(number=number, outcome=PaymentOutcome.PENDING)
