"""What a shop does about parcels and bags over HTTP, one by one and many at once."""

import pytest

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import make_id
from groupbuy.domain.logistics import PICKUP_TRIES, Shipment
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order, OrderState
from tests.support.rooms import an_order
from tests.support.web import TENANT

ORDERS = "/api/v1/merchant/orders"
MANY = "/api/v1/merchant/shipments"


@pytest.fixture
def staff(shop):
    return shop.someone(Role.MERCHANT, merchant_id=shop.merchant().id)


@pytest.fixture
def buyer(shop):
    return shop.someone()


@pytest.fixture
def order(shop, staff, buyer):
    """Make an approved order, by parcel unless it goes to a pickup point."""

    def make(number=1, **changes):
        made = an_order(
            OrderState.APPROVED,
            id=make_id("ord", millis=1, cell=0, entropy=number),
            merchant_id=staff.user.merchant_id,
            buyer_id=buyer.user.id,
            **changes,
        )
        shop.app.desk.run(Caller.system(TENANT), lambda work: work.of(Order).add(made))
        return made.id

    return make


def ship(shop, staff, order_id, number, carrier="sf"):
    body = {"carrier": carrier, "tracking_number": number}
    return shop.client.post(f"{ORDERS}/{order_id}/parcels", json=body, headers=staff.headers)


def ship_many(shop, staff, rows, *, dry_run=False):
    names = ("order_id", "carrier", "tracking_number")
    parcels = [dict(zip(names, row, strict=True)) for row in rows]
    body = {"parcels": parcels, "dry_run": dry_run}
    return shop.client.post(MANY, json=body, headers=staff.headers)


def stored(shop):
    return shop.app.desk.read(Caller(TENANT), lambda work: work.of(Shipment).select(Query()))


def test_a_parcel_is_voided_with_a_reason_and_shown_so(shop, staff, order):
    order_id = order()
    parcel = ship(shop, staff, order_id, "SF1").json()["id"]
    path = f"{ORDERS}/{order_id}/parcels/{parcel}/void"
    assert shop.client.post(path, json={"reason": ""}, headers=staff.headers).status_code == 400
    answer = shop.client.post(path, json={"reason": "mistyped"}, headers=staff.headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "void")
    shown = shop.client.get(f"{ORDERS}/{order_id}", headers=staff.headers).json()
    assert (shown["label"], [p["state"] for p in shown["parcels"]]) == ("approved", ["void"])
    again = shop.client.post(path, json={"reason": "mistyped"}, headers=staff.headers)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_a_locked_bag_gets_a_new_code_that_its_buyer_reads(shop, staff, buyer, order):
    order_id = order(pickup_point_id="pup_1")
    assert (
        shop.client.post(f"{ORDERS}/{order_id}/ready-for-pickup", headers=staff.headers).status_code
        == 201
    )
    hand_out = f"/api/v1/leader/pickups/{order_id}/collect"
    mine = f"/api/v1/shop/orders/{order_id}/pickup-code"
    old = shop.client.get(mine, headers=buyer.headers).json()["code"]
    wrong = "000000" if old != "000000" else "000001"
    for _ in range(PICKUP_TRIES):
        shop.client.post(hand_out, json={"code": wrong}, headers=staff.headers)
    locked = shop.client.post(hand_out, json={"code": old}, headers=staff.headers)
    assert (locked.status_code, locked.json()["facts"]["rule"]) == (409, "pickup_tries_left")
    renewed = shop.client.post(f"{ORDERS}/{order_id}/new-pickup-code", headers=staff.headers)
    assert (renewed.status_code, renewed.json()["state"]) == (200, "ready")
    code = shop.client.get(mine, headers=buyer.headers).json()["code"]
    assert code not in renewed.text
    handed = shop.client.post(hand_out, json={"code": code}, headers=staff.headers)
    assert handed.json()["state"] == "collected"


def test_a_rehearsal_of_many_rows_answers_what_the_real_run_answers(shop, staff, order):
    first, second = order(1), order(2)
    rows = [
        (first, "sf", "SF1"),
        (first, "sf", "SF1"),
        (first, "sf", "SF2"),
        (make_id("ord", millis=1, cell=0, entropy=9), "sf", "SF3"),
        (second, "sf", "SF1"),
    ]
    rehearsed = ship_many(shop, staff, rows, dry_run=True).json()
    assert stored(shop) == []
    assert rehearsed == ship_many(shop, staff, rows).json()
    assert rehearsed["shipped"] == [first, first, second]
    assert [row["row"] for row in rehearsed["rejected"]] == [2, 4]
    assert len(stored(shop)) == 3


@pytest.mark.parametrize(("carrier", "number"), [("sf", "=1+1"), ("sf/../x", "SF1"), ("sf", "")])
def test_no_door_takes_a_number_that_is_none(shop, staff, order, carrier, number):
    order_id = order()
    assert ship(shop, staff, order_id, number, carrier).status_code == 400
    many = ship_many(shop, staff, [(order_id, carrier, number)])
    assert many.status_code == 400 or many.json()["shipped"] == []
    assert stored(shop) == []
