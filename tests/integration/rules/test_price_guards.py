"""What the law asks of prices: nothing below cost, nothing struck through that was never asked."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import campaigns
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Quorum, Tier
from groupbuy.domain.catalogue import Product, Variant
from groupbuy.domain.kernel import Money, Refused
from groupbuy.domain.marketing import Exempt, promotion_of
from tests.support.reporting import feed
from tests.support.voices import buy

ORIGINAL, PRICE = 10_000, 8_000
ONE = Quorum(Measure.BUYERS, 1)


@pytest.fixture
def goods(shop):
    """A thing of ¥100.00."""
    shop.merchant()
    return shop.variant(price=ORIGINAL)


def costing(shop, goods, cost):
    shop.desk.run(shop.system(), lambda w: w.of(Variant).save(evolve(goods, cost=Money(cost))))
    return goods


def sold(shop, goods, times=1, **more):
    """Sell some at a price of the past, to people of all kinds."""
    campaign = shop.campaign(goods, **{"quorum": ONE, **more})
    return [buy(shop, None, campaign=campaign) for _ in range(times)]


def reference(shop, goods):
    feed(shop)
    campaign = shop.campaign(goods, share_bp=5_000)
    return campaign.offers[0]


def price_of(offer):
    return offer.reference and offer.reference.price.minor


# --- below cost ------------------------------------------------------------------------------


def test_nothing_is_sold_below_its_cost(shop, goods):
    costing(shop, goods, PRICE + 1)
    with pytest.raises(Refused, match="price_covers_its_cost"):
        shop.campaign(goods)
    costing(shop, shop.get(Variant, goods.id), PRICE)
    shop.campaign(goods)


def test_the_last_step_of_a_ladder_and_a_discount_count_too(shop, goods):
    costing(shop, goods, 7_500)
    two = Quorum(Measure.BUYERS, 2)
    with pytest.raises(Refused, match="price_covers_its_cost"):
        shop.campaign(goods, quorum=two, tiers=(Tier(5, 7_600), Tier(9, 7_400)))
    arguments = {"steps": [{"reach": 5_000, "off": 501}]}
    said = {"id": "1", "title": "满减", "kind": "spend_threshold", "arguments": arguments}
    with pytest.raises(Refused, match="price_covers_its_cost"):
        shop.campaign(goods, promotions=(promotion_of(said),))
    shop.campaign(goods, quorum=two, tiers=(Tier(5, 7_600), Tier(9, 7_500)))


def test_a_discount_that_leaves_nothing_to_pay_covers_no_cost(shop):
    shop.merchant()
    said = {"id": "1", "title": "特价", "kind": "special_price", "arguments": {"share_bp": 1}}
    terms = {"share_bp": 5_000, "quorum": ONE, "promotions": (promotion_of(said),)}
    shop.campaign(shop.variant(price=2), **terms)
    with pytest.raises(Refused, match="price_covers_its_cost"):
        shop.campaign(costing(shop, shop.variant(price=2), 1), **terms)


@pytest.mark.parametrize("why", [Exempt.SEASONAL, Exempt.OVERSTOCK])
def test_what_is_out_of_season_or_too_much_may_go_below_its_cost_and_says_why(shop, goods, why):
    costing(shop, goods, ORIGINAL)
    campaign = shop.campaign(goods, offers=(OfferSpec(goods.id, share_bp=5_000, below_cost=why),))
    assert campaign.offers[0].below_cost == why.value


def test_fresh_goods_may_go_below_their_cost(shop, goods):
    fresh = evolve(shop.get(Product, goods.product_id), return_policy="fresh")
    shop.desk.run(shop.system(), lambda w: w.of(Product).save(fresh))
    shop.campaign(costing(shop, goods, ORIGINAL))


def test_a_preview_says_so_before_anybody_publishes(shop, goods):
    costing(shop, goods, PRICE + 1)
    boss = shop.merchant_caller()
    spec = campaigns.CampaignSpec(
        title="亏本",
        mode="pool",
        starts_at=shop.clock.at,
        ends_at=shop.clock.at + timedelta(days=1),
        offers=(OfferSpec(goods.id, share_bp=8_000),),
        quorum=ONE,
    )
    draft = shop.do(boss, campaigns.draft_campaign, spec)
    found = shop.do(boss, campaigns.preview_campaign, draft.id).findings
    assert found == ("price_covers_its_cost", f"warn:not_struck_through:{goods.id}")


# --- what is struck through ------------------------------------------------------------------


def test_what_was_never_sold_has_no_price_to_strike_through(shop, goods):
    offer = reference(shop, goods)
    assert (offer.reference, offer.struck_through) == (None, None)


def test_the_lowest_sale_of_the_seven_days_before_is_struck_through(shop, goods):
    sold(shop, goods, share_bp=6_000)
    shop.clock.forward(days=8)
    sold(shop, goods, 2, share_bp=9_000)
    shop.clock.forward(days=3)
    sold(shop, goods, share_bp=9_500)
    offer = reference(shop, goods)
    assert (price_of(offer), offer.reference.sales) == (9_000, 3)
    assert offer.struck_through == Money(9_000)
    assert offer.reference.until == shop.clock.at
    assert offer.reference.since == shop.clock.at - timedelta(days=7)


def test_without_sales_in_seven_days_the_last_one_counts(shop, goods):
    sold(shop, goods, share_bp=7_000)
    shop.clock.forward(days=30)
    offer = reference(shop, goods)
    assert (price_of(offer), offer.reference.sales) == (7_000, 0)
    shop.clock.forward(days=90)
    assert reference(shop, goods).reference is None


def test_what_a_coupon_of_the_campaign_or_a_ladder_took_off_was_not_paid(shop, goods):
    two = Quorum(Measure.BUYERS, 1)
    sold(shop, goods, 3, quorum=two, tiers=(Tier(2, 6_500),))
    shop.clock.forward(days=3, minutes=30)
    shop.rest()
    assert price_of(reference(shop, goods)) == 6_500


def test_a_price_that_is_not_above_the_price_now_is_not_struck_through(shop, goods):
    sold(shop, goods, share_bp=5_000)
    offer = reference(shop, goods)
    assert (price_of(offer), offer.struck_through) == (5_000, None)


def test_a_shop_may_refuse_what_was_never_asked(shop, goods):
    strict = evolve(shop.kit.policy, refuse_overstated_prices=True)
    shop.desk = evolve(shop.desk, kit=evolve(shop.kit, policy=strict))
    with pytest.raises(Refused, match="original_price_was_asked_before"):
        shop.campaign(goods)
    shop.campaign(goods, share_bp=10_000)
    sold(shop, goods, share_bp=10_000)
    feed(shop)
    assert shop.campaign(goods).offers[0].struck_through == Money(ORIGINAL)


def test_a_copy_looks_for_evidence_of_its_own(shop, goods):
    sold(shop, goods, share_bp=9_000)
    feed(shop)
    campaign = shop.campaign(goods, share_bp=5_000)
    window = (shop.clock.at + timedelta(days=1), shop.clock.at + timedelta(days=2))
    draft = shop.do(shop.merchant_caller(), campaigns.copy_campaign, campaign.id, *window)
    assert (campaign.offers[0].struck_through, draft.offers[0].reference) == (Money(9_000), None)
