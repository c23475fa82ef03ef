"""Parcels, pickups, sheets and timelines over HTTP."""

import hashlib
import json

import pytest

from groupbuy.application.ports import AuditRow, LoggedEvent, Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.kernel import make_id
from groupbuy.domain.logistics import HandOver, Shipment
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.entrypoints.sheet_files.as_html import POLICY
from tests.support.rooms import an_order, draft
from tests.support.web import TENANT, served

ORDERS = "/api/v1/merchant/orders"
SHIPMENTS = "/api/v1/merchant/shipments"
POINTS = "/api/v1/leader/pickup-points"


@pytest.fixture
def staff(shop):
    return shop.someone(Role.MERCHANT, merchant_id=shop.merchant().id)


@pytest.fixture
def buyer(shop):
    return shop.someone()


@pytest.fixture
def order(shop, staff, buyer):
    """Make an order of this shop and buyer, approved unless said otherwise."""

    def make(number=1, state=OrderState.APPROVED, **changes):
        made = an_order(
            state,
            id=make_id("ord", millis=1, cell=0, entropy=number),
            merchant_id=staff.user.merchant_id,
            buyer_id=buyer.user.id,
            **changes,
        )
        shop.app.desk.run(Caller.system(TENANT), lambda work: work.of(Order).add(made))
        return made.id

    return make


@pytest.fixture
def point(shop):
    made = PickupPoint(id=shop.app.kit.ids.new("pup"), name="东门", region="浦东", address="1")
    shop.app.desk.run(Caller.system(TENANT), lambda work: work.of(PickupPoint).add(made))
    return made.id


def call(shop, who, method, path, body=None, status=200, **headers):
    answer = shop.client.request(method, path, json=body, headers={**who.headers, **headers})
    assert answer.status_code == status, answer.text
    return answer


def stored(shop, kind):
    return shop.app.desk.read(Caller(TENANT), lambda work: work.of(kind).select(Query()))


def table(*rows):
    return "\n".join(["order_id,carrier,tracking_number", *(",".join(row) for row in rows)])


# --- carriers and parcels ----------------------------------------------------------------------


def test_carriers_are_for_everybody_to_look_up(shop):
    answer = shop.client.get("/api/v1/carriers?q=shunf&number=SF1234567890123&limit=2")
    assert answer.json()["items"][0] == {"code": "shunfeng", "name": "顺丰速运", "plausible": True}
    everything = shop.client.get("/api/v1/carriers?limit=2").json()["items"]
    assert [each["plausible"] for each in everything] == [None, None]
    assert shop.client.get("/api/v1/carriers?limit=0").status_code == 400


def test_an_order_goes_in_two_parcels_and_says_what_is_in_each(shop, staff, order):
    path = f"{ORDERS}/{order()}/parcels"
    parcel = {"carrier": "sf", "tracking_number": "SF1"}
    body = {**parcel, "contents": [{"line_no": 1, "units": 1}]}
    made = call(shop, staff, "POST", path, body, 201).json()
    assert made["contents"] == [{"line_no": 1, "units": 1}]
    more = {**body, "tracking_number": "SF2", "contents": [{"line_no": 1, "units": 2}]}
    refused = call(shop, staff, "POST", path, more, 409).json()
    assert refused["facts"]["rule"] == "units_left_to_send"
    wrong = {**more, "contents": [{"line_no": 9, "units": 1}]}
    call(shop, staff, "POST", path, wrong, 422)


def test_a_table_is_rehearsed_and_then_run_exactly_so(shop, staff, order):
    first, second = order(1), order(2)
    csv = table((first, "shunfeng", "SF12"), (second, "sf", "SF2"), ("ord_x", "sf", "SF3"))
    seen = call(shop, staff, "POST", f"{SHIPMENTS}/preview", {"csv": csv}).json()
    assert (seen["rows"], seen["shipped"]) == (3, [first, second])
    assert [each["row"] for each in seen["rejected"]] == [3]
    assert seen["doubtful"] == [first, second]
    assert stored(shop, Shipment) == []
    run = {"csv": csv, "digest": seen["digest"]}
    other = {**run, "csv": table((first, "sf", "SF12"))}
    refused = call(shop, staff, "POST", f"{SHIPMENTS}/run", other, 409).json()
    assert refused["facts"]["rule"] == "preview_is_current"
    key = {"Idempotency-Key": "run-1"}
    done = call(shop, staff, "POST", f"{SHIPMENTS}/run", run, **key)
    assert done.json()["shipped"] == [first, second]
    assert call(shop, staff, "POST", f"{SHIPMENTS}/run", run, **key).content == done.content
    assert len(stored(shop, Shipment)) == 2
    call(shop, staff, "POST", f"{SHIPMENTS}/run", run, 409)
    call(shop, staff, "POST", f"{SHIPMENTS}/preview", {"csv": "a,b\n"}, 422)


# --- the order desk ----------------------------------------------------------------------------


