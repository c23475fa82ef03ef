"""Coupons from the offer to the books, the same on every database."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import aftersale, campaigns, coupons
from groupbuy.application.fulfilment import reject_order
from groupbuy.domain.aftersale import Kind, Reason
from groupbuy.domain.campaigns import Measure, Quorum, RefundRules
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, Money, NotFound, Refused
from groupbuy.domain.marketing import (
    Coupon,
    CouponCode,
    CouponState,
    CouponTemplate,
    Giving,
    TemplateMove,
    promotion_of,
    written,
)
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Funder, Order, OrderState
from tests.support.shop import ShopRefusal

OFF_20 = {"off": 2_000, "reach": 10_000}


def template(shop, kind="amount_off", arguments=None, promo=None, **more):
    """Return an offer as somebody would make it."""
    said = {"id": "1", "title": "满100减20", "kind": kind, "arguments": arguments or OFF_20}
    days = {} if "valid_from" in more else {"days": 7}
    return CouponTemplate(
        id="",
        promotion=written(promotion_of(said | (promo or {}))),
        created_at=shop.clock.at,
        created_by="",
        **{
            "giving": Giving.OPEN,
            "quantity": 100,
            "starts_at": shop.clock.at,
            "ends_at": shop.clock.at + timedelta(days=30),
        }
        | days
        | more,
    )


def offered(shop, **more):
    return shop.do(shop.merchant_caller(), coupons.offer, template(shop, **more))


def platform(shop, **more):
    operator = shop.caller("usr_ops", Role.OPERATOR)
    return shop.do(operator, coupons.offer, template(shop, promo={"payer": "platform"}, **more))


@pytest.fixture
def watch(shop):
    """A watch at ¥100.00 for the group; two people form it."""
    return shop.variant(price=12_500)


def run(shop, variant, people=2, **more):
    return shop.campaign(variant, quorum=Quorum(Measure.BUYERS, people), **more)


def claimed(shop, who, offer):
    return shop.do(who, coupons.claim, offer.id).coupon


def paid_with_coupon(shop, campaign, who, coupon, **more):
    joined = shop.join(campaign, who, coupon_id=coupon.id, **more)
    shop.pay(joined)
    return joined


def state_of(shop, coupon):
    return shop.get(Coupon, coupon.id).state


# --- offering and claiming ------------------------------------------------------------------------


def test_a_coupon_is_claimed_as_often_as_the_offer_says(shop, watch):
    offer, who = offered(shop, per_person=2), shop.shopper()
    first, second = claimed(shop, who, offer), claimed(shop, who, offer)
    assert first.id != second.id
    assert first.valid_until == shop.clock.at + timedelta(days=7)
    with pytest.raises(Refused, match="coupons_per_person"):
        claimed(shop, who, offer)
    assert shop.get(CouponTemplate, offer.id).claimed == 2


def test_no_more_are_claimed_than_there_are_or_than_the_budget_pays(shop, watch):
    few, poor = offered(shop, quantity=1), offered(shop, budget=5_999)
    claimed(shop, shop.shopper(), few)
    for _ in range(2):
        claimed(shop, shop.shopper(), poor)
    for offer in (few, poor):
        with pytest.raises(Refused, match="coupons_are_left"):
            claimed(shop, shop.shopper(), offer)


def test_an_offer_is_paused_resumed_and_ended(shop, watch):
    offer, merchant = offered(shop), shop.merchant_caller()
    shop.do(merchant, coupons.move_template, offer.id, TemplateMove.PAUSE)
    with pytest.raises(Refused, match="coupons_are_given_out"):
        claimed(shop, shop.shopper(), offer)
    shop.do(merchant, coupons.move_template, offer.id, TemplateMove.RESUME)
    claimed(shop, shop.shopper(), offer)
    shop.do(merchant, coupons.move_template, offer.id, TemplateMove.END)
    with pytest.raises(IllegalMove):
        shop.do(merchant, coupons.move_template, offer.id, TemplateMove.RESUME)


def test_a_code_is_good_once_however_it_is_typed(shop, watch):
    offer, merchant = offered(shop, giving=Giving.CODE, per_person=9), shop.merchant_caller()
    handed = shop.do(merchant, coupons.make_codes, offer.id, 50)
    assert len(set(handed.codes)) == 50
    assert all(len(code.replace("-", "")) == 16 for code in handed.codes)
    code, who = handed.codes[0], shop.shopper()
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert shop.do(who, coupons.claim_by_code, typed).coupon.template_id == offer.id
    with pytest.raises(Refused, match="coupon_code_is_unused"):
        shop.do(who, coupons.claim_by_code, code)
    with pytest.raises(NotFound):
        shop.do(who, coupons.claim_by_code, "0000-0000-0000-0000")
    with pytest.raises(NotFound):
        claimed(shop, who, offer)
    assert code not in {each.id for each in shop.all(CouponCode)}


def test_staff_give_coupons_to_people_they_name_all_or_none(shop, watch):
    offer, merchant = offered(shop, giving=Giving.STAFF), shop.merchant_caller()
    people = [shop.user().id, shop.user().id]
    given = shop.do(merchant, coupons.give, offer.id, people)
    assert [each.owner_id for each in given] == people
    with pytest.raises(NotFound):
        shop.do(merchant, coupons.give, offer.id, [shop.user().id, "usr_nobody"])
    assert len(shop.all(Coupon)) == 2


def test_whoever_opens_an_account_is_welcomed_once(shop, watch):
    offer = offered(shop, giving=Giving.WELCOME, quantity=1)
    first, second = shop.user(), shop.user()
    for user in (first, first, second):
        shop.do(shop.system(), coupons.welcome, user.id)
    assert [each.owner_id for each in shop.all(Coupon, template_id=offer.id)] == [first.id]


def test_an_offer_for_new_users_is_for_those_who_never_paid(shop, watch):
    offer, old = offered(shop, new_users=True), shop.shopper()
    shop.pay(shop.join(run(shop, watch), old))
    with pytest.raises(Refused, match="coupon_is_for_new_users"):
        claimed(shop, old, offer)
    claimed(shop, shop.shopper(), offer)


def test_a_merchant_sees_and_gives_only_what_is_theirs(shop, watch):
    offer, everywhere = offered(shop), platform(shop)
    other = shop.caller("usr_other", Role.MERCHANT, merchant_id="mch_other")
    with pytest.raises(NotFound):
        shop.do(other, coupons.use_of, offer.id)
    with pytest.raises(NotFound):
        shop.do(shop.merchant_caller(), coupons.template_of, everywhere.id)
    with pytest.raises(Forbidden):
        offered(shop, promo={"payer": "platform"})
    with pytest.raises(Invalid, match="is needed where the merchant pays"):
        shop.do(shop.caller("usr_ops", Role.OPERATOR), coupons.offer, template(shop))
    assert [each.id for each in shop.do(shop.merchant_caller(), coupons.templates, 10)] == [
        offer.id
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"per_person": 0}, "per_person"),
        ({"days": 0}, "days"),
        ({"budget": 1_999}, "budget"),
        ({"kind": "freight_off", "arguments": {"cap": 5}, "budget": 100}, "budget"),
        ({"kind": "spend_threshold", "arguments": {"steps": [{"reach": 2, "off": 1}]}}, "kind"),
        ({"promo": {"payer": "leader"}}, "payer"),
        ({"promo": {"conditions": {"segments": ["s"]}}}, "conditions.segments"),
    ],
)
def test_an_offer_nobody_could_keep_is_refused(shop, watch, changes, field):
    with pytest.raises(Invalid) as refused:
        offered(shop, **changes)
    assert refused.value.field == field


# --- paying with it -------------------------------------------------------------------------------


def test_100_less_20_on_group_goods_is_held_used_and_explained(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    campaign = run(shop, watch, people=1)
    joined = shop.join(campaign, who, coupon_id=coupon.id)
    assert joined.order.payable == Money(8_000)
    reasons = [(a.layer, a.rule, a.amount.minor) for a in joined.order.lines[0].attributions]
    assert reasons[-1] == ("coupon", f"coupon:{coupon.id}", 2_000)
    held = shop.get(Coupon, coupon.id)
    assert (held.state, held.order_id, held.saved) == (CouponState.HELD, joined.order.id, 2_000)
    shop.pay(joined)
    assert state_of(shop, coupon) is CouponState.USED
    shop.rest()
    assert shop.order(joined).state in {OrderState.CONFIRMED, OrderState.APPROVED}
    assert shop.do(shop.merchant_caller(), coupons.use_of, coupon.template_id) == coupons.Use(
        claimed=1, by_state={"used": 1}, saved=2_000
    )


def test_what_the_platform_gives_is_booked_to_it(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), platform(shop))
    joined = paid_with_coupon(shop, run(shop, watch, people=1), who, coupon)
    shop.rest()
    assert joined.order.lines[0].attributions[-1].funder is Funder.PLATFORM
    assert shop.balances()["promotion:platform"] == 2_000


@pytest.mark.parametrize("price", [12_499, 9_000])
def test_a_coupon_that_takes_nothing_off_refuses_the_join_and_changes_nothing(shop, watch, price):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    campaign = run(shop, shop.variant(price=price))
    with pytest.raises(ShopRefusal, match="coupon_takes_something_off"):
        shop.join(campaign, who, coupon_id=coupon.id)
    assert state_of(shop, coupon) is CouponState.CLAIMED
    assert shop.all(Order) == []


def test_a_coupon_pays_one_order_at_a_time_and_only_its_owners(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    first, second = run(shop, watch), run(shop, watch)
    with pytest.raises(ShopRefusal, match="not_found"):
        shop.join(first, shop.shopper(), coupon_id=coupon.id)
    shop.join(first, who, coupon_id=coupon.id)
    with pytest.raises(ShopRefusal, match="illegal_move"):
        shop.join(second, who, coupon_id=coupon.id)


def test_another_merchants_coupon_is_refused(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    theirs = shop.variant(price=12_500, merchant=shop.merchant())
    with pytest.raises(ShopRefusal, match="coupon_is_for_this_shop"):
        shop.join(run(shop, theirs), who, coupon_id=coupon.id)


def test_a_campaign_may_take_no_coupons(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    with pytest.raises(ShopRefusal, match="coupons_not_allowed"):
        shop.join(run(shop, watch, coupons_allowed=False), who, coupon_id=coupon.id)


def test_a_coupon_for_first_orders_asks_the_orders(shop, watch):
    conditions = {"conditions": {"first_order": True}}
    offer, who = offered(shop, per_person=2, promo=conditions), shop.shopper()
    one, two = claimed(shop, who, offer), claimed(shop, who, offer)
    paid_with_coupon(shop, run(shop, watch), who, one)
    with pytest.raises(ShopRefusal, match="not_first_order"):
        shop.join(run(shop, watch), who, coupon_id=two.id)


# --- giving it back -------------------------------------------------------------------------------


def test_an_unpaid_order_lets_its_coupon_go(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    campaign = run(shop, watch)
    shop.join(campaign, who, coupon_id=coupon.id)
    shop.clock.forward(minutes=20)
    shop.rest()
    free = shop.get(Coupon, coupon.id)
    assert (free.state, free.order_id, free.saved) == (CouponState.CLAIMED, None, 0)
    shop.join(campaign, who, coupon_id=coupon.id)


@pytest.mark.parametrize(("days", "then"), [(30, CouponState.RETURNED), (2, CouponState.EXPIRED)])
def test_a_failed_group_gives_the_coupon_back_with_its_old_end(shop, watch, days, then):
    coupon = claimed(shop, who := shop.shopper(), offered(shop, days=days))
    paid_with_coupon(shop, run(shop, watch), who, coupon)
    shop.clock.forward(days=3, minutes=1)
    shop.rest()
    after = shop.get(Coupon, coupon.id)
    assert (after.state, after.valid_until) == (then, coupon.valid_until)
    if then is CouponState.RETURNED:
        paid_with_coupon(shop, run(shop, watch), who, after)
        assert state_of(shop, coupon) is CouponState.USED


@pytest.mark.parametrize(
    ("returns", "then"), [(True, CouponState.RETURNED), (False, CouponState.USED)]
)
def test_leaving_gives_it_back_if_the_refund_rules_say_so(shop, watch, returns, then):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    campaign = run(shop, watch, refund_rules=RefundRules(coupon_returns=returns))
    joined = paid_with_coupon(shop, campaign, who, coupon)
    shop.do(who, aftersale.leave_group, joined.order.id)
    assert state_of(shop, coupon) is then


def test_a_rejected_order_gives_it_back_whatever_the_rules_say(shop, watch):
    coupon = claimed(shop, who := shop.shopper(), offered(shop))
    rules = RefundRules(coupon_returns=False)
    joined = paid_with_coupon(shop, run(shop, watch, people=1, refund_rules=rules), who, coupon)
    shop.rest()
    shop.do(shop.merchant_caller(), reject_order, joined.order.id, "out of stock")
    assert state_of(shop, coupon) is CouponState.RETURNED


def test_money_that_comes_late_takes_the_coupon_again_or_goes_back(shop, watch):
    offer, campaign = offered(shop), run(shop, watch)
    kept, spent = shop.shopper(), shop.shopper()
    orders = []
    for who in (kept, spent):
        coupon = claimed(shop, who, offer)
        orders.append((shop.join(campaign, who, coupon_id=coupon.id), coupon))
        shop.announce(orders[-1][0])
    shop.clock.forward(minutes=20)
    shop.rest()
    elsewhere = shop.join(run(shop, watch), spent, coupon_id=orders[1][1].id)
    shop.pay(elsewhere)
    for joined, _ in orders:
        shop.captured_anyway(joined, at=shop.clock.at)
    assert shop.order(orders[0][0]).state is OrderState.PLACED
    assert state_of(shop, orders[0][1]) is CouponState.USED
    assert shop.order(orders[1][0]).state is OrderState.CLOSED
    assert shop.get(Coupon, orders[1][1].id).order_id == elsewhere.order.id


def test_a_coupon_expires_by_itself_and_is_revoked_by_the_shop(shop, watch):
    offer = offered(shop, per_person=2)
    who = shop.shopper()
    one, two = claimed(shop, who, offer), claimed(shop, who, offer)
    shop.do(shop.merchant_caller(), coupons.revoke, two.id, "given by mistake")
    assert state_of(shop, two) is CouponState.REVOKED
    campaign = run(shop, watch, ends_at=shop.clock.at + timedelta(days=9))
    shop.clock.forward(days=7)
    with pytest.raises(ShopRefusal, match="coupon_is_valid_now"):
        shop.join(campaign, who, coupon_id=one.id)
    shop.rest()
    assert state_of(shop, one) is CouponState.EXPIRED


# --- quotes ---------------------------------------------------------------------------------------


def quoted(shop, who, campaign, coupon=None):
    basket = [(campaign.offers[0].sku_id, 1)]
    return shop.do(who, campaigns.quote_basket, campaign.id, basket, coupon)


def test_a_quote_chooses_the_best_coupon_and_says_why_not_the_others(shop, watch):
    who, campaign = shop.shopper(), run(shop, watch)
    best = claimed(shop, who, offered(shop))
    worse = claimed(shop, who, offered(shop, arguments={"off": 500}))
    far = claimed(shop, who, offered(shop, arguments={"off": 9_000, "reach": 50_000}))
    found = quoted(shop, who, campaign)
    assert found.quote.payable == Money(8_000)
    why = {each.rule: each.why.code for each in found.priced.skipped}
    assert why == {
        f"coupon:{worse.id}": "another_is_better",
        f"coupon:{far.id}": "amount_not_reached",
    }
    assert quoted(shop, who, campaign, "").quote.payable == Money(10_000)
    assert quoted(shop, who, campaign, worse.id).quote.payable == Money(9_500)
    assert quoted(shop, shop.shopper(), campaign).quote.payable == Money(10_000)
    agreed = shop.join(campaign, who, coupon_id=best.id, agreed=found.quote.payable)
    assert agreed.order.payable == found.quote.payable


def test_an_offer_keeps_what_it_was_when_claimed(shop, watch):
    offer = offered(shop)
    assert evolve(offer, claimed=0) == shop.get(CouponTemplate, offer.id)


def test_what_the_platform_gave_comes_back_with_units_that_cost_the_buyer_less_than_a_fen(shop):
    shop.merchant(fee_bp=100)
    nearly_all = {"off": 29_998, "reach": 100}
    coupon = claimed(shop, who := shop.shopper(), platform(shop, arguments=nearly_all))
    campaign = run(shop, shop.variant(price=12_500), people=1)
    joined = paid_with_coupon(shop, campaign, who, coupon, units=3)
    shop.rest()
    assert shop.order(joined).payable == Money(2)
    for left in (2, 1, 0):
        asked = aftersale.Application(joined.order.id, 1, 1, Kind.REFUND_ONLY, Reason.DAMAGED)
        case = shop.do(who, aftersale.apply_for, asked)
        shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
        shop.work_off()
        shop.clock.forward(minutes=2)
        shop.rest()
        assert shop.balances().get("promotion:platform", 0) == 29_998 - 29_998 * (3 - left) // 3
    assert shop.balances() == {}
