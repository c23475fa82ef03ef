"""A ladder of prices: whoever paid more than the step reached in the end gets the difference."""

from datetime import timedelta

import pytest

from groupbuy.application import aftersale, campaigns, forming
from groupbuy.application.ports import AuditRow
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.aftersale import Kind, Reason
from groupbuy.domain.campaigns import Capacity, GroupState, Measure, OnQuorum, Quorum, Tier
from groupbuy.domain.kernel import Money
from groupbuy.domain.marketing import promotion_of
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundCause
from tests.support.shop import ShopRefusal

BASE, SECOND, LAST = 8_000, 7_000, 5_000
LADDER = (Tier(2, SECOND), Tier(4, LAST))
TWO = Quorum(Measure.BUYERS, 2)


@pytest.fixture
def goods(shop):
    """A thing of ¥100.00 that nobody pays in full."""
    shop.merchant(fee_bp=100)
    return shop.variant(price=10_000)


def ladder(shop, goods, **more):
    return shop.campaign(goods, **{"quorum": TWO, "tiers": LADDER, **more})


def joined(shop, campaign, count):
    """Let people join one after the other, each paying before the next one comes."""
    return [shop.join_and_pay(campaign)[0] for _ in range(count)]


def ended(shop):
    shop.work_off()
    shop.clock.forward(days=3, minutes=30)
    shop.rest()


def paid(shop, joined):
    order = shop.order(joined)
    return order.payable.minor - order.refunded.minor


def test_each_pays_the_step_reached_and_in_the_end_everybody_the_last_one(shop, goods):
    leader = shop.leader(commission_bp=1_000)
    campaign = ladder(shop, goods, leader=leader)
    people = joined(shop, campaign, 5)
    assert [each.order.payable.minor for each in people] == [BASE, BASE, SECOND, SECOND, LAST]
    ended(shop)
    assert shop.group(campaign).final_reached == 5
    assert [paid(shop, each) for each in people] == [LAST] * 5
    assert shop.given_back(*people) == [3_000, 3_000, 2_000, 2_000, 0]
    assert {r.cause for each in people for r in shop.refunds(each)} == {RefundCause.TIER}
    totals = shop.balances()
    assert totals["clearing:memory"] == 5 * LAST
    assert totals[f"leader:{leader.id}:pending"] == -5 * 500
    assert totals["platform:fees:pending"] == -5 * 50


def test_progress_tells_the_step_and_what_is_missing_to_the_next(shop, goods):
    campaign = ladder(shop, goods)
    told = shop.progress(campaign)
    assert (told.tier_bp, told.next_tier_bp, told.tier_missing) == (None, SECOND, 2)
    joined(shop, campaign, 3)
    told = shop.progress(campaign)
    assert (told.tier_bp, told.next_tier_bp, told.tier_missing) == (SECOND, LAST, 1)
    ended(shop)
    told = shop.progress(campaign)
    assert (told.tier_bp, told.next_tier_bp, told.tier_missing) == (SECOND, None, None)
    plain = shop.progress(shop.campaign(goods))
    assert (plain.tier_bp, plain.next_tier_bp, plain.tier_missing) == (None, None, None)


def test_a_price_that_has_come_down_since_it_was_shown_is_taken_and_a_higher_one_is_not(
    shop, goods
):
    campaign = ladder(shop, goods)
    basket = [(goods.id, 1)]
    quoted = shop.do(shop.shopper(), campaigns.quote_basket, campaign.id, basket).quote
    assert quoted.payable == Money(BASE)
    leaving = joined(shop, campaign, 2)[0]
    quoted_later = shop.do(shop.shopper(), campaigns.quote_basket, campaign.id, basket).quote
    assert quoted_later.payable == Money(SECOND)
    assert shop.join(campaign, agreed=quoted.payable).order.payable == Money(SECOND)
    shop.do(shop.merchant_caller(), aftersale.refund_order, leaving.order.id, "rain")
    with pytest.raises(ShopRefusal, match="price_is_as_shown"):
        shop.join(campaign, agreed=quoted_later.payable)


def test_whoever_leaves_afterwards_does_not_lift_the_price_again(shop, goods):
    campaign = ladder(shop, goods)
    people = joined(shop, campaign, 4)
    ended(shop)
    for each in people[1:]:
        shop.do(shop.merchant_caller(), aftersale.refund_order, each.order.id, "hail")
        shop.work_off()
        shop.clock.forward(minutes=2)
    shop.rest()
    assert shop.group(campaign).final_reached == 4
    assert paid(shop, people[0]) == LAST
    assert shop.given_back(*people[1:]) == [each.order.payable.minor for each in people[1:]]


@pytest.mark.parametrize("before", [True, False])
def test_units_that_go_back_before_or_after_end_in_the_same_fen(shop, before):
    shop.merchant(fee_bp=100)
    goods = shop.variant(price=3_333)
    campaign = ladder(shop, goods)
    first = shop.join(campaign, units=3)
    shop.pay(first)
    joined(shop, campaign, 3)
    shop.work_off()

    def back():
        asked = aftersale.UnitsBack(first.order.id, 1, 1, key="spoilt")
        shop.do(shop.merchant_caller(), aftersale.refund_units, asked, "spoilt")
        shop.work_off()
        shop.clock.forward(minutes=2)

    if before:
        back()
    ended(shop)
    if not before:
        back()
    shop.rest()
    worth = 3 * 1_666
    assert paid(shop, first) == worth - worth // 3
    assert shop.order(first).lines[0].dropped == first.order.payable - Money(worth)


