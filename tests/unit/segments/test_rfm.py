"""Recency, frequency and value: local days, ties, and a table that was computed plainly too."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.segments import BEST, Sale, Scores, Sums, scores_of, sums_of

CDNOW = Path(__file__).parents[3].parent / "shared" / "data" / "purchases-cdnow.csv"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def plain(sums):
    """Score by counting, for each customer, everybody who has less."""
    numbers = {who: (s.last_on, s.times, s.value) for who, s in sums.items()}
    return {
        who: Scores(
            *(
                1 + 5 * sum(other[place] < mine[place] for other in numbers.values()) // len(sums)
                for place in range(3)
            )
        )
        for who, mine in numbers.items()
    }


def test_a_sale_late_in_the_evening_belongs_to_the_local_day():
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)

    assert sums_of([Sale("a", at, 100)], SHANGHAI)["a"].last_on == date(2026, 3, 2)
    assert sums_of([Sale("a", at, 100)], UTC)["a"].last_on == date(2026, 3, 1)


def test_sales_add_up_in_whatever_order_they_come():
    first = datetime(2026, 3, 1, tzinfo=UTC)
    sales = [Sale("a", first + timedelta(days=n), 10 + n) for n in range(3)]

    expected = {"a": Sums(date(2026, 3, 3), 3, 33)}
    assert sums_of(sales, UTC) == sums_of(reversed(sales), UTC) == expected


def test_ten_customers_who_all_differ_are_two_in_each_fifth():
    sums = {str(n): Sums(date(2026, 1, 1 + n), 1 + n, 100 - n) for n in range(10)}

    scores = scores_of(sums)

    assert [scores[str(n)].recency for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [scores[str(n)].value for n in range(10)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_who_has_the_same_has_the_same_score():
    sums = {str(n): Sums(date(2026, 1, 1), 1, 500) for n in range(7)}
    sums["rare"] = Sums(date(2026, 1, 2), 9, 900)

    scores = scores_of(sums)

    assert {scores[str(n)] for n in range(7)} == {Scores(1, 1, 1)}
    assert scores["rare"] == Scores(5, 5, 5)


def test_nobody_is_scored_where_nobody_bought():
    assert scores_of({}) == {}


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.builds(
            Sums,
            st.dates(date(2026, 1, 1), date(2026, 1, 9)),
            st.integers(1, 6),
            st.integers(0, 20),
        ),
        max_size=30,
    )
)
def test_scores_are_what_counting_those_with_less_gives(sums):
    found = scores_of(sums)

    assert found == plain(sums)
    assert all(1 <= s <= BEST for each in found.values() for s in (each.recency, each.value))


@pytest.mark.skipif(not CDNOW.exists(), reason="the purchases of CDNOW are not in the tree")
def test_the_table_of_cdnow_is_that_of_a_plain_recomputation():
    with CDNOW.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    noon = {row["date"]: f"{row['date']}T12:00:00" for row in rows}
    sales = [
        Sale(
            row["customer"],
            datetime.fromisoformat(noon[row["date"]]).replace(tzinfo=SHANGHAI),
            round(float(row["amount"]) * 100),
        )
        for row in rows
    ]
    days, cents = defaultdict(list), defaultdict(list)
    for row in rows:
        whole, _, part = row["amount"].partition(".")
        days[row["customer"]].append(row["date"])
        cents[row["customer"]].append(int(whole) * 100 + int(part.ljust(2, "0")))

    sums = sums_of(sales, SHANGHAI)

    assert sums == {
        who: Sums(date.fromisoformat(max(some)), len(some), sum(cents[who]))
        for who, some in days.items()
    }
    assert scores_of(sums) == plain(sums)
    assert len(sums) == 2357
    assert {each.recency for each in scores_of(sums).values()} <= {1, 2, 3, 4, 5}
