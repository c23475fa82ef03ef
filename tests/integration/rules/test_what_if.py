"""What a campaign would earn, by the prices of quotes and the rates of orders."""

import pytest
from attrs import evolve

from groupbuy.application import campaigns
from groupbuy.domain.campaigns import Measure, Quorum, Tier
from groupbuy.domain.catalogue import Variant
from groupbuy.domain.kernel import Invalid, Money, NotFound
from groupbuy.domain.marketing import promotion_of
from groupbuy.domain.membership import Role

ORIGINAL = 10_000


@pytest.fixture
def costing(shop):
    """A thing of ¥100.00 that costs the merchant ¥30.00."""
    shop.merchant(fee_bp=100)
    goods = shop.variant(price=ORIGINAL)
    shop.desk.run(
        shop.system(), lambda work: work.of(Variant).save(evolve(goods, cost=Money(3_000)))
    )
    return goods


def simulated(shop, caller, campaign, *assumed):
    ask = campaigns.Assumed(*assumed)
    return shop.desk.read(caller, lambda work: campaigns.simulate_campaign(work, campaign.id, ask))[
        1
    ][0]


def test_prices_are_those_of_a_quote_and_rates_those_of_an_order(shop, costing):
    leader = shop.leader(commission_bp=1_000)
    arguments = {"steps": [{"reach": 10_000, "off": 2_000}]}
    said = {"id": "1", "title": "满减", "kind": "spend_threshold", "arguments": arguments}
    campaign = shop.campaign(
        costing,
        leader=leader,
        quorum=Quorum(Measure.BUYERS, 2),
        tiers=(Tier(4, 5_000),),
        promotions=(promotion_of(said),),
    )
    found = simulated(shop, shop.merchant_caller(), campaign, 2, 10_000)
    first, second = found.steps
    assert (first.order.buyer, first.order.leader, first.order.fee) == (14_000, 1_400, 140)
    assert first.order.merchant == 14_000 - 1_400 - 140
    assert (second.price, second.order.buyer) == (Money(5_000), 8_000)
    basket = [(costing.id, 2)]
    quoted = shop.desk.read(
        shop.shopper(), lambda work: campaigns.quote_basket(work, campaign.id, basket)
    )
    assert quoted.quote.payable == Money(first.order.buyer)
    assert found.break_even == 2
    assert first.profit(2, 10_000) == 2 * (12_460 - 6_000) - 10_000


def test_a_leader_sees_what_is_earned_and_not_what_goods_cost(shop, costing):
    leader = shop.leader(commission_bp=1_000)
    campaign = shop.campaign(costing, leader=leader)
    found = simulated(shop, shop.leader_caller(leader), campaign)
    assert (found.steps[0].order.leader, found.steps[0].order.cost) == (800, None)
    assert (found.break_even, found.falls) == (None, ())
    with pytest.raises(NotFound):
        simulated(shop, shop.caller("usr_x", Role.LEADER, leader_id="ldr_x"), campaign)


@pytest.mark.parametrize("assumed", [(0,), (10_001,), (1, -1)])
def test_an_assumption_nobody_can_mean_is_refused(shop, costing, assumed):
    campaign = shop.campaign(costing)
    with pytest.raises(Invalid):
        simulated(shop, shop.merchant_caller(), campaign, *assumed)
