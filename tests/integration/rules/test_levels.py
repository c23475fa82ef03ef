"""Levels, tags and bars of customers, from the order to the next join: on every database."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import aftersale, campaigns, membership
from groupbuy.application.ports import AuditRow
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.marketing import promotion_of
from groupbuy.domain.membership import LevelRules, Role, User
from groupbuy.domain.ordering import OrderState
from tests.support.shop import ShopRefusal
from tests.support.voices import delivered

ONE = Quorum(Measure.BUYERS, 1)
MEMBERS = promotion_of(
    {
        "id": "1",
        "kind": "special_price",
        "title": "会员价",
        "arguments": {"share_bp": 7_000},
        "conditions": {"level": 1},
    }
)


def person(shop):
    return shop.user(roles=frozenset({Role.SHOPPER}))


def caller_of(shop, user):
    """Return somebody as their next request finds them."""
    known = shop.get(User, user.id)
    return shop.caller(user.id, Role.SHOPPER, member=known.member)


def operator(shop):
    return shop.caller("usr_ops", Role.OPERATOR)


def completed(shop, user, campaign=None, number="SF1"):
    """Let somebody buy a watch for 799.20 and keep it until the order is completed."""
    joined = shop.join(campaign or shop.campaign(quorum=ONE), caller_of(shop, user))
    shop.pay(joined)
    shop.rest()
    delivered(shop, joined, number)
    shop.pass_time(days=8)
    assert shop.order(joined).state is OrderState.COMPLETED
    return joined


def level(shop, user):
    return shop.get(User, user.id).member.level


def test_a_completed_order_lifts_its_buyer_at_once_and_time_takes_it_back(shop):
    user = person(shop)
    joined = completed(shop, user)
    assert level(shop, user) == 1, "799.20 in November: 银卡 asks for 500"
    standing = shop.do(caller_of(shop, user), membership.my_standing)
    assert (standing.name, standing.score, standing.next_name) == ("银卡", 79_920, "金卡")
    assert standing.next_asks == 200_000
    while shop.clock.at < shop.order(joined).completed_at + timedelta(days=366):
        shop.pass_time(days=45)
        assert level(shop, user) == 1
    shop.pass_time(days=60)
    assert level(shop, user) == 0


def test_what_goes_back_after_completion_was_never_spent(shop):
    user = person(shop)
    joined = completed(shop, user)
    shop.do(shop.merchant_caller(), aftersale.refund_order, joined.order.id, "坏了")
    shop.work_off()
    assert level(shop, user) == 0


def test_a_level_pays_the_members_price_and_nobody_else_does(shop):
    user, variant = person(shop), shop.variant()
    completed(shop, user)
    campaign = shop.campaign(variant, quorum=ONE, promotions=(MEMBERS,))
    member = caller_of(shop, user)
    quote = shop.do(member, campaigns.quote_basket, campaign.id, [(variant.id, 1)]).quote
    joined = shop.join(campaign, member)
    assert joined.order.payable == quote.payable
    assert quote.payable.minor < 79_920
    assert shop.join(campaign).order.payable.minor == 79_920
    shop.pay(joined)
    shop.rest()


def test_an_operator_counts_a_level_anew_after_the_ladder_was_changed(shop):
    user = person(shop)
    completed(shop, user)
    rules = LevelRules(ladder="铜卡:10000,银卡:50000")
    shop.desk = evolve(shop.desk, kit=evolve(shop.kit, policy=evolve(shop.policy, levels=rules)))
    seen = shop.do(operator(shop), membership.recount_level, user.id)
    assert (seen.user.member.level, seen.level_name) == (2, "银卡")
    with pytest.raises(NotFound):
        shop.do(operator(shop), membership.recount_level, "usr_gone")


def barred(shop, user, **more):
    shop.do(operator(shop), membership.bar_customer, user.id, "恶意退款", more.get("until"))


def test_whoever_may_not_join_is_told_and_joins_again_once_it_is_lifted(shop):
    user, campaign = person(shop), shop.campaign(quorum=ONE)
    barred(shop, user)
    with pytest.raises(ShopRefusal, match="you_may_join"):
        shop.join(campaign, caller_of(shop, user))
    shop.do(operator(shop), membership.lift_bar, user.id, "已沟通")
    shop.pay(shop.join(campaign, caller_of(shop, user)))
    shop.rest()
    rows = [row for row in shop.all(AuditRow) if row.subject == user.id]
    assert [(row.action, row.reason) for row in rows] == [
        ("user.barred", "恶意退款"),
        ("user.bar_lifted", "已沟通"),
    ]


def test_a_bar_ends_by_itself_at_its_time(shop):
    user, campaign = person(shop), shop.campaign(quorum=ONE)
    barred(shop, user, until=shop.clock.at + timedelta(hours=1))
    caller = caller_of(shop, user)
    with pytest.raises(ShopRefusal, match="you_may_join"):
        shop.join(campaign, caller)
    shop.clock.forward(hours=1)
    shop.join(campaign, caller)


def test_only_an_operator_bars_and_nobody_themselves_or_for_the_past(shop):
    user = person(shop)
    shop.merchant()
    with pytest.raises(Forbidden):
        shop.do(shop.merchant_caller(), membership.bar_customer, user.id, "x", None)
    with pytest.raises(Refused, match="nobody_judges_themselves"):
        shop.do(operator(shop), membership.bar_customer, "usr_ops", "x", None)
    with pytest.raises(Invalid, match="until"):
        shop.do(operator(shop), membership.bar_customer, user.id, "x", shop.clock.at)
    with pytest.raises(NotFound):
        shop.do(operator(shop), membership.bar_customer, "usr_gone", "x", None)
    with pytest.raises(Invalid, match="reason"):
        shop.do(operator(shop), membership.bar_customer, user.id, " ", None)


def test_a_merchant_tags_its_own_customers_and_sees_no_other_merchants_words(shop):
    user = person(shop)
    campaign = shop.campaign(quorum=ONE)
    with pytest.raises(NotFound):
        shop.do(shop.merchant_caller(), membership.tag_customer, user.id, "宝妈", "亲子活动")
    shop.pay(shop.join(campaign, caller_of(shop, user)))
    shop.rest()
    shop.do(shop.merchant_caller(), membership.tag_customer, user.id, "宝妈", "亲子活动")
    shop.do(operator(shop), membership.tag_customer, user.id, "业主", "门禁卡")
    seen = shop.do(shop.merchant_caller(), membership.customer, user.id)
    assert [tag.word for tag in seen.tags] == ["宝妈", "业主"]
    member = shop.get(User, user.id).member
    assert member.words_for(campaign.merchant_id) == {"宝妈", "业主"}
    assert member.words_for("mch_other") == {"业主"}
    shop.do(shop.merchant_caller(), membership.untag_customer, user.id, "业主")
    assert len(shop.get(User, user.id).member.tags) == 2, "not theirs to take away"
    shop.do(shop.merchant_caller(), membership.untag_customer, user.id, "宝妈")
    shop.do(operator(shop), membership.untag_customer, user.id, "业主")
    assert shop.get(User, user.id).member.tags == ()


def test_there_is_an_end_to_tags(shop):
    user = person(shop)
    for number in range(50):
        shop.do(operator(shop), membership.tag_customer, user.id, f"标签{number}", "x")
    with pytest.raises(Refused, match="few_tags"):
        shop.do(operator(shop), membership.tag_customer, user.id, "再来", "x")
    shop.do(operator(shop), membership.tag_customer, user.id, "标签7", "again")
    with pytest.raises(Invalid, match="word"):
        shop.do(operator(shop), membership.tag_customer, user.id, "长" * 21, "x")
