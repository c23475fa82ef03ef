"""Goods that come back and goods that go out for them: the same on every database."""

import pytest

from groupbuy.application import aftersale, checkout, fulfilment
from groupbuy.application.ports import AuditRow, KeyClaim, ParcelState
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.aftersale import CaseState, Kind
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Invalid, Refused
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Contact, OrderState
from tests.support.cases import (
    PRICE,
    act,
    agreed,
    ask,
    at_once,
    buyer_of,
    goods,
    journal,
    move_parcel,
    now_is,
    replaced,
    send_back,
    sent_order,
)
from tests.support.stories import collected_shop


@pytest.fixture
def bought(shop):
    return sent_order(shop)


# --- inspection -----------------------------------------------------------------------------------


def test_good_units_are_for_sale_again_by_a_count_and_damaged_ones_are_written_off(shop, bought):
    case = agreed(shop, bought, Kind.RETURN_AND_REFUND, units=3)
    assert goods(shop, bought) == (7, 0, 3)
    act(shop, aftersale.receive_back, case.id)
    shop.rest()
    assert (goods(shop, bought), shop.given_back(bought)) == ((7, 0, 3), [0])
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good=2, damaged=1))
    shop.rest()
    assert shop.given_back(bought) == [3 * PRICE]
    assert journal(shop, bought) == [(3, "returned"), (-1, "damaged")]
    # The order was closed: what it took is sold, what came back has come in anew.
    assert goods(shop, bought) == (9, 0, 3)
    assert now_is(shop, case).state is CaseState.DONE
    (row,) = shop.all(AuditRow, action="after_sale.inspect")
    assert (row.subject, row.facts) == (case.id, {"good": "2", "damaged": "1"})


def test_whoever_counts_at_once_need_not_say_before_that_the_goods_are_there(shop, bought):
    case = agreed(shop, bought, Kind.RETURN_AND_REFUND)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good=1))
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])


def test_goods_nobody_counts_in_time_are_paid_and_may_be_counted_later_once(shop, bought):
    case = agreed(shop, bought, Kind.RETURN_AND_REFUND)
    act(shop, aftersale.receive_back, case.id)
    shop.pass_time(days=3)
    shop.rest()
    assert (goods(shop, bought), shop.given_back(bought)) == ((7, 0, 3), [PRICE])
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good=1))
    assert (goods(shop, bought), now_is(shop, case).state) == ((8, 0, 3), CaseState.DONE)
    with pytest.raises(Refused) as refusal:
        act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good=1))
    assert refusal.value.rule == "goods_came_back_uncounted"
    assert goods(shop, bought) == (8, 0, 3)


def test_two_who_count_at_once_fill_the_shelf_once(shop, bought):
    case = agreed(shop, bought, Kind.RETURN_AND_REFUND)
    found = aftersale.Counted(case.id, good=1)
    one = (shop.merchant_caller(), lambda w: aftersale.inspect_return(w, found))
    assert sorted(at_once(shop, one, one)) == ["done", "goods_came_back_uncounted"]
    shop.rest()
    assert (goods(shop, bought), shop.given_back(bought)) == ((8, 0, 3), [PRICE])


@pytest.mark.parametrize(("good", "damaged"), [(2, 0), (1, 1), (0, 2)])
def test_no_more_is_counted_than_was_to_come_back(shop, bought, good, damaged):
    case = agreed(shop, bought, Kind.RETURN_AND_REFUND)
    with pytest.raises(Invalid):
        act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good, damaged))
    assert goods(shop, bought) == (7, 0, 3)


def test_a_parcel_nobody_answers_for_counts_as_received_and_is_paid(shop, bought):
    case = agreed(shop, bought, Kind.RETURN_AND_REFUND)
    shop.pass_time(days=7)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])
    assert now_is(shop, case).good_units is None


def test_goods_that_were_kept_are_not_counted(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY)
    act(shop, aftersale.approve_case, case.id)
    with pytest.raises(Refused):
        act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    assert journal(shop, bought) == []


# --- exchange -------------------------------------------------------------------------------------


def test_an_exchange_takes_a_unit_from_the_shelf_and_moves_no_money(shop, bought):
    case = agreed(shop, bought)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good=0, damaged=1))
    assert now_is(shop, case).state is CaseState.TO_REPLACE
    assert replaced(shop, case).state is CaseState.REPLACEMENT_SENT
    assert journal(shop, bought) == [(1, "returned"), (-1, "damaged"), (-1, "replacement")]
    assert goods(shop, bought) == (6, 0, 3)
    (parcel,) = shop.all(Shipment, tracking_number="SF2")
    assert now_is(shop, case).replacement_id == parcel.id
    shop.do(buyer_of(shop, bought), aftersale.accept_replacement, case.id)
    shop.rest()
    done = now_is(shop, case)
    assert (done.state, done.refund, done.open_line) == (CaseState.DONE, None, "")
    assert shop.given_back(bought) == [0]


def test_a_buyer_who_says_nothing_has_got_the_replacement(shop, bought):
    case = agreed(shop, bought)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    replaced(shop, case)
    move_parcel(shop, "SF2", ParcelState.DELIVERED)
    shop.pass_time(days=10)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [0])


def test_a_replacement_its_carrier_lost_becomes_a_refund(shop, bought):
    case = agreed(shop, bought)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    replaced(shop, case)
    parcel = now_is(shop, case).replacement_id
    act(shop, fulfilment.void_parcel, bought.order.id, parcel, "lost")
    shop.pass_time(days=10)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])


