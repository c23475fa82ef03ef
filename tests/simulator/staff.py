"""Merchant, finance and leader: they ship, refuse, refund, settle and pay out, two at a time."""

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random  # noqa: TID251  the seed is the only source of chance

from groupbuy.application import (
    aftersale,
    auditing,
    campaigns,
    commission,
    fulfilment,
    outbox,
    payments,
    refunds,
    withdrawals,
)
from groupbuy.application.ports import ParcelState, Task
from groupbuy.application.steps.parcels import Parcel
from groupbuy.application.withdrawals import Decision, RequestWithdrawal
from groupbuy.application.write_path import Caller
from groupbuy.domain.aftersale import AfterSale, CaseState
from groupbuy.domain.commission import Withdrawal, WithdrawalState
from groupbuy.domain.kernel import DomainError, Money
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Payment, Refund, RefundState
from tests.simulator.stage import LASTS
from tests.simulator.world import TENANT, Dropped

DECEMBER = datetime(2026, 12, 1, 4, tzinfo=UTC)
DELIVERED = ParcelState.DELIVERED
ROUNDS = 3
_BACK = (CaseState.RETURN_SHIPPED, CaseState.RETURN_RECEIVED)
_UNCOUNTED = (*_BACK, CaseState.REFUNDING, CaseState.DONE)


