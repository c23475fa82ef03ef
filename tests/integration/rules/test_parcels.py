"""Parcels that never arrive, codes that no longer open: the same on every database."""

import pytest

from groupbuy.application import fulfilment
from groupbuy.application.orders import merchant_order, my_order, pickup_code
from groupbuy.application.ports import AuditRow, ParcelState, Task, TraceReport
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, NotFound, Refused
from groupbuy.domain.logistics import PICKUP_TRIES, Shipment, ShipmentState
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Label, OrderState
from tests.support.stories import collected_shop


@pytest.fixture
def order_id(shop):
    """An approved order of a buyer who can be told things."""
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(
        shop.campaign(quorum=Quorum(Measure.BUYERS, 1)), shop.caller(buyer.id, Role.SHOPPER)
    )
    shop.pay(joined)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.approve_order, joined.order.id)
    return joined.order.id


def send(shop, order_id, number, carrier="sf"):
    parcel = Parcel(order_id, carrier, number)
    return shop.do(shop.merchant_caller(), fulfilment.ship_order, parcel)


def void(shop, order_id, parcel, by=None, reason="mistyped"):
    by = by or shop.merchant_caller()
    return shop.do(by, fulfilment.void_parcel, order_id, parcel.id, reason)


def hear(shop, number, state):
    shop.carrier.move("sf", number, state)
    shop.pass_time(hours=3)


def seen(shop, order_id):
    return shop.desk.read(shop.merchant_caller(), lambda w: merchant_order(w, order_id))


def told(shop, what):
    return [task for task in shop.all(Task, topic="notify") if task.data["what"] == what]


# --- parcels that do not arrive ---------------------------------------------------------------


def test_voiding_the_last_parcel_still_on_its_way_delivers_the_order(shop, order_id):
    mistyped = send(shop, order_id, "SF1")
    send(shop, order_id, "SF2")
    shop.work_off()
    hear(shop, "SF2", ParcelState.DELIVERED)
    assert seen(shop, order_id).order.delivered_at is None
    after = void(shop, order_id, mistyped)
    assert after.state is ShipmentState.VOID
    assert seen(shop, order_id).order.delivered_at == shop.clock.at
    assert seen(shop, order_id).label is Label.DELIVERED
    shop.pass_time(days=7)
    shop.rest()
    assert seen(shop, order_id).order.state is OrderState.COMPLETED


def test_voiding_the_only_parcel_delivers_nothing_and_the_right_one_does(shop, order_id):
    mistyped = send(shop, order_id, "SF1")
    void(shop, order_id, mistyped)
    assert (seen(shop, order_id).label, seen(shop, order_id).order.delivered_at) == (
        Label.APPROVED,
        None,
    )
    send(shop, order_id, "SF2")
    shop.work_off()
    hear(shop, "SF2", ParcelState.DELIVERED)
    assert seen(shop, order_id).order.delivered_at is not None


@pytest.mark.parametrize("first", [ParcelState.RETURNED, ParcelState.DELIVERED])
def test_a_parcel_that_came_back_does_not_keep_its_replacement_from_delivering(
    shop, order_id, first
):
    send(shop, order_id, "SF1")
    send(shop, order_id, "SF2")
    shop.work_off()
    words = {ParcelState.RETURNED: "SF1", ParcelState.DELIVERED: "SF2"}
    hear(shop, words.pop(first), first)
    assert seen(shop, order_id).order.delivered_at is None
    (second,) = words
    hear(shop, words[second], second)
    assert seen(shop, order_id).order.delivered_at is not None
    assert seen(shop, order_id).label is Label.DELIVERED


def test_an_order_of_which_everything_came_back_is_not_delivered(shop, order_id):
    send(shop, order_id, "SF1")
    shop.work_off()
    hear(shop, "SF1", ParcelState.RETURNED)
    view = seen(shop, order_id)
    assert (view.order.delivered_at, view.label) == (None, Label.PARCEL_EXCEPTION)


@pytest.mark.parametrize("ending", ["returned", "void"])
def test_nobody_asks_about_a_parcel_that_came_back_or_is_void(shop, order_id, ending):
    parcel = send(shop, order_id, "SF1")
    shop.work_off()
    assert shop.get(Task, f"track/{parcel.id}").state == "pending"
    if ending == "void":
        void(shop, order_id, parcel)
    else:
        hear(shop, "SF1", ParcelState.RETURNED)
    shop.pass_time(hours=3)
    assert shop.get(Task, f"track/{parcel.id}").state == "done"


def test_what_a_carrier_says_of_a_void_parcel_is_somebody_elses_story(shop, order_id):
    parcel = send(shop, order_id, "SF1")
    void(shop, order_id, parcel)
    report = TraceReport("sf", "SF1", ParcelState.DELIVERED, ())
    (heard,) = shop.do(shop.system(), fulfilment.hear_carrier, report)
    assert (heard.state, heard.trace) == (ShipmentState.VOID, ())
    assert seen(shop, order_id).order.delivered_at is None


def test_a_parcel_voided_by_mistake_may_be_handed_over_again_but_nothing_goes_twice(shop, order_id):
    parcel = send(shop, order_id, "SF1")
    with pytest.raises(Refused) as refusal:
        send(shop, order_id, "SF1")
    assert refusal.value.rule == "parcel_is_not_known_yet"
    void(shop, order_id, parcel)
    send(shop, order_id, "SF1")
    shop.work_off()
    hear(shop, "SF1", ParcelState.DELIVERED)
    assert seen(shop, order_id).order.delivered_at is not None


