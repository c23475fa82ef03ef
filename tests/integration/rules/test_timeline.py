"""What happened to an order, for its buyer, leader and merchant, in both languages."""

import pytest

from groupbuy.application import aftersale, fulfilment, logistics
from groupbuy.application.ports import ParcelState
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, NotFound
from groupbuy.domain.logistics import SHIPMENT
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CREATED, ORDER
from groupbuy.domain.payments import REFUND
from groupbuy.entrypoints.timeline_texts import TEXTS, told


@pytest.fixture
def leader(shop):
    return shop.leader()


@pytest.fixture
def joined(shop, leader):
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    campaign = shop.campaign(leader=leader, quorum=Quorum(Measure.BUYERS, 1))
    made = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER))
    shop.clock.forward(minutes=1)
    shop.pay(made)
    shop.rest()
    return made


def seen(shop, by, look, order_id):
    return shop.desk.read(by, lambda work: look(work, order_id))


def test_every_side_sees_every_change_and_the_trace_in_order(shop, leader, joined):
    order_id, staff = joined.order.id, shop.merchant_caller()
    shop.do(staff, fulfilment.approve_order, order_id)
    shop.clock.forward(minutes=1)
    shop.do(staff, fulfilment.ship_order, Parcel(order_id, "shunfeng", "SF1"))
    shop.work_off()
    shop.clock.forward(hours=1)
    shop.carrier.move("shunfeng", "SF1", ParcelState.IN_TRANSIT, "到达 上海")
    shop.pass_time(hours=3)
    shop.carrier.move("shunfeng", "SF1", ParcelState.DELIVERED, "已签收")
    shop.pass_time(hours=3)
    buyer = shop.caller(shop.order(joined).buyer_id, Role.SHOPPER)
    mine = seen(shop, buyer, logistics.my_timeline, order_id)
    assert [each.what for each in mine if each.what != logistics.TRACE] == [
        "order.created",
        "order.placed",
        "order.confirmed",
        "order.approved",
        "order.fulfilling",
        "shipment.shipped",
        "shipment.in_transit",
        "shipment.delivered",
        "order.delivered",
    ]
    assert [each.at for each in mine] == sorted(each.at for each in mine)
    lines = [told(each)[0] for each in mine if each.what == logistics.TRACE]
    assert "顺丰速运 SF1：到达 上海" in lines
    assert mine == seen(shop, shop.leader_caller(leader), logistics.leader_timeline, order_id)
    assert mine == seen(shop, staff, logistics.merchant_timeline, order_id)


def test_a_refund_is_told_from_grant_to_arrival(shop, joined):
    staff = shop.merchant_caller()
    shop.do(staff, aftersale.refund_order, joined.order.id, "spoiled")
    shop.clock.forward(minutes=1)
    shop.rest()
    what = [e.what for e in seen(shop, staff, logistics.merchant_timeline, joined.order.id)]
    assert what[-4:] == ["order.closed", "refund.granted", "refund.submitted", "refund.succeeded"]


def test_others_see_nothing(shop, leader, joined):
    order_id = joined.order.id
    with pytest.raises(NotFound):
        seen(shop, shop.shopper(), logistics.my_timeline, order_id)
    other = shop.leader_caller(shop.leader())
    with pytest.raises(NotFound):
        seen(shop, other, logistics.leader_timeline, order_id)
    stranger = shop.caller("usr_y", Role.MERCHANT, merchant_id="mch_other")
    with pytest.raises(NotFound):
        seen(shop, stranger, logistics.merchant_timeline, order_id)
    with pytest.raises(Forbidden):
        seen(shop, shop.shopper(), logistics.merchant_timeline, order_id)
    unpaid = shop.join(shop.campaign(leader=leader))
    for by, look in (
        (shop.merchant_caller(), logistics.merchant_timeline),
        (shop.leader_caller(leader), logistics.leader_timeline),
    ):
        with pytest.raises(NotFound):
            seen(shop, by, look, unpaid.order.id)


def test_every_change_has_words_in_both_languages():
    happens = {CREATED, "refund.granted", "refund.vouched"}
    for machine in (ORDER, SHIPMENT, REFUND):
        happens |= {edge.event for edge in machine.edges}
    assert happens == set(TEXTS)
    assert all(zh and en and zh != en for zh, en in TEXTS.values())
