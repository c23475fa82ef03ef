"""Promotions of a campaign, from the draft to the books: the same on every database."""

from datetime import timedelta

import pytest

from groupbuy.application import aftersale, campaigns
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Mode, Quorum
from groupbuy.domain.commission import Entry
from groupbuy.domain.kernel import Forbidden, Invalid, Money
from groupbuy.domain.marketing import promotion_of, read
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Funder, OrderState
from tests.support.shop import ShopRefusal

ONE = Quorum(Measure.BUYERS, 1)
OFF_20 = {"steps": [{"reach": 10_000, "off": 2_000}]}


def promo(kind="spend_threshold", arguments=None, **more):
    said = {"kind": kind, "title": "满减", "arguments": arguments or OFF_20, **more}
    return promotion_of({"id": "1", **said})


def by_operator(shop, variant, *promotions):
    """Run a campaign that an operator has set up, as the platform's discounts need."""
    spec = campaigns.CampaignSpec(
        title="手表团",
        mode=Mode.POOL,
        starts_at=shop.clock.at,
        ends_at=shop.clock.at + timedelta(days=3),
        offers=(OfferSpec(variant.id, share_bp=8_000),),
        quorum=ONE,
        promotions=promotions,
    )
    operator = shop.caller("usr_ops", Role.OPERATOR)
    draft = shop.do(operator, campaigns.draft_campaign, spec)
    shop.do(operator, campaigns.schedule_campaign, draft.id)
    shop.rest()
    return shop.do(operator, campaigns.own_campaign, draft.id, lock=False)


def reasons(order):
    return [
        (a.layer, a.rule, a.amount.minor, a.funder) for x in order.lines for a in x.attributions
    ]


def test_100_less_20_at_the_group_price_is_paid_and_explained_to_the_fen(shop):
    variant = shop.variant(price=12_500)
    campaign = shop.campaign(variant, quorum=ONE, promotions=(promo(),))
    (promotion,) = map(read, campaign.promotions)
    order = shop.join(campaign).order
    assert order.payable == Money(8_000)
    assert reasons(order) == [
        ("activity", f"campaign:{campaign.id}", 2_500, Funder.MERCHANT),
        ("threshold", promotion.rule, 2_000, Funder.MERCHANT),
    ]


def test_one_fen_below_the_threshold_pays_the_group_price(shop):
    variant = shop.variant(price=12_499)
    campaign = shop.campaign(variant, quorum=ONE, promotions=(promo(),))
    assert shop.join(campaign).order.payable == Money(9_999)


def test_commission_is_earned_on_what_is_paid(shop):
    leader, variant = shop.leader(commission_bp=1_000), shop.variant(price=12_500)
    campaign = shop.campaign(variant, leader=leader, quorum=ONE, promotions=(promo(),))
    shop.pay(shop.join(campaign))
    shop.rest()
    assert sum(entry.amount.minor for entry in shop.all(Entry)) == 800


def test_what_the_platform_gives_is_booked_to_it_and_comes_back_unit_by_unit(shop):
    variant = shop.variant(price=12_500)
    campaign = by_operator(shop, variant, promo(payer="platform"))
    joined = shop.join(campaign, units=3)
    assert joined.order.payable == Money(28_000)
    shop.pay(joined)
    shop.rest()
    assert shop.order(joined).state is not OrderState.PLACED
    assert shop.balances()["promotion:platform"] == 2_000
    operator = shop.caller("usr_ops", Role.OPERATOR, Role.FINANCE)
    given = 0
    for units, back in ((1, 9_333), (2, 18_667)):
        wanted = aftersale.UnitsBack(joined.order.id, 1, units, key=f"part-{units}")
        shop.do(operator, aftersale.refund_units, wanted, "坏了")
        shop.work_off()
        shop.clock.forward(minutes=2)  # between two refunds of one payment
        shop.rest()
        given += back
        assert sum(shop.given_back(joined)) == given
    assert "promotion:platform" not in shop.balances()


