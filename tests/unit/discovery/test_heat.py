"""The hot score: days halve, order stays, nothing depends on the way it was counted."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.discovery import (
    COLD,
    EPOCH,
    FRACTION,
    HALF_LIFE,
    ONE,
    WEIGHTS,
    Buy,
    Habit,
    Heat,
    Share,
    change,
    height_of,
    weight_of,
)

DAYS = st.integers(0, 5_000).map(lambda days: EPOCH + timedelta(days=days))
BUYS = st.lists(
    st.builds(
        Buy,
        order_id=st.sampled_from([f"ord_{n}" for n in range(6)]),
        day=DAYS,
        communities=st.sets(st.sampled_from(["pup_1", "pup_2", "ldr_1"])).map(
            lambda names: tuple(sorted(names))
        ),
        units=st.integers(1, 9),
        back=st.just(0),
    ),
    max_size=8,
)


def test_weights_are_the_roots_of_two_rounded_down():
    for number, weight in enumerate(WEIGHTS):
        wanted = 1 << (32 * HALF_LIFE + number)
        assert weight**HALF_LIFE <= wanted < (weight + 1) ** HALF_LIFE


@given(DAYS)
def test_a_buyer_counts_half_after_fourteen_days(day):
    assert weight_of(day + timedelta(days=HALF_LIFE)) == 2 * weight_of(day)


def test_days_before_the_first_weigh_as_much_as_the_first():
    assert weight_of(date(1997, 1, 1)) == weight_of(EPOCH) == ONE


@given(st.integers(1, 1 << 400), st.integers(0, 1 << 60))
def test_a_greater_score_never_ranks_lower(number, more):
    assert height_of(number) <= height_of(number + more)
    low, high = Fraction(height_of(number), 1 << FRACTION), number.bit_length()
    assert high - 1 <= low < high


def test_the_logarithm_of_ten_and_of_nothing():
    assert height_of(10) == 3_483_294  # 3.32192… in 2^20ths
    assert height_of(0) == height_of(-5) == COLD


def test_one_buyer_counts_once_a_day_and_everywhere():
    day = date(2026, 11, 2)
    buys = (
        Buy("ord_1", day, ("pup_1", "ldr_1"), 2, 0),
        Buy("ord_2", day, ("pup_1",), 1, 1),
        Buy("ord_3", day + timedelta(days=14), (), 4, 0),
    )
    shares = Habit.of("usr_1/prd_1").with_buys(buys).shares()
    one = weight_of(day)
    assert shares == {
        "": Share(3 * one, 1, 7, 1),
        "pup_1": Share(one, 1, 3, 1),
        "ldr_1": Share(one, 1, 2, 0),
    }


@given(BUYS, BUYS)
def test_changes_add_up_to_what_there_is_however_often_it_is_said(first, second):
    none = Habit.of("usr_1/prd_1")
    some = none.with_buys(first)
    more = some.with_buys(second).with_buys(second)
    total = dict[str, Share]()
    for before, after in ((None, some), (some, more), (more, more)):
        for name, share in change(before, after).items():
            total[name] = total.get(name, Share()).plus(share)
    assert {name: share for name, share in total.items() if share != Share()} == more.shares()


def test_the_score_is_buyers_by_age_times_stars_times_what_was_kept():
    day = date(2026, 11, 2)
    sold = Share(8 * weight_of(day), 8, 10, 0)
    plain = Heat.of("prd_1").counting(sold).judged("cat_1", 400, 0)
    halved = plain.counting(sold.plus(Share(back=5)))
    praised = plain.judged("cat_1", 500, 9)
    older = plain.counting(Share(8 * weight_of(day - timedelta(days=14)), 8, 10, 0))
    assert plain.rank - halved.rank == 1 << FRACTION
    assert plain.rank - older.rank == 1 << FRACTION
    assert praised.rank - plain.rank == height_of(5) - height_of(4)
    assert plain.recent(day) == 800
    assert plain.recent(day + timedelta(days=28)) == 200
    assert (halved.back_bp, plain.back_bp) == (5_000, 0)
    assert plain.counting(sold.plus(Share(back=10))).rank == COLD
