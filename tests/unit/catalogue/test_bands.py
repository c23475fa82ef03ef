"""Price bands and rules for prices: round cuts, whole fen."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.catalogue import BANDS, Repricing, price_bands
from groupbuy.domain.kernel import Invalid, Money

PRICES = st.lists(st.integers(1, 10**10), max_size=200)


@given(PRICES, st.integers(1, 8))
def test_bands_hold_every_price_once_and_none_is_empty(prices, most):
    bands = price_bands(prices, most)
    assert len(bands) <= most
    assert sum(band.count for band in bands) == len(prices)
    for band, after in pairwise(bands):
        assert band.end == after.lowest
    for band in bands:
        inside = [p for p in prices if p >= band.lowest and (band.end is None or p < band.end)]
        assert len(inside) == band.count > 0
    if prices:
        assert (bands[0].lowest, bands[-1].end) == (0, None)


@given(PRICES)
def test_every_cut_is_a_round_price(prices):
    for band in price_bands(prices)[1:]:
        assert str(band.lowest).rstrip("0") in {"1", "2", "3", "5", "8"}


def test_bands_of_a_fruit_shop():
    prices = [n * 100 for n in range(5, 105)]
    assert [(b.lowest, b.end, b.count) for b in price_bands(prices)] == [
        (0, 3_000, 25),
        (3_000, 5_000, 20),
        (5_000, 8_000, 30),
        (8_000, None, 25),
    ]
    assert price_bands([]) == ()
    assert len(price_bands([990] * 50)) == 1
    assert BANDS == 5


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (Repricing(share_bp=9_000), 3_990, 3_591),
        (Repricing(share_bp=9_000, step=10), 3_990, 3_590),
        (Repricing(share_bp=9_000, step=100), 3_990, 3_600),
        (Repricing(share_bp=5_000), 1, 1),
        (Repricing(share_bp=3_333), 100, 33),
        (Repricing(by=-100), 3_990, 3_890),
        (Repricing(by=-3_989), 3_990, 1),
        (Repricing(share_bp=11_000, by=5), 100, 115),
    ],
)
def test_a_price_follows_its_rule_to_the_fen(rule, before, after):
    assert rule.of(Money(before)) == Money(after)


def test_a_price_never_falls_to_nothing():
    assert Repricing(by=-100).of(Money(100)) is None
    assert Repricing(share_bp=1).of(Money(100)) is None
    assert Repricing(share_bp=100_000).of(Money(10**10)) is None


@pytest.mark.parametrize(
    "said", [{"share_bp": 0}, {"share_bp": 100_001}, {"by": 10**11}, {"step": 5}]
)
def test_a_rule_that_makes_no_sense_is_refused(said):
    with pytest.raises(Invalid):
        Repricing(**said)
