"""New products: promising ones first, a bounded place for the unknown, turns for everybody."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.discovery import (
    EXPLORED_DAYS,
    EXPLORED_SLOTS,
    KNOWN_AT,
    Newcomer,
    height_of,
    new_and_promising,
    takes_turns,
)

TODAY = date(2026, 11, 2)
NEWCOMERS = st.lists(
    st.builds(
        Newcomer,
        id=st.integers(0, 99).map("prd_{:02}".format),
        since=st.integers(0, 29).map(lambda days: TODAY - timedelta(days=days)),
        buyers=st.integers(0, 20),
        rank=st.integers(-1, 60 << 20),
    ),
    unique_by=lambda each: each.id,
    max_size=40,
)


def newcomer(number, days=0, buyers=0, score=0):
    since = TODAY - timedelta(days=days)
    return Newcomer(f"prd_{number}", since, buyers, height_of(score))


@given(NEWCOMERS, st.integers(0, 10_000), st.integers(1, 12))
def test_the_list_is_full_without_doubles_and_exploring_is_bounded(newcomers, turn, limit):
    chosen = new_and_promising(newcomers, TODAY, turn, limit)
    assert len(chosen) == min(limit, len(newcomers))
    assert len({each.newcomer.id for each in chosen}) == len(chosen)
    explored = [each.newcomer for each in chosen if each.explored]
    assert len(explored) <= min(EXPLORED_SLOTS, limit // 2)
    assert all(each.buyers < KNOWN_AT and each.age(TODAY) < EXPLORED_DAYS for each in explored)
    assert new_and_promising(newcomers[::-1], TODAY, turn, limit) == chosen


@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 1_000))
def test_everybody_has_a_turn_before_anybody_has_another(count, slots, turn):
    waiting = [newcomer(number) for number in range(count)]
    rounds = -(-count // slots)
    shown = [each.id for n in range(rounds) for each in takes_turns(waiting, turn + n, slots)]
    assert set(shown) == {each.id for each in waiting}
    assert len(shown) - len(set(shown)) < slots or count <= slots


def test_what_sells_fast_for_its_age_comes_first():
    old, young, unsold = newcomer(1, 19, 30, 4_000), newcomer(2, 1, 20, 1_000), newcomer(3, 2)
    chosen = new_and_promising([old, young, unsold], TODAY, 0, 3)
    # 4,000 in twenty days are 200 a day, 1,000 in two days are 500.
    assert [each.newcomer.id for each in chosen] == ["prd_2", "prd_1", "prd_3"]
    assert [each.explored for each in chosen] == [False, False, True]


def test_a_list_of_one_explores_nothing():
    (only,) = new_and_promising([newcomer(1), newcomer(2, 1, 20, 99)], TODAY, 0, 1)
    assert (only.newcomer.id, only.explored) == ("prd_2", False)


def test_nothing_new_is_an_empty_list():
    assert new_and_promising([], TODAY, 3, 10) == []