def test_the_hours_of_a_promotion_are_those_of_the_campaigns_zone(shop):
    noon = promo(conditions={"from_minute": 12 * 60, "until_minute": 13 * 60})
    campaign = shop.campaign(shop.variant(price=12_500), quorum=ONE, promotions=(noon,))
    assert shop.join(campaign).order.payable == Money(8_000)
    shop.clock.forward(hours=1)
    assert shop.join(campaign).order.payable == Money(10_000)


def test_a_special_price_wins_where_it_is_lower(shop):
    variant = shop.variant(price=12_500)
    tag = {"tags": [{"sku_id": variant.id, "price": 7_000}]}
    campaign = shop.campaign(variant, quorum=ONE, promotions=(promo("special_price", tag),))
    assert shop.join(campaign, units=2).order.payable == Money(14_000)


def test_a_shopper_never_pays_another_sum_than_the_one_agreed_to(shop):
    noon = promo(conditions={"from_minute": 12 * 60, "until_minute": 13 * 60})
    campaign = shop.campaign(shop.variant(price=12_500), quorum=ONE, promotions=(noon,))
    basket = [(campaign.offers[0].sku_id, 1)]
    shown = shop.do(shop.shopper(), campaigns.quote_basket, campaign.id, basket)
    assert shown.quote.payable == Money(8_000)
    assert shop.join(campaign, agreed=shown.quote.payable).order.payable == Money(8_000)
    shop.clock.forward(hours=1)
    with pytest.raises(ShopRefusal, match="price_is_as_shown"):
        shop.join(campaign, agreed=shown.quote.payable)
    shown = shop.do(shop.shopper(), campaigns.quote_basket, campaign.id, basket)
    (unused,) = shown.priced.skipped
    assert (shown.quote.payable, unused.why.code) == (Money(10_000), "not_at_this_hour")


def test_nothing_is_sold_for_nothing(shop):
    variant = shop.variant(price=12_500)
    free = {"nth": 2, "share_bp": 0}
    both = (promo("special_price", {"share_bp": 1}), promo("nth_item", free))
    campaign = shop.campaign(variant, quorum=ONE, promotions=both)
    assert shop.join(campaign, units=2).order.payable == Money(1)
    cheap = shop.campaign(shop.variant(price=2), share_bp=5_000, quorum=ONE, promotions=(both[0],))
    with pytest.raises(ShopRefusal, match="something_is_left_to_pay"):
        shop.join(cheap)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "amount_off", "arguments": {"off": 1}}, "promotions.0.kind"),
        (
            {"kind": "gift", "arguments": {"reach": 1, "sku_id": "x", "value": 1}},
            "promotions.0.kind",
        ),
        ({"payer": "leader"}, "promotions.0.payer"),
        ({"conditions": {"first_order": True}}, "promotions.0.conditions.first_order"),
        ({"conditions": {"segments": ["s"]}}, "promotions.0.conditions.segments"),
        ({"eligible": {"skus": ["sku_elsewhere"]}}, "promotions.0.arguments"),
        (
            {"kind": "trial_price", "arguments": {"tags": [{"sku_id": "sku_z", "price": 1}]}},
            "promotions.0.arguments",
        ),
    ],
)
def test_what_nobody_could_keep_is_refused_in_the_draft(shop, said, field):
    with pytest.raises(Invalid) as error:
        shop.campaign(promotions=(promo(**said),))
    assert error.value.field == field


def test_only_an_operator_gives_the_platforms_money_away(shop):
    with pytest.raises(Forbidden):
        shop.campaign(promotions=(promo(payer="platform"),))


def test_there_is_an_end_to_promotions(shop):
    shop.campaign(promotions=(promo(),) * 10)
    with pytest.raises(Invalid, match="promotions"):
        shop.campaign(promotions=(promo(),) * 11)
