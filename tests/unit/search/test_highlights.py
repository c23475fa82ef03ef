"""Highlights: ranges over the text as somebody wrote it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from groupbuy.adapters.system import ChineseLetters
from groupbuy.domain.search import Folding, excerpt, ranges_in

LETTERS = ChineseLetters()
FOLDING = Folding(LETTERS.simplified)


def parts(text, *words):
    terms = [FOLDING.fold(word) for word in words]
    return [text[a:b] for a, b in ranges_in(text, terms, FOLDING, LETTERS.readings)]


def test_ranges_show_what_was_written_not_what_was_compared():
    assert parts("新鮮 大閘蟹（ＢＩＧ）", "大闸", "big") == ["大閘", "ＢＩＧ"]
    assert parts("净重 2㎏/箱", "kg") == ["㎏"]
    assert parts("土鸡蛋土鸡", "土鸡") == ["土鸡", "土鸡"]
    assert parts("土鸡蛋", "土鸡", "鸡蛋") == ["土鸡蛋"]
    assert parts("新鲜土鸡蛋", "tujid") == ["土鸡蛋"]
    assert parts("新鲜土鸡蛋", "tj") == ["土鸡"]
    assert parts("新鲜土鸡蛋", "鸭") == []


@given(st.text(st.sampled_from("土鸡蛋雞 ａＡa㎏é。"), max_size=30), st.data())
def test_a_part_of_a_text_is_shown_where_it_stands(text, data):
    start = data.draw(st.integers(0, len(text)))
    word = FOLDING.fold(text[start : start + data.draw(st.integers(1, 4))])
    if not word or " " in word:
        return
    ranges = ranges_in(text, [word], FOLDING)
    assert ranges
    assert all(word in FOLDING.fold(text[a:b]) for a, b in ranges)
    assert all(a[1] < b[0] for a, b in pairwise(ranges))


def test_an_excerpt_keeps_the_first_range_in_sight():
    text = "一" * 200 + "土鸡" + "二" * 200
    shown, ranges = excerpt(text, [(200, 202), (399, 401)], 80)
    assert len(shown) == 80
    assert [shown[a:b] for a, b in ranges] == ["土鸡"]
    assert excerpt("土鸡", [(0, 2)], 80) == ("土鸡", ((0, 2),))
    assert excerpt("x" * 79 + "土鸡", [(79, 81)], 80)[1] == ((78, 80),)
