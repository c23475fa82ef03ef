"""Merchant statements on every storage: from the ledger alone, and the equation holds."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from groupbuy.application import commission, merchants
from groupbuy.domain.kernel import Forbidden, Invalid, Money, NotFound
from tests.support.earnings import FINANCE, SECOND, TENANT
from tests.support.merchants import LATER, MERCHANT, STAFF, person


def columns(statement):
    parts = (
        statement.opening, statement.sales, statement.refunds, statement.commission,
        statement.fees, statement.payouts, statement.other, statement.closing,
    )  # fmt: skip
    return tuple(part.minor for part in parts)


def paid(trade, minor):
    payout = trade.approve(trade.approve(trade.request(minor), SECOND), person("usr_third"))
    trade.send(payout)
    trade.provider.settle()
    trade.send(payout)
    return payout


@pytest.fixture
def autumn(trade):
    """Two orders in October, one of them vested; a refund and a payout in November."""
    first = trade.sell(100_000)
    trade.shop.confirm(trade.shop.order(None, {1: 20_000}))
    trade.clock.at = LATER
    trade.shop.refund(first, 1, 3)
    trade.payout = paid(trade, 60_000)
    trade.first = first
    return trade


def test_a_period_begins_with_what_was_owed_and_ends_with_what_is_owed(autumn):
    october, november = autumn.statement("2026-10"), autumn.statement("2026-11")
    assert columns(october) == (0, 120_000, 0, -10_000, 0, 0, 0, 110_000)
    assert columns(november) == (110_000, 0, -30_000, 3_000, 0, -60_000, 0, 23_000)
    assert october.adds_up
    assert november.adds_up
    assert {name: waits.minor for name, waits in november.waits.items()} == {
        "pending": 20_000, "payable": 3_000, "in_transit": 0,
    }  # fmt: skip
    assert columns(autumn.statement("2026-12")) == (23_000, 0, 0, 0, 0, 0, 0, 23_000)


def test_each_line_names_its_order_and_its_journal(autumn):
    (first, second) = autumn.lines("2026-10")
    assert (first.booking.order_id, first.sales, first.commission) == (
        autumn.first.id, Money(100_000), Money(-10_000),
    )  # fmt: skip
    assert second.total == Money(20_000)
    (refund, payout) = autumn.lines("2026-11")
    assert (refund.refunds, refund.commission, refund.total) == (
        Money(-30_000), Money(3_000), Money(-27_000),
    )  # fmt: skip
    assert (payout.booking.subject, payout.payouts) == (autumn.payout.id, Money(-60_000))
    ids = [line.id for line in autumn.lines("2026-11")]
    assert all(key.startswith("jrn_") for key in ids)
    assert ids == sorted(ids)


def test_pages_of_lines_are_all_the_lines(autumn):
    books, seen, after = autumn.shop.database, [], None
    while True:
        page = merchants.my_lines(autumn.desk, books, STAFF, "2026-11", 1, after)
        if not page:
            break
        seen += page
        after = (page[-1].booking.at, page[-1].id)
    assert seen == autumn.lines("2026-11")
    assert autumn.statement("2026-11").lines == len(seen) == 2


def test_money_on_its_way_is_still_owed(trade):
    trade.sell(100_000)
    trade.request(50_000)
    month = f"{trade.clock.at:%Y-%m}"
    assert columns(trade.statement(month))[-1] == 90_000
    assert trade.statement(month).waits["in_transit"] == Money(50_000)
    assert trade.statement(month).lines == 1


def test_a_period_ends_at_the_operators_midnight(trade):
    trade.clock.at = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
    trade.shop.confirm(trade.shop.order(None, {1: 100}))
    trade.clock.at += timedelta(seconds=1)
    trade.shop.confirm(trade.shop.order(None, {1: 1_000}))
    assert trade.statement("2026-10").sales == Money(100)
    assert trade.statement("2026-11").sales == Money(1_000)
    assert trade.statement("2026-W44").sales == Money(1_100)
    assert trade.statement("2026-11-01").opening == Money(100)
    with pytest.raises(Invalid):
        trade.statement("November")


def test_a_merchant_sees_its_own_statement_and_no_other(autumn):
    books = autumn.shop.database
    mine = merchants.my_statement(autumn.desk, books, STAFF, "2026-11")
    assert mine == autumn.statement("2026-11")
    other = evolve(STAFF, merchant_id="mrc_2")
    for foreign in (
        lambda: autumn.statement("2026-11", other),
        lambda: autumn.lines("2026-11", other),
        lambda: merchants.my_statement(autumn.desk, books, other, "2026-11"),
    ):
        with pytest.raises(NotFound):
            foreign()
    with pytest.raises(Forbidden):
        autumn.statement("2026-11", autumn.leader)


def test_the_books_of_one_tenant_say_nothing_about_a_merchant_of_another(autumn):
    span = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert autumn.shop.database.merchant_sums(TENANT, MERCHANT, *span).lines == 4
    assert autumn.shop.database.merchant_sums("other", MERCHANT, *span).lines == 0
    assert autumn.shop.database.merchant_bookings("other", MERCHANT, *span, limit=9) == []
    assert FINANCE.tenant == TENANT


def test_a_corrected_rate_names_the_order_it_belongs_to(trade):
    order = trade.sell(100_000)
    trade.clock.at = LATER
    trade.shop.settle()
    (statement,) = trade.desk.read(trade.leader, commission.my_statements)
    page = trade.desk.read(trade.leader, lambda w: commission.my_statement(w, statement.id))
    doubt = trade.desk.run(
        trade.leader,
        lambda w: commission.open_my_dispute(w, statement.id, page.lines[0].id, "twelve"),
    )
    trade.desk.run(FINANCE, lambda w: commission.adjust_line(w, doubt.id, 1_200, "so it was"))
    (line,) = trade.lines("2026-11")
    assert (line.booking.moment, line.commission) == ("commission_adjusted", Money(-2_000))
    assert (line.booking.subject, line.booking.order_id) == (doubt.id, order.id)