def test_a_case_that_is_open_meanwhile_gives_back_what_is_left(shop, goods):
    campaign = ladder(shop, goods)
    people = joined(shop, campaign, 4)
    shop.work_off()
    shop.clock.forward(days=2, hours=23)
    who = shop.caller(people[0].order.buyer_id, Role.SHOPPER)
    asked = aftersale.Application(people[0].order.id, 1, 1, Kind.REFUND_ONLY, Reason.DAMAGED)
    case = shop.do(who, aftersale.apply_for, asked)
    shop.clock.forward(hours=2)
    shop.rest()
    assert paid(shop, people[0]) == LAST
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
    shop.work_off()
    shop.clock.forward(minutes=2)
    shop.rest()
    assert shop.given_back(people[0]) == [BASE]


def test_a_ladder_waits_for_seats_that_may_still_be_paid(shop, goods):
    campaign = ladder(shop, goods, on_quorum=OnQuorum.STOP, quorum=Quorum(Measure.BUYERS, 3))
    first, second = joined(shop, campaign, 2)
    third, fourth = shop.join(campaign), shop.join(campaign)
    shop.pay(third)
    shop.work_off()
    assert shop.group(campaign).state is GroupState.ENDED
    assert shop.group(campaign).final_reached is None
    shop.pay(fourth)
    shop.rest()
    assert shop.group(campaign).final_reached == 4
    assert [paid(shop, each) for each in (first, second, third, fourth)] == [LAST] * 4


def test_a_seat_that_expires_settles_the_ladder_without_it(shop, goods):
    campaign = ladder(shop, goods, on_quorum=OnQuorum.STOP, quorum=Quorum(Measure.BUYERS, 3))
    people = joined(shop, campaign, 2)
    last, never = shop.join(campaign), shop.join(campaign)
    shop.pay(last)
    shop.work_off()
    shop.clock.forward(minutes=20)
    shop.rest()
    assert shop.order(never).state is OrderState.EXPIRED
    assert shop.group(campaign).final_reached == 3
    assert [paid(shop, each) for each in (*people, last)] == [SECOND] * 3


def test_a_group_that_fails_gives_everything_back_and_has_no_ladder(shop, goods):
    campaign = ladder(shop, goods, quorum=Quorum(Measure.BUYERS, 5))
    people = joined(shop, campaign, 4)
    ended(shop)
    assert shop.group(campaign).final_reached is None
    assert shop.given_back(*people) == [each.order.payable.minor for each in people]
    assert {r.cause for each in people for r in shop.refunds(each)} == {RefundCause.GROUP_FAILED}


def test_other_discounts_stay_and_a_line_never_costs_less_than_nothing(shop, goods):
    off = {"steps": [{"reach": 5_000, "off": 4_990}]}
    said = {"id": "1", "kind": "spend_threshold", "title": "满减", "arguments": off}
    campaign = ladder(shop, goods, tiers=(Tier(3, 1_000),), promotions=(promotion_of(said),))
    people = joined(shop, campaign, 3)
    assert [each.order.payable.minor for each in people] == [3_010] * 3
    ended(shop)
    assert [paid(shop, each) for each in people] == [0] * 3


def test_a_ladder_of_units_counts_units_and_each_variant_has_its_price(shop, goods):
    other = shop.variant(price=333)
    quorum = Quorum(Measure.UNITS, 2)
    offers = tuple(OfferSpec(sku.id, share_bp=8_000) for sku in (goods, other))
    campaign = ladder(shop, goods, quorum=quorum, offers=offers, tiers=(Tier(3, 5_000),))
    first = shop.join(campaign, units=2)
    shop.pay(first)
    second = shop.join(campaign, sku=other.id)
    shop.pay(second)
    assert (first.order.payable, second.order.payable) == (Money(16_000), Money(266))
    ended(shop)
    assert (paid(shop, first), paid(shop, second)) == (10_000, 166)


@pytest.mark.parametrize("sizes", [(2, 2, 1), (1, 3, 2)])
def test_a_large_group_is_shared_out_and_everybody_is_refunded_once(
    shop, goods, monkeypatch, sizes
):
    for name, size in zip(("SHARE", "PAGE", "BATCH"), sizes, strict=True):
        monkeypatch.setattr(forming, name, size)
    campaign = ladder(shop, goods, capacity=Capacity(Measure.BUYERS, 9))
    people = joined(shop, campaign, 9)
    ended(shop)
    assert [paid(shop, each) for each in people] == [LAST] * 9
    assert [len(shop.refunds(each)) for each in people] == [1] * 4 + [0] * 5
    shop.do(shop.system(), forming.bring_prices_down, [each.order.id for each in people])
    shop.rest()
    assert sum(map(len, map(shop.refunds, people))) == 4
    rows = [row for row in shop.all(AuditRow) if row.action == "group.ladder"]
    assert sum(int(row.facts["orders"]) for row in rows) == 4


def test_an_order_that_still_waits_for_its_group_is_confirmed_on_the_way(shop, goods):
    campaign = ladder(shop, goods, ends_at=shop.clock.at + timedelta(hours=1))
    people = joined(shop, campaign, 4)
    first = shop.order(people[0])
    assert first.state is OrderState.PLACED
    shop.clock.forward(hours=2)
    shop.do(shop.system(), forming.end_group, shop.group(campaign).id)
    shop.do(shop.system(), forming.bring_prices_down, [first.id])
    assert shop.order(people[0]).confirmed_at is not None
    shop.rest()
    assert [paid(shop, each) for each in people] == [LAST] * 4