def test_without_a_replacement_the_merchant_gives_the_money_back(shop, bought):
    case = agreed(shop, bought)
    variant = bought.order.lines[0].sku_id
    shop.desk.run(
        shop.system(),
        lambda w: w.of(Stock).save(w.of(Stock).lock([variant])[variant].adjust(-7)),
    )
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, good=0, damaged=1))
    with pytest.raises(Refused) as refusal:
        replaced(shop, case)
    assert refusal.value.rule == "goods_in_stock"
    assert shop.all(Shipment, tracking_number="SF2") == []
    with pytest.raises(Invalid):
        act(shop, aftersale.refund_instead, case.id, " ")
    act(shop, aftersale.refund_instead, case.id, "没货了")
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])


def test_a_merchant_who_sends_no_replacement_in_time_pays(shop, bought):
    case = agreed(shop, bought)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    shop.pass_time(days=3)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])


def test_an_exchange_nobody_at_the_shop_ever_answers_ends_with_the_money(shop, bought):
    case = ask(shop, bought)
    shop.pass_time(hours=24)
    send_back(shop, bought, case)
    shop.pass_time(days=7)
    assert now_is(shop, case).state is CaseState.TO_REPLACE
    shop.pass_time(days=3)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])
    assert journal(shop, bought) == []


def test_money_is_given_instead_only_where_a_replacement_is_due(shop, bought):
    case = agreed(shop, bought)
    with pytest.raises(Refused) as refusal:
        act(shop, aftersale.refund_instead, case.id, "没货了")
    assert refusal.value.rule == "a_replacement_is_due"


def test_the_same_parcel_is_no_replacement(shop, bought):
    case = agreed(shop, bought)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    with pytest.raises(Refused) as refusal:
        replaced(shop, case, "SF1")
    assert refusal.value.rule == "parcel_is_not_known_yet"
    assert goods(shop, bought) == (8, 0, 3)


def test_an_exchanged_unit_has_a_window_of_its_own_and_the_order_waits_for_it(shop, bought):
    case = agreed(shop, bought)
    move_parcel(shop, "SF1", ParcelState.DELIVERED)
    shop.pass_time(days=6)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    replaced(shop, case)
    move_parcel(shop, "SF2", ParcelState.DELIVERED)
    shop.do(buyer_of(shop, bought), aftersale.accept_replacement, case.id)
    shop.pass_time(days=6)
    again = ask(shop, bought, Kind.REFUND_ONLY)
    assert shop.order(bought).state is OrderState.FULFILLING
    shop.do(buyer_of(shop, bought), aftersale.cancel_case, again.id)
    shop.pass_time(days=1, hours=1)
    shop.rest()
    assert shop.order(bought).state is OrderState.COMPLETED
    with pytest.raises(Refused) as refusal:
        ask(shop, bought, Kind.REFUND_ONLY)
    assert refusal.value.rule == "within_the_after_sale_window"


# --- beside other refunds -------------------------------------------------------------------------


def test_units_refunded_some_other_way_meanwhile_do_not_go_back_twice(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY, units=3)
    act(shop, aftersale.refund_units, aftersale.UnitsBack(bought.order.id, 1, 2), "缺货")
    shop.pass_time(days=1)
    shop.pass_time(minutes=1)
    shop.rest()
    assert shop.given_back(bought) == [3 * PRICE]
    assert now_is(shop, case).refund.minor == PRICE
    assert shop.order(bought).state is OrderState.CLOSED


def test_a_case_ends_when_all_units_of_its_line_went_back_some_other_way(shop):
    variants = [shop.variant(price=PRICE, stock=10) for _ in range(2)]
    campaign = shop.campaign(
        variants[0],
        offers=tuple(OfferSpec(v.id, share_bp=10_000) for v in variants),
        quorum=Quorum(Measure.BUYERS, 1),
    )
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = both(shop, campaign, shop.caller(buyer.id, Role.SHOPPER), variants)
    shop.pay(joined)
    shop.rest()
    case = ask(shop, joined, Kind.REFUND_ONLY)
    act(shop, aftersale.refund_units, aftersale.UnitsBack(joined.order.id, 1, 1), "缺货")
    shop.pass_time(days=1)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(joined)) == (CaseState.CANCELLED, [PRICE])


def both(shop, campaign, who, variants):
    """Join with one unit of each variant."""
    made = []
    wanted = checkout.Join(
        caller=who,
        claim=KeyClaim(f"{who.user_id}/joins", "both", "hash"),
        campaign_id=campaign.id,
        items=tuple((variant.id, 1) for variant in variants),
        contact=Contact(name="王", phone="138", address="幸福路 1 号", region="上海"),
    )
    checkout.join_many(shop.desk, [wanted], lambda joined: made.append(joined) or "ok", str)
    return made[0]


def test_goods_still_at_the_pickup_point_cannot_come_back(shop):
    _, joined, code = collected_shop(shop)
    for kind in (Kind.RETURN_AND_REFUND, Kind.EXCHANGE):
        with pytest.raises(Refused) as refusal:
            ask(shop, joined, kind)
        assert refusal.value.rule == "goods_were_sent"
    act(shop, fulfilment.collect, joined.order.id, code)
    case = agreed(shop, joined)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    with pytest.raises(Refused):
        replaced(shop, case)
    act(shop, aftersale.send_replacement, aftersale.Replacement(case.id))
    shop.do(buyer_of(shop, joined), aftersale.accept_replacement, case.id)
    shop.rest()
    assert now_is(shop, case).state is CaseState.DONE
