"""Folding: what means the same to somebody who searches becomes the same text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.adapters.system import ChineseLetters
from groupbuy.domain.search import Folding

FOLDING = Folding(ChineseLetters().simplified)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢｃ　１２", "abc 12"),
        ("大閘蟹、電視、臺灣", "大闸蟹、电视、台湾"),
        ("Café ＮＡÏVE", "cafe naive"),
        ("  a \t\n b  ", "a b"),
        ("㎏ ﬁ ①", "kg fi 1"),
        ("Straße İ", "strasse i"),
        ("が カ\u200bフェ", "が カフェ"),
        ("e\u0301", "e"),
        ("", ""),
    ],
)
def test_widths_cases_accents_and_scripts_become_equal(text, folded):
    assert FOLDING.fold(text) == folded


@given(TEXTS)
def test_folding_again_changes_nothing(text):
    folded = FOLDING.fold(text)
    assert FOLDING.fold(folded) == folded


@given(TEXTS)
def test_a_trace_is_the_folded_text_and_leads_back_in_order(text):
    folded, places = FOLDING.trace(text)
    assert folded == FOLDING.fold(text)
    assert len(places) == len(folded)
    assert places == sorted(places)
    for char, place in zip(folded, places, strict=True):
        assert (
            char in FOLDING.fold(text[place])
            or (char == " " and text[place].isspace())
            or (" " in text[place].translate(FOLDING))
        )


@given(TEXTS, TEXTS)
def test_characters_fold_by_themselves(one, other):
    joined = FOLDING.fold(f"{one} {other}").split()
    assert joined == FOLDING.fold(one).split() + FOLDING.fold(other).split()


def test_without_a_table_both_scripts_stay_apart():
    assert Folding().fold("雞 鸡") == "雞 鸡"