def test_a_filter_of_ones_own_narrows_the_list(shop, staff, order):
    waiting, _ = order(1, OrderState.CONFIRMED), order(2)
    path = "/api/v1/merchant/order-filters/待审核"
    call(shop, staff, "PUT", path, {"states": ["confirmed"]})
    listed = call(shop, staff, "GET", f"{ORDERS}?filter=待审核").json()["items"]
    assert [each["id"] for each in listed] == [waiting]
    kept = call(shop, staff, "GET", "/api/v1/merchant/order-filters").json()["items"]
    assert [each["name"] for each in kept] == ["待审核"]
    colleague = shop.someone(Role.MERCHANT, merchant_id=staff.user.merchant_id)
    call(shop, colleague, "GET", f"{ORDERS}?filter=待审核", status=404)
    call(shop, staff, "DELETE", path, status=204)
    call(shop, staff, "GET", f"{ORDERS}?filter=待审核", status=404)
    call(shop, staff, "PUT", path, {"states": ["lost"]}, 400)


def test_remarks_are_readable_by_the_shop_and_by_nobody_else(shop, staff, buyer, order):
    path = f"{ORDERS}/{order()}/remarks"
    made = call(shop, staff, "POST", path, {"text": "先打电话"}, 201, **{"Idempotency-Key": "r1"})
    again = call(shop, staff, "POST", path, {"text": "先打电话"}, 201, **{"Idempotency-Key": "r1"})
    assert again.json() == made.json()
    (shown,) = call(shop, staff, "GET", path).json()["items"]
    assert shown["text"] == "先打电话"
    call(shop, buyer, "GET", path, status=403)


def test_a_buyer_moves_an_order_until_it_is_approved(shop, staff, buyer, order):
    order_id = order(1, OrderState.CONFIRMED)
    path = f"/api/v1/shop/orders/{order_id}/address"
    there = {"name": "王芳", "phone": "13800138000", "address": "东门路 2 号", "region": "北京"}
    call(shop, buyer, "POST", path, there)
    contact = call(shop, buyer, "GET", f"/api/v1/shop/orders/{order_id}/contact").json()
    assert (contact["address"], contact["region"]) == ("东门路 2 号", "北京")
    moved = {**there, "address": "西门路 3 号", "reason": "买家来电"}
    call(shop, staff, "POST", f"{ORDERS}/{order_id}/address", moved)
    seen = call(shop, staff, "POST", f"{ORDERS}/{order_id}/reveal-contact").json()
    assert seen["address"] == "西门路 3 号"
    call(shop, staff, "POST", f"{ORDERS}/{order_id}/approve")
    call(shop, buyer, "POST", path, there, 409)


def test_rules_that_approve_are_the_merchants_own(shop, staff):
    path = "/api/v1/merchant/approval-rules"
    rule = {"name": "小额", "below": {"amount": 5000, "currency": "CNY"}}
    put = call(shop, staff, "PUT", path, {"rules": [rule]}).json()
    assert put == call(shop, staff, "GET", path).json()
    assert put["rules"][0]["below"] == {"amount": 5000, "currency": "CNY"}
    call(shop, staff, "PUT", path, {"rules": [{"name": "alles"}]}, 422)


# --- sheets ------------------------------------------------------------------------------------


def test_a_sheet_is_data_a_page_a_table_and_a_file(shop, staff, order):
    campaign = draft(id="cmp_1", merchant_id=staff.user.merchant_id)
    shop.app.desk.run(Caller.system(TENANT), lambda work: work.of(Campaign).add(campaign))
    order_id = order()
    path = "/api/v1/merchant/campaigns/cmp_1"
    shown = call(shop, staff, "GET", f"{path}/sheets/packing").json()
    assert shown["sections"][0]["rows"][0][0] == order_id
    page = call(shop, staff, "GET", f"{path}/sheets/packing.html", **{"Accept-Language": "en"})
    assert "Packing list" in page.text
    assert page.headers["content-security-policy"] == POLICY
    begins = {"csv": b"\xef\xbb\xbf", "pdf": b"%PDF"}
    for form, mark in begins.items():
        file = call(shop, staff, "GET", f"{path}/sheets/payment.{form}")
        assert file.content.startswith(mark)
        assert f'filename="payment-cmp_1.{form}"' in file.headers["content-disposition"]
    for wrong in ("other", "pick.xlsx", "pick."):
        call(shop, staff, "GET", f"{path}/sheets/{wrong}", status=404)
    call(shop, staff, "POST", f"{path}/packing-list/json")
    looks = [row.subject for row in stored(shop, AuditRow) if row.action == "sheet.reveal"]
    assert looks == ["cmp_1"]
    stranger = shop.someone(Role.MERCHANT, merchant_id=shop.merchant("西门").id)
    call(shop, stranger, "GET", f"{path}/sheets/pick", status=404)


# --- pickups -----------------------------------------------------------------------------------


@pytest.fixture
def bag(shop, staff, buyer, order, point):
    """Lay a bag out; return its order and code."""

    def make(number=1):
        order_id = order(number, pickup_point_id=point)
        call(shop, staff, "POST", f"{ORDERS}/{order_id}/ready-for-pickup", status=201)
        path = f"/api/v1/shop/orders/{order_id}/pickup-code"
        return order_id, call(shop, buyer, "GET", path).json()["code"]

    return make


