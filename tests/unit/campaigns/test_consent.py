"""Whose goods, whose price: leaders sell with the merchant's word, and nobody sells another's."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import campaigns, catalogue
from groupbuy.application.campaigns import CampaignSpec
from groupbuy.application.ports import Query
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    GroupState,
    Measure,
    Mode,
    Quorum,
    SeatState,
    StockPolicy,
)
from groupbuy.domain.catalogue import Product, ProductMove, Stock
from groupbuy.domain.kernel import EditedMeanwhile, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Leader, LeaderState, Role
from groupbuy.domain.ordering import CloseReason, OrderState
from tests.support.shop import Shop, ShopRefusal


@pytest.fixture
def shop():
    return Shop()


def a_spec(shop, variant, **changes):
    spec = CampaignSpec(
        title="手表团",
        mode=Mode.POOL,
        starts_at=shop.clock.at,
        ends_at=shop.clock.at + timedelta(days=3),
        offers=(OfferSpec(variant.id, share_bp=8000),),
        quorum=Quorum(Measure.BUYERS, 3),
    )
    return evolve(spec, **changes)


def draft(shop, by, variant, **changes):
    spec = a_spec(shop, variant, **changes)
    return shop.desk.run(by, lambda work: campaigns.draft_campaign(work, spec))


def ask(shop, by, use_case, *args):
    return shop.desk.run(by, lambda work: use_case(work, *args))


def test_a_leader_publishes_only_what_the_merchant_agreed_to(shop):
    shop.merchant()
    leader = shop.leader()
    by = shop.leader_caller(leader)
    made = draft(shop, by, shop.variant())
    with pytest.raises(Refused) as refused:
        ask(shop, by, campaigns.schedule_campaign, made.id)
    assert refused.value.rule == "merchant_has_agreed"
    ask(shop, shop.merchant_caller(), campaigns.approve_campaign, made.id, made.version)
    assert ask(shop, by, campaigns.schedule_campaign, made.id).state is CampaignState.SCHEDULED


def test_an_edit_after_the_merchants_word_needs_a_new_one(shop):
    shop.merchant()
    by, variant = shop.leader_caller(shop.leader()), shop.variant()
    made = draft(shop, by, variant)
    ask(shop, shop.merchant_caller(), campaigns.approve_campaign, made.id, made.version)
    cheaper = a_spec(shop, variant, offers=(OfferSpec(variant.id, price=Money(1)),))
    ask(shop, by, campaigns.edit_campaign, made.id, cheaper)
    with pytest.raises(Refused) as refused:
        ask(shop, by, campaigns.schedule_campaign, made.id)
    assert refused.value.rule == "merchant_has_agreed"


def test_the_merchants_word_is_for_the_version_they_have_seen(shop):
    shop.merchant()
    by, variant = shop.leader_caller(shop.leader()), shop.variant()
    made = draft(shop, by, variant)
    cheaper = a_spec(shop, variant, offers=(OfferSpec(variant.id, price=Money(1)),))
    ask(shop, by, campaigns.edit_campaign, made.id, cheaper)
    with pytest.raises(EditedMeanwhile):
        ask(shop, shop.merchant_caller(), campaigns.approve_campaign, made.id, made.version)


def test_the_merchants_word_covers_the_rates_they_have_seen(shop):
    shop.merchant()
    leader = shop.leader(commission_bp=500)
    by = shop.leader_caller(leader)
    made = draft(shop, by, shop.variant())
    ask(shop, shop.merchant_caller(), campaigns.approve_campaign, made.id, made.version)
    change(shop, Leader, leader.id, commission_bp=1500)
    with pytest.raises(Refused) as refused:
        ask(shop, by, campaigns.schedule_campaign, made.id)
    assert refused.value.rule == "merchant_has_agreed"


def test_staff_of_another_merchant_gives_no_word_for_this_one(shop):
    shop.merchant()
    variant, leader = shop.variant(), shop.leader()
    made = draft(shop, shop.leader_caller(leader), variant)
    other = shop.merchant()
    both = shop.caller(
        leader.user_id,
        Role.LEADER,
        Role.MERCHANT,
        Role.SHOPPER,
        leader_id=leader.id,
        merchant_id=other.id,
    )
    with pytest.raises(Refused, match="merchant_has_agreed"):
        ask(shop, both, campaigns.schedule_campaign, made.id)
    with pytest.raises(NotFound):
        ask(shop, both, campaigns.approve_campaign, made.id, made.version)
    with pytest.raises(NotFound):
        ask(shop, both, campaigns.waive_quorum, made.id, "mischief")


def test_a_formed_campaign_closed_by_hand_ends_its_open_checkouts_at_once(shop):
    campaign = shop.campaign(hold_minutes=24 * 60)
    shop.join_and_pay(campaign, 3)
    held = shop.join(campaign)
    ask(shop, shop.merchant_caller(), campaigns.close_campaign, campaign.id, "卖完")
    shop.work_off()
    assert shop.seat(held).state is SeatState.RELEASED
    assert shop.stock(campaign).reserved == 0


def test_a_campaign_whose_goods_were_delisted_waits_and_is_called_off_at_its_end(shop):
    shop.merchant()
    variant = shop.variant()
    starts = shop.clock.at + timedelta(days=1)
    made = draft(
        shop, shop.merchant_caller(), variant, starts_at=starts, ends_at=starts + timedelta(days=1)
    )
    ask(shop, shop.merchant_caller(), campaigns.schedule_campaign, made.id)
    move(shop, variant, ProductMove.DELIST)
    shop.pass_time(days=1, minutes=1)
    assert shop.get(Campaign, made.id).state is CampaignState.SCHEDULED
    shop.pass_time(days=1)
    assert shop.get(Campaign, made.id).state is CampaignState.CANCELLED


def test_a_delisted_presale_article_is_not_sold_to_a_late_payer(shop):
    variant = shop.variant()
    campaign = shop.campaign(
        variant,
        offers=(OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE),),
    )
    late = shop.join(campaign)
    shop.pass_time(minutes=20)
    move(shop, variant, ProductMove.DELIST)
    assert shop.late_word(late, at=shop.clock.at).outcome == "refunded:late_payment"


def test_a_leader_cannot_agree_for_the_merchant(shop):
    shop.merchant()
    by = shop.leader_caller(shop.leader())
    made = draft(shop, by, shop.variant())
    with pytest.raises(Exception, match="forbidden"):
        ask(shop, by, campaigns.approve_campaign, made.id, made.version)


def test_a_commission_above_the_cap_is_not_published(shop):
    shop.merchant()
    leader = shop.leader()
    made = draft(shop, shop.leader_caller(leader), shop.variant(), commission_bp=10_000)
    with pytest.raises(Refused) as refused:
        ask(shop, shop.merchant_caller(), campaigns.approve_campaign, made.id, made.version)
    assert refused.value.rule == "commission_within_cap"
    found = ask(shop, shop.merchant_caller(), campaigns.preview_campaign, made.id).findings
    assert "commission_within_cap" in found


def test_a_merchant_cannot_slip_anothers_goods_into_a_draft(shop):
    theirs = shop.variant(merchant=shop.merchant())
    mine = shop.variant(merchant=shop.merchant())
    by = shop.merchant_caller()
    made = draft(shop, by, mine)
    with pytest.raises(NotFound):
        ask(shop, by, campaigns.edit_campaign, made.id, a_spec(shop, theirs))


def test_a_leader_without_a_file_runs_nobodys_campaign(shop):
    campaign = shop.campaign()
    nobody = shop.caller("usr_odd", Role.LEADER)
    assert ask(shop, nobody, campaigns.list_campaigns, Query()) == []
    with pytest.raises(NotFound):
        ask(shop, nobody, campaigns.cancel_campaign, campaign.id, "mischief")


@pytest.mark.parametrize("policy", StockPolicy)
def test_a_delisted_product_is_not_sold_from_that_moment(shop, policy):
    variant = shop.variant()
    campaign = shop.campaign(
        variant, offers=(OfferSpec(variant.id, share_bp=8000, stock_policy=policy),)
    )
    shop.join(campaign)
    move(shop, variant, ProductMove.DELIST)
    with pytest.raises(ShopRefusal, match="product_is_listed"):
        shop.join(campaign)
    move(shop, variant, ProductMove.LIST)
    shop.join(campaign)


def test_a_copy_of_a_campaign_with_a_delisted_product_is_not_published(shop):
    variant = shop.variant()
    campaign = shop.campaign(variant)
    move(shop, variant, ProductMove.DELIST)
    window = (shop.clock.at, shop.clock.at + timedelta(days=1))
    by = shop.merchant_caller()
    copied = ask(shop, by, campaigns.copy_campaign, campaign.id, *window)
    with pytest.raises(Refused) as refused:
        ask(shop, by, campaigns.schedule_campaign, copied.id)
    assert refused.value.rule == "product_is_listed"


def test_a_copy_earns_what_the_leader_earns_now(shop):
    shop.merchant()
    leader = shop.leader(commission_bp=1000)
    campaign = shop.campaign(leader=leader)
    assert campaign.offers[0].leader_bp == 1000
    change(shop, Leader, leader.id, commission_bp=100)
    window = (shop.clock.at, shop.clock.at + timedelta(days=1))
    by = shop.merchant_caller()
    copied = ask(shop, by, campaigns.copy_campaign, campaign.id, *window)
    assert ask(shop, by, campaigns.schedule_campaign, copied.id).offers[0].leader_bp == 100


def test_a_suspended_leader_gets_no_new_campaign(shop):
    shop.merchant()
    leader = shop.leader()
    made = draft(shop, shop.merchant_caller(), shop.variant(), leader_id=leader.id)
    change(shop, Leader, leader.id, state=LeaderState.SUSPENDED)
    with pytest.raises(Refused) as refused:
        ask(shop, shop.merchant_caller(), campaigns.schedule_campaign, made.id)
    assert refused.value.rule == "leader_is_approved"


def test_a_helper_is_an_approved_leader(shop):
    campaign, leader = shop.campaign(), shop.leader()
    shop.join(campaign, helper_id=leader.id)
    for stranger in (shop.ids.new("ldr"), "ldr_nobody"):
        with pytest.raises(ShopRefusal, match="leader_is_approved"):
            shop.join(campaign, helper_id=stranger)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"freight": Money(-1)}, "freight"),
        ({"offers": "twice"}, "offers"),
        ({"offers": "dollars"}, "offers.price"),
    ],
)
def test_terms_that_make_no_sense_are_refused_at_once(shop, changes, field):
    shop.merchant()
    variant = shop.variant()
    offers = {
        "twice": (OfferSpec(variant.id, share_bp=8000), OfferSpec(variant.id, share_bp=100)),
        "dollars": (OfferSpec(variant.id, price=Money(100, "USD")),),
    }
    changes = {name: offers.get(value, value) for name, value in changes.items()}
    with pytest.raises(Invalid) as refused:
        draft(shop, shop.merchant_caller(), variant, **changes)
    assert refused.value.field == field


def test_a_cancelled_campaign_asks_for_the_last_word_on_open_checkouts_at_once(shop):
    campaign = shop.campaign(hold_minutes=24 * 60)
    held = shop.join(campaign)
    ask(shop, shop.merchant_caller(), campaigns.cancel_campaign, campaign.id, "天气")
    shop.work_off()
    assert shop.seat(held).state is SeatState.RELEASED
    assert (shop.order(held).state, shop.order(held).close_reason) == (
        OrderState.CLOSED,
        CloseReason.EXPIRED,
    )
    assert shop.stock(campaign).reserved == 0


def test_a_campaign_closed_by_hand_fails_as_soon_as_its_checkouts_are_certain(shop):
    campaign = shop.campaign(hold_minutes=24 * 60)
    shop.join_and_pay(campaign, 2)
    shop.join(campaign)
    ask(shop, shop.merchant_caller(), campaigns.close_campaign, campaign.id, "卖完")
    shop.work_off()
    assert shop.group(campaign).state is GroupState.FAILED
    assert shop.get(Campaign, campaign.id).state is CampaignState.CLOSED
    assert shop.balances() == {}


def change(shop, kind, key, **changes):
    def write(work):
        thing = work.of(kind).lock([key])[key]
        work.of(kind).save(evolve(thing, **changes))

    shop.desk.run(shop.system(), write)


def move(shop, variant, step):
    product = shop.get(Product, variant.product_id)
    cmd = catalogue.MoveProduct(product.id, step)
    shop.desk.run(shop.merchant_caller(), lambda work: catalogue.move_product(work, cmd))
    assert shop.get(Stock, variant.id).on_sale is (step is ProductMove.LIST)
