"""From what was said about a rate to what an order keeps: fixed once, explained for ever."""

import pytest
from attrs import evolve

from groupbuy.application import campaigns, commission
from groupbuy.application.commission import Scope, SetRate
from groupbuy.application.policy import Policy
from groupbuy.application.ports import AuditRow
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Campaign, PointRate
from groupbuy.domain.catalogue import Category, Product
from groupbuy.domain.commission import CommissionRole, Entry, RateRule
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, Money, NotFound
from groupbuy.domain.membership import Leader, PickupPoint, Role, User
from tests.support.shop import Shop


@pytest.fixture
def shop():
    return Shop(policy=Policy(provider="memory", helper_bp=150))


def say(shop, scope, subject, bp, who=None):
    cmd = SetRate(scope, subject, bp, "agreed by phone")
    return shop.desk.run(who or shop.system(), lambda work: commission.set_rate(work, cmd))


def category_of(shop, variant):
    return shop.get(Category, shop.get(Product, variant.product_id).category_id)


def move(shop, thing, **changes):
    shop.desk.run(shop.system(), lambda work: work.of(type(thing)).save(evolve(thing, **changes)))


def rate(campaign):
    (offer,) = campaign.offers
    return offer.leader_bp, offer.leader_why


def earned(shop, joined):
    entries = shop.all(Entry, order_id=joined.order.id)
    return {entry.role: (entry.bp, entry.rule, entry.source) for entry in entries}


def test_without_a_word_the_shops_default_applies(shop):
    assert rate(shop.campaign(leader=shop.leader())) == (500, "shop:")


def test_each_word_goes_before_the_less_specific_ones(shop):
    leader, variant = shop.leader(), shop.variant()
    category = category_of(shop, variant)
    say(shop, Scope.LEADER, leader.id, 600)
    assert rate(shop.campaign(variant, leader=leader)) == (600, f"leader:{leader.id}")
    say(shop, Scope.CATEGORY, category.id, 700)
    assert rate(shop.campaign(variant, leader=leader)) == (700, f"category:{category.id}")
    made = shop.campaign(variant, leader=leader, commission_bp=800)
    assert rate(made) == (800, f"campaign:{made.id}")
    offers = (OfferSpec(variant.id, share_bp=8_000, commission_bp=900),)
    made = shop.campaign(variant, leader=leader, commission_bp=800, offers=offers)
    assert rate(made) == (900, f"offer:{variant.id}")


def test_a_category_without_a_rate_goes_by_the_nearest_one_above_it(shop):
    leader, variant = shop.leader(), shop.variant()
    top, middle = Category("cat_top", "全部", None, 400), Category("cat_mid", "电子", "cat_top")
    shop.store(top, middle)
    move(shop, category_of(shop, variant), parent_id="cat_mid")
    assert rate(shop.campaign(variant, leader=leader)) == (400, "category:cat_top")


def test_a_rate_that_is_taken_back_lets_the_next_one_apply(shop):
    leader = shop.leader()
    say(shop, Scope.LEADER, leader.id, 600)
    say(shop, Scope.LEADER, leader.id, None)
    assert rate(shop.campaign(leader=leader)) == (500, "shop:")


def test_later_changes_touch_neither_the_campaign_nor_its_orders(shop):
    leader, host, helper = shop.leader(), shop.leader(), shop.leader()
    point = PickupPoint("pup_1", "北门", "", "", host.id, commission_bp=200)
    shop.store(point)
    campaign = shop.campaign(leader=leader, pickup_point_ids=("pup_1",))
    assert campaign.side_rates.points == (PointRate("pup_1", 200),)
    more = {"helper_id": helper.id, "pickup_point_id": "pup_1"}
    joined = [shop.join(campaign, **more) for _ in range(2)]
    say(shop, Scope.LEADER, leader.id, 100)
    say(shop, Scope.CATEGORY, campaign.offers[0].category_id, 2_900)
    move(shop, point, commission_bp=2_000)
    kit = evolve(shop.kit, policy=Policy(provider="memory", helper_bp=0))
    shop.desk = evolve(shop.desk, kit=kit)
    joined.append(shop.join(campaign, **more))
    for each in joined:
        shop.pay(each)
        shop.work_off()
    wanted = {
        CommissionRole.LEADER: (500, RateRule.SHOP, ""),
        CommissionRole.HELPER: (150, RateRule.HELPER, ""),
        CommissionRole.PICKUP_POINT: (200, RateRule.PICKUP_POINT, "pup_1"),
    }
    assert [earned(shop, each) for each in joined] == [wanted] * 3


