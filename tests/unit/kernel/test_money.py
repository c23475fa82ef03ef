from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import BASIS_POINTS, Money, share_out

AMOUNTS = st.integers(-(10**15), 10**15)
PAID = st.integers(0, 10**12)


# --- the figures of the rules ----------------------------------------------------------------


def test_a_discount_of_20_yuan_over_nine_lines_of_9_99_and_one_of_a_fen_adds_up():
    lines = [999] * 9 + [1]
    shares = Money(2000).split(lines)
    assert sum(share.minor for share in shares) == 2000
    assert all(0 <= share.minor <= line for share, line in zip(shares, lines, strict=True))


def test_80_percent_of_999_yuan_is_79920_fen():
    assert Money(99_900).at_rate(8_000) == Money(79_920)


def test_forty_nine_refunds_return_exactly_what_forty_nine_buyers_paid():
    assert sum([Money(79_920)] * 49, Money(0)) == Money(49 * 79_920) == Money(79_920) * 49


def test_a_rate_rounds_down_to_a_whole_fen():
    assert Money(1_999).at_rate(1_000) == Money(199)
    assert Money(9).at_rate(1_000) == Money(0)


def test_three_units_of_ten_yuan_come_back_as_3_33_then_3_33_then_3_34():
    parts = [Money(1_000).of_units(units=3, start=n, count=1).minor for n in range(3)]
    assert parts == [333, 333, 334]


# --- what always holds -----------------------------------------------------------------------


@given(st.lists(PAID, min_size=1, max_size=20).filter(any), st.data())
def test_shares_of_a_discount_add_up_and_take_no_line_below_zero(lines, data):
    discount = data.draw(st.integers(0, sum(lines)))
    shares = share_out(discount, lines)
    assert sum(shares) == discount
    assert all(0 <= share <= line for share, line in zip(shares, lines, strict=True))


@given(st.lists(st.integers(0, 50), min_size=1).filter(any), PAID)
def test_no_share_is_a_whole_fen_away_from_its_exact_part(weights, amount):
    total = sum(weights)
    for share, weight in zip(share_out(amount, weights), weights, strict=True):
        assert abs(share * total - amount * weight) < total


@given(st.lists(st.integers(0, 50), min_size=1).filter(any), PAID)
def test_equal_weights_differ_by_a_fen_at_most_and_the_first_line_wins_the_tie(weights, amount):
    shares = share_out(amount, weights)
    for weight in set(weights):
        same = [share for share, w in zip(shares, weights, strict=True) if w == weight]
        assert same == sorted(same, reverse=True)
        assert same[0] - same[-1] <= 1


@given(PAID, st.integers(1, 60), st.data())
def test_units_refunded_in_any_steps_return_the_whole_amount(net, units, data):
    inner = data.draw(st.sets(st.integers(0, units)))
    stops = sorted({0, units} | inner)
    parts = [
        Money(net).of_units(units=units, start=here, count=there - here)
        for here, there in pairwise(stops)
    ]
    assert sum(parts, Money(0)) == Money(net)
    assert all(Money(0) <= part for part in parts)


@given(PAID, PAID, st.integers(0, BASIS_POINTS))
def test_reversing_to_a_smaller_base_leaves_exactly_the_rate_of_that_base(base, other, rate):
    old, new = Money(max(base, other)).at_rate(rate), Money(min(base, other)).at_rate(rate)
    assert old - (old - new) == new
    assert Money(0) <= old - new


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_amounts_add_like_whole_numbers(a, b, c):
    assert Money(a) + Money(b) == Money(b) + Money(a) == Money(a + b)
    assert (Money(a) + Money(b)) + Money(c) == Money(a) + (Money(b) + Money(c))
    assert Money(a) - Money(b) == Money(a) + -Money(b)
    assert (Money(a) < Money(b)) == (a < b)
    assert (Money(a) <= Money(b)) == (a <= b)


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize("minor", [1.0, "1", True, None])
def test_only_whole_numbers_are_money(minor):
    with pytest.raises(TypeError):
        Money(minor)


@pytest.mark.parametrize("currency", ["", "cny", "CN", "CNYY", "人民币", "¥"])
def test_a_currency_is_three_capital_letters(currency):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


@pytest.mark.parametrize(
    "mix",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
    ],
)
def test_currencies_never_mix(mix):
    with pytest.raises(ValueError, match="do not mix"):
        mix(Money(1, "CNY"), Money(1, "USD"))


def test_the_same_number_in_another_currency_is_not_equal():
    assert Money(1, "CNY") != Money(1, "USD")


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_nothing_is_shared_out_by_weights_that_weigh_nothing_or_less(weights):
    with pytest.raises(ValueError, match="weights"):
        share_out(1, weights)


@pytest.mark.parametrize(("start", "count"), [(0, 4), (3, 1), (-1, 1), (0, -1)])
def test_no_unit_beyond_the_line_is_refunded(start, count):
    with pytest.raises(ValueError, match="units"):
        Money(100).of_units(units=3, start=start, count=count)


def test_money_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        Money(1).minor = 2


def test_only_a_zero_amount_is_false():
    assert not Money(0)
    assert Money(1)
    assert Money(-1)
