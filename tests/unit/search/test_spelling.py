"""Pinyin: in full, begun, by first letters, whichever way a character is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.adapters.system import ChineseLetters
from groupbuy.application.ports.search import PlainLetters
from groupbuy.domain.search import spelled_at, spelled_tokens, spellings

LETTERS = ChineseLetters()
SYLLABLES = LETTERS.syllables()
COMMON = st.text(st.sampled_from("土鸡蛋大闸蟹重庆火锅银行女绿茶面包新鲜"), min_size=2, max_size=8)


def found(name, letters):
    tokens = spelled_tokens(name, LETTERS.readings)
    return any(way <= tokens for way in spellings(letters, SYLLABLES))


@given(COMMON, st.data())
def test_a_name_is_found_by_any_reading_of_its_neighbours(name, data):
    start = data.draw(st.integers(0, len(name) - 2))
    end = data.draw(st.integers(start + 2, len(name)))
    read = [data.draw(st.sampled_from(LETTERS.readings(char))) for char in name[start:end]]
    firsts = "".join(each[0] for each in read)
    assert spelled_at(name, firsts, LETTERS.readings) is not None
    assert found(name, firsts)
    letters = "".join(read)
    assert spelled_at(name, letters, LETTERS.readings) is not None
    cut = spellings(letters, SYLLABLES)
    if len(cut) < 8:  # of very many ways to cut only the first are tried
        assert found(name, letters)


@pytest.mark.parametrize(
    ("letters", "place"),
    [
        ("tuji", (2, 4)),
        ("tujid", (2, 5)),
        ("tj", (2, 4)),
        ("xxtjd", (0, 5)),
        ("jidan", (3, 5)),
        ("tudan", None),
        ("ujid", None),
        ("tujidanx", None),
    ],
)
def test_letters_are_followed_through_the_text(letters, place):
    assert spelled_at("新鲜土鸡蛋", letters, LETTERS.readings) == place


def test_letters_are_cut_in_every_way_that_can_be_read():
    assert len(spellings("xian", SYLLABLES)) >= 2
    assert found("西安", "xian")
    assert found("先生", "xian")
    assert found("绿茶", "lvcha")
    assert found("绿茶", "lucha")
    assert found("重庆", "chongq")


@pytest.mark.parametrize("letters", ["", "a", "土鸡", "tu ji", "t1", "vvv", "tuji3"])
def test_what_is_no_pinyin_is_not_read(letters):
    assert spellings(letters, SYLLABLES) == []


def test_a_very_long_word_costs_no_more_than_its_length():
    assert len(spellings("an" * 30 + "x", SYLLABLES)) <= 9
    assert spelled_at("安" * 200, "an" * 30 + "x", LETTERS.readings) is None


def test_without_tables_nothing_is_read():
    plain = PlainLetters()
    assert (plain.simplified("雞"), plain.readings("鸡")) == ("雞", ())
    assert spellings("tuji", plain.syllables()) == []