class Merchant:
    """Goes through the orders now and then, and through the cases for some days more."""

    def __init__(self, world):
        self.world, self.me = world, world.stage.seller
        self.chance = Random(f"merchant/{world.knobs.seed}")

    def live(self):
        world = self.world
        if self.chance.random() < 0.15:
            self._stop_a_campaign()
        world.hub.sleep(LASTS)
        for _ in range(ROUNDS):
            world.hub.sleep(timedelta(minutes=self.chance.choice((1, 30, 900))))
            for order in world.all(Order):
                self._look_at(order)
            for case in world.all(AfterSale):
                self._answer(case)
        for _ in range(ROUNDS * 2):
            world.hub.sleep(timedelta(hours=self.chance.choice((6, 20, 40))))
            for case in world.all(AfterSale):
                self._answer(case)

    def _stop_a_campaign(self):
        world = self.world
        world.hub.sleep(timedelta(minutes=self.chance.choice((0, 3, 30))))
        campaign = world.stage.campaigns[self.chance.choice((0, 0, 2))]
        act = self.chance.choice(
            (campaigns.cancel_campaign, campaigns.close_campaign, campaigns.waive_quorum)
        )
        if world.do(self.me, lambda w: act(w, campaign.id, "rain")) is not None:
            world.counts[act.__name__] += 1

    def _look_at(self, order):
        world, draw = self.world, self.chance.random()
        self._weigh(order)
        if order.state is OrderState.CONFIRMED and draw < 0.75:
            world.do(self.me, lambda w: fulfilment.approve_order(w, order.id))
        elif order.state is OrderState.CONFIRMED and draw < 0.8:
            world.do(self.me, lambda w: fulfilment.reject_order(w, order.id, "sold out"))
        elif order.state is OrderState.APPROVED and draw < 0.85:
            self._ship(order)
        elif order.confirmed_at is not None and draw > 0.96:
            self._refund_units(order)
        elif order.confirmed_at is not None and draw > 0.93:
            world.do(self.me, lambda w: aftersale.refund_order(w, order.id, "kindness"))

    def _weigh(self, order):
        """Enter what packed goods weigh: mostly less than they should, and all that is lighter."""
        line = order.lines[0]
        if line.weight is None or order.state is not OrderState.APPROVED:
            return
        if self.chance.random() < 0.5:
            grams = self.chance.randint(1, line.weight.unit_grams * 2) * max(1, line.left) // 2 + 1
            weighed = self.world.do(self.me, lambda w: aftersale.weigh_line(w, order.id, 1, grams))
            self.world.counts["weighed"] += weighed is not None

    def _refund_units(self, order):
        """Give some units back, and again by somebody who has not heard that it is done."""
        world, units = self.world, self.chance.randint(1, 2)
        asked = aftersale.UnitsBack(order.id, 1, units, key="hail")
        for _ in range(self.chance.choice((1, 2))):
            back = world.do(self.me, lambda w: aftersale.refund_units(w, asked, "hail"))
            world.counts["units_refunded"] += back is not None

    def _ship(self, order):
        world, number = self.world, f"SF{self.chance.randint(10**6, 10**7)}"
        parcel = Parcel(order.id, "sf", number)
        wait = timedelta(minutes=self.chance.choice((1, 90)))
        # Whatever we hear of our own doing, the parcel is handed over.
        world.hub.later(wait, "carrier", partial(world.carrier.move, "sf", number, DELIVERED))
        world.do(self.me, lambda w: fulfilment.ship_order(w, parcel))

    def _answer(self, case):
        world, draw = self.world, self.chance.random()
        if case.state is CaseState.APPLIED and draw < 0.5:
            world.do(self.me, lambda w: aftersale.approve_case(w, case.id))
        elif case.state is CaseState.APPLIED and draw < 0.6:
            world.do(self.me, lambda w: aftersale.refuse_case(w, case.id, "not broken"))
        elif case.state is CaseState.RETURN_SHIPPED and draw < 0.4:
            world.do(self.me, lambda w: aftersale.receive_back(w, case.id))
        elif case.sent_back and case.state in _UNCOUNTED:
            self._inspect(case, draw)
        elif case.state is CaseState.TO_REPLACE and draw < 0.7:
            self._replace(case)
        elif case.state is CaseState.TO_REPLACE and draw < 0.85:
            world.do(self.me, lambda w: aftersale.refund_instead(w, case.id, "sold out"))

    def _replace(self, case):
        world, number = self.world, f"SF{self.chance.randint(10**6, 10**7)}"
        comes_to = self.chance.choice((DELIVERED, DELIVERED, ParcelState.RETURNED))
        wait = timedelta(hours=self.chance.choice((1, 60)))
        world.hub.later(wait, "carrier", partial(world.carrier.move, "sf", number, comes_to))
        sent = aftersale.Replacement(case.id, "sf", number)
        world.do(self.me, lambda w: aftersale.send_replacement(w, sent))

    def _inspect(self, case, draw):
        world = self.world
        if case.state in _BACK and draw < 0.55:
            world.do(self.me, lambda w: aftersale.refuse_case(w, case.id, "an empty box"))
        elif not case.counted and draw < 0.9:
            good = self.chance.randint(0, case.units)
            damaged = self.chance.randint(0, case.units - good)
            found = aftersale.Counted(case.id, good, damaged)
            if world.do(self.me, lambda w: aftersale.inspect_return(w, found)) is not None:
                world.counts["goods_inspected"] += 1


