"""Whatever happens to a leader's orders and money, in any order, the books stay right."""

from datetime import timedelta
from functools import partial

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
    Statement,
    StatementState,
    Withdrawal,
    WithdrawalState,
    reversal_digest,
)
from groupbuy.domain.kernel import Refused
from tests.support.earnings import FINANCE, NO_COOLING, SECOND, TENANT, Earnings


class BooksOfALeader(RuleBasedStateMachine):
    orders = Bundle("orders")
    asked = Bundle("asked")

    @initialize(target=orders)
    def open_shop(self):
        """Start with something that may be withdrawn, or little would ever be."""
        self.shop = Earnings(MemoryDatabase(), Policy(withdrawals=NO_COOLING))
        self.leader = self.shop.leader()
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

    @rule(target=orders, net=st.integers(1, 100_000))
    def buy(self, net):
        order = self.shop.confirm(self.shop.order(self.leader.leader_id, {1: net}))
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
        if hasattr(self, "shop"):
            left = sum(order.lines[0].base.minor // 10 for order in self.known.values())
            assert sum(e.amount.minor for e in self.shop.entries(self.leader)) == left

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
            months = [statement.period for statement in self._all(Statement)]
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
