"""Lines whose price comes down afterwards, in any order with refunds of units and weighing."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.ordering import Attribution, LineKind, OrderLine, Weight


def a_line(units, price, original, coupon=0, grams=None):
    reasons = [("activity", (original - price) * units), ("coupon", coupon)]
    return OrderLine(
        line_no=1,
        kind=LineKind.GOODS,
        sku_id="sku_1",
        product_id="prd_1",
        title="桃",
        options="",
        units=units,
        gross=Money(original * units),
        net=Money(price * units - coupon),
        attributions=tuple(Attribution(x, "r", Money(off)) for x, off in reasons if off),
        weight=None if grams is None else Weight(grams),
        refunded=Money(0),
    )


@st.composite
def lines_and_drops(draw):
    units = draw(st.integers(1, 9))
    original = draw(st.integers(2, 20_000))
    price = draw(st.integers(1, original))
    coupon = draw(st.integers(0, price * units))
    falls = draw(st.lists(st.integers(1, price), max_size=3))
    parts = draw(st.lists(st.integers(1, 3), max_size=5))
    return a_line(units, price, original, coupon), price, sorted(falls, reverse=True), parts


@given(lines_and_drops(), st.data())
def test_drops_and_refunds_of_units_end_in_the_same_fen_in_any_order(case, data):
    line, price, falls, parts = case
    moves = [("drop", fall) for fall in falls]
    left = line.units
    for part in parts:
        if part <= left:
            moves.append(("back", part))
            left -= part
    total = 0
    for what, value in data.draw(st.permutations(moves)):
        line, back = line.drop_to(Money(value)) if what == "drop" else line.refund(value)
        assert back >= Money(0)
        total += back.minor
    gone = line.units - left
    cheaper = min((price - min(falls, default=price)) * line.units, line.net.minor)
    worth = line.net.minor - cheaper
    assert total == line.refunded.minor == cheaper + worth * gone // line.units
    assert line.base.minor == worth - worth * gone // line.units


def test_a_price_that_rises_again_changes_nothing():
    line, back = a_line(3, 80, 100).drop_to(Money(50))
    assert back == Money(90)
    assert line.drop_to(Money(70)) == (line, Money(0))


def test_a_line_that_a_coupon_nearly_paid_gives_back_no_more_than_was_paid():
    line, back = a_line(2, 80, 100, coupon=150).drop_to(Money(10))
    assert (back, line.base) == (Money(10), Money(0))


@pytest.mark.parametrize("dropped_first", [True, False])
def test_what_is_lighter_counts_at_the_price_in_the_end(dropped_first):
    line = a_line(2, 800, 1_000, grams=500)
    if dropped_first:
        line, _ = line.drop_to(Money(600))
    line, _ = line.weigh(750)
    if not dropped_first:
        line, _ = line.drop_to(Money(600))
    assert line.base == Money(900)
    line, _ = line.refund(1)
    assert line.base == Money(450)


def test_a_line_that_dropped_by_more_than_was_paid_is_none():
    with pytest.raises(Invalid, match="does not add up"):
        evolve(a_line(1, 80, 100), dropped=Money(81))
