"""Tokens: a text that holds a word has what is looked for, whatever the word is."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from groupbuy.domain.search import (
    Folding,
    Mark,
    all_grams,
    anywhere_tokens,
    key_token,
    name_tokens,
    over_matches,
)
from groupbuy.domain.search.words import body_tokens, joined

FOLDING = Folding()
CHARS = st.one_of(
    st.sampled_from("土鸡蛋大闸蟹5斤装aB3-.（）％"),
    st.characters(codec="utf-8", max_codepoint=0x3FFFF),
)
NAMES = st.text(CHARS, min_size=2, max_size=30).map(FOLDING.fold)


@given(NAMES, st.data())
def test_every_two_characters_of_a_name_find_it(name, data):
    assume(len(name) >= 2)
    start = data.draw(st.integers(0, len(name) - 2))
    for word in name[start : start + 2].split():
        assert name_tokens(word) <= all_grams(name, Mark.NAME)


@given(NAMES, st.data())
def test_every_part_of_a_name_finds_it(name, data):
    assume(name)
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    for word in name[start:end].split():
        assert name_tokens(word) <= all_grams(name, Mark.NAME)


@given(NAMES, st.text(CHARS, min_size=1, max_size=2).map(FOLDING.fold))
def test_a_word_that_does_not_over_match_is_in_every_text_that_has_its_tokens(text, word):
    if word and " " not in word and not word.isascii() and not over_matches(word):
        assert (anywhere_tokens(word) <= body_tokens(text)) == (word in text)


@given(NAMES, st.integers(0, 30), st.integers(1, 30))
def test_a_part_of_a_text_that_begins_a_word_has_its_tokens(text, start, length):
    words = text.split()
    assume(words)
    word = words[start % len(words)][:length]
    assert anywhere_tokens(word) <= body_tokens(text)


@pytest.mark.parametrize(
    ("text", "found", "not_found"),
    [
        (
            "gb18401-2010b类",
            ["gb", "gb18401", "18401", "2010", "b类", "1-2"],
            ["8401", "类b", "010"],
        ),
        ("1.5米+1.8米通用", ["1.5米", "5米", "米+", "1.8", "8米通"], ["5斤", "米1"]),
        ("100%棉", ["100%棉", "0%棉", "%", "棉", "100", "1"], ["00", "棉1"]),
        ("superlongword9", ["super", "superlongword9", "superlong"], ["longword"]),
    ],
)
def test_numbers_and_latin_words_of_long_texts_are_found_by_beginnings(text, found, not_found):
    for word in found:
        assert anywhere_tokens(word) <= body_tokens(text), word
    for word in not_found:
        assert not anywhere_tokens(word) <= body_tokens(text), word


def test_long_words_are_looked_at_again():
    assert not any(map(over_matches, ["蟹", "土鸡", "5米", "2010", "12345678"]))
    assert all(map(over_matches, ["大闸蟹", "a5米", "123456789", "gb18"]))
    assert name_tokens("小龙虾尾") <= all_grams("小龙 龙虾 虾尾", Mark.NAME)


@given(st.text(CHARS, max_size=20), st.text("abc123", min_size=3, max_size=3))
def test_tokens_need_no_quoting_in_any_engine(text, tag):
    tokens = joined(all_grams(FOLDING.fold(text)) | {key_token(Mark.BRAND, "brd_1")}, tag)
    assert all(char.isalnum() or not char.isascii() or char == " " for char in tokens)
    assert all(token.startswith(tag) for token in tokens.split(" "))


def test_a_key_is_one_token_whatever_somebody_typed():
    for odd in ("' OR 1=1 --", '"; DROP TABLE orders', "a\tb\u2003c", "\x00\x7f"):
        token = key_token(Mark.BRAND, odd)
        assert len(token.split()) == 1
        assert not any(char.isascii() and not char.isalnum() for char in token)
    assert key_token(Mark.BRAND, "brd_1") != key_token(Mark.BRAND, "brd_2")
