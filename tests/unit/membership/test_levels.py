"""Levels by what was completed within twelve months: up at once, down at the end of a period."""

from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.membership import PERIODS, LevelRules, Purchase, period_of

RULES = LevelRules(ladder="银卡:50000,金卡:200000")
MAY = date(2026, 5, 20)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
PURCHASES = st.lists(st.builds(Purchase, st.just("o"), DAYS, st.integers(0, 120_000)), max_size=12)


def bought(day, net, order_id="ord_1"):
    return Purchase(order_id, day, net)


def test_a_level_is_reached_on_the_day_it_is_completed_and_not_before():
    purchases = [bought(MAY, 50_000)]
    assert RULES.rank(purchases, MAY - timedelta(days=1)) == 0
    assert RULES.rank(purchases, MAY) == 1
    assert RULES.rank([bought(MAY, 49_999)], MAY) == 0


def test_a_level_comes_down_at_the_end_of_the_period_in_which_its_spend_grew_old():
    purchases = [bought(MAY, 200_000)]
    assert RULES.rank(purchases, date(2027, 6, 30)) == 2
    assert RULES.rank(purchases, date(2027, 7, 1)) == 0


def test_what_went_back_counts_as_never_bought():
    assert RULES.rank([bought(MAY, 0), bought(MAY, 50_000)], MAY) == 1
    assert RULES.rank([bought(MAY, 0), bought(MAY, 49_000)], MAY) == 0


def test_a_leap_day_has_a_year_before_it():
    purchases = [bought(date(2027, 3, 1), 50_000)]
    assert RULES.score(purchases, date(2028, 2, 29)) == 50_000
    assert RULES.score(purchases, date(2028, 3, 1)) == 0


def test_levels_may_go_by_the_number_of_orders_instead():
    rules = LevelRules(ladder="常客:2", measure="bought_times")
    assert rules.rank([bought(MAY, 1)], MAY) == 0
    assert rules.rank([bought(MAY, 1), bought(MAY, 0)], MAY) == 0
    assert rules.rank([bought(MAY, 1), bought(MAY, 1)], MAY) == 1


def test_ranks_have_the_names_of_the_ladder():
    assert [RULES.named(rank) for rank in range(4)] == ["", "银卡", "金卡", "金卡"]
    assert LevelRules(ladder="").named(3) == ""


@pytest.mark.parametrize(
    "said",
    [
        {"ladder": "银卡"},
        {"ladder": ":5"},
        {"ladder": "银卡:-5"},
        {"ladder": "银卡:0"},
        {"ladder": "银卡:9,金卡:9"},
        {"ladder": "银卡:9,金卡:8"},
        {"ladder": ",".join(f"{n}级:{n}" for n in range(1, 11))},
        {"measure": "age"},
        {"months": 5},
    ],
)
def test_a_ladder_nobody_could_climb_is_refused(said):
    with pytest.raises(Invalid):
        LevelRules(**said)


@given(PURCHASES, DAYS, st.sampled_from(PERIODS), st.randoms(use_true_random=False))
def test_the_order_in_which_purchases_are_heard_of_does_not_matter(some, day, months, chance):
    rules = evolve(RULES, months=months)
    shuffled = chance.sample(some, len(some))
    assert rules.rank(shuffled, day) == rules.rank(some, day)


@given(PURCHASES, DAYS, st.sampled_from(PERIODS))
def test_a_level_never_falls_within_a_period_and_more_is_never_worse(some, day, months):
    rules = evolve(RULES, months=months)
    begin, after = period_of(day, months)
    assert begin <= day < after
    assert rules.rank(some, day) <= rules.rank(some, after - timedelta(days=1))
    assert rules.rank(some, day) <= rules.rank([*some, bought(day, 60_000)], day)
    assert rules.rank(some, begin) == sum(
        1 for level in rules.levels if level.asks <= rules.score(some, begin)
    )


@given(PURCHASES, DAYS)
def test_who_bought_today_stands_at_least_where_twelve_months_put_them(some, day):
    now = sum(1 for level in RULES.levels if level.asks <= RULES.score(some, day))
    if any(each.day == day for each in some):
        assert RULES.rank(some, day) >= now
