"""Whatever a merchant sells, gives back and is paid, every statement of it adds up."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import merchants
from groupbuy.application.ledger_reports import verify
from groupbuy.domain.kernel import Money
from groupbuy.domain.merchants import Booking, MerchantSums, Owed, line_of, statement_of
from groupbuy.domain.payouts import PayoutState
from tests.support.earnings import SECOND, Earnings
from tests.support.merchants import LATER, MERCHANT, Trade, person

COLUMNS = ("sales", "refunds", "commission", "fees", "payouts", "other")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "confirm", "refund", "ask", "pay", "fail", "cancel"]),
        st.integers(1, 99_999),
        st.integers(0, 20),
    ),
    max_size=12,
)


class Months:
    """Does one step after the other; what makes no sense then is left out."""

    def __init__(self):
        self.trade = Trade(Earnings(MemoryDatabase()))
        self.orders, self.payouts = [], []

    def step(self, what, number, days):
        getattr(self, what)(number)
        self.trade.clock.at += timedelta(days=days)

    def sell(self, net):
        self.orders.append(self.trade.sell(net))

    def confirm(self, net):
        shop = self.trade.shop
        self.orders.append(shop.confirm(shop.order(self.trade.leader.leader_id, {1: net})))

    def refund(self, number):
        if self.orders:
            place = number % len(self.orders)
            left = self.orders[place].lines[0].left
            if left:
                self.orders[place] = self.trade.shop.refund(
                    self.orders[place], 1, 1 + number % left
                )

    def ask(self, number):
        free = self.trade.due().free.minor
        if free >= 100:
            self.payouts.append(self.trade.request(100 + number % (free - 99)))

    def pay(self, _number):
        for payout in self.sent():
            self.trade.provider.settle()
            self.trade.send(payout)

    def fail(self, _number):
        for payout in self.sent():
            self.trade.provider.fail(payout.number)
            self.trade.send(payout)

    def cancel(self, _number):

        for payout in self.payouts:
            if self.trade.reload(payout).state is PayoutState.REQUESTED:
                self.trade.desk.run(
                    SECOND, lambda work, key=payout.id: merchants.cancel_payout(work, key, "no")
                )

    def sent(self):
        for payout in self.payouts:
            if self.trade.reload(payout).state is not PayoutState.REQUESTED:
                continue
            for who in (SECOND, person("usr_third")):
                if self.trade.reload(payout).state is PayoutState.REQUESTED:
                    self.trade.approve(payout, who)
            self.trade.send(payout)
            yield payout


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_the_equation_holds_for_every_month_and_one_month_begins_where_the_last_ended(steps):
    months = Months()
    for step in steps:
        months.step(*step)
    trade, owed = months.trade, 0
    for month in range(22):
        period = f"{2026 + (9 + month) // 12}-{(9 + month) % 12 + 1:02}"
        found, lines = trade.statement(period), trade.lines(period)
        assert found.adds_up
        assert found.opening.minor == owed
        for column in COLUMNS:
            assert getattr(found, column).minor == sum(getattr(x, column).minor for x in lines)
        assert found.lines == len(lines)
        assert found.other == Money(0)
        assert sum(found.waits.values(), start=Money(0)) == found.closing
        owed = found.closing.minor
    accounts = trade.shop.accounts()
    assert owed == -sum(v for a, v in accounts.items() if a.startswith(f"merchant:{MERCHANT}:"))
    assert verify(trade.shop.books()) == []


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_line_is_what_was_sold_less_what_others_earn_on_it(merchant, leaders, platform):
    sale = line_of(Booking("j", LATER, "confirm", "o", "o", merchant, leaders, platform), "CNY")
    assert sale.sales.minor == merchant + leaders + platform
    assert (sale.commission.minor, sale.fees.minor) == (-leaders, -platform)
    assert sale.total.minor == merchant
    undone = Booking("j", LATER, "reverse:confirm", "o", "o", -merchant, -leaders, -platform)
    assert line_of(undone, "CNY").total == -sale.total


def test_a_moment_nobody_sorted_is_a_correction_and_still_adds_up():
    odd = Booking("", None, "gift", "", "", 70)
    sums = MerchantSums(Owed(pending=5), Owed(payable=75), (odd,), 1)
    found = statement_of("mrc_1", "2026-10", (LATER, LATER), sums, "CNY")
    assert (found.other, found.adds_up) == (Money(70), True)


def test_books_somebody_tampered_with_do_not_add_up():
    sums = MerchantSums(Owed(pending=5), Owed(payable=76), (), 0)
    assert not statement_of("mrc_1", "2026-10", (LATER, LATER), sums, "CNY").adds_up
