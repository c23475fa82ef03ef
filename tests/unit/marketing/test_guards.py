"""What the law asks of a price: what is allowed, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from groupbuy.domain.marketing import (
    Deal,
    Exempt,
    below_cost,
    overstated,
    personal_price,
    reference_price,
)

NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)


def deal(days, price):
    return Deal(NOW - timedelta(days=days), price)


def test_what_is_struck_through_is_the_lowest_deal_of_the_seven_days_before():
    evidence = reference_price([deal(8, 100), deal(7, 900), deal(1, 1_000), deal(0, 1)], NOW)
    assert (evidence.price, evidence.deals) == (900, 2)
    assert (evidence.since, evidence.until) == (NOW - timedelta(days=7), NOW)
    assert not overstated(900, evidence.price)
    assert overstated(901, evidence.price)


def test_without_a_deal_in_seven_days_the_last_one_counts():
    evidence = reference_price([deal(30, 500), deal(9, 810), deal(9, 800), deal(9, 805)], NOW)
    assert (evidence.price, evidence.deals, evidence.since) == (800, 0, NOW - timedelta(days=9))


def test_what_was_never_sold_has_no_earlier_price():
    assert reference_price([], NOW) is None
    assert overstated(1, None)


@pytest.mark.parametrize(
    ("cost", "exempt", "refused"),
    [(1_001, None, True), (1_000, None, False), (None, None, False), (1_001, Exempt.FRESH, False)],
)
def test_nothing_is_sold_below_its_cost_but_what_may_be(cost, exempt, refused):
    assert below_cost(1_000, cost, exempt) is refused


def test_a_personal_price_only_undercuts_the_public_one():
    assert (personal_price(1_000, 900), personal_price(1_000, 1_100)) == (900, 1_000)
