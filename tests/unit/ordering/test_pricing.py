"""What a basket costs, and giving parts of it back: every fen is accounted for."""

from functools import reduce

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid, Money, Refused
from groupbuy.domain.ordering import Attribution, Funder, Item, LineKind, Order, quote
from tests.support.rooms import an_order

prices = st.integers(1, 10**9)


@st.composite
def baskets(draw):
    items = []
    for number in range(draw(st.integers(1, 8))):
        original = draw(prices)
        price = draw(st.integers(1, original))
        units = draw(st.integers(1, 99))
        items.append(Item(f"sku_{number}", "prd_1", "表", "", units, Money(original), Money(price)))
    return items


@given(baskets(), st.integers(0, 10**6))
def test_a_quote_is_the_sum_of_its_lines_and_explains_every_fen(items, freight):
    priced = quote(items, activity="campaign:cmp_1", freight=Money(freight))
    assert priced.payable.minor == sum(i.price.minor * i.units for i in items) + freight
    assert priced.payable == reduce(Money.__add__, (line.net for line in priced.lines))
    assert [line.line_no for line in priced.lines] == list(range(1, len(priced.lines) + 1))
    for line in priced.lines:
        saved = sum(reason.amount.minor for reason in line.attributions)
        assert 0 <= line.net.minor <= line.gross.minor
        assert line.net.minor + saved == line.gross.minor
        assert all(reason.amount.minor > 0 for reason in line.attributions)


@given(baskets())
def test_every_discount_of_a_group_price_is_the_merchants_and_names_the_campaign(items):
    priced = quote(items, activity="campaign:cmp_1", freight=Money(0))
    reasons = [reason for line in priced.lines for reason in line.attributions]
    assert {(r.layer, r.rule, r.funder) for r in reasons} <= {
        ("activity", "campaign:cmp_1", Funder.MERCHANT)
    }


def test_freight_is_a_line_of_its_own_without_commission():
    item = Item(
        "sku_1", "prd_1", "表", "", 1, Money(999), Money(999), commission_bp=500, fee_bp=100
    )
    goods, freight = quote([item], activity="campaign:cmp_1", freight=Money(800)).lines
    assert (goods.kind, freight.kind) == (LineKind.GOODS, LineKind.FREIGHT)
    assert (freight.net, freight.base, freight.commission_bp) == (Money(800), Money(0), 0)
    assert goods.attributions == ()
    assert goods.base == Money(999)


def test_nothing_the_same_twice_or_less_than_one_is_no_basket():
    item = Item("sku_1", "prd_1", "表", "", 1, Money(999), Money(999))
    for basket, where in (
        ([], "lines"),
        ([item, item], "lines"),
        ([evolve(item, units=0)], "lines.0.units"),
        ([item, evolve(item, sku_id="sku_2", units=-1)], "lines.1.units"),
    ):
        with pytest.raises(Invalid) as error:
            quote(basket, activity="campaign:cmp_1", freight=Money(0))
        assert error.value.field == where


def test_two_currencies_do_not_make_one_sum():
    item = Item("sku_1", "prd_1", "表", "", 1, Money(999, "USD"), Money(999, "USD"))
    with pytest.raises(ValueError, match="do not mix"):
        quote([item], activity="campaign:cmp_1", freight=Money(0))


def test_a_line_that_does_not_add_up_cannot_be_made():
    (line,) = an_order("placed").lines
    for wrong in (
        {"net": Money(line.net.minor + 1)},
        {"net": Money(line.gross.minor + 1)},
        {"attributions": ()},
        {"attributions": (Attribution("coupon", "cpn_1", Money(39961)),)},
    ):
        with pytest.raises(Invalid):
            evolve(line, **wrong)


# --- giving units back -----------------------------------------------------------------------


@st.composite
def ways_to_give_back(draw):
    units = draw(st.integers(1, 40))
    left, steps = units, []
    while left and draw(st.booleans()):
        steps.append(draw(st.integers(1, left)))
        left -= steps[-1]
    return units, steps


@given(prices, ways_to_give_back())
def test_what_goes_back_depends_on_the_units_and_not_on_the_way(net, way):
    units, steps = way
    (line,) = an_order("placed").lines
    gross = Money(net)
    line = evolve(line, units=units, gross=gross, net=gross, attributions=())
    after, total = line, Money(0)
    for step in steps:
        after, back = after.refund(step)
        assert back.minor >= 0
        total = total + back
    assert total == after.refunded == Money(net * sum(steps) // units)
    assert after.base == Money(net) - total
    if after.refunded_units < units:
        rest, _ = after.refund(units - after.refunded_units)
        assert (rest.refunded, rest.base) == (Money(net), Money(0))


@pytest.mark.parametrize(("units", "goes"), [(0, False), (1, True), (2, True), (3, False)])
def test_no_more_units_go_back_than_were_bought(units, goes):
    (line,) = an_order("placed").lines
    if goes:
        assert line.refund(units)[0].refunded_units == units
    else:
        with pytest.raises(Refused) as refusal:
            line.refund(units)
        assert refusal.value.rule == "units_left_to_refund"


@given(baskets(), st.integers(0, 10**6), st.data())
def test_refunding_an_order_in_full_gives_back_exactly_what_is_left_of_it(items, freight, data):
    lines = list(quote(items, activity="campaign:cmp_1", freight=Money(freight)).lines)
    for number, line in enumerate(lines):
        if data.draw(st.booleans()):
            lines[number], _ = line.refund(data.draw(st.integers(1, line.units)))
    order: Order = evolve(an_order("placed"), lines=tuple(lines))
    after, back = order.refund_all()
    assert order.refunded + back == after.refunded == order.payable
    assert after.refund_all()[1] == Money(0)


def test_units_of_an_order_are_its_goods_without_the_freight():
    item = Item("sku_1", "prd_1", "表", "", 3, Money(999), Money(999))
    lines = quote([item], activity="campaign:cmp_1", freight=Money(800)).lines
    assert evolve(an_order("placed"), lines=lines).units == 3
