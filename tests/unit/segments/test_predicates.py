"""Predicates: what each asks, what is refused, and that their sentence says what they do."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.segments import (
    Asks,
    Customer,
    Joins,
    Purchase,
    Scores,
    asked_by,
    holds,
    read_predicate,
    sentence,
    write_predicate,
)

TODAY = date(2026, 5, 20)
BABY = "cat_baby"


def bought(days_ago=3, paid=5_000, *, order="ord_1", category=BABY):
    return Purchase(
        order_id=order,
        day=TODAY - timedelta(days=days_ago),
        paid=paid,
        products=frozenset({"prd_milk"}),
        categories=frozenset({category}),
        communities=frozenset({"pkp_1", "宝妈群"}),
    )


MUM = Customer(
    id="usr_mum",
    purchases=(bought(3), bought(40, 7_000, order="ord_2", category="cat_food")),
    seen_on=TODAY,
    level=2,
    tags=frozenset({"vip"}),
    scores=Scores(5, 3, 4),
)
STRANGER = Customer(id="usr_new")


@pytest.mark.parametrize(
    "who",
    [
        {"category": BABY},
        {"product": "prd_milk"},
        {"community": "宝妈群"},
        {"tag": "vip"},
        {"level_at_least": 2},
        {"seen_within_days": 1},
        {"bought_within_days": 4},
        {"orders_at_least": 2},
        {"spent_at_least": 12_000},
        {"recency": [5, 5]},
        {"frequency": [1, 3]},
        {"value": [4, 5]},
    ],
)
def test_each_question_is_answered_by_what_is_known(who):
    predicate = read_predicate(who)

    assert holds(predicate, MUM, TODAY)
    assert not holds(predicate, STRANGER, TODAY)
    assert holds(read_predicate({"not": who}), STRANGER, TODAY)
    assert write_predicate(predicate) == who


@pytest.mark.parametrize(
    "who",
    [
        {"category": "cat_toys"},
        {"level_at_least": 3},
        {"bought_within_days": 3},
        {"orders_at_least": 3},
        {"spent_at_least": 12_001},
        {"frequency": [4, 5]},
    ],
)
def test_one_less_is_not_enough(who):
    assert not holds(read_predicate(who), MUM, TODAY)


def test_today_is_the_first_day_and_tomorrow_does_not_count():
    early = Customer("usr_1", seen_on=TODAY + timedelta(days=1))

    assert holds(read_predicate({"seen_within_days": 1}), MUM, TODAY)
    assert not holds(read_predicate({"seen_within_days": 1}), early, TODAY)


def test_predicates_are_joined():
    who = {"all": [{"category": BABY}, {"any": [{"tag": "x"}, {"not": {"tag": "y"}}]}]}

    assert holds(read_predicate(who), MUM, TODAY)
    assert not holds(read_predicate({"all": [who, {"tag": "x"}]}), MUM, TODAY)
    assert asked_by(read_predicate(who)) == {Asks.CATEGORY, Asks.TAG}


@pytest.mark.parametrize(
    ("who", "at", "reason"),
    [
        ([], "who", "has to be one predicate with what it asks for"),
        ({}, "who", "has to be one predicate with what it asks for"),
        ({"tag": "a", "level_at_least": 1}, "who", "has to be one predicate"),
        ({"colour": "red"}, "who.colour", "is not known here"),
        ({"all": []}, "who.all", "takes a list of predicates"),
        ({"any": {"tag": "a"}}, "who.any", "takes a list of predicates"),
        ({"all": [{"tag": "a"}, {"tag": " "}]}, "who.all.1.tag", "must have 1 to 64 letters"),
        ({"tag": 7}, "who.tag", "must have 1 to 64 letters"),
        ({"orders_at_least": 0}, "who.orders_at_least", "must be 1 to 10000"),
        ({"orders_at_least": True}, "who.orders_at_least", "must be 1 to 10000"),
        ({"seen_within_days": "7"}, "who.seen_within_days", "must be 1 to 3650"),
        ({"recency": [4, 2]}, "who.recency", "takes two scores of 1 to 5"),
        ({"recency": [0, 2]}, "who.recency", "takes two scores of 1 to 5"),
        ({"recency": 3}, "who.recency", "takes two scores of 1 to 5"),
        ({"all": [{"tag": "a"}] * 41}, "who.all", "has more than 40 parts"),
        ({"all": [{"all": [{"tag": "a"}] * 20}] * 2}, "who", "has more than 40 parts"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(who, at, reason):
    with pytest.raises(Invalid) as refused:
        read_predicate(who)

    assert refused.value.field == at
    assert refused.value.reason.startswith(reason)


def test_four_levels_and_no_more():
    who = {"tag": "a"}
    for _ in range(4):
        who = {"not": who}

    assert read_predicate(who)
    with pytest.raises(Invalid, match="goes deeper than 4 levels"):
        read_predicate({"not": who})


def test_the_sentence_says_who_is_meant_in_both_languages():
    who = {
        "all": [
            {"category": BABY},
            {"any": [{"spent_at_least": 12_050}, {"recency": [4, 5]}]},
            {"not": {"bought_within_days": 30}},
        ]
    }
    predicate, names = read_predicate(who), {BABY: "母婴"}

    assert sentence(predicate, names=names) == (
        "买过“母婴”类商品，并且（累计消费至少 120.50，或者最近购买 4–5 分），"
        "并且不符合（最近 30 天买过）"
    )
    assert sentence(predicate, english=True) == (
        "bought something of “cat_baby” and (spent 120.50 or more or has a recency score of 4 to 5)"
        " and not (bought in the last 30 days)"
    )


LEAVES = st.one_of(
    st.sampled_from(["category", "product", "community", "tag"]).flatmap(
        lambda name: st.fixed_dictionaries({name: st.sampled_from([BABY, "vip", "nothing"])})
    ),
    st.integers(1, 50).map(lambda n: {"bought_within_days": n}),
    st.integers(1, 4).map(lambda n: {"orders_at_least": n}),
    st.tuples(st.integers(1, 5), st.integers(1, 5)).map(lambda two: {"value": sorted(two)}),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda one: {"not": one}),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"all": some}),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"any": some}),
    ),
    max_leaves=6,
)


def answer(who, customer):
    """Judge data as it is written, by nothing of the product."""
    ((name, value),) = who.items()
    if name in list(Joins):
        parts = [value] if name == "not" else value
        inside = [answer(each, customer) for each in parts]
        return {"all": all(inside), "any": any(inside), "not": not inside[0]}[name]
    days = [(TODAY - each.day).days for each in customer.purchases]
    questions = {
        "category": lambda: any(value in each.categories for each in customer.purchases),
        "product": lambda: any(value in each.products for each in customer.purchases),
        "community": lambda: any(value in each.communities for each in customer.purchases),
        "tag": lambda: value in customer.tags,
        "bought_within_days": lambda: bool(days) and min(days) < value,
        "orders_at_least": lambda: len(days) >= value,
        "value": lambda: (
            customer.scores is not None and value[0] <= customer.scores.value <= value[1]
        ),
    }
    return questions[name]()


def depth(who):
    ((name, value),) = who.items()
    if name not in list(Joins):
        return 0
    return 1 + max(depth(each) for each in ([value] if name == "not" else value))


@given(TREES)
def test_any_predicate_is_judged_as_it_is_written(who):
    if depth(who) > 4:
        with pytest.raises(Invalid):
            read_predicate(who)
        return
    predicate = read_predicate(who)

    assert write_predicate(predicate) == who
    assert holds(predicate, MUM, TODAY) == answer(who, MUM)
    assert holds(predicate, STRANGER, TODAY) == answer(who, STRANGER)
    assert sentence(predicate)
    assert sentence(predicate, english=True)
