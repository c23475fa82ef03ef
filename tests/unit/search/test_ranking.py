"""Ranking: the name before the rest, whole phrases first, then sales, then what is new."""

from datetime import UTC, datetime, timedelta

from groupbuy.domain.kernel import Money
from groupbuy.domain.search import (
    BANDS,
    SearchEntry,
    band_of,
    bands_within,
    phrase_in,
    points_of,
    rank_of,
    seconds_in,
    units_in,
    weight_of,
)
from groupbuy.domain.search.ranking import CAMPAIGN, FACTS, LABELS, NAME, SPELLED, STORY

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_word_counts_by_where_it_stands():
    ends = (10, 20)
    places = [(0, -1), (4, -1), (5, -1), (-1, 9), (-1, 10), (-1, 20), (-1, -1)]
    found = [points_of(5, each, ends) for each in places]
    assert found == [NAME, NAME, LABELS, FACTS, STORY, CAMPAIGN, 0]
    assert NAME > LABELS > SPELLED > FACTS > STORY > CAMPAIGN > 0


def test_a_whole_phrase_comes_before_scattered_words():
    names = ["土鸡 蛋", "土鸡 蛋糕", "新鲜 土鸡 蛋", "蛋 土鸡"]
    assert [phrase_in(name, ["土鸡", "蛋"]) for name in names] == [3, 2, 1, 0]


def test_place_outranks_phrase_phrase_sales_and_sales_age():
    def rank(points=NAME, phrase=0, sold=0, at=NOON):
        return rank_of(points, phrase, weight_of(sold, at))

    new = NOON + timedelta(days=9_999)
    best = [rank(phrase=1), rank(sold=10**9), rank(sold=5), rank(sold=4, at=new), rank(at=new)]
    ordered = [*best, rank(), rank(LABELS, 3, 10**9, new)]
    assert ordered == sorted(ordered, reverse=True)
    assert len(set(ordered)) == len(ordered)
    assert max(ordered) < 1 << 59


def test_a_weight_can_be_read():
    weight = weight_of(7, NOON)
    assert (units_in(weight), seconds_in(weight)) == (7, int(NOON.timestamp()))
    assert units_in(weight_of(-1, NOON)) == 0


def test_every_price_lies_in_one_band():
    prices = (0, 1, 999, 1_000, 2_999, 49_999, 50_000, 10**9)
    assert [band_of(price) for price in prices] == [0, 0, 0, 1, 1, 5, 6, 6]
    assert list(bands_within(None, None)) == list(range(len(BANDS)))
    assert list(bands_within(1_000, 2_999)) == [1]
    assert list(bands_within(999, 5_000)) == [0, 1, 2, 3]
    assert list(bands_within(60_000, 10)) == []


def test_an_entry_gives_back_what_was_said():
    entry = SearchEntry(
        "p", "m", "c", Money(1), NOON, head="名\n牌", rest="实\n话\n团", facts_end=1, story_end=3
    )
    said = entry.said
    assert (said.name, said.labels, said.facts, said.story) == ("名", "牌", "实", "话")
