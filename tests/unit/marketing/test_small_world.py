"""Every small basket with every few promotions costs what an independent calculation says."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import combinations

import pytest

from groupbuy.domain.marketing import Good, Layer, Occasion, Wanted, price, promotion_of
from tests.unit.marketing import oracle

NOON = Occasion(at=datetime(2026, 11, 2, 4, tzinfo=UTC))
BASKETS = [
    [("a", 1, 1)],
    [("a", 1, 9_999)],
    [("a", 1, 10_000)],
    [("a", 2, 999), ("b", 1, 1)],
    [("a", 3, 333), ("b", 2, 5_000)],
    [("a", 1, 10_000), ("b", 1, 10_000), ("c", 1, 10_000)],
    [("a", 7, 142), ("b", 3, 1), ("c", 1, 0)],
    [("a", 2, 4_999), ("b", 1, 2), ("c", 5, 1_001)],
]
STEP = {"reach": 10_000, "off": 2_000}
PROMOTIONS = [
    ("special_price", {"share_bp": 9_999}),
    ("special_price", {"share_bp": 1}),
    ("special_price", {"tags": [{"sku_id": "a", "price": 1}]}),
    ("trial_price", {"tags": [{"sku_id": "a", "price": 1}], "units": 2}),
    ("spend_threshold", {"steps": [STEP]}),
    ("spend_threshold", {"steps": [{"reach": 2, "off": 1}], "repeats": True}),
    ("spend_threshold", {"steps": [STEP, {"reach": 20_000, "off": 19_999}]}),
    ("spend_threshold", {"steps": [{"reach": 3, "off": 500}], "counts": "count"}),
    ("nth_item", {"nth": 2, "share_bp": 0}),
    ("nth_item", {"nth": 2, "share_bp": 5_000}),
    ("nth_item", {"nth": 3, "share_bp": 9_999}),
    ("bundle", {"pieces": [{"sku_id": "a", "units": 2}, {"sku_id": "b", "units": 1}], "price": 0}),
    ("bundle", {"pieces": [{"sku_id": "a", "units": 1}, {"sku_id": "c", "units": 1}], "price": 99}),
]
COUPONS = [
    ("amount_off", {"off": 2_000, "reach": 10_000}),
    ("amount_off", {"off": 10**9}),
    ("percent_off", {"off_bp": 10_000, "cap": 10**9}),
    ("percent_off", {"off_bp": 1_500, "cap": 3_000, "reach": 5_000}),
    ("exchange", {"sku_id": "a", "units": 2}),
    ("freight_off", {"reach": 1_000}),
    ("freight_off", {"cap": 300}),
]
FREIGHT = 800


def numbered(said, prefix, basis="activity_price"):
    return [
        {"id": f"{prefix}{n:02}", "title": "优惠", "kind": kind, "arguments": args, "basis": basis}
        for n, (kind, args) in enumerate(said)
    ]


def some(rows, most):
    return [chosen for count in range(most + 1) for chosen in combinations(rows, count)]


def engine(basket, promotions, coupons):
    goods = [Good(n, sku, "p", units, unit, unit) for n, (sku, units, unit) in enumerate(basket)]
    wanted = Wanted(
        occasion=NOON,
        activity="campaign:c",
        promotions=tuple(promotion_of(each) for each in promotions),
        coupons=tuple(promotion_of(each) for each in coupons),
        freight=FREIGHT,
    )
    priced = price(goods, wanted)
    said = defaultdict(int)
    for each in priced.reductions:
        said[each.rule] += each.amount
    return priced, dict(said)


@pytest.mark.parametrize("basis", ["activity_price", "remaining"])
@pytest.mark.parametrize("basket", BASKETS)
def test_three_lines_three_promotions_and_two_coupons_cost_what_the_rules_say(basket, basis):
    promotions = some(numbered(PROMOTIONS, "p", basis), 3)
    coupons = some(numbered(COUPONS, "c", basis), 2)
    for number, chosen in enumerate(promotions):
        held = coupons[number % len(coupons)]
        priced, said = engine(basket, chosen, held)
        nets, freight, expected = oracle.price(basket, chosen, held, FREIGHT)
        assert [priced.nets[n] for n in range(len(basket))] == nets, (chosen, held)
        assert (priced.freight, said) == (freight, expected), (chosen, held)


@pytest.mark.parametrize("basket", BASKETS)
def test_every_coupon_goes_with_every_promotion(basket):
    for promotion in some(numbered(PROMOTIONS, "p"), 1):
        for coupons in some(numbered(COUPONS, "c"), 3):
            priced, said = engine(basket, promotion, coupons)
            nets, freight, expected = oracle.price(basket, promotion, coupons, FREIGHT)
            assert [priced.nets[n] for n in range(len(basket))] == nets
            assert (priced.freight, said) == (freight, expected)


@pytest.mark.parametrize("basket", BASKETS)
def test_nothing_falls_below_zero_and_every_fen_has_a_line(basket):
    for chosen in some(numbered(PROMOTIONS, "p"), 2):
        priced, _ = engine(basket, chosen, numbered(COUPONS, "c"))
        for n, (_sku, units, unit) in enumerate(basket):
            off = sum(each.amount for each in priced.reductions if each.line_no == n)
            assert 0 <= priced.nets[n] == units * unit - off
        off = sum(each.amount for each in priced.reductions if each.line_no is None)
        assert 0 <= priced.freight == FREIGHT - off
        assert len(priced.used(Layer.THRESHOLD)) <= 1
        assert len(priced.used(Layer.COUPON)) <= 1
