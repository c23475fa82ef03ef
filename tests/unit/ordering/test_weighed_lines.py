"""Goods sold by weight: what goes back for a lighter parcel, and for units before and after it."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid, Money, Refused
from groupbuy.domain.ordering import LineKind, OrderLine, OrderState, Weight
from tests.support.rooms import an_order

ZERO = Money(0)


def line(net=3000, units=3, grams=500):
    whole = Money(net)
    return OrderLine(
        1, LineKind.GOODS, "s", "p", "荔枝", "", units, whole, whole, refunded=ZERO,
        weight=Weight(grams),
    )  # fmt: skip


def test_what_is_lighter_goes_back_and_what_is_heavier_costs_nothing():
    assert line().weigh(1350)[1] == Money(300)
    assert line().weigh(1500)[1] == line().weigh(1700)[1] == ZERO
    # The buyer never pays a broken fen: 10.00 for 999 of 1000 grams is 9.99.
    assert line(1000, 1, 1000).weigh(999)[1] == Money(1)
    assert line(100, 1, 3000).weigh(2999)[1] == Money(1)


def test_only_the_units_left_are_weighed():
    one_gone, back = line().refund(1)
    assert back == Money(1000)
    weighed, lighter = one_gone.weigh(900)
    assert lighter == Money(200)
    assert weighed.base == Money(1800)
    rest, last = weighed.refund(2)
    assert (last, rest.base) == (Money(1800), ZERO)


def test_a_line_is_weighed_once_and_only_if_it_is_sold_by_weight():
    for wrong, rule in (
        (line().weigh(1)[0], "line_is_weighed_once"),
        (evolve(line(), weight=None), "line_is_sold_by_weight"),
        (line().refund(3)[0], "units_left_to_refund"),
    ):
        with pytest.raises(Refused) as refusal:
            wrong.weigh(100)
        assert refusal.value.rule == rule
    for grams in (0, -5, 15_001):
        with pytest.raises(Invalid):
            line().weigh(grams)


@pytest.mark.parametrize("state", [s for s in OrderState if s is not OrderState.APPROVED])
def test_an_order_is_weighed_between_its_approval_and_its_first_parcel(state):
    with pytest.raises(Refused):
        an_order(state).weigh(1, 500)


amounts = st.integers(1, 10_000_000)
steps = st.lists(st.integers(1, 9), min_size=0, max_size=6)


@given(amounts, steps, steps.filter(bool), st.integers(1, 5_000), st.integers(1, 10))
def test_any_way_of_refunding_a_weighed_line_ends_in_the_same_fen(
    net, before, after, grams, percent
):
    """Whatever the steps: only what was gone, what was weighed and what is gone now counts."""
    gone, left = sum(before), sum(after)
    packed = max(1, grams * left * percent // 8)

    def play(first, then):
        now, total = line(net, gone + left, grams), ZERO
        for units in first:
            now, back = now.refund(units)
            total = total + back
        now, lighter = now.weigh(packed)
        total = total + lighter
        for units in then[:-1]:
            now, back = now.refund(units)
            assert back >= ZERO
            total = total + back
        assert total == now.refunded
        assert now.base >= ZERO
        return now, total

    one_by_one = play(before, after)
    at_once = play([gone] if gone else [], [left - after[-1], 0] if len(after) > 1 else [0])
    assert one_by_one == at_once
    whole, rest = one_by_one[0].refund(after[-1])
    assert one_by_one[1] + rest == Money(net) == whole.refunded
