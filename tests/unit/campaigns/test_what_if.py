"""What each step would earn: the closed form is what walking up order by order comes to."""

from datetime import timedelta
from itertools import count, islice

from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.campaigns import (
    Campaign,
    Capacity,
    Earned,
    Measure,
    Mode,
    Offer,
    Quorum,
    Tier,
    what_if,
)
from groupbuy.domain.kernel import Money
from tests.support.shop import NOON

ORIGINAL = 10_000


def campaign_of(measure, target, tiers, capacity=None, share=8_000):
    offer = Offer("sku_1", "prd_1", "表", "", Money(ORIGINAL), Money(ORIGINAL * share // 10_000))
    return Campaign(
        "cmp_1",
        "mer_1",
        "团",
        Mode.POOL,
        NOON,
        NOON + timedelta(days=1),
        "usr_1",
        NOON,
        offers=(offer,),
        quorum=Quorum(measure, target),
        capacity=capacity,
        tiers=tuple(Tier(*each) for each in tiers),
    )


def till(campaign, units, cost):
    def earned(reached):
        paid = campaign.price_at("sku_1", reached).minor * units
        leader, fee = paid // 10, paid // 50
        total = None if cost is None else cost * units
        return Earned(paid, paid - leader - fee, leader, fee, total)

    return earned


def walk(campaign, units, fixed, earned):
    """Let people join one after the other; yield (profit, whether the group forms)."""
    reached = 0
    for orders in count():
        order = earned(reached)
        yield orders * order.profit - fixed, reached >= campaign.target
        each = {Measure.BUYERS: 1, Measure.UNITS: units, Measure.AMOUNT: order.buyer}
        reached += each[campaign.measure]


ladders = st.lists(st.integers(1, 60), max_size=3, unique=True).map(
    lambda steps: [(reached, 7_000 - 1_500 * n) for n, reached in enumerate(sorted(steps))]
)


@given(
    st.sampled_from([Measure.BUYERS, Measure.UNITS]),
    st.integers(1, 40),
    ladders,
    st.integers(1, 4),
    st.integers(0, 9_000),
    st.integers(0, 200_000),
    st.one_of(st.none(), st.integers(1, 80)),
)
def test_break_even_is_the_first_number_of_orders_that_loses_nothing(
    measure, target, tiers, units, cost, fixed, room
):
    capacity = None if room is None else Capacity(Measure.BUYERS, room)
    campaign = campaign_of(measure, target, tiers, capacity)
    earned = till(campaign, units, cost)
    found = what_if(campaign, "sku_1", units, fixed, earned)
    most = room or 300
    walked = list(islice(walk(campaign, units, fixed, earned), most + 1))
    first = next((n for n, (profit, formed) in enumerate(walked) if formed and profit >= 0), None)
    assert first == (found.break_even if (found.break_even or 0) <= most else None)
    for step in found.steps:
        if step.orders <= most:
            assert (step.profit(step.orders, fixed), True) == walked[step.orders]
            assert not step.orders or step.reached > target or not walked[step.orders - 1][1]


@given(st.integers(1, 400_000), ladders, st.integers(1, 3))
def test_a_quorum_in_money_counts_what_is_paid_on_the_way(target, tiers, units):
    tiers = [(reached * 10_000, share) for reached, share in tiers]
    campaign = campaign_of(Measure.AMOUNT, target, tiers)
    earned = till(campaign, units, 1_000)
    for step in what_if(campaign, "sku_1", units, 0, earned).steps:
        walked = islice(walk(campaign, units, 0, earned), step.orders, None)
        assert next(walked) == (step.profit(step.orders, 0), True)


def test_a_step_that_earns_less_is_told():
    campaign = campaign_of(Measure.BUYERS, 2, [(3, 3_000), (100, 2_990)])
    found = what_if(campaign, "sku_1", 1, 0, till(campaign, 1, 500))
    assert found.falls == (3,)
    assert [step.orders for step in found.steps] == [2, 3, 100]


def test_steps_beyond_the_room_are_never_reached():
    campaign = campaign_of(Measure.BUYERS, 2, [(9, 3_000)], Capacity(Measure.UNITS, 7))
    found = what_if(campaign, "sku_1", 2, 10**9, till(campaign, 2, 500))
    assert ([step.reached for step in found.steps], found.orders_at_most) == ([2], 3)
    assert found.break_even is None