def test_voiding_is_audited_with_its_reason_and_told_to_the_buyer(shop, order_id):
    parcel = send(shop, order_id, "SF1")
    void(shop, order_id, parcel, reason="lost on the road")
    (row,) = shop.all(AuditRow, action="parcel.void")
    assert (row.subject, row.reason, row.facts) == (
        parcel.id,
        "lost on the road",
        {"was": "shipped"},
    )
    assert len(told(shop, "order.parcel_void")) == 1


def test_only_the_shop_or_an_operator_voids_its_parcels_and_says_why(shop, order_id):
    parcel = send(shop, order_id, "SF1")
    with pytest.raises(Invalid):
        void(shop, order_id, parcel, reason=" ")
    with pytest.raises(Forbidden):
        void(shop, order_id, parcel, by=shop.shopper())
    with pytest.raises(NotFound):
        void(shop, order_id, parcel, by=shop.caller("usr_x", Role.MERCHANT, merchant_id="mch_x"))
    with pytest.raises(NotFound):
        shop.do(
            shop.merchant_caller(), fulfilment.void_parcel, order_id, "shp_none", "no such thing"
        )
    assert shop.get(Shipment, parcel.id).state is ShipmentState.SHIPPED
    void(shop, order_id, parcel, by=shop.caller("usr_o", Role.OPERATOR))
    with pytest.raises(IllegalMove):
        void(shop, order_id, parcel)


@pytest.mark.parametrize(
    ("carrier", "number", "field"),
    [("sf", "=1+1", "tracking_number"), ("sf/../x", "SF1", "carrier")],
)
def test_a_number_that_is_none_ships_nothing(shop, order_id, carrier, number, field):
    with pytest.raises(Invalid) as refusal:
        send(shop, order_id, number, carrier)
    assert refusal.value.field == field
    assert shop.all(Shipment) == []


# --- messages that are meant to repeat --------------------------------------------------------


def test_every_parcel_of_an_order_is_told(shop, order_id):
    send(shop, order_id, "SF1")
    send(shop, order_id, "SF2")
    shop.work_off()
    numbers = [m.facts["tracking"] for _, m in shop.notifier.sent if m.kind == "order.shipped"]
    assert numbers == ["SF1", "SF2"]


def test_a_second_correction_is_told_as_well(shop):
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    who = shop.caller(buyer.id, Role.SHOPPER)
    joined = shop.join(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)), who)
    shop.pay(joined)
    shop.rest()
    for note in ("门牌号?", "几楼?"):
        shop.do(shop.merchant_caller(), fulfilment.ask_correction, joined.order.id, note)
        shop.do(who, fulfilment.correct_order, joined.order.id, joined.order.contact)
    assert len(told(shop, "order.correction_asked")) == 2


# --- codes ------------------------------------------------------------------------------------


def bag_of(shop, order_id):
    (bag,) = shop.all(Shipment, order_id=order_id)
    return bag


@pytest.mark.parametrize("who", [Role.MERCHANT, Role.OPERATOR])
def test_a_new_code_opens_a_bag_that_too_many_wrong_ones_have_locked(shop, who):
    _, joined, old = collected_shop(shop)
    order_id = joined.order.id
    staff = shop.merchant_caller() if who is Role.MERCHANT else shop.caller("usr_o", who)
    for _ in range(PICKUP_TRIES):
        shop.do(staff, fulfilment.collect, order_id, "999999")
    with pytest.raises(Refused):
        shop.do(staff, fulfilment.collect, order_id, old)
    renewed = shop.do(staff, fulfilment.renew_pickup_code, order_id)
    assert (renewed.state, renewed.pickup_tries) == (ShipmentState.READY, 0)
    buyer = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    code = shop.desk.read(buyer, lambda w: pickup_code(w, order_id))
    assert code != old
    assert shop.do(staff, fulfilment.collect, order_id, old).state is ShipmentState.READY
    assert shop.do(staff, fulfilment.collect, order_id, code).state is ShipmentState.COLLECTED
    view = shop.desk.read(buyer, lambda w: my_order(w, order_id))
    assert view.order.delivered_at == shop.clock.at


def test_every_new_code_is_audited_and_told(shop):
    _, joined, _ = collected_shop(shop)
    for _ in range(2):
        shop.do(shop.merchant_caller(), fulfilment.renew_pickup_code, joined.order.id)
    rows = shop.all(AuditRow, action="parcel.renew_pickup_code")
    assert [row.subject for row in rows] == [bag_of(shop, joined.order.id).id] * 2
    assert len(told(shop, "order.new_pickup_code")) == 2


def test_only_the_shop_renews_a_code_and_only_of_a_bag_that_lies_ready(shop, order_id):
    staff = shop.merchant_caller()
    with pytest.raises(Refused):
        shop.do(staff, fulfilment.renew_pickup_code, order_id)
    _, joined, code = collected_shop(shop)
    stranger = shop.caller("usr_x", Role.MERCHANT, merchant_id="mch_x")
    with pytest.raises(NotFound):
        shop.do(stranger, fulfilment.renew_pickup_code, joined.order.id)
    with pytest.raises(Forbidden):
        shop.do(shop.caller("usr_l", Role.LEADER), fulfilment.renew_pickup_code, joined.order.id)
    shop.do(staff, fulfilment.collect, joined.order.id, code)
    with pytest.raises(IllegalMove):
        shop.do(staff, fulfilment.renew_pickup_code, joined.order.id)
