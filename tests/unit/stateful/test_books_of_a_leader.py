"""Whatever happens to a leader's orders and money, in any order, the books stay right."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application import commission, payouts, withdrawals
from groupbuy.application.ledger_reports import verify
from groupbuy.application.policy import Policy
from groupbuy.application.ports import Query
from groupbuy.domain.commission import (
    CAP_BP,
    CommissionRole,
    Performance,
    Statement,
    StatementState,
    Step,
    Withdrawal,
    WithdrawalState,
    reversal_digest,
)
from groupbuy.domain.kernel import Money, Refused
from tests.support.earnings import FINANCE, NO_COOLING, SECOND, TENANT, Earnings

STEPS = ((20_000, 50), (60_000, 200), (150_000, 900))
"""(sales, bonus in basis points); the last one meets the ceiling of some lines."""
HELPER_BP = 450
rates = st.sampled_from([0, 1, 333, 500, 1_000, 2_500, 2_900])


class BooksOfALeader(RuleBasedStateMachine):
    orders = Bundle("orders")
    asked = Bundle("asked")

    @initialize(target=orders)
    def open_shop(self):
        """Start with something that may be withdrawn, or little would ever be."""
        policy = Policy(withdrawals=NO_COOLING, helper_bp=HELPER_BP)
        self.shop = Earnings(MemoryDatabase(), policy)
        self.leader = self.shop.leader()
        self.helper, self.host = self.shop.leader("帮卖"), self.shop.leader("北门")
        self.point = self.shop.pickup_point(self.host.leader_id, 700)
        steps = tuple(Step(Money(sales), bonus) for sales, bonus in STEPS)
        ladder = commission.SetLadder("shop", steps, "a busy autumn")
        self.shop.desk.run(self.shop.system, lambda work: commission.set_ladder(work, ladder))
        self.first_month = "2026-11"
        self.provider = MemoryPayouts(self.shop.clock)
        self.known = {}
        key = self.buy_and_vest(100_000)
        self.a_month_ends()
        return key

    @rule(target=orders, net=st.integers(1, 100_000))
    def buy_and_vest(self, net):
        order = self.shop.earn(self.leader, net)
        self.known[order.id] = order
        return order.id

    @rule(
        target=orders,
        net=st.integers(1, 100_000),
        bp=rates,
        helped=st.booleans(),
        collected=st.booleans(),
        own=st.booleans(),
    )
    def buy(self, net, bp, helped, collected, own):
        order = self.shop.order(
            self.leader.leader_id,
            {1: net},
            helper_id=self.helper.leader_id if helped else None,
            pickup_point_id=self.point if collected else None,
            **({"buyer_id": self.leader.user_id} if own else {}),
        )
        lines = tuple(evolve(line, commission_bp=bp) for line in order.lines)
        order = self.shop.confirm(evolve(order, lines=lines))
        self.known[order.id] = order
        return order.id

    @rule(key=orders, units=st.integers(1, 10))
    def refund(self, key, units):
        order = self.known[key]
        left = 10 - order.lines[0].refunded_units
        if left:
            self.known[key] = self.shop.refund(order, 1, min(units, left))

    @rule(key=orders)
    def vest(self, key):
        order = self.known[key]
        if order.vested_at is None:
            self.known[key] = self.shop.vest(order)

    @rule()
    def a_month_ends(self):
        self.shop.clock.at += timedelta(days=31)
        commission.settle_due(self.shop.desk, TENANT)

    @rule(at_once=st.booleans())
    def take_the_newest_statement_back(self, at_once):
        settled = [s for s in self._all(Statement) if s.state is StatementState.SETTLED]
        if settled and not any(s.waits for s in self._all(Statement)):
            newest = max(settled, key=lambda statement: statement.period)
            digest = reversal_digest(newest)
            self.shop.desk.run(FINANCE, lambda w: commission.reopen(w, newest.id, digest, "so"))
            if at_once:
                self.settle_what_was_taken_back()

    @rule()
    def settle_what_was_taken_back(self):
        for statement in self._all(Statement):
            if statement.waits:
                self.shop.settle(statement.period)

    @rule()
    def the_ladder_is_looked_at(self):
        commission.apply_ladders(self.shop.desk, self.shop.system)

    @rule(target=asked, minor=st.integers(100, 9_000))
    def withdraw(self, minor):
        had = self.shop.available(self.leader)
        try:
            made = self.shop.withdraw(self.leader, minor)
        except Refused:
            assert minor > had
            return None
        assert minor <= had
        return made.id

    @rule(key=asked)
    def cancel(self, key):
        if self._state(key) is WithdrawalState.REQUESTED:
            self.shop.decide(withdrawals.cancel_withdrawal, self._withdrawal(key), self.leader)

    @rule(key=asked)
    def approve(self, key):
        if self._state(key) is WithdrawalState.REQUESTED:
            self.shop.approve(self._withdrawal(key), SECOND)

    @rule(key=asked, arrives=st.booleans())
    def pay(self, key, arrives):
        if self._state(key) not in (WithdrawalState.APPROVED, WithdrawalState.SUBMITTED):
            return
        payouts.send_payout(self.shop.desk, self.provider, TENANT, key)
        if arrives:
            self.provider.settle()
        else:
            self.provider.fail(self._withdrawal(key).number)
        payouts.send_payout(self.shop.desk, self.provider, TENANT, key)

    @invariant()
    def books_are_right(self):
        if hasattr(self, "shop"):
            assert verify(self.shop.books()) == []

    @invariant()
    def what_left_us_is_what_the_books_say_left_us(self):
        if hasattr(self, "shop"):
            paid = -sum(line.amount.minor for line in self.provider.movements)
            done = self._all(Withdrawal)
            states = (WithdrawalState.PAID,)
            assert paid == sum(w.amount.minor for w in done if w.state in states)

    @invariant()
    def commission_is_what_is_left_of_the_orders(self):
        if not hasattr(self, "shop"):
            return
        wanted = {"leader": 0, "helper": 0, "pickup_point": 0}
        for order in self.known.values():
            for role, bp in self._rates(order).items():
                wanted[role] += order.lines[0].base.minor * bp // 10_000
        for who, role in self._earners():
            entries = [e for e in self.shop.entries(who) if e.role is not CommissionRole.LADDER]
            assert {e.role.value for e in entries} <= {role}
            assert sum(e.amount.minor for e in entries) == wanted[role]

    @invariant()
    def every_entry_says_how_it_came_about(self):
        if hasattr(self, "shop"):
            for who, _ in self._earners():
                for entry in self.shop.entries(who):
                    if entry.reverses is None and entry.role is not CommissionRole.LADDER:
                        said = entry.base.minor * entry.asked_bp // 10_000
                        assert entry.amount.minor + entry.cut.minor == said
                        assert entry.bp <= entry.asked_bp

    @invariant()
    def a_bonus_is_the_step_that_the_sales_of_its_month_reach(self):
        if not hasattr(self, "shop"):
            return
        sold = self._sold()
        for month in self._all(Performance):
            rooms = sold.get(month.month, {})
            assert month.leader_id == self.leader.leader_id
            assert {int(r): s for r, s in month.sales.items() if s} == rooms
            if not month.due:
                paid = [e for e in self.shop.entries(self.leader) if e.source == month.id]
                assert sum(e.amount.minor for e in paid) == self._bonus(month.month, rooms)

    def _earners(self):
        return (self.leader, "leader"), (self.helper, "helper"), (self.host, "pickup_point")

    def _rates(self, order):
        """Who earns how much on an order, written down anew: the ceiling cuts the last ones."""
        asked = {"leader": order.lines[0].commission_bp}
        if order.buyer_id == self.leader.user_id:
            asked = {}
        asked |= {"helper": HELPER_BP} if order.helper_id else {}
        asked |= {"pickup_point": 700} if order.pickup_point_id else {}
        left, got = CAP_BP, {}
        for role, bp in asked.items():
            got[role] = min(bp, left)
            left -= got[role]
        return got

    def _sold(self):
        """What the leader sold, by month and by room below the ceiling, order by order."""
        sold = {}
        for order in self.known.values():
            rates, net = self._rates(order), order.lines[0].net.minor
            earning = {role: bp for role, bp in rates.items() if net * bp // 10_000}
            if order.vested_at is None or "leader" not in earning:
                continue
            month = order.vested_at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
            room, rooms = CAP_BP - sum(earning.values()), sold.setdefault(month, {})
            rooms[room] = rooms.get(room, 0) + order.lines[0].base.minor
        return {m: {room: s for room, s in rooms.items() if s} for m, rooms in sold.items()}

    def _bonus(self, month, rooms):
        reached = [bonus for sales, bonus in STEPS if sum(rooms.values()) >= sales]
        if month < self.first_month or not reached:
            return 0
        return sum(sold * min(reached[-1], room) for room, sold in rooms.items()) // 10_000

    @invariant()
    def refunded_money_is_taken_from_where_it_is(self):
        if hasattr(self, "shop"):
            earned = self.shop.books().earned
            assert all(sum_ >= 0 for (_, purse), sum_ in earned.items() if purse != "available")

    @invariant()
    def every_statement_is_what_entries_and_ledger_say(self):
        if hasattr(self, "shop"):
            for statement in self._all(Statement):
                look = partial(commission.differences_of, statement_id=statement.id)
                assert self.shop.desk.read(FINANCE, look) == []

    @invariant()
    def a_month_has_one_statement(self):
        if hasattr(self, "shop"):
            months = [(each.leader_id, each.period) for each in self._all(Statement)]
            assert len(set(months)) == len(months)

    def _all(self, kind):
        query = Query().page(1_000)
        return self.shop.desk.read(self.shop.system, lambda w: w.of(kind).select(query))

    def _withdrawal(self, key):
        return self.shop.desk.read(self.shop.system, lambda w: w.of(Withdrawal).get(key))

    def _state(self, key):
        return self._withdrawal(key).state if key else None


TestBooksOfALeader = BooksOfALeader.TestCase
TestBooksOfALeader.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
