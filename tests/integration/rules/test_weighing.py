"""Goods sold by weight, from the offer to the money: the same on every database."""

import threading

import pytest

from groupbuy.application import aftersale, fulfilment
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.commission import Entry
from groupbuy.domain.kernel import DomainError, KeyReused, Money, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundCause


@pytest.fixture
def bought(shop):
    """Three boxes of 2 kg by estimate, 100.01 each, of a formed group with a leader."""
    leader = shop.leader(commission_bp=777)
    variant = shop.variant(price=10001)
    campaign = shop.campaign(
        variant,
        leader=leader,
        offers=(OfferSpec(variant.id, price=Money(10001), unit_grams=2000),),
        quorum=Quorum(Measure.BUYERS, 1),
    )
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER), units=3)
    shop.pay(joined)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.approve_order, joined.order.id)
    return joined


def weigh(shop, joined, grams, who=None):
    return shop.do(who or shop.merchant_caller(), aftersale.weigh_line, joined.order.id, 1, grams)


def test_a_lighter_parcel_is_refunded_to_the_fen_and_commission_follows(shop, bought):
    weigh(shop, bought, 5555)
    shop.rest()
    kept = 30003 * 5555 // 6000
    assert shop.given_back(bought) == [30003 - kept]
    (refund,) = shop.refunds(bought)
    assert refund.cause is RefundCause.WEIGHED
    assert sum(entry.amount.minor for entry in shop.all(Entry)) == kept * 777 // 10_000
    order = shop.order(bought)
    assert (order.state, order.lines[0].weight.packed_grams) == (OrderState.APPROVED, 5555)


def test_a_heavier_parcel_costs_nothing(shop, bought):
    weigh(shop, bought, 6500)
    shop.rest()
    assert shop.given_back(bought) == [0]
    assert shop.refunds(bought) == []


def test_a_line_is_weighed_once_before_shipping_and_by_its_own_shop(shop, bought):
    with pytest.raises(NotFound):
        weigh(shop, bought, 5000, shop.caller("usr_z", Role.MERCHANT, merchant_id="mch_z"))
    weigh(shop, bought, 5000)
    with pytest.raises(Refused) as refusal:
        weigh(shop, bought, 4000)
    assert refusal.value.rule == "line_is_weighed_once"


def test_what_is_on_its_way_is_not_weighed(shop, bought):
    shop.do(
        shop.merchant_caller(),
        fulfilment.ship_order,
        fulfilment.Parcel(bought.order.id, "sf", "SF1"),
    )
    with pytest.raises(Refused) as refusal:
        weigh(shop, bought, 5000)
    assert refusal.value.rule == "order_is_packed_and_not_sent"


def test_two_who_weigh_at_once_give_back_once(shop, bought):
    outcomes = at_once(shop, lambda w: aftersale.weigh_line(w, bought.order.id, 1, 5000))
    shop.rest()
    assert sorted(outcomes) == ["done", "refused"]
    assert shop.given_back(bought) == [30003 - 30003 * 5000 // 6000]


def test_two_who_refund_the_unit_they_both_saw_refund_one(shop, bought):
    wish = aftersale.UnitsBack(bought.order.id, 1, 1, seen=0)
    outcomes = at_once(shop, lambda w: aftersale.refund_units(w, wish, "坏果"))
    shop.rest()
    assert sorted(outcomes) == ["conflict", "done"]
    assert shop.given_back(bought) == [10001]


def test_a_wish_with_a_key_is_granted_once_however_often_it_comes(shop, bought):
    wish = aftersale.UnitsBack(bought.order.id, 1, 1, key="row-1")
    outcomes = at_once(shop, lambda w: aftersale.refund_units(w, wish, "坏果"))
    shop.pass_time(days=30)
    shop.do(shop.merchant_caller(), aftersale.refund_units, wish, "坏果")
    assert outcomes == ["done", "done"]
    assert shop.given_back(bought) == [10001]
    other = aftersale.UnitsBack(bought.order.id, 1, 2, key="row-1")
    with pytest.raises(KeyReused):
        shop.do(shop.merchant_caller(), aftersale.refund_units, other, "坏果")


@pytest.mark.parametrize("way", [("w", 1, 2), (1, "w", 2), (1, 1, "w", 1), ("w", 3), ("w", "all")])
def test_whichever_way_all_goes_back_it_is_the_whole_and_nobody_keeps_a_share(shop, bought, way):
    for step in way:
        if step == "w":
            weigh(shop, bought, 1500)
        else:
            wish = aftersale.UnitsBack(bought.order.id, *((1, step) if step != "all" else ()))
            shop.do(shop.merchant_caller(), aftersale.refund_units, wish, "缺货")
        shop.pass_time(minutes=1)
    shop.rest()
    assert shop.given_back(bought) == [30003]
    assert shop.order(bought).state is OrderState.CLOSED
    assert sum(entry.amount.minor for entry in shop.all(Entry)) == 0


def at_once(shop, use_case):
    """Let two of the shop's staff do the same at the same moment; return what they heard."""
    staff, both, outcomes = shop.merchant_caller(), threading.Barrier(2), []

    def run():
        both.wait()
        try:
            shop.desk.run(staff, use_case)
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
