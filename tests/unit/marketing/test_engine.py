"""How layers, choices, conditions and payers come together; the worked figures of the rules."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing import (
    AmountOff,
    Basis,
    Choice,
    Conditions,
    Eligible,
    FreightOff,
    GiftWithPurchase,
    Good,
    Layer,
    Occasion,
    Payer,
    Points,
    Promotion,
    SpecialPrice,
    SpendThreshold,
    Step,
    Tag,
    TrialPrice,
    Wanted,
    price,
)

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
ON = Occasion(at=NOON, local_minute=12 * 60, level=2, first_order=True)


def good(number=1, units=1, each=10_000, original=None, **more):
    original = each if original is None else original
    return Good(number, f"sku_{number}", f"prd_{number}", units, original, each, **more)


def promo(terms, key="1", **more):
    return Promotion(key, "优惠", terms, **more)


def less(off, reach=0, key="1", **more):
    return promo(AmountOff(off, reach), key, **more)


def threshold(reach, off, key="1", **more):
    return promo(SpendThreshold((Step(reach, off),)), key, **more)


def wanted(*promotions, **more):
    return Wanted(occasion=ON, activity="campaign:c", promotions=promotions, **more)


def reasons(priced):
    return {each.rule: each.why.code for each in priced.skipped}


def test_nine_lines_of_9_99_and_one_of_a_fen_share_20_yuan_to_the_fen():
    goods = [good(n, each=999) for n in range(1, 10)] + [good(10, each=1)]
    priced = price(goods, wanted(coupons=(less(2_000),)))
    assert sum(each.amount for each in priced.reductions) == 2_000
    assert priced.payable == 9 * 999 + 1 - 2_000
    assert min(priced.nets.values()) >= 0


@pytest.mark.parametrize(("group_price", "works"), [(10_000, True), (9_999, False)])
def test_100_less_20_needs_100_yuan_at_the_group_price(group_price, works):
    coupon = less(2_000, 10_000)
    priced = price([good(each=group_price, original=20_000)], wanted(coupons=(coupon,)))
    assert priced.payable == (group_price - 2_000 if works else group_price)
    assert reasons(priced) == ({} if works else {"coupon:1": "amount_not_reached"})


def test_a_coupon_looks_at_the_group_price_whatever_other_layers_take_off():
    both = wanted(threshold(10_000, 1_500), coupons=(less(2_000, 10_000),))
    assert price([good()], both).payable == 10_000 - 1_500 - 2_000
    strict = evolve(both, coupons=(less(2_000, 10_000, basis=Basis.REMAINING),))
    priced = price([good()], strict)
    assert priced.payable == 8_500
    (skipped,) = priced.skipped
    assert (skipped.why.missing, skipped.why.text()) == (1_500, "还差 ¥15")


def test_the_lowest_price_of_a_unit_wins_alone_and_says_who_gives_what():
    member = promo(
        SpecialPrice(share_bp=9_000), "m", conditions=Conditions(level=2), payer=Payer.PLATFORM
    )
    trial = promo(TrialPrice((Tag("sku_1", 100),)), "t", conditions=Conditions(first_order=True))
    priced = price([good(units=2, original=12_000), good(2)], wanted(member, trial))
    assert priced.nets == {1: 100 + 10_000, 2: 9_000}
    assert [(r.line_no, r.rule, r.amount, r.payer) for r in priced.reductions] == [
        (1, "campaign:c", 4_000, "merchant"),
        (1, "promotion:t", 9_900, "merchant"),
        (2, "promotion:m", 1_000, "platform"),
    ]
    assert reasons(price([good()], Wanted(evolve(ON, level=1), "c", (member,)))) == {
        "promotion:m": "level_too_low"
    }


def test_a_personal_price_is_never_above_the_one_for_everybody():
    dear = promo(SpecialPrice((Tag("sku_1", 10_001),)))
    priced = price([good()], wanted(dear))
    assert priced.payable == 10_000
    assert reasons(priced) == {"promotion:1": "not_cheaper"}


def test_a_layer_gives_one_the_first_or_all():
    small, large = threshold(5_000, 500, "a", priority=1), threshold(5_000, 900, "b", priority=2)
    best = price([good()], wanted(small, large))
    assert (best.payable, reasons(best)) == (9_100, {"promotion:a": "another_is_better"})
    first = price([good()], wanted(small, large, choices={Layer.THRESHOLD: Choice.PRIORITY}))
    assert (first.payable, reasons(first)) == (9_500, {"promotion:b": "another_comes_first"})
    both = price([good()], wanted(small, large, choices={Layer.THRESHOLD: Choice.STACK}))
    assert (both.payable, both.used(Layer.THRESHOLD)) == (8_600, ("promotion:a", "promotion:b"))


def test_of_two_that_save_the_same_priority_decides_and_then_the_id():
    later, sooner = threshold(1_000, 500, "a", priority=9), threshold(1_000, 500, "b", priority=1)
    assert price([good()], wanted(later, sooner)).used(Layer.THRESHOLD) == ("promotion:b",)
    equal = evolve(sooner, priority=9)
    assert price([good()], wanted(equal, later)).used(Layer.THRESHOLD) == ("promotion:a",)


def test_the_best_coupon_is_found_and_another_may_be_asked_for():
    coupons = (less(500, key="small"), less(900, key="large"), less(9_999, 99_999, key="far"))
    best = price([good()], wanted(coupons=coupons))
    assert best.used(Layer.COUPON) == ("coupon:large",)
    assert reasons(best) == {
        "coupon:small": "another_is_better",
        "coupon:far": "amount_not_reached",
    }
    asked = price([good()], wanted(coupons=coupons, coupon="small"))
    assert asked.used(Layer.COUPON) == ("coupon:small",)
    assert price([good()], wanted(coupons=coupons, coupon="")).payable == 10_000
    refused = price([good()], wanted(coupons=coupons, coupons_allowed=False))
    assert refused.payable == 10_000
    assert set(reasons(refused).values()) == {"coupons_not_allowed"}


def test_a_promotion_is_about_some_goods_and_is_shared_among_them_only():
    about = Eligible(categories=frozenset({"cat_fruit"}), except_products=frozenset({"prd_2"}))
    fruit = frozenset({"cat_fruit"})
    goods = [good(1, categories=fruit), good(2, categories=fruit), good(3)]
    priced = price(goods, wanted(coupons=(less(3_000, eligible=about),)))
    assert priced.nets == {1: 7_000, 2: 10_000, 3: 10_000}
    none = price([good(3)], wanted(coupons=(less(3_000, eligible=about),)))
    assert reasons(none) == {"coupon:1": "no_such_goods"}


@pytest.mark.parametrize(
    ("conditions", "changes", "code"),
    [
        (Conditions(starts_at=NOON), {"at": NOON - timedelta(microseconds=1)}, "not_begun"),
        (Conditions(ends_at=NOON), {"at": NOON}, "over"),
        (Conditions(weekdays=frozenset({5, 6})), {"weekday": 4}, "not_on_this_day"),
        (Conditions(from_minute=600, until_minute=660), {"local_minute": 660}, "not_at_this_hour"),
        (Conditions(from_minute=1_380, until_minute=60), {"local_minute": 60}, "not_at_this_hour"),
        (Conditions(level=3), {"level": 2}, "level_too_low"),
        (Conditions(segments=frozenset({"s"})), {}, "not_in_segment"),
        (Conditions(communities=frozenset({"m"})), {}, "not_in_community"),
        (Conditions(first_order=True), {"first_order": False}, "not_first_order"),
        (Conditions(channels=frozenset({"h5"})), {"channel": "app"}, "other_channel"),
        (Conditions(payment_methods=frozenset({"w"})), {}, "other_payment"),
    ],
)
def test_each_condition_refuses_and_says_why(conditions, changes, code):
    on = evolve(ON, **changes)
    offered = less(1, conditions=conditions)
    priced = price([good()], Wanted(on, "c", coupons=(offered,)))
    assert (priced.payable, reasons(priced)) == (10_000, {"coupon:1": code})


def test_conditions_that_hold_let_it_through():
    late = Conditions(
        starts_at=NOON,
        ends_at=NOON + timedelta(days=1),
        from_minute=1_380,
        until_minute=60,
        weekdays=frozenset({0}),
        segments=frozenset({"s", "t"}),
        communities=frozenset({"m"}),
        channels=frozenset({"h5"}),
        payment_methods=frozenset({"wechat"}),
    )
    at_night = evolve(
        ON,
        local_minute=1_439,
        segments=frozenset({"t"}),
        communities=frozenset({"m"}),
        channel="h5",
        payment_method="wechat",
    )
    priced = price([good()], Wanted(at_night, "c", coupons=(less(1, conditions=late),)))
    assert priced.payable == 9_999


def test_points_pay_whole_points_of_what_is_left_and_the_shop_may_set_a_limit():
    half = Points(held=10**6, worth=3, most_bp=5_000)
    priced = price([good(each=1_001)], wanted(points=half, freight=800))
    assert (priced.points_spent, priced.nets[1], priced.freight) == (166, 1_001 - 498, 800)
    assert [(r.layer, r.rule, r.payer) for r in priced.reductions] == [
        (Layer.POINTS, "points", "points")
    ]
    assert price([good(each=1_001)], wanted(points=Points(7, 3))).payable == 1_001 - 21


def test_a_freight_coupon_takes_from_the_freight_alone():
    free = promo(FreightOff(reach=5_900), "f", payer=Payer.PLATFORM)
    priced = price([good()], wanted(coupons=(free,), freight=800))
    assert (priced.payable, priced.freight) == (10_000, 0)
    (reduction,) = priced.reductions
    assert (reduction.line_no, reduction.payer) == (None, "platform")
    nothing = price([good()], wanted(coupons=(free,)))
    assert reasons(nothing) == {"coupon:f": "nothing_to_take_off"}


def test_a_gift_takes_nothing_off_and_is_gone_when_it_is_gone():
    gift = promo(GiftWithPurchase(9_900, "sku_mug", 500, repeats=True), "g")
    priced = price([good(units=2)], wanted(gift))
    assert priced.payable == 20_000
    (given,) = priced.gifts
    assert (given.rule, given.gift.units, given.gift.value) == ("promotion:g", 2, 1_000)
    gone = price([good(units=2)], wanted(gift, gone=frozenset({"promotion:g"})))
    assert (gone.gifts, reasons(gone)) == ((), {"promotion:g": "gift_is_gone"})


def test_an_empty_basket_and_a_line_twice_are_refused():
    for goods in ([], [good(), good()]):
        with pytest.raises(Invalid):
            price(goods, wanted())


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**6)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), max_size=4),
    st.sampled_from(Choice),
    st.integers(0, 10**4),
)
def test_whatever_is_taken_off_no_line_falls_below_zero(lines, steps, choice, points):
    goods = [good(n, units, each) for n, (units, each) in enumerate(lines)]
    rules = [threshold(max(reach, off + 1), off, str(n)) for n, (reach, off) in enumerate(steps)]
    said = wanted(*rules, choices={Layer.THRESHOLD: choice}, points=Points(points, 7))
    priced = price(goods, said)
    assert min(priced.nets.values()) >= 0
    taken = sum(each.amount for each in priced.reductions)
    assert priced.payable + taken == sum(g.price * g.units for g in goods)
    assert price(goods, said) == priced
