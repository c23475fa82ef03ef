"""An order in several parcels: what lies in each, and when its buyer has everything."""

import pytest

from groupbuy.application import aftersale, fulfilment
from groupbuy.application.aftersale import UnitsBack
from groupbuy.application.ports import ParcelState
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Limits, Measure, Quorum
from groupbuy.domain.kernel import Invalid, Refused
from groupbuy.domain.logistics import Content
from groupbuy.domain.ordering import OrderState


@pytest.fixture
def order_id(shop):
    """An approved order of five watches."""
    joined = shop.join(shop.campaign(quorum=Quorum(Measure.BUYERS, 1), limits=Limits()), units=5)
    shop.pay(joined)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.approve_order, joined.order.id)
    return joined.order.id


def send(shop, order_id, number, *contents):
    parcel = Parcel(order_id, "sf", number, tuple(Content(*each) for each in contents))
    made = shop.do(shop.merchant_caller(), fulfilment.ship_order, parcel)
    shop.work_off()
    return made


def arrive(shop, *numbers):
    for number in numbers:
        shop.carrier.move("sf", number, ParcelState.DELIVERED)
    shop.pass_time(hours=3)


def delivered(shop, order_id):
    from groupbuy.domain.ordering import Order

    return shop.get(Order, order_id).delivered_at is not None


def test_two_parcels_that_hold_everything_deliver_the_order(shop, order_id):
    assert send(shop, order_id, "SF1", (1, 2)).contents == (Content(1, 2),)
    send(shop, order_id, "SF2", (1, 3))
    arrive(shop, "SF2")
    assert not delivered(shop, order_id)
    arrive(shop, "SF1")
    assert delivered(shop, order_id)


def test_what_was_not_sent_yet_is_waited_for_although_all_parcels_are_there(shop, order_id):
    send(shop, order_id, "SF1", (1, 2))
    arrive(shop, "SF1")
    assert not delivered(shop, order_id)
    send(shop, order_id, "SF2")  # the rest, without counting
    arrive(shop, "SF2")
    assert delivered(shop, order_id)


def test_refunding_what_will_not_be_sent_delivers_the_order(shop, order_id):
    send(shop, order_id, "SF1", (1, 2))
    arrive(shop, "SF1")
    back = UnitsBack(order_id, line_no=1, units=3)
    shop.do(shop.merchant_caller(), aftersale.refund_units, back, "sold out")
    assert delivered(shop, order_id)
    shop.rest()
    shop.pass_time(days=8)
    from groupbuy.domain.ordering import Order

    assert shop.get(Order, order_id).state is OrderState.COMPLETED


def test_nothing_is_sent_twice_and_nothing_that_is_not_there(shop, order_id):
    send(shop, order_id, "SF1", (1, 4))
    with pytest.raises(Refused, match="units_left_to_send"):
        send(shop, order_id, "SF2", (1, 2))
    for wrong in ([(2, 1)], [(1, 0)], [(1, 1), (1, 1)]):
        with pytest.raises(Invalid):
            send(shop, order_id, "SF2", *wrong)
    send(shop, order_id, "SF2", (1, 1))


def test_what_lay_in_a_void_parcel_may_be_sent_again(shop, order_id):
    lost = send(shop, order_id, "SF1", (1, 5))
    with pytest.raises(Refused, match="units_left_to_send"):
        send(shop, order_id, "SF2", (1, 5))
    shop.do(shop.merchant_caller(), fulfilment.void_parcel, order_id, lost.id, "lost")
    send(shop, order_id, "SF2", (1, 5))
    arrive(shop, "SF2")
    assert delivered(shop, order_id)


def test_refunded_units_are_not_sent(shop, order_id):
    back = UnitsBack(order_id, line_no=1, units=2)
    shop.do(shop.merchant_caller(), aftersale.refund_units, back, "sold out")
    with pytest.raises(Refused, match="units_left_to_send"):
        send(shop, order_id, "SF1", (1, 4))
    send(shop, order_id, "SF1", (1, 3))
    arrive(shop, "SF1")
    assert delivered(shop, order_id)
