"""Handing bags over by code, by the end of a phone, and offline; once, whoever tells of it."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import fulfilment, logistics
from groupbuy.application.logistics import Told, ToldEvent
from groupbuy.application.orders import pickup_code
from groupbuy.application.ports import AuditRow
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, TooMany
from groupbuy.domain.logistics import (
    ONLINE,
    PICKUP_TRIES,
    Conflicting,
    HandOver,
    Outcome,
    Proof,
    Shipment,
    ShipmentState,
    offline_mark,
)
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import Order


class Point:
    """A pickup point with a leader, and bags of several buyers."""

    def __init__(self, shop):
        self.shop, self.leader = shop, shop.leader()
        self.by = shop.leader_caller(self.leader)
        self.id = shop.store(
            PickupPoint(
                id=shop.ids.new("pup"),
                name="楼下",
                region="上海",
                address="1",
                leader_id=self.leader.id,
            )
        ).id
        self.campaign = shop.campaign(pickup_point_ids=(self.id,), quorum=Quorum(Measure.BUYERS, 1))
        self.orders = []

    def bag(self, tail="8000"):
        """Lay a bag out; return its order and code."""
        shop = self.shop
        buyer = shop.user(roles=frozenset({Role.SHOPPER}))
        joined = shop.join(
            self.campaign, shop.caller(buyer.id, Role.SHOPPER), pickup_point_id=self.id
        )
        shop.pay(joined)
        shop.work_off()
        order = shop.get(Order, joined.order.id)
        contact = evolve(order.contact, phone_tail=tail)
        shop.desk.run(shop.system(), lambda w: w.of(Order).save(evolve(order, contact=contact)))
        staff = shop.merchant_caller()
        shop.do(staff, fulfilment.approve_order, order.id)
        shop.do(staff, fulfilment.ready_for_pickup, order.id)
        who = shop.caller(buyer.id, Role.SHOPPER)
        return order.id, shop.desk.read(who, lambda w: pickup_code(w, order.id))

    def of(self, order_id):
        (bag,) = self.shop.all(Shipment, order_id=order_id)
        return bag

    def list(self):
        return logistics.marked(self.shop.do(self.by, logistics.offline_list, self.id))

    def tell(self, taken, order_id, text, *, event="e1", device="phone-1", **more):
        told = Told(self.id, device, taken.issued_at, taken.signature)
        happened = ToldEvent(
            event, self.of(order_id).id, more.get("proof", Proof.CODE), text, self.shop.clock.at
        )
        happened = evolve(happened, at=more.get("at", happened.at))
        return self.shop.do(more.get("by", self.by), logistics.merge_event, told, happened)

    def by_tail(self, tail, by=None):
        return self.shop.do(by or self.by, logistics.collect_by_tail, self.id, tail)


@pytest.fixture
def point(shop):
    return Point(shop)


def collected(point, order_id):
    return point.of(order_id).state is ShipmentState.COLLECTED


# --- by code and by the end of a phone ---------------------------------------------------------


def test_a_code_hands_the_bag_over_and_says_who_did_it(shop, point):
    order_id, code = point.bag()
    shop.do(point.by, fulfilment.collect, order_id, code)
    (done,) = shop.all(HandOver)
    assert (done.id, done.by, done.proof, done.device) == (
        point.of(order_id).id,
        point.by.user_id,
        Proof.CODE,
        ONLINE,
    )
    assert shop.get(Order, order_id).delivered_at == shop.clock.at


def test_the_end_of_a_phone_hands_over_the_one_bag_it_fits(shop, point):
    order_id, _ = point.bag("8000")
    point.bag("8001")
    answer = point.by_tail("8000")
    assert (answer.bag.order_id, answer.several) == (order_id, False)
    (done,) = shop.all(HandOver)
    assert done.proof is Proof.PHONE_TAIL


def test_what_fits_two_bags_hands_none_over_until_one_is_gone(shop, point):
    first, code = point.bag("8000")
    second, _ = point.bag("8000")
    assert (point.by_tail("8000").bag, point.by_tail("8000").several) == (None, True)
    shop.do(point.by, fulfilment.collect, first, code)
    assert point.by_tail("8000").bag.order_id == second


def test_guessing_the_ends_of_phones_is_locked_for_a_while(shop, point):
    order_id, _ = point.bag("8000")
    for number in range(10):
        assert point.by_tail(f"900{number}").bag is None
    with pytest.raises(TooMany):
        point.by_tail("8000")
    assert not collected(point, order_id)
    shop.clock.forward(hours=1)
    assert point.by_tail("8000").bag.order_id == order_id


def test_only_those_who_hand_out_there_may_try(shop, point):
    point.bag("8000")
    for wrong in ("", "800", "80000", "８０００", "abcd"):
        with pytest.raises(Invalid):
            point.by_tail(wrong)
    with pytest.raises(Forbidden):
        point.by_tail("8000", shop.shopper())
    other = shop.leader_caller(shop.leader())
    with pytest.raises(NotFound):
        point.by_tail("8000", other)
    elsewhere = shop.caller("usr_y", Role.MERCHANT, merchant_id="mch_other")
    with pytest.raises(NotFound):
        point.by_tail("8000", elsewhere)


# --- offline -----------------------------------------------------------------------------------


def test_a_list_proves_codes_without_holding_one(shop, point):
    order_id, code = point.bag("8000")
    taken = point.list()
    (listed,) = taken.bags
    bag = point.of(order_id)
    assert listed.code_mark == offline_mark(taken.salt, Proof.CODE, bag.id, code)
    assert listed.tail_mark == offline_mark(taken.salt, Proof.PHONE_TAIL, bag.id, "8000")
    assert listed.goods == "智能手表 标准 × 1"
    plain = shop.desk.run(point.by, lambda w: logistics.offline_list(w, point.id))
    assert repr(code) not in repr(plain)
    assert listed.code_mark != offline_mark("other salt", Proof.CODE, bag.id, code)
    row, _ = shop.all(AuditRow, action="pickup.offline_list")
    assert (row.subject, row.actor) == (point.id, point.by.user_id)


def test_ends_of_phones_that_fit_two_bags_are_not_on_a_list(shop, point):
    point.bag("8000")
    point.bag("8000")
    assert [bag.tail_mark for bag in point.list().bags] == ["", ""]


def test_what_happened_offline_is_recorded_once_however_often_it_is_told(shop, point):
    order_id, code = point.bag()
    taken, at = point.list(), shop.clock.at
    shop.clock.forward(hours=2)
    assert point.tell(taken, order_id, code, at=at + timedelta(hours=1)).outcome is Outcome.RECORDED
    assert collected(point, order_id)
    assert point.tell(taken, order_id, code, at=at).outcome is Outcome.REPEATED
    (done,) = shop.all(HandOver)
    assert (done.device, done.event_id, done.at) == ("phone-1", "e1", at + timedelta(hours=1))
    assert done.recorded_at == shop.clock.at


def test_two_devices_that_hand_the_same_bag_over_are_a_conflict_for_a_person(shop, point):
    order_id, code = point.bag()
    taken = point.list()
    point.tell(taken, order_id, code)
    second = point.tell(taken, order_id, code, device="phone-2", event="e9")
    assert (second.outcome, second.why) == (Outcome.CONFLICT, Conflicting.HANDED_OVER_BEFORE)
    assert (second.earlier.device, second.earlier.event_id) == ("phone-1", "e1")


def test_a_bag_handed_over_online_meanwhile_is_a_conflict_too(shop, point):
    order_id, code = point.bag()
    taken = point.list()
    shop.do(point.by, fulfilment.collect, order_id, code)
    told = point.tell(taken, order_id, code)
    assert told.why is Conflicting.HANDED_OVER_BEFORE
    assert told.earlier.device == ONLINE


def test_the_end_of_a_phone_is_proved_again(shop, point):
    first, _ = point.bag("8000")
    second, _ = point.bag("8001")
    taken = point.list()
    wrong = point.tell(taken, first, "8001", proof=Proof.PHONE_TAIL)
    assert wrong.why is Conflicting.PROOF_IS_WRONG
    right = point.tell(taken, second, "8001", proof=Proof.PHONE_TAIL)
    assert right.outcome is Outcome.RECORDED


def test_a_code_that_was_renewed_a_refund_and_too_many_tries_are_told_apart(shop, point):
    renewed, old = point.bag()
    refunded, code = point.bag()
    taken = point.list()
    staff = shop.merchant_caller()
    shop.do(staff, fulfilment.renew_pickup_code, renewed)
    assert point.tell(taken, renewed, old).why is Conflicting.PROOF_IS_WRONG
    for _ in range(PICKUP_TRIES - 1):
        point.tell(taken, renewed, old)
    assert point.tell(taken, renewed, old).why is Conflicting.TRIES_ARE_USED_UP
    from groupbuy.application import aftersale

    shop.do(staff, aftersale.refund_order, refunded, "spoiled")
    assert point.tell(taken, refunded, code).why is Conflicting.ORDER_IS_REFUNDED
    assert not collected(point, refunded)


def test_a_device_tells_of_nothing_before_its_list_or_a_day_after(shop, point):
    order_id, code = point.bag()
    taken = point.list()
    early = taken.issued_at - timedelta(seconds=1)
    assert point.tell(taken, order_id, code, at=early).why is Conflicting.OUTSIDE_THE_LIST
    ahead = shop.clock.at + timedelta(minutes=6)
    assert point.tell(taken, order_id, code, at=ahead).why is Conflicting.OUTSIDE_THE_LIST
    shop.clock.forward(days=2)
    assert point.tell(taken, order_id, code).why is Conflicting.OUTSIDE_THE_LIST
    assert point.tell(taken, order_id, code, at=taken.until).outcome is Outcome.RECORDED


def test_only_who_took_a_list_of_this_point_may_tell(shop, point):
    order_id, code = point.bag()
    taken = point.list()
    forged = evolve(taken, signature=taken.signature + "x")
    moved = evolve(taken, issued_at=taken.issued_at - timedelta(days=1))
    for wrong in (forged, moved):
        with pytest.raises(Forbidden):
            point.tell(wrong, order_id, code)
    with pytest.raises(Forbidden):
        point.tell(taken, order_id, code, by=shop.leader_caller(shop.leader()))
    other = Point(shop)
    foreign, foreign_code = other.bag()
    told = Told(point.id, "phone-1", taken.issued_at, taken.signature)
    event = ToldEvent("e1", other.of(foreign).id, Proof.CODE, foreign_code, shop.clock.at)
    answer = shop.do(point.by, logistics.merge_event, told, event)
    assert answer.why is Conflicting.UNKNOWN_BAG