def test_the_end_of_a_phone_hands_over_one_bag(shop, staff, bag, point):
    bag()
    (found,) = stored(shop, Order)
    tail = found.contact.phone_tail or "0000"
    answer = call(shop, staff, "POST", f"{POINTS}/{point}/collect", {"tail": tail}).json()
    handed = answer["bag"] is not None
    assert handed == bool(found.contact.phone_tail)
    call(shop, staff, "POST", f"{POINTS}/{point}/collect", {"tail": "12a4"}, 400)


def test_what_happened_offline_is_merged_once(shop, staff, bag, point):
    order_id, code = bag()
    path = f"{POINTS}/{point}"
    taken = call(shop, staff, "POST", f"{path}/offline-list").json()
    assert code not in json.dumps(taken["bags"])
    (listed,) = taken["bags"]
    assert listed["order_id"] == order_id
    event = {
        "event_id": "e1",
        "parcel_id": listed["parcel_id"],
        "proof": "code",
        "text": code,
        "at": taken["issued_at"],
    }
    told = {
        "device": "phone-1",
        "issued_at": taken["issued_at"],
        "signature": taken["signature"],
        "events": [event, {**event, "event_id": "e2"}],
    }
    merged = call(shop, staff, "POST", f"{path}/offline-events", told).json()
    assert [each["outcome"] for each in merged["items"]] == ["recorded", "conflict"]
    assert merged["conflicts"] == 1
    again = call(shop, staff, "POST", f"{path}/offline-events", told).json()
    assert [each["outcome"] for each in again["items"]] == ["repeated", "conflict"]
    assert again["items"][1]["earlier_device"] == "phone-1"
    assert len(stored(shop, HandOver)) == 1
    forged = {**told, "signature": "x"}
    call(shop, staff, "POST", f"{path}/offline-events", forged, 403)


# --- timelines ---------------------------------------------------------------------------------


def test_a_timeline_answers_304_until_something_happens(shop, staff, buyer, order):
    order_id = order(1, OrderState.CONFIRMED)
    path = f"/api/v1/shop/orders/{order_id}/timeline"
    first = call(shop, buyer, "GET", path)
    same = {"If-None-Match": first.headers["etag"]}
    call(shop, buyer, "GET", path, status=304, **same)
    call(shop, staff, "POST", f"{ORDERS}/{order_id}/approve")
    after = call(shop, buyer, "GET", path, **same).json()["items"]
    assert (after[-1]["what"], after[-1]["zh"], after[-1]["en"]) == (
        "order.approved",
        "商家已审核",
        "Approved",
    )
    assert call(shop, staff, "GET", f"{ORDERS}/{order_id}/timeline").json()["items"] == after
    stranger = shop.someone()
    call(shop, stranger, "GET", path, status=404)


@pytest.fixture
def tracked(tmp_path):
    said = {"customer": "C", "key": "K", "salt": "a salt of these tests"}
    provider = {"carriers": "kuaidi100"}
    url = f"sqlite:///{tmp_path / 'tracked.db'}"
    with served(url, provider=provider, kuaidi100=said) as shop:
        yield shop


def test_kuaidi100_is_answered_in_its_own_words_and_heard_once(tracked):
    staff = tracked.someone(Role.MERCHANT, merchant_id=tracked.merchant().id)
    buyer = tracked.someone()
    made = an_order(
        OrderState.APPROVED,
        id=make_id("ord", millis=1, cell=0, entropy=1),
        merchant_id=staff.user.merchant_id,
        buyer_id=buyer.user.id,
    )
    tracked.app.desk.run(Caller.system(TENANT), lambda work: work.of(Order).add(made))
    parcel = {"carrier": "yuantong", "tracking_number": "YT1234567890123"}
    call(tracked, staff, "POST", f"{ORDERS}/{made.id}/parcels", parcel, 201)
    (carrier,) = tracked.app.carriers.values()
    step = {"context": "已签收", "ftime": "2026-11-03 09:30:00", "status": "签收"}
    result = {"com": "yuantong", "nu": "YT1234567890123", "state": "3", "data": [step]}
    param = json.dumps({"status": "shutdown", "lastResult": result}, ensure_ascii=False)
    signed = hashlib.md5((param + "a salt of these tests").encode()).hexdigest().upper()

    def push(**form):
        address = f"/api/v1/callbacks/carriers/kuaidi100/{TENANT}"
        return tracked.client.post(address, data=form)

    assert push(param=param, sign="0" * 32).status_code == 403
    assert stored(tracked, Order)[0].delivered_at is None
    for _ in range(2):
        answer = push(param=param, sign=signed)
        assert (answer.status_code, answer.content) == (200, carrier.acknowledgement())
    assert stored(tracked, Order)[0].delivered_at is not None
    names = [each.name for each in stored(tracked, LoggedEvent)]
    assert names.count("shipment.delivered") == 1
