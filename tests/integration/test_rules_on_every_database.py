"""The stories of groups, money and goods, the same on memory, SQLite and PostgreSQL.

After every single move every invariant is asked; at rest the provider's own books must agree.
"""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import (
    aftersale,
    campaigns,
    checkout,
    forming,
    fulfilment,
    payments,
    refunds,
)
from groupbuy.application.ports import KeyClaim, ParcelState, RefundOutcome, Task
from groupbuy.application.relay import claim, finish
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Capacity,
    Group,
    GroupState,
    Limits,
    Measure,
    Mode,
    OnQuorum,
    Quorum,
    RefundRules,
    Seat,
    SeatState,
    StockPolicy,
)
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import KeyReused, Money, NotFound, Refused
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import CloseReason, Contact, OrderState
from groupbuy.domain.payments import PaymentState, RefundCause, RefundState
from tests.support.checks import check_shop
from tests.support.shop import Shop, ShopRefusal

PRICE = 79920
MS = timedelta(milliseconds=1)


@pytest.fixture
def shop(checked_shop):
    return checked_shop


def states(shop, joined):
    return [shop.order(each).state for each in joined]


def only_refund(shop, joined):
    (refund,) = shop.refunds(joined)
    return refund


def sent(shop, joined, number="SF1"):
    staff = shop.merchant_caller()
    shop.do(staff, fulfilment.approve_order, joined.order.id)
    shop.do(staff, fulfilment.ship_order, Parcel(joined.order.id, "sf", number))


# --- forming and failing ---------------------------------------------------------------------


