"""Parcels that need somebody: found by themselves, settled by people or by later news."""

import pytest

from groupbuy.application import fulfilment, logistics
from groupbuy.application.ports import ParcelState, Task
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, NotFound
from groupbuy.domain.logistics import NEWS, Trouble, TroubleState
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order
from tests.support.stories import collected_shop


@pytest.fixture
def order_id(shop):
    joined = shop.join(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)))
    shop.pay(joined)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.approve_order, joined.order.id)
    return joined.order.id


def send(shop, order_id, number="SF1"):
    parcel = shop.do(shop.merchant_caller(), fulfilment.ship_order, Parcel(order_id, "sf", number))
    shop.work_off()
    return parcel


def hear(shop, state, number="SF1"):
    shop.carrier.move("sf", number, state)
    shop.pass_time(hours=3)


def work_list(shop, state=TroubleState.OPEN, by=None):
    by = by or shop.merchant_caller()
    return shop.desk.read(by, lambda w: logistics.list_troubles(w, state))


def kinds(shop, state=TroubleState.OPEN):
    return sorted(each.kind for each in work_list(shop, state))


def told(shop, user):
    return [t.data["what"] for t in shop.all(Task, topic="notify") if t.data["user"] == user]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        (ParcelState.EXCEPTION, Trouble.EXCEPTION),
        (ParcelState.RETURNING, Trouble.RETURNING),
        (ParcelState.RETURNED, Trouble.RETURNED),
    ],
)
def test_what_a_carrier_says_becomes_work_once(shop, order_id, word, kind):
    send(shop, order_id)
    hear(shop, word)
    shop.pass_time(hours=3)
    (trouble,) = work_list(shop)
    assert (trouble.kind, trouble.order_id, trouble.state) == (kind, order_id, TroubleState.OPEN)
    staff = f"merchant:{shop.merchant_caller().merchant_id}"
    assert told(shop, staff).count(f"parcel.{kind}") == 1


def test_a_parcel_that_moves_again_settles_its_trouble(shop, order_id):
    send(shop, order_id)
    hear(shop, ParcelState.EXCEPTION)
    hear(shop, ParcelState.IN_TRANSIT)
    assert work_list(shop) == []
    (settled,) = work_list(shop, None)
    assert (settled.resolved_by, settled.resolved_at) == (NEWS, shop.clock.at)
    hear(shop, ParcelState.EXCEPTION)
    assert kinds(shop) == [Trouble.EXCEPTION]
    assert len(work_list(shop, None)) == 2


def test_one_trouble_gives_way_to_the_next(shop, order_id):
    send(shop, order_id)
    hear(shop, ParcelState.EXCEPTION)
    hear(shop, ParcelState.RETURNING)
    assert kinds(shop) == [Trouble.RETURNING]
    hear(shop, ParcelState.RETURNED)
    assert kinds(shop) == [Trouble.RETURNED]


def test_news_out_of_order_raise_nothing_about_a_signed_parcel(shop, order_id):
    send(shop, order_id)
    hear(shop, ParcelState.DELIVERED)
    shop.carrier.move("sf", "SF1", ParcelState.EXCEPTION, at=shop.clock.at)
    shop.pass_time(hours=3)
    assert work_list(shop, None) == []


def test_a_parcel_of_which_nothing_is_heard_is_found(shop, order_id):
    send(shop, order_id)
    hear(shop, ParcelState.IN_TRANSIT)
    shop.pass_time(days=2)
    assert work_list(shop) == []
    shop.pass_time(days=1)
    assert kinds(shop) == [Trouble.SILENT]
    hear(shop, ParcelState.IN_TRANSIT)
    assert work_list(shop) == []


def test_what_a_person_settled_is_found_again_if_it_is_still_so(shop, order_id):
    send(shop, order_id)
    shop.pass_time(days=4)
    (trouble,) = work_list(shop)
    staff = shop.merchant_caller()
    after = shop.do(staff, logistics.resolve_trouble, trouble.id, " asked the carrier ")
    assert (after.resolved_by, after.remark) == (staff.user_id, "asked the carrier")
    shop.pass_time(days=2)
    assert work_list(shop) == []
    shop.pass_time(days=2)
    assert kinds(shop) == [Trouble.SILENT]


def test_voiding_a_parcel_settles_everything_about_it(shop, order_id):
    parcel = send(shop, order_id)
    hear(shop, ParcelState.EXCEPTION)
    shop.do(shop.merchant_caller(), fulfilment.void_parcel, order_id, parcel.id, "lost")
    assert work_list(shop) == []
    shop.pass_time(days=9)
    assert work_list(shop) == []


def test_a_bag_nobody_fetches_is_told_to_shop_and_buyer_and_settled_by_fetching_it(shop):
    _, joined, code = collected_shop(shop)
    buyer = shop.order(joined).buyer_id
    shop.pass_time(days=1)
    assert work_list(shop) == []
    shop.pass_time(days=1)
    assert kinds(shop) == [Trouble.UNCOLLECTED]
    assert told(shop, buyer).count("order.parcel_uncollected") == 1
    shop.do(shop.merchant_caller(), fulfilment.collect, joined.order.id, code)
    assert work_list(shop) == []


def test_nobody_settles_what_is_not_theirs_nor_without_a_word_nor_twice(shop, order_id):
    send(shop, order_id)
    hear(shop, ParcelState.EXCEPTION)
    (trouble,) = work_list(shop)
    stranger = shop.caller("usr_y", Role.MERCHANT, merchant_id="mch_other")
    assert work_list(shop, by=stranger) == []
    with pytest.raises(NotFound):
        shop.do(stranger, logistics.resolve_trouble, trouble.id, "mine")
    with pytest.raises(Forbidden):
        shop.do(shop.shopper(), logistics.resolve_trouble, trouble.id, "mine")
    staff = shop.merchant_caller()
    with pytest.raises(Invalid):
        shop.do(staff, logistics.resolve_trouble, trouble.id, "  ")
    shop.do(staff, logistics.resolve_trouble, trouble.id, "sent again")
    with pytest.raises(IllegalMove):
        shop.do(staff, logistics.resolve_trouble, trouble.id, "sent again")


def test_a_carrier_is_asked_once_to_tell_us_and_again_and_again_where_it_is(shop, order_id):
    send(shop, order_id)
    assert ("sf", "SF1") in shop.carrier._followed
    shop.carrier._followed.clear()
    hear(shop, ParcelState.IN_TRANSIT)
    hear(shop, ParcelState.DELIVERED)
    assert shop.carrier._followed == set()
    assert shop.get(Order, order_id).delivered_at is not None