class Office:
    """Finance and the leader, once a month; and whoever mends what waits for a person."""

    def __init__(self, world):
        self.world = world
        self.chance = Random(f"office/{world.knobs.seed}")
        leader = world.stage.leader
        roles = frozenset({Role.LEADER, Role.SHOPPER})
        self.leader = Caller(TENANT, leader.user_id, roles, leader_id=leader.id, data_key="key")
        self.desks = [
            Caller(TENANT, f"usr_finance_{n}", frozenset({Role.FINANCE, Role.OPERATOR}))
            for n in (1, 2, 3)
        ]

    def live(self):
        world = self.world
        world.hub.sleep(DECEMBER - world.hub.at + timedelta(hours=self.chance.randint(0, 30)))
        world.hub.spawn("second office", self._settle)
        self._settle()
        world.hub.sleep(timedelta(minutes=5))
        account = f"leader:{self.leader.leader_id}:available"
        there = world.database.stored(TENANT, Balance, [account]).get(account)
        if there is None or there.amount < 2:
            return
        for share in ((1, 2), (1, 1), (1, 2)):
            amount = max(1, there.amount * share[0] // share[1])
            world.hub.spawn("leader", lambda a=amount: self._withdraw(a))
        world.hub.sleep(timedelta(minutes=self.chance.choice((0, 10))))
        for desk in self.desks:
            world.hub.spawn("approver", lambda d=desk: self._approve(d))
        world.hub.sleep(timedelta(minutes=1))
        self._approve(self.desks[0])

    def _settle(self):
        try:
            made = self.world.serve(lambda process: commission.settle_due(process.desk, TENANT))
            self.world.counts["settled"] += len(made.settled)
        except (Dropped, DomainError):
            self.world.counts["dropped"] += 1

    def _withdraw(self, amount):
        asked = RequestWithdrawal(Money(amount))
        self.world.do(self.leader, lambda w: withdrawals.request_withdrawal(w, asked))

    def _approve(self, desk):
        world = self.world
        for each in world.all(Withdrawal):
            decision, draw = Decision(each.id, "checked"), self.chance.random()
            if each.state is WithdrawalState.REQUESTED and draw < 0.9:
                world.do(desk, lambda w, d=decision: withdrawals.approve_withdrawal(w, d))
            elif each.state is WithdrawalState.REQUESTED:
                world.do(desk, lambda w, d=decision: withdrawals.hold_withdrawal(w, d))
            elif each.state is WithdrawalState.ON_HOLD:
                world.do(desk, lambda w, d=decision: withdrawals.resume_withdrawal(w, d))

    # --- once the faults have stopped ------------------------------------------------------------

    def mend(self):
        """Decide what waits for a person; return whether there was anything."""
        world, desk, busy = self.world, self.desks[0], self._reconcile()
        busy = self._mend_refunds() or busy
        for each in world.all(Withdrawal):
            if each.state in (WithdrawalState.REQUESTED, WithdrawalState.ON_HOLD):
                busy = True
                gone = Decision(each.id, "too old")
                world.do(desk, lambda w, d=gone: withdrawals.cancel_withdrawal(w, d))
        parked = tuple(task.id for task in world.all(Task) if task.state == "parked")
        if parked:
            busy = True
            world.counts["task_mended"] += 1
            world.do(desk, lambda w: outbox.replay(w, outbox.Replay(parked, "mended")))
        return busy

    def watch(self):
        """Look twice a day for refunds that need a person; orders wait for them."""
        while True:
            self.world.hub.sleep(timedelta(hours=12))
            self._mend_refunds()
            self._judge()

    def _judge(self):
        """Decide now and then what was brought to an operator; silence decides the rest."""
        world = self.world
        for case in world.all(AfterSale):
            draw = self.chance.random()
            if case.state is CaseState.ESCALATED and draw < 0.4:
                right = draw < 0.2
                said = world.do(
                    self.desks[0],
                    lambda w, c=case.id, r=right: aftersale.rule_case(w, c, "seen", for_buyer=r),
                )
                world.counts["ruled"] += said is not None

    def _mend_refunds(self):
        world, busy = self.world, False
        for refund in world.all(Refund):
            if refund.state is RefundState.NEEDS_OPERATOR:
                busy = True
                world.counts["refund_mended"] += 1
                world.do(self.desks[0], lambda w, r=refund: refunds.retry_refund(w, r.id, "mended"))
        return busy

    def _reconcile(self):
        """Compare the provider's bill with our payments: a callback may be lost for ever."""
        world, busy = self.world, False
        ours = {p.number for p in world.all(Payment) if p.captured is not None}
        for line in world.gateway.bank.bill():
            if line.kind == "payment" and line.number not in ours:
                busy = True
                world.counts["reconciled"] += 1
                said = [world.gateway.query(line.number)]
                world.do(Caller.system(TENANT), lambda w, r=said: payments.settle_payments(w, r))
        return busy

    def seal(self):
        """Seal the audit, as the worker does every few minutes."""
        auditing.seal_due(self.world.webs[0].desk, self.world.database, TENANT)

    def count(self):
        """Write down what every group counts, as the worker does every minute."""
        campaigns.keep_counts(self.world.webs[0].desk, self.world.database, TENANT)
