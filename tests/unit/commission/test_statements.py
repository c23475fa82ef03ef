"""A statement that can be checked line by line, and one that is wrong is found."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import commission
from groupbuy.application.ledger_reports import verify
from groupbuy.application.ports import Query
from groupbuy.domain.commission import (
    Entry,
    Statement,
)
from groupbuy.domain.kernel import Money, Refused
from groupbuy.domain.ledger import Journal
from tests.support.earnings import FINANCE, Earnings
from tests.support.statements import (
    DECEMBER,
    NOVEMBER,
    adjust,
    change,
    checks,
    differences,
    everything_is_right,
    reverse,
    settled_order,
    statement_of,
)

# --- the equation and the links --------------------------------------------------------------


def test_a_statement_carries_its_equation(shop):
    leader, order = settled_order(shop)
    shop.withdraw(leader, 1_000)
    shop.refund(order, 1, 4)
    shop.earn(leader, 5_000)
    shop.clock.at = DECEMBER
    (november,) = shop.settle("2026-11").settled
    assert (november.carried, november.accrued, november.payable) == (
        Money(-400),
        Money(500),
        Money(100),
    )
    assert november.deducted == Money(-400)
    assert shop.available(leader) == november.payable.minor
    everything_is_right(shop, "2026-10", "2026-11")


def test_every_line_names_its_order_its_journal_and_its_refund(shop):
    leader = shop.leader()
    order = shop.refund(shop.earn(leader), 1, 3)
    shop.clock.at = NOVEMBER
    shop.settle()
    page = statement_of(shop, leader)
    earned, taken_back = sorted(page.lines, key=lambda line: -line.amount.minor)
    journals = {
        key: shop.desk.read(shop.system, lambda w, key=key: w.of(Journal).get(key))
        for key in [*page.journals.values(), page.settled_by]
    }
    first, second = (journals[page.journals[line.id]] for line in (earned, taken_back))
    assert (first.moment, first.subject) == ("confirm", order.id)
    assert (second.moment, second.subject) == ("refund_after_confirmation", taken_back.because_of)
    assert (taken_back.reverses, taken_back.order_id) == (earned.id, order.id)
    assert journals[page.settled_by].subject == page.statement.id


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_lines_of_a_thousand_months_add_up_to_their_headers(chance):
    """Forty leaders, 26 months each: refunds, withdrawals, reversals, disputes at any time."""
    shop = Earnings(MemoryDatabase())
    shop.clock.at = datetime(2024, 1, 5, 4, tzinfo=UTC)
    leader, orders = shop.leader(), []
    for month in range(26):
        period = f"{2024 + month // 12}-{month % 12 + 1:02}"
        orders += [shop.earn(leader, chance.randrange(100, 200_000)) for _ in range(2)]
        place = chance.randrange(len(orders))
        left = 10 - orders[place].lines[0].refunded_units
        if left:
            orders[place] = shop.refund(orders[place], 1, chance.randint(1, left))
        has = shop.available(leader)
        if 100 <= has <= 1_000_000 and chance.random() < 0.3:
            shop.withdraw(leader, has)
        after = month + 1
        shop.clock.at = datetime(2024 + after // 12, after % 12 + 1, 2, 4, tzinfo=UTC)
        statements = shop.settle(period).settled
        if chance.random() < 0.1:
            reverse(shop, leader, period)
            statements = shop.settle(period).settled
        for statement in statements:
            doubt_some_line(shop, chance, statement)
        checked = commission.verify_period(shop.desk, FINANCE, period)
        assert checked.differences == ()
        assert checked.statements == len(statements)
    assert verify(shop.books()) == []


def doubt_some_line(shop, chance, statement):
    lines = shop.desk.read(
        shop.system, lambda w: w.of(Entry).select(Query().where(statement_id=statement.id))
    )
    line = chance.choice(lines)
    doubt = shop.desk.run(
        FINANCE, lambda w: commission.open_dispute(w, statement.id, line.id, "a check")
    )
    try:
        adjust(shop, doubt.dispute, chance.randrange(0, 3_000, 100))
    except Refused:
        return


# --- verifying -------------------------------------------------------------------------------


def test_a_header_that_was_changed_is_found(shop):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    change(shop, Statement, statement, accrued=Money(1_001))
    assert checks(shop) == {"header_is_sum_of_lines", "equation_holds"}


def test_a_line_that_was_changed_is_found_by_entries_and_by_the_ledger(shop):
    leader, order = settled_order(shop)
    (line,) = statement_of(shop, leader).lines
    change(shop, Entry, line, amount=Money(999))
    found = {(each.check, each.subject) for each in differences(shop)}
    assert ("lines_as_booked", order.id) in found
    assert {"header_is_sum_of_lines", "lines_are_those_settled"} <= checks(shop)


def test_a_line_that_was_put_to_another_statement_is_found(shop):
    leader, _ = settled_order(shop)
    (line,) = statement_of(shop, leader).lines
    change(shop, Entry, line, statement_id=None)
    assert "lines_are_those_settled" in checks(shop)


def test_a_wrong_carry_over_is_found(shop):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    change(shop, Statement, statement, carried=Money(7), payable=Money(1_007))
    assert checks(shop) == {"carried_as_booked"}


def test_a_second_booking_of_a_statement_is_found(shop):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    names, amounts = {"leader": leader.leader_id}, {"S": 1_000}
    shop.desk.run(shop.system, lambda w: w.book("settle", statement.id, names, amounts, "CNY"))
    assert "settled_by_one_journal" in checks(shop)