def test_a_group_forms_at_its_quorum_and_confirms_everybody_once(shop):
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    campaign = shop.campaign(leader=leader)
    joined = shop.join_and_pay(campaign, 4)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FORMED
    assert states(shop, joined) == [OrderState.CONFIRMED] * 4
    assert (shop.stock(campaign).sold, shop.stock(campaign).reserved) == (4, 0)
    assert shop.balances()[f"leader:{leader.id}:pending"] == -4 * (PRICE * 500 // 10_000)
    assert shop.given_back(*joined) == [0] * 4


def test_a_group_that_fails_gives_every_payer_everything_back(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    idle = shop.join(campaign)
    shop.pass_time(days=3)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED
    assert states(shop, [*paid, idle])[:2] == [OrderState.CLOSED] * 2
    assert shop.given_back(*paid, idle) == [PRICE, PRICE, 0]
    assert {only_refund(shop, each).cause for each in paid} == {RefundCause.GROUP_FAILED}
    assert shop.balances() == {}
    assert shop.stock(campaign) == evolve(shop.stock(campaign), available=1000, reserved=0, sold=0)
    assert shop.get(Campaign, campaign.id).state is CampaignState.CLOSED


def test_progress_is_thirty_joined_twenty_missing_a_day_left(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 50))
    with_progress = shop.join_and_pay(campaign, 6)
    shop.do(
        shop.caller(with_progress[0].order.buyer_id, Role.SHOPPER),
        aftersale.leave_group,
        with_progress[0].order.id,
    )
    shop.clock.at = shop.group(campaign).ends_at - timedelta(hours=24)
    shown = shop.progress(campaign)
    assert (shown.joined, shown.missing, shown.seconds_left) == (5, 45, 86_400)


# --- money at the wrong moment ---------------------------------------------------------------


def test_money_one_millisecond_after_the_end_goes_back(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    shop.clock.at = shop.group(campaign).ends_at - timedelta(minutes=5)
    late = shop.join(campaign)
    shop.announce(late)
    end = shop.group(campaign).ends_at
    shop.clock.at = end + timedelta(seconds=1)
    settled = shop.captured_anyway(late, at=end + MS)
    assert settled.outcome == "refunded:late_payment"
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED
    assert shop.given_back(late) == [PRICE]
    assert shop.order(late).state is OrderState.CLOSED


def test_late_money_for_a_group_nobody_has_looked_at_yet_closes_its_order(shop):
    campaign = shop.campaign()
    late = shop.join(campaign)
    shop.announce(late)
    end = shop.group(campaign).ends_at
    shop.clock.at = end
    shop.captured_anyway(late, at=end)
    assert shop.order(late).state is OrderState.CLOSED
    assert shop.group(campaign).state is GroupState.FAILED
    shop.rest()
    assert shop.given_back(late) == [PRICE]


def test_money_in_time_counts_although_we_hear_of_it_while_closing(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    end = shop.group(campaign).ends_at
    shop.clock.at = end - timedelta(minutes=1)
    last = shop.join(campaign)
    shop.announce(last)
    report = shop.gateway.pay(last.payment.number, paid_at=end - MS)
    shop.clock.at = end + timedelta(seconds=1)
    shop.gateway.trouble.before.update(prepay=1, close=1)
    shop.work_off()
    assert shop.group(campaign).state is GroupState.CLOSING
    assert shop.hear(report).outcome == "confirmed"
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert states(shop, [last]) == [OrderState.CONFIRMED]


def test_at_the_end_the_provider_is_asked_before_a_group_is_given_up(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    end = shop.group(campaign).ends_at
    shop.clock.at = end - timedelta(minutes=1)
    last = shop.join(campaign)
    shop.announce(last)
    shop.gateway.pay(last.payment.number)
    shop.clock.at = end
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert states(shop, [last]) == [OrderState.CONFIRMED]


def test_the_same_capture_told_three_times_counts_once(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    report = shop.gateway.pay(joined.payment.number)
    assert [shop.hear(report).outcome for _ in range(3)] == ["paid", "repeated", "repeated"]
    assert shop.progress(campaign).joined == 1
    assert shop.balances()["clearing:memory"] == PRICE


def test_one_batch_may_tell_of_a_capture_and_then_repeat_old_news(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    pending = shop.announce(joined)
    paid = shop.gateway.pay(joined.payment.number)
    told = shop.do(shop.system(), payments.settle_payments, [paid, pending, paid])
    assert [each.outcome for each in told] == ["paid", "repeated", "repeated"]
    assert shop.order(joined).state is OrderState.PLACED


def test_two_payments_of_one_order_mean_one_of_them_goes_back(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    joined = shop.join(campaign)
    shop.announce(joined)
    other = evolve(joined, payment=shop.second_payment(joined))
    shop.announce(other)
    shop.hear(shop.gateway.pay(joined.payment.number))
    assert shop.hear(shop.gateway.pay(other.payment.number)).outcome == "refunded:duplicate"
    shop.rest()
    assert shop.given_back(joined, other) == [0, PRICE]
    assert shop.order(joined).state is OrderState.CONFIRMED
    assert shop.payment(other).quarantined == "duplicate"


@pytest.mark.parametrize("amount", [1, PRICE - 1, PRICE + 1])
def test_a_wrong_amount_pays_nothing_and_goes_back(shop, amount):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    settled = shop.hear(shop.gateway.pay(joined.payment.number, amount=Money(amount)))
    assert settled.outcome == "refunded:wrong_amount"
    assert shop.order(joined).state is OrderState.AWAITING_PAYMENT
    assert shop.progress(campaign).joined == 0
    shop.rest()
    assert shop.given_back(joined) == [amount]


def test_a_wrong_currency_pays_nothing_and_goes_back(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.hear(shop.gateway.pay(joined.payment.number, amount=Money(PRICE, "USD")))
    assert shop.payment(joined).quarantined == "wrong_amount"
    shop.work_off()
    assert shop.given_back(joined) == [PRICE]


def test_who_paid_a_wrong_amount_and_nothing_more_holds_no_seat_for_ever(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.hear(shop.gateway.pay(joined.payment.number, amount=Money(1)))
    shop.pass_time(minutes=16)
    assert shop.order(joined).state is OrderState.EXPIRED
    assert shop.stock(campaign).reserved == 0
    shop.pass_time(days=3)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED


def test_an_unpaid_seat_expires_only_once_the_provider_is_certain(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.gateway.trouble.before["close"] = 2
    shop.pass_time(minutes=15)
    assert shop.seat(joined).state is SeatState.HELD
    for _ in range(2):
        shop.pass_time(seconds=15)
    assert shop.seat(joined).state is SeatState.RELEASED
    assert shop.payment(joined).state is PaymentState.CLOSED
    shop.rest()


def test_a_late_payer_is_let_back_in_while_there_is_room(shop):
    campaign = shop.campaign(capacity=Capacity(Measure.BUYERS, 3))
    joined = shop.join(campaign)
    shop.announce(joined)
    shop.pass_time(minutes=16)
    assert shop.order(joined).state is OrderState.EXPIRED
    settled = shop.captured_anyway(joined, at=shop.clock.at)
    assert settled.outcome == "paid"
    assert shop.order(joined).state is OrderState.PLACED
    assert shop.stock(campaign).reserved == 1
    shop.join_and_pay(campaign, 2)
    shop.rest()
    assert states(shop, [joined]) == [OrderState.CONFIRMED]


@pytest.mark.parametrize("scarce", ["seats", "goods", "limits"])
def test_a_late_payer_is_refunded_when_what_they_had_is_gone(shop, scarce):
    variant = shop.variant(stock=3)
    terms = {
        "seats": {"capacity": Capacity(Measure.BUYERS, 3)},
        "goods": {},
        "limits": {"limits": Limits(orders_per_buyer=1)},
    }[scarce]
    campaign = shop.campaign(variant, **terms)
    who = shop.shopper()
    joined = shop.join(campaign, who)
    shop.announce(joined)
    shop.pass_time(minutes=16)
    if scarce == "limits":
        shop.pay(shop.join(campaign, who))
    else:
        shop.join_and_pay(campaign, 3)
    settled = shop.captured_anyway(joined, at=shop.clock.at)
    assert settled.outcome == "refunded:late_payment"
    shop.rest()
    assert shop.given_back(joined) == [PRICE]
    assert shop.order(joined).close_reason is CloseReason.EXPIRED


# --- giving up -------------------------------------------------------------------------------


def test_who_leaves_in_time_gets_everything_back_and_frees_the_seat(shop):
    campaign = shop.campaign(capacity=Capacity(Measure.BUYERS, 3))
    joined = shop.join_and_pay(campaign, 2)
    buyer = shop.caller(joined[0].order.buyer_id, Role.SHOPPER)
    shop.do(buyer, aftersale.leave_group, joined[0].order.id)
    with pytest.raises(Refused):
        shop.do(buyer, aftersale.leave_group, joined[0].order.id)
    shop.join_and_pay(campaign, 2)
    shop.rest()
    assert shop.given_back(*joined) == [PRICE, 0]
    assert shop.order(joined[0]).close_reason is CloseReason.LEFT
    assert shop.group(campaign).state is GroupState.FORMED


@pytest.mark.parametrize(
    ("hours", "before", "goes"), [(0, MS, True), (24, MS, False), (None, timedelta(days=2), False)]
)
def test_leaving_has_a_deadline(shop, hours, before, goes):
    rules = RefundRules(leave_hours_before_end=hours)
    campaign = shop.campaign(refund_rules=rules)
    (joined,) = shop.join_and_pay(campaign)
    buyer = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    shop.clock.at = shop.group(campaign).ends_at - before
    if goes:
        shop.do(buyer, aftersale.leave_group, joined.order.id)
        return
    with pytest.raises(Refused) as refusal:
        shop.do(buyer, aftersale.leave_group, joined.order.id)
    assert refusal.value.rule in ("before_the_leaving_deadline", "leaving_is_offered")


def test_nobody_leaves_somebody_elses_order_or_a_formed_group(shop):
    campaign = shop.campaign()
    joined = shop.join_and_pay(campaign, 2)
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), aftersale.leave_group, joined[0].order.id)
    shop.join_and_pay(campaign, 1)
    for _ in range(2):  # before the orders are confirmed, and after
        with pytest.raises(Refused):
            buyer = shop.caller(joined[0].order.buyer_id, Role.SHOPPER)
            shop.do(buyer, aftersale.leave_group, joined[0].order.id)
        shop.rest()


def test_an_unpaid_checkout_is_given_up_when_the_provider_agrees(shop):
    campaign = shop.campaign()
    joined, paid = shop.join(campaign), shop.join(campaign)
    for each in (joined, paid):
        shop.announce(each)
        buyer = shop.caller(each.order.buyer_id, Role.SHOPPER)
        shop.do(buyer, aftersale.cancel_checkout, each.order.id)
    shop.gateway.pay(paid.payment.number)
    shop.rest()
    assert states(shop, [joined, paid]) == [OrderState.CLOSED, OrderState.PLACED]
    assert shop.order(joined).close_reason is CloseReason.CANCELLED


def test_a_cancelled_campaign_gives_everything_back_and_takes_no_more_money(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    held = shop.join(campaign)
    shop.announce(held)
    shop.do(shop.merchant_caller(), campaigns.cancel_campaign, campaign.id, "天气")
    assert shop.hear(shop.gateway.pay(held.payment.number)).outcome == "refunded:late_payment"
    with pytest.raises(ShopRefusal):
        shop.join(campaign)
    shop.rest()
    assert shop.given_back(*paid, held) == [PRICE] * 3
    assert shop.balances() == {}
    assert {shop.order(p).close_reason for p in paid} == {CloseReason.CAMPAIGN_CANCELLED}


def test_a_campaign_whose_group_formed_is_not_cancelled(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 3)
    with pytest.raises(Refused) as refusal:
        shop.do(shop.merchant_caller(), campaigns.cancel_campaign, campaign.id)
    assert refusal.value.rule == "no_group_has_formed"
    shop.rest()


def test_waiving_the_quorum_gives_whoever_paid_the_goods(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 1)
    shop.do(shop.merchant_caller(), campaigns.waive_quorum, campaign.id, "人少也发")
    shop.rest()
    assert shop.progress(campaign).waived
    assert states(shop, paid) == [OrderState.CONFIRMED]


@pytest.mark.parametrize(("payers", "state"), [(2, GroupState.FAILED), (3, GroupState.ENDED)])
def test_closing_by_hand_decides_by_what_was_reached(shop, payers, state):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, payers)
    shop.do(shop.merchant_caller(), campaigns.close_campaign, campaign.id, "够了")
    with pytest.raises(ShopRefusal):
        shop.join(campaign)
    shop.rest()
    assert shop.group(campaign).state is state
    assert shop.get(Campaign, campaign.id).state is CampaignState.CLOSED


def test_closing_by_hand_waits_for_those_who_are_just_paying(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    held = shop.join(campaign)
    shop.announce(held)
    report = shop.gateway.pay(held.payment.number)
    shop.clock.forward(seconds=5)
    shop.do(shop.merchant_caller(), campaigns.close_campaign, campaign.id)
    assert shop.group(campaign).state is GroupState.CLOSING
    shop.hear(report)
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert shop.order(held).state is OrderState.CONFIRMED


def test_a_group_that_stops_at_its_quorum_still_takes_the_money_of_held_seats(shop):
    campaign = shop.campaign(on_quorum=OnQuorum.STOP)
    held = shop.join(campaign)
    shop.join_and_pay(campaign, 3)
    with pytest.raises(ShopRefusal):
        shop.join(campaign)
    shop.pay(held)
    shop.rest()
    assert shop.group(campaign).state is GroupState.ENDED
    assert shop.order(held).state is OrderState.CONFIRMED


def test_a_relay_confirms_each_order_as_it_is_paid(shop):
    campaign = shop.campaign(mode=Mode.RELAY, quorum=None)
    joined = shop.join_and_pay(campaign, 2)
    shop.rest()
    assert states(shop, joined) == [OrderState.CONFIRMED] * 2


# --- after confirmation ----------------------------------------------------------------------


@pytest.mark.parametrize("when", ["placed", "confirmed", "approved", "shipped", "completed"])
def test_the_merchant_refunds_an_order_at_any_time_and_every_account_follows(shop, when):
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    campaign = shop.campaign(leader=leader)
    first, *others = shop.join_and_pay(campaign, 2 if when == "placed" else 3)
    if when != "placed":
        shop.rest()
    if when == "approved":
        shop.do(shop.merchant_caller(), fulfilment.approve_order, first.order.id)
    if when in ("shipped", "completed"):
        sent(shop, first)
        shop.work_off()
    if when == "completed":
        shop.carrier.move("sf", "SF1", ParcelState.DELIVERED)
        shop.pass_time(hours=3)
        shop.pass_time(days=8)
        assert shop.order(first).state is OrderState.COMPLETED
    shop.do(shop.merchant_caller(), aftersale.refund_order, first.order.id, "缺货")
    shop.work_off()
    with pytest.raises(Refused):
        shop.do(shop.merchant_caller(), aftersale.refund_order, first.order.id, "缺货")
    shop.rest()
    assert shop.given_back(first) == [PRICE]
    assert only_refund(shop, first).cause is RefundCause.MERCHANT
    assert shop.order(first).close_reason is CloseReason.REFUNDED
    back_on_sale = when not in ("shipped", "completed")
    assert shop.stock(campaign).available == 1000 - len(others) - (0 if back_on_sale else 1)
    share = PRICE * 500 // 10_000
    kept = 0 if when == "placed" else len(others) * share
    assert shop.balances().get(f"leader:{leader.id}:pending", 0) == -kept


def test_a_rejected_order_is_refunded_in_full(shop):
    campaign = shop.campaign()
    first, *_ = shop.join_and_pay(campaign, 3)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.reject_order, first.order.id, "不送")
    shop.rest()
    assert shop.given_back(first) == [PRICE]
    assert shop.order(first).close_reason is CloseReason.REJECTED
    assert shop.group(campaign).state is GroupState.FORMED


@pytest.mark.parametrize("answers", [True, False])
def test_silence_after_a_correction_was_asked_for_rejects_the_order(shop, answers):
    campaign = shop.campaign()
    first, *_ = shop.join_and_pay(campaign, 3)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.ask_correction, first.order.id, "门牌号?", 24)
    shop.pass_time(hours=23)
    if answers:
        buyer = shop.caller(first.order.buyer_id, Role.SHOPPER)
        contact = Contact("王", "138", "幸福路 2 号")
        shop.do(buyer, fulfilment.correct_order, first.order.id, contact)
    shop.pass_time(hours=1)
    shop.rest()
    assert shop.order(first).state is (OrderState.CONFIRMED if answers else OrderState.CLOSED)
    assert shop.given_back(first) == [0 if answers else PRICE]


# --- goods -----------------------------------------------------------------------------------


def test_a_presale_is_bounded_by_its_capacity_and_leaves_the_stock_alone(shop):
    variant = shop.variant(stock=0)
    offers = (OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE),)
    campaign = shop.campaign(variant, offers=offers, capacity=Capacity(Measure.UNITS, 5))
    joined = [shop.join(campaign, units=2), shop.join(campaign, units=2)]
    with pytest.raises(ShopRefusal, match="seats_left"):
        shop.join(campaign, units=2)
    joined.append(shop.join(campaign))
    for each in joined:
        shop.pay(each)
    shop.rest()
    assert states(shop, joined) == [OrderState.CONFIRMED] * 3
    assert shop.get(Stock, variant.id) == evolve(shop.get(Stock, variant.id), available=0, sold=0)


def test_the_last_goods_go_to_the_first_who_asked(shop):
    campaign = shop.campaign(shop.variant(stock=3))
    shop.join(campaign, units=2)
    with pytest.raises(ShopRefusal, match="goods_in_stock"):
        shop.join(campaign, units=2)
    shop.join(campaign)
    with pytest.raises(ShopRefusal, match="goods_in_stock"):
        shop.join(campaign)


def test_seats_given_up_long_ago_do_not_hide_the_ones_a_buyer_holds(shop):
    campaign = shop.campaign(limits=Limits(orders_per_buyer=1))
    who = shop.shopper()
    old = [
        Seat(f"ord_{n:026d}", shop.group(campaign).id, campaign.id, who.user_id, 1, Money(1),
             shop.clock.at, SeatState.RELEASED)
        for n in range(120)
    ]  # fmt: skip
    shop.store(*old)
    Shop.join(shop, campaign, who)
    with pytest.raises(ShopRefusal, match="within_buyer_limit"):
        shop.join(campaign, who)


def collected_shop(shop):
    point = shop.store(PickupPoint(id=shop.ids.new("pup"), name="楼下", region="上海", address="1"))
    campaign = shop.campaign(pickup_point_ids=(point.id,), quorum=Quorum(Measure.BUYERS, 1))
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    who = shop.caller(buyer.id, Role.SHOPPER)
    joined = shop.join(campaign, who, pickup_point_id=point.id)
    shop.pay(joined)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.approve_order, joined.order.id)
    bag = shop.do(shop.merchant_caller(), fulfilment.ready_for_pickup, joined.order.id)
    code = bag.pickup_code_sealed.rpartition("]")[2]
    return campaign, joined, code


def test_a_bag_is_handed_out_against_its_code_and_then_the_order_is_delivered(shop):
    _, joined, code = collected_shop(shop)
    staff = shop.merchant_caller()
    wrong = shop.do(staff, fulfilment.collect, joined.order.id, "000000")
    assert (wrong.state.value, wrong.pickup_tries) == ("ready", 1)
    bag = shop.do(staff, fulfilment.collect, joined.order.id, code)
    assert bag.state.value == "collected"
    assert shop.order(joined).delivered_at == shop.clock.at
    shop.pass_time(days=7)
    shop.rest()
    assert shop.order(joined).state is OrderState.COMPLETED


def test_a_bag_whose_order_was_refunded_is_not_handed_out(shop):
    campaign, joined, code = collected_shop(shop)
    shop.do(shop.merchant_caller(), aftersale.refund_order, joined.order.id, "坏了")
    with pytest.raises(Refused):
        shop.do(shop.merchant_caller(), fulfilment.collect, joined.order.id, code)
    shop.rest()
    assert (shop.stock(campaign).available, shop.given_back(joined)) == (1000, [PRICE])


# --- repeats ---------------------------------------------------------------------------------


def test_a_repeated_join_with_the_same_key_gets_the_same_answer(shop):
    campaign = shop.campaign()
    who = shop.shopper()
    first = shop.join(campaign, who, key="k")
    assert shop.join(campaign, who, key="k") == first.order.id
    assert len(shop.all(Seat)) == 1


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(shop):
    campaign = shop.campaign()
    who = shop.shopper()

    def join(body):
        wanted = checkout.Join(
            caller=who,
            claim=KeyClaim("joins", "k", body),
            campaign_id=campaign.id,
            items=((campaign.offers[0].sku_id, 1),),
            contact=Contact("王", "138", "幸福路 1 号"),
        )
        return checkout.join_many(shop.desk, [wanted], lambda j: j.order.id, str)[0]

    (answer, replay) = join("a")
    assert (answer.ok, replay) == (True, False)
    assert isinstance(join("b"), KeyReused)
    assert join("a") == (answer, True)
    assert len(shop.all(Seat)) == 1


def test_a_refusal_is_an_answer_and_is_repeated_too(shop):
    campaign = shop.campaign(capacity=Capacity(Measure.BUYERS, 3))
    joined = [shop.join(campaign) for _ in range(3)]
    who = shop.shopper()
    for _ in range(2):
        with pytest.raises(ShopRefusal, match="seats_left"):
            shop.join(campaign, who, key="k")
    buyer = shop.caller(joined[0].order.buyer_id, Role.SHOPPER)
    shop.do(buyer, aftersale.cancel_checkout, joined[0].order.id)
    shop.work_off()
    with pytest.raises(ShopRefusal, match="seats_left"):
        shop.join(campaign, who, key="k")
    shop.join(campaign, who, key="another")


def test_every_step_of_the_worker_may_be_repeated(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    shop.pass_time(days=3)
    group_id = shop.group(campaign).id
    for _ in range(2):
        for step in (forming.end_group, forming.confirm_group, forming.refund_group):
            shop.do(shop.system(), step, group_id)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]
    assert shop.get(Group, group_id).state is GroupState.FAILED


def test_two_relays_that_take_turns_do_everything_once(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    shop.clock.forward(days=3)
    relays = [shop.relay, shop.a_relay()]
    for number in range(40):
        relays[number % 2].tick("main", limit=1)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]


@pytest.mark.parametrize("formed", [True, False])
def test_a_large_group_is_worked_off_in_batches(shop, formed, monkeypatch):
    monkeypatch.setattr(forming, "BATCH", 2)
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 5 if formed else 6))
    joined = shop.join_and_pay(campaign, 5)
    if not formed:
        shop.clock.forward(days=3)
    shop.rest()
    wanted = OrderState.CONFIRMED if formed else OrderState.CLOSED
    assert states(shop, joined) == [wanted] * 5
    assert shop.given_back(*joined) == [0 if formed else PRICE] * 5


def test_a_refund_reported_three_times_is_booked_once(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.pass_time(days=3)
    report = shop.gateway.query_refund(only_refund(shop, paid).number)
    for _ in range(3):
        assert shop.do(shop.system(), refunds.settle_refund, report).open is False
    shop.rest()
    assert sum(j.moment == "refund_succeeded" for j in shop.all(Journal)) == 1


def test_a_refund_of_another_amount_than_asked_for_waits_for_a_person(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.gateway.settles_at_once = False
    shop.pass_time(days=3)
    number = only_refund(shop, paid).number
    wrong = evolve(
        shop.gateway.query_refund(number), outcome=RefundOutcome.SUCCEEDED, amount=Money(1)
    )
    for _ in range(2):
        after = shop.do(shop.system(), refunds.settle_refund, wrong)
        assert after.state is RefundState.NEEDS_OPERATOR
    assert shop.balances()[f"refund_due:{after.id}"] == -PRICE


class Stalled:
    """A provider whose answer to one refund takes longer than the lease of the task."""

    def __init__(self, shop):
        self.shop, self.late = shop, False

    def __getattr__(self, name):
        return getattr(self.shop.gateway, name)

    def refund(self, request):
        answer = self.shop.gateway.refund(request)
        if not self.late:
            self.late = True
            self.shop.clock.forward(seconds=61)
            self.shop.work_off()
        return answer


def test_a_worker_that_slept_past_its_lease_writes_nothing_any_more(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.clock.forward(days=3)
    plain = shop.a_relay()
    outside = evolve(plain.outside, gateways={"memory": Stalled(shop)})
    sleeper = evolve(plain, outside=outside, desk=evolve(shop.desk))
    while sleeper.tick(shop.tenant):
        check_shop(shop)
    task = shop.get(Task, f"refund/{only_refund(shop, paid).id}")
    assert (task.state, task.attempts) == ("done", 2)
    shop.rest()
    assert shop.given_back(paid) == [PRICE]
    assert shop.trouble == []


def test_a_claim_that_was_lost_cannot_be_finished(shop):
    shop.desk.run(shop.system(), lambda w: w.later("notify", "ord_1", shop.clock.at))
    (mine,) = shop.desk.run(shop.system(), lambda w: claim(w, 10))
    shop.clock.forward(seconds=61)
    (theirs,) = shop.desk.run(shop.system(), lambda w: claim(w, 10))
    assert mine.token != theirs.token
    assert shop.desk.run(shop.system(), lambda w: finish(w, mine)) is False
    assert shop.get(Task, mine.id).state == "pending"
    assert shop.desk.run(shop.system(), lambda w: finish(w, theirs)) is True
    assert shop.desk.run(shop.system(), lambda w: finish(w, theirs)) is False


# --- trouble at the provider -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["before", "after"])
def test_lost_calls_and_lost_answers_delay_refunds_and_never_double_them(shop, kind):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    getattr(shop.gateway.trouble, kind)["refund"] = 5
    shop.pass_time(days=3)
    for _ in range(5):
        shop.pass_time(seconds=15)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]
    assert sum(m.kind == "refund" for m in shop.gateway.movements) == 2
    assert {only_refund(shop, p).state for p in paid} == {RefundState.SUCCEEDED}


def test_a_refund_the_provider_refuses_waits_for_a_person_and_then_goes_out_once(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign, 1)
    shop.gateway.settles_at_once = False
    shop.pass_time(days=3)
    refund = only_refund(shop, paid)
    assert refund.state is RefundState.SUBMITTED
    assert shop.order(paid).state is OrderState.CLOSED
    shop.gateway.settle()
    shop.pass_time(seconds=15)
    shop.rest()
    assert only_refund(shop, paid).attempts >= 2
    assert shop.given_back(paid) == [PRICE]


def test_the_provider_being_unable_to_answer_leaves_the_group_closing_and_tells_somebody(shop):
    campaign = shop.campaign()
    shop.clock.at = shop.group(campaign).ends_at - timedelta(minutes=1)
    shop.join(campaign)
    shop.gateway.trouble.before["close"] = 10**6
    shop.pass_time(minutes=1)
    assert shop.group(campaign).state is GroupState.CLOSING
    shop.pass_time(hours=1)
    assert shop.group(campaign).state is GroupState.CLOSING
    told = [m.kind for _, m in shop.notifier.sent]
    assert "group.still_closing" in told
    shop.gateway.trouble.before["close"] = 0
    shop.pass_time(seconds=30)
    shop.rest()
    assert shop.group(campaign).state is GroupState.FAILED