def test_there_is_one_level_whoever_invited_the_leader_earns_nothing(shop):
    above, leader = shop.leader(), shop.leader()
    move(shop, shop.get(User, leader.user_id), invited_by=above.user_id)
    joined = shop.join_and_pay(shop.campaign(leader=leader), 3)
    shop.work_off()
    assert {e.leader_id for each in joined for e in shop.all(Entry, order_id=each.order.id)} == {
        leader.id
    }


def test_what_the_ceiling_cut_is_told_by_the_entry():
    entry = Entry(
        "cme_1", "ord_1", 1, "ldr_1", CommissionRole.HELPER, Money(10_000), 100, Money(100),
        Shop().clock.at, asked_bp=450,
    )  # fmt: skip
    assert entry.cut == Money(350)
    assert evolve(entry, reverses="cme_0").cut == Money(0)


def test_a_merchant_says_the_rate_of_a_draft_of_their_own_and_of_nothing_else(shop):
    leader, variant = shop.leader(), shop.variant()
    running = shop.campaign(variant, leader=leader)
    me = shop.merchant_caller()
    spec = campaigns.CampaignSpec(
        title="再来一团", mode=running.mode, starts_at=running.starts_at,
        ends_at=running.ends_at, offers=(OfferSpec(variant.id, share_bp=8_000),),
        leader_id=leader.id, quorum=running.quorum,
    )  # fmt: skip
    draft = shop.desk.run(me, lambda work: campaigns.draft_campaign(work, spec))
    row = say(shop, Scope.CAMPAIGN, draft.id, 650, me)
    assert (row.name, row.bp) == ("再来一团", 650)
    assert shop.get(Campaign, draft.id).commission_bp == 650
    found = shop.desk.read(me, lambda work: commission.campaign_rates(work, draft.id))
    assert [(o.rate.bp, o.rate.rule) for o in found.offers] == [(650, RateRule.CAMPAIGN)]
    assert found.left_bp == 3_000 - 650 - 150
    with pytest.raises(IllegalMove):
        say(shop, Scope.CAMPAIGN, running.id, 650, me)
    with pytest.raises(Forbidden):
        say(shop, Scope.LEADER, leader.id, 650, me)
    stranger = shop.caller("usr_other", Role.MERCHANT, merchant_id="mch_other")
    with pytest.raises(NotFound):
        say(shop, Scope.CAMPAIGN, draft.id, 650, stranger)


def test_a_rate_beyond_the_ceiling_or_without_a_reason_is_refused(shop):
    leader = shop.leader()
    with pytest.raises(Invalid):
        say(shop, Scope.LEADER, leader.id, 3_001)
    with pytest.raises(Invalid):
        cmd = SetRate(Scope.LEADER, leader.id, 1, " ")
        shop.desk.run(shop.system(), lambda work: commission.set_rate(work, cmd))
    with pytest.raises(NotFound):
        say(shop, Scope.CATEGORY, "cat_none", 1)


def test_a_change_of_a_rate_is_audited_with_what_it_was(shop):
    leader = shop.leader(commission_bp=400)
    say(shop, Scope.LEADER, leader.id, 600)
    (row,) = shop.all(AuditRow)
    assert (row.action, row.subject, row.reason) == (
        "commission_rate.leader",
        leader.id,
        "agreed by phone",
    )
    assert row.facts == {"bp": "600", "was": "400"}
    assert shop.get(Leader, leader.id).commission_bp == 600
