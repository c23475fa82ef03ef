"""After-sale cases through the web: each side in turn, and what is refused, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from groupbuy.application.write_path import Caller
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.ordering import Order
from tests.support.two_shops import OTHER_HOST, two_shops
from tests.support.web import TENANT

WISH = {"line_no": 1, "kind": "return_and_refund", "reason": "damaged", "text": "碰伤了"}
PARCEL = {"carrier": "sf", "tracking_number": "SF900"}
RULING = {"decide_for": "merchant", "reason": "箱子确实是空的"}
TEXTS = ("碰伤了", "空箱子", "寄了一箱")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("after-sales")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as world:
        collect(world)
        world.keep()
        yield world, folder / "now"


@pytest.fixture
def world(opened):
    world, clock = opened
    kept = clock.read_text()
    yield world
    clock.write_text(kept)
    world.restore()


@pytest.fixture
def pg_world(pg_database, tmp_path):
    with two_shops(pg_database.app_url, tmp_path) as world:
        collect(world)
        yield world


@pytest.fixture
def either(request):
    """The same shop on either database, for the stories that write most."""
    return request.getfixturevalue(request.param)


on_both = pytest.mark.parametrize("either", ["world", "pg_world"], indirect=True)


def ask(world, person, method, path, body=None, place=None, **headers):
    who = dict((place or world.own).people[person].headers)
    who["Idempotency-Key"] = world.shop.app.kit.ids.token()
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"/api/v1{path}"
    return world.shop.client.request(method, url, json=body, headers={**who, **more})


def collect(world):
    order = world.own.ids["order"]
    code = ask(world, "shopper", "GET", f"/shop/orders/{order}/pickup-code").json()["code"]
    answer = ask(world, "merchant", "POST", f"/leader/pickups/{order}/collect", {"code": code})
    assert answer.json()["state"] == "collected"


def pass_time(world, **delta):
    later = world.shop.app.kit.clock.now() + timedelta(**delta)
    Path(world.shop.app.settings.clock_file).write_text(later.isoformat())
    while world.shop.app.relay.tick(TENANT):
        pass


def apply(world, **changes):
    path = f"/shop/orders/{world.own.ids['order']}/after-sales"
    return ask(world, "shopper", "POST", path, {**WISH, **changes})


def do(world, person, case_id, act, body=None):
    desk = {"shopper": "/shop", "merchant": "/merchant", "operator": "/ops"}[person]
    return ask(world, person, "POST", f"{desk}/after-sales/{case_id}/{act}", body)


def sent_back(world, **changes):
    """A case whose goods are on their way back."""
    made = apply(world, **changes).json()["id"]
    assert do(world, "merchant", made, "approve", {"answer": "寄回来吧"}).status_code == 200
    assert do(world, "shopper", made, "return-parcel", PARCEL).status_code == 200
    return made


def available(world):
    caller, variant = Caller.system(TENANT), world.own.ids["variant"]
    return world.shop.app.desk.read(caller, lambda w: w.of(Stock).get(variant)).available


def refusal(answer):
    said = answer.json()
    return answer.status_code, said.get("facts", {}).get("rule") or said["code"]


def test_the_amount_and_the_deadline_are_shown_before_anything_is_asked(world):
    shown = apply(world, dry_run=True)
    assert shown.status_code == 200
    paid = ask(world, "shopper", "GET", f"/shop/orders/{world.own.ids['order']}").json()["payable"]
    quoted = shown.json()
    assert (quoted["refund"], quoted["granted"], quoted["turn"]) == (paid, False, "merchant")
    deadline = world.shop.app.kit.clock.now() + timedelta(hours=24)
    assert quoted["decide_by"] == deadline.isoformat().replace("+00:00", "Z")
    assert quoted["silence_text"] == "到期未处理即视为同意"
    assert ask(world, "shopper", "GET", f"/shop/after-sales/{quoted['id']}").status_code == 404
    assert apply(world).json()["refund"] == paid
    assert refusal(apply(world, dry_run=True)) == (409, "one_open_case_a_line")


@on_both
def test_a_return_goes_from_the_wish_to_the_shelf_and_the_money(either):
    world = either
    made = apply(world).json()
    at = f"/merchant/after-sales/{made['id']}"
    listed = ask(world, "merchant", "GET", "/merchant/after-sales?status=applied&limit=1")
    assert [each["id"] for each in listed.json()["items"]] == [made["id"]]
    assert "碰伤了" not in listed.text + str(made)
    told = ask(world, "merchant", "GET", at).json()
    assert (told["text"], told["case"]["turn"]) == ("碰伤了", "merchant")
    agreed = do(world, "merchant", made["id"], "approve", {"answer": "寄回来吧"}).json()
    assert (agreed["state"], agreed["turn"]) == ("approved", "buyer")
    assert do(world, "shopper", made["id"], "return-parcel", PARCEL).json()["turn"] == "merchant"
    assert do(world, "merchant", made["id"], "receive").json()["state"] == "return_received"
    before = available(world)
    counted = do(world, "merchant", made["id"], "inspect", {"good": 1}).json()
    assert (counted["state"], counted["good_units"], counted["granted"]) == ("refunding", 1, True)
    assert available(world) == before + 1
    mine = ask(world, "shopper", "GET", f"/shop/after-sales/{made['id']}").json()
    assert (mine["text"], mine["answer"]) == ("碰伤了", "寄回来吧")
    assert mine["case"]["state_text"] == "退款中"


@on_both
def test_an_exchange_is_replaced_at_the_pickup_point_and_accepted(either):
    world = either
    made = sent_back(world, kind="exchange")
    assert do(world, "merchant", made, "replace", {}).status_code == 409
    do(world, "merchant", made, "inspect", {"good": 0, "damaged": 1})
    before = available(world)
    assert refusal(do(world, "merchant", made, "replace", PARCEL)) == (409, "order_goes_by_parcel")
    sent = do(world, "merchant", made, "replace", {}).json()
    assert (sent["state"], sent["refund"]["amount"]) == ("replacement_sent", 0)
    assert available(world) == before - 1
    assert do(world, "shopper", made, "accept").json()["state"] == "done"


def test_an_exchange_that_cannot_be_made_is_refunded(world):
    made = sent_back(world, kind="exchange")
    do(world, "merchant", made, "inspect", {"good": 0, "damaged": 1})
    answer = do(world, "merchant", made, "refund", {"reason": "没货了"}).json()
    assert (answer["state"], answer["refund"]["amount"]) == ("refunding", 1592)


@on_both
def test_a_quarrel_is_decided_by_an_operator_and_everybody_reads_why(either):
    world = either
    made = sent_back(world)
    no = do(world, "merchant", made, "refuse", {"reason": "空箱子"}).json()
    assert (no["state"], no["turn"], no["silence_text"]) == (
        "refused",
        "nobody",
        "到期前可申请平台介入",
    )
    assert do(world, "operator", made, "decide", RULING).status_code == 409
    assert (
        do(world, "shopper", made, "escalate", {"reason": "寄了一箱"}).json()["turn"] == "operator"
    )
    waiting = ask(world, "operator", "GET", "/ops/after-sales?status=escalated").json()["items"]
    assert [each["id"] for each in waiting] == [made]
    told = ask(world, "operator", "GET", f"/ops/after-sales/{made}").json()
    assert (told["text"], told["answer"], told["appeal"]) == TEXTS
    wrong = do(world, "operator", made, "decide", {**RULING, "decide_for": "nobody"})
    assert wrong.status_code == 400
    assert do(world, "operator", made, "decide", RULING).json()["state"] == "refused"
    for person, desk in (("shopper", "shop"), ("merchant", "merchant")):
        told = ask(world, person, "GET", f"/{desk}/after-sales/{made}").json()
        assert told["ruling"] == "箱子确实是空的"
        assert told["case"]["decide_by"] is None
    again = do(world, "shopper", made, "escalate", {"reason": "不服"})
    assert refusal(again) == (409, "no_operator_has_decided")


def test_silence_decides_and_says_so_in_the_language_asked_for(world):
    made = apply(world, kind="refund_only").json()["id"]
    pass_time(world, hours=25)
    path = f"/shop/after-sales/{made}"
    said = ask(world, "shopper", "GET", path, accept_language="en").json()["case"]
    assert (said["decided_in_silence"], said["granted"]) == (True, True)
    assert said["state_text"] == "The refund is on its way"
    assert (said["kind_text"], said["reason_text"]) == ("Refund only", "It is damaged")


@pytest.mark.parametrize(
    ("changes", "status", "rule"),
    [
        ({"pictures": ["a", "b", "c", "d"]}, 400, "malformed_input"),
        ({"pictures": ["<script>"]}, 400, "malformed_input"),
        ({"kind": "repair"}, 400, "malformed_input"),
        ({"units": 0}, 400, "malformed_input"),
        ({"units": 2}, 409, "units_left_to_refund"),
        ({"line_no": 9}, 404, "not_found"),
        ({"colour": "red"}, 400, "malformed_input"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(world, changes, status, rule):
    answer = apply(world, **changes)
    assert answer.status_code == status
    if status != 400:
        assert refusal(answer) == (status, rule)


def test_a_second_case_of_a_line_and_one_after_the_window_are_refused(world):
    made = apply(world).json()["id"]
    assert refusal(apply(world)) == (409, "one_open_case_a_line")
    do(world, "shopper", made, "cancel")
    pass_time(world, days=8)
    assert refusal(apply(world)) == (409, "within_the_after_sale_window")


def test_goods_that_are_not_returnable_go_back_for_a_fault_alone(world):
    def spoil_soon(work):
        order = work.of(Order).lock([world.own.ids["order"]])[world.own.ids["order"]]
        lines = tuple(evolve(line, return_policy="fresh") for line in order.lines)
        work.of(Order).save(evolve(order, lines=lines))

    world.shop.app.desk.run(Caller.system(TENANT), spoil_soon)
    for kind in ("return_and_refund", "exchange", "refund_only"):
        answer = apply(world, kind=kind, reason="changed_mind")
        assert refusal(answer) == (409, "line_may_be_returned")
    assert apply(world).status_code == 201


def test_nobody_but_those_it_concerns_sees_a_case(world):
    made = apply(world).json()["id"]
    for place in (world.neighbour, world.foreign):
        order = world.own.ids["order"]
        host = {} if place is world.neighbour else {"Host": OTHER_HOST}
        for person, method, path, body in (
            ("shopper", "POST", f"/shop/orders/{order}/after-sales", WISH),
            ("shopper", "GET", f"/shop/after-sales/{made}", None),
            ("shopper", "POST", f"/shop/after-sales/{made}/cancel", None),
            ("merchant", "GET", f"/merchant/after-sales/{made}", None),
            ("merchant", "POST", f"/merchant/after-sales/{made}/approve", {}),
        ):
            answer = ask(world, person, method, path, body, place=place, **host)
            assert answer.status_code == 404, (place, path, answer.text)
        listed = ask(world, "merchant", "GET", "/merchant/after-sales", place=place, **host)
        assert made not in listed.text
    assert made not in ask(world, "leader", "GET", "/shop/after-sales").text


def test_a_leader_sees_how_their_neighbours_are_served_and_nothing_they_wrote(world):
    made = apply(world, pictures=["2026/broken.jpg"]).json()["id"]
    seen = ask(world, "leader", "GET", "/leader/after-sales?status=applied")
    assert [each["id"] for each in seen.json()["items"]] == [made]
    buyer = world.own.people["shopper"].user.id
    assert not [word for word in ("碰伤了", "broken.jpg", buyer) if word in seen.text]
    other = ask(world, "leader", "GET", "/leader/after-sales", place=world.neighbour)
    assert made not in other.text
    assert ask(world, "shopper", "GET", "/leader/after-sales").status_code == 403


@on_both
def test_lists_are_filtered_and_read_page_by_page(either):
    world = either
    old, made = world.own.ids["case"], apply(world).json()["id"]
    first = ask(world, "shopper", "GET", "/shop/after-sales?limit=1")
    assert [each["case"]["id"] for each in first.json()["items"]] == [made]
    headers = world.own.people["shopper"].headers
    rest = world.shop.client.get(first.links["next"]["url"], headers=headers).json()
    assert ([each["case"]["id"] for each in rest["items"]], rest["next_cursor"]) == ([old], None)
    at = "/merchant/after-sales"

    def ids(query):
        return {
            each["id"] for each in ask(world, "merchant", "GET", f"{at}?{query}").json()["items"]
        }

    assert ids("status=cancelled") == {old}
    assert ids("kind=return_and_refund") == {made}
    assert ids(f"order_id={world.own.ids['order']}") == {old, made}
    soon = (world.shop.app.kit.clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert made not in ids(f"decide_lt={soon}")
    assert ask(world, "merchant", "GET", f"{at}?status=lost").status_code == 400
    assert ask(world, "merchant", "GET", f"{at}?decide_lt=2026-11-02T00:00:00").status_code == 400


def test_a_refusal_without_a_reason_and_an_approval_without_a_key_are_not_taken(world):
    made = apply(world).json()["id"]
    assert do(world, "merchant", made, "refuse", {"reason": ""}).status_code == 400
    headers = world.own.people["merchant"].headers
    path = f"/api/v1/merchant/after-sales/{made}/approve"
    assert world.shop.client.post(path, json={}, headers=headers).status_code == 400
    assert do(world, "merchant", made, "inspect", {"good": -1}).status_code == 400
