"""One history: two web processes, two workers, a provider, people, and what goes wrong between."""

from collections import Counter
from datetime import timedelta
from itertools import count
from random import Random  # noqa: TID251  the seed is the only source of chance

from groupbuy.adapters.memory.carriers import MemoryCarrier
from groupbuy.adapters.memory.notices import MemoryNotifier
from groupbuy.application import fulfilment, payments, payouts, refunds
from groupbuy.application.invariants import check_moves
from groupbuy.application.outside import Outside
from groupbuy.application.payments import Heard
from groupbuy.application.ports import PaymentReport, PayoutReport, RefundReport, Task
from groupbuy.application.relay import Relay
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import Conflict, DomainError, Unavailable
from tests.simulator.hub import Hub, Killed
from tests.simulator.machines import Process, SkewedClock, clone, moves_between
from tests.simulator.provider import Gateway, Line, Payouts
from tests.simulator.stage import TENANT, stage_of
from tests.support.shop import NOON

STEPS_AT_MOST = 30_000


class Dropped(Exception):
    """The connection broke: nobody knows whether it was done."""


class NeverRests(Exception):
    """Faults have stopped long ago and there is still work."""


class World:
    """Everything of one history."""

    def __init__(self, knobs):
        self.knobs, self.tenant = knobs, TENANT
        self.chance = Random(f"chance/{knobs.seed}")
        self.stage = stage_of(knobs.shape)
        self.policy = self.stage.policy
        self.database = clone(self.stage.database)
        self.numbers = count(self.stage.numbers)
        self.counts, self.findings, self.told = Counter(), [], []
        self.faulty = True
        self.hub = self._hub()
        self.true_clock = SkewedClock(self.hub)
        self.pending = {
            task.id: task.due_at for task in self.database.every(TENANT, Task) if is_open(task)
        }
        self.idle = {}
        line = Line(self)
        self.gateway, self.payouts = Gateway(self, line), Payouts(self, line)
        self.carrier, self.notifier = MemoryCarrier(self.true_clock), MemoryNotifier()
        outside = Outside(
            {"memory": self.gateway},
            {"memory": self.payouts},
            {"memory": self.carrier},
            {"memory": self.notifier},
        )
        self.webs = [Process(self, f"web-{n}") for n in (1, 2)]
        for number in (1, 2):
            process = Process(self, f"worker-{number}")
            relay = Relay(process.desk, outside)
            self.hub.spawn(process.name, lambda p=process, r=relay: self._work(p, r))

    def _hub(self):
        chance, rates = self.chance, self.knobs.rates
        kills = set()
        for kind in ("killed_web", "killed_worker"):
            if kind in rates:
                kills |= {chance.randint(5, 400) for _ in range(2)}
        falls = frozenset(chance.randint(1, 600) for _ in range(6))
        hub = Hub(chance, NOON, self.knobs.by_rank, falls, frozenset(kills))
        hub.on_kill = self._kill
        return hub

    # --- trouble ------------------------------------------------------------------------------

    def strikes(self, fault):
        rate = self.knobs.rates.get(fault)
        if rate is None or not self.faulty or self.chance.random() >= rate:
            return False
        self.counts[fault] += 1
        return True

    def _kill(self, process):
        kind = "killed_web" if process.name.startswith("web") else "killed_worker"
        if self.faulty and kind in self.knobs.rates:
            self.counts[kind] += 1
            process.generation += 1

    # --- storage ------------------------------------------------------------------------------

    def moves_of(self, tenant, changes):
        return moves_between(self.database, tenant, changes)

    def committed(self, moves):
        """Check what a commit can answer for, and wake the workers if something is due."""
        self.findings += check_moves(moves)
        for move in moves:
            task = move.after
            if type(task) is Task:
                if is_open(task):
                    self.pending[task.id] = task.due_at
                    if task.due_at <= self.hub.at and self.knobs.poll < 30:
                        self._wake_workers()
                else:
                    self.pending.pop(task.id, None)

    def _wake_workers(self):
        for fiber in list(self.idle.values()):
            self.hub.wake(fiber, self.hub.at)
        self.idle.clear()

    # --- processes ----------------------------------------------------------------------------

    def _work(self, process, relay):
        hub, fiber = self.hub, self.hub.now
        poll = timedelta(seconds=self.knobs.poll)
        while True:
            try:
                fiber.life = process.life
                while self._is_due(process):
                    relay.tick(TENANT)
            except Killed:
                fiber.life = None
                hub.sleep(timedelta(seconds=self.chance.choice((1, 30, 90))))
                continue
            except (Unavailable, Conflict):
                pass
            fiber.life = None
            due = min(self.pending.values(), default=hub.at + timedelta(days=1))
            self.idle[process.name] = fiber
            hub.sleep(max(due - process.clock.skew - hub.at, poll))
            self.idle.pop(process.name, None)

    def _is_due(self, process):
        """Tell what the first statement of a tick would: ticks that find nothing are left out."""
        now = process.clock.now()
        return any(due <= now for due in self.pending.values())

    def serve(self, act):
        """Let a web process do something for somebody. Raises Dropped, DomainError."""
        process, fiber = self.chance.choice(self.webs), self.hub.now
        if fiber is None:
            return act(process)
        fiber.life = process.life
        try:
            self.hub.point()
            return act(process)
        except Killed:
            raise Dropped from None
        finally:
            fiber.life = None

    def do(self, caller, use_case):
        """Ask once for something; None if it was refused or nobody knows."""
        try:
            return self.serve(lambda process: process.desk.run(caller, use_case))
        except DomainError as error:
            self.counts[f"refused:{getattr(error, 'rule', error.code)}"] += 1
        except Dropped:
            self.counts["dropped"] += 1
        return None

    def read(self, query):
        return self.webs[0].desk.read(Caller.system(TENANT), query)

    def all(self, kind):
        return self.database.every(TENANT, kind)

    def hear(self, report):
        """A provider tells us something, and again if we did not answer."""
        for _ in range(4):
            try:
                self.serve(lambda process: self._heard(process.desk, report))
            except (Dropped, Unavailable, Conflict):
                self.hub.sleep(timedelta(seconds=30))
            else:
                self.counts["callback"] += 1
                return

    def _heard(self, desk, report):
        if isinstance(report, PaymentReport):
            (error,) = payments.hear_payments(desk, TENANT, [Heard("memory", report)])
            if error is not None:
                raise error
            return
        caller = Caller.system(TENANT, channel="callback", actor="memory")

        def settle(work):
            if not payments.first_time(work, "memory", report.event_id):
                self.counts["inbox_absorbed"] += 1
            elif isinstance(report, RefundReport):
                refunds.settle_refund(work, report)
            elif isinstance(report, PayoutReport):
                payouts.settle_payout(work, report)
            else:
                fulfilment.hear_carrier(work, report)

        desk.run(caller, settle)

    def run(self, stop):
        """Go on until `stop`. Raises NeverRests."""

        def enough():
            if self.hub.steps > STEPS_AT_MOST:
                raise NeverRests
            return bool(self.findings) or stop()

        self.hub.run(enough)


def is_open(task):
    return task.state == "pending"
