"""What is bought together: support, lift, and what suits somebody."""

from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.discovery import Suited, Together, also_bought, for_somebody, lift_of

BASKETS = st.lists(st.sets(st.sampled_from("abcdef"), max_size=6), max_size=30)


def found(product, baskets, buyers):
    return [(each.product_id, each.both) for each in also_bought(product, baskets, buyers)]


def test_three_have_to_have_bought_both():
    baskets = [{"a", "b", "c"}, {"a", "b", "c"}, {"a", "b"}]
    assert found("a", baskets, {"b": 3, "c": 2}) == [("b", 3)]


def test_what_everybody_buys_anyway_comes_after_what_belongs_to_it():
    baskets = [{"a", "rice", "tea"}] * 6 + [{"a", "rice"}] * 4
    # Ten of 500 who buy rice bought it with this; six of the eight who buy tea did.
    assert found("a", baskets, {"rice": 500, "tea": 8}) == [("tea", 6), ("rice", 10)]
    assert lift_of(6, 8) == 333_333
    assert lift_of(10, 500) == 19_607


@given(BASKETS)
def test_nothing_goes_with_itself_and_every_lift_is_that_of_its_counts(baskets):
    buyers = {name: sum(name in basket for basket in baskets) for name in "abcdef"}
    mine = [basket for basket in baskets if "a" in basket]
    for each in also_bought("a", mine, buyers):
        assert each.product_id != "a"
        assert each.both == sum(each.product_id in basket for basket in mine) >= 3
        assert each.lift == lift_of(each.both, buyers[each.product_id])
        assert 0 < each.lift < 1_000_000


def test_what_is_hot_is_pulled_to_the_front_by_what_somebody_bought_and_by_neighbours():
    pairs = [
        Together("x", "a", 4, 100_000),
        Together("x", "b", 5, 200_000),
        Together("gone", "a", 9, 900_000),
    ]
    scores = {"hot": 30, "x": 10, "near": 14, "cold": 0}
    # 30 × 1, 10 × (1 + 10 × 0.3), 14 × 2: what has no score is not shown.
    assert for_somebody(pairs, scores, {"near"}, 5) == [
        Suited("x", pairs[1]),
        Suited("hot", None),
        Suited("near", None),
    ]
    assert for_somebody(pairs, scores, (), 1) == [Suited("x", pairs[1])]
    assert for_somebody([], {}, (), 5) == []
