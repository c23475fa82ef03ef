"""Profiles, addresses, the inbox; leaders, merchants and their staff."""

import pytest
from attrs import evolve

from groupbuy.adapters.notify_inbox import build as inbox
from groupbuy.application.ports import AuditRow, Message, Query, Task
from groupbuy.application.write_path import Caller
from groupbuy.domain.membership import Address, Role, User
from tests.support.web import TENANT

ME = "/api/v1/me"
OPS = "/api/v1/ops"
HOME = {"name": "何秀兰", "phone": "13900001111", "region": "上海 浦东", "street": "东门路 1 号"}
APPLICATION = {"name": "秀兰", "communities": ["东门苑"], "contact": "微信 xiulan"}


def stored(shop, kind):
    return shop.app.desk.read(Caller(TENANT), lambda work: work.of(kind).select(Query()))


def audited(shop):
    return [row.action for row in stored(shop, AuditRow)]


# --- oneself ---------------------------------------------------------------------------------


def test_an_address_is_kept_sealed_and_shown_to_its_owner_only(shop):
    owner, other = shop.someone(), shop.someone()
    made = shop.client.post(f"{ME}/addresses", json=HOME, headers=owner.headers)
    assert made.status_code == 201
    shown = shop.client.get(f"{ME}/addresses", headers=owner.headers).json()
    assert shown == [{**HOME, "phone": "+8613900001111", "id": made.json()["id"]}]
    assert shop.client.get(f"{ME}/addresses", headers=other.headers).json() == []
    kept = repr(stored(shop, Address))
    assert "东门路" not in kept
    assert "13900001111" not in kept


def test_another_persons_address_is_as_missing_as_one_that_never_was(shop):
    owner, other = shop.someone(), shop.someone()
    address = shop.client.post(f"{ME}/addresses", json=HOME, headers=owner.headers).json()["id"]
    for method in ("PUT", "DELETE"):
        bodies = []
        for wanted in (address, "adr_nowhere"):
            answer = shop.client.request(
                method, f"{ME}/addresses/{wanted}", json=HOME, headers=other.headers
            )
            assert answer.status_code == 404
            bodies.append(
                {**answer.json(), "request_id": "", "facts": answer.json()["facts"]["kind"]}
            )
        assert bodies[0] == bodies[1]


def test_an_address_taken_away_is_gone_from_the_database_too(shop):
    owner = shop.someone()
    path = f"{ME}/addresses"
    address = shop.client.post(path, json=HOME, headers=owner.headers).json()["id"]
    assert shop.client.delete(f"{path}/{address}", headers=owner.headers).status_code == 204
    assert shop.client.get(path, headers=owner.headers).json() == []
    assert shop.client.delete(f"{path}/{address}", headers=owner.headers).status_code == 404
    (kept,) = stored(shop, Address)
    assert (kept.street_sealed, kept.name_sealed, kept.phone_tail) == ("", "", "")


def test_nobody_keeps_more_than_twenty_addresses(shop):
    owner = shop.someone()
    answers = [
        shop.client.post(f"{ME}/addresses", json=HOME, headers=owner.headers) for _ in range(21)
    ]
    assert [answer.status_code for answer in answers] == [201] * 20 + [409]


def test_a_message_lies_in_the_inbox_once_and_is_read_once(shop):
    owner, other = shop.someone(), shop.someone()
    notifier, now = inbox(shop.app.database.begin), shop.app.kit.clock.now()
    message = Message("m1", owner.user.id, "group.failed", "grp_1", now, {"title": "水蜜桃"})
    notifier.send(TENANT, [message, message])
    notifier.send(TENANT, [message])
    (notice,) = shop.client.get(f"{ME}/notices", headers=owner.headers).json()["items"]
    assert (notice["kind"], notice["facts"], notice["read_at"]) == (
        "group.failed",
        {"title": "水蜜桃"},
        None,
    )
    assert notice["text"] == "「水蜜桃」未能成团，已为所有人退款"
    waiting = [{"unread": 1, "more": False}, {"unread": 0, "more": False}]
    counted = f"{ME}/notices/unread"
    assert shop.client.get(counted, headers=owner.headers).json() == waiting[0]
    read = {"ids": ["m1", "m1", "m2"]}
    for who, changed in ((other, 0), (owner, 1), (owner, 0)):
        answer = shop.client.post(f"{ME}/notices/read", json=read, headers=who.headers)
        assert answer.json() == {"changed": changed}
    assert shop.client.get(counted, headers=owner.headers).json() == waiting[1]
    notifier.send(TENANT, [evolve(message, key=f"n{each}") for each in range(100)])
    assert shop.client.get(counted, headers=owner.headers).json() == {"unread": 99, "more": True}


def test_one_sees_where_one_is_logged_in_and_may_end_it(shop):
    owner, other = shop.someone(), shop.someone()
    (session,) = shop.client.get(f"{ME}/sessions", headers=owner.headers).json()
    assert session["current"] is True
    theirs = f"{ME}/sessions/{session['id']}"
    assert shop.client.delete(theirs, headers=other.headers).status_code == 404
    assert shop.client.delete(theirs, headers=owner.headers).status_code == 204
    assert shop.client.get(ME, headers=owner.headers).status_code == 401


# --- leaders ---------------------------------------------------------------------------------


def applied(shop, person):
    answer = shop.client.post(
        "/api/v1/leader/application", json=APPLICATION, headers=person.headers
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def judge(shop, leader_id, what, body):
    operator = shop.someone(Role.OPERATOR)
    return shop.client.post(
        f"{OPS}/leaders/{leader_id}/{what}", json=body, headers=operator.headers
    )


def roles(shop, person):
    return shop.client.get(ME, headers=person.headers).json()["roles"]


def test_a_leader_is_trusted_from_the_approval_on(shop):
    person = shop.someone()
    leader_id = applied(shop, person)
    assert roles(shop, person) == ["shopper"]
    answer = judge(shop, leader_id, "approve", {"commission_bp": 700})
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    assert answer.json()["commission_bp"] == 700
    assert roles(shop, person) == ["leader", "shopper"]
    mine = shop.client.get("/api/v1/leader/profile", headers=person.headers).json()
    assert (mine["id"], mine["contact"]) == (leader_id, "微信 xiulan")
    assert {"leader.applied", "leader.approved"} <= set(audited(shop))


def test_a_leaders_contact_is_sealed_and_not_for_the_list(shop):
    person, operator = shop.someone(), shop.someone(Role.OPERATOR)
    applied(shop, person)
    (shown,) = shop.client.get(f"{OPS}/leaders", headers=operator.headers).json()["items"]
    assert shown["contact"] == ""


def test_whoever_was_refused_hears_why_and_may_apply_again(shop):
    person = shop.someone()
    leader_id = applied(shop, person)
    answer = judge(shop, leader_id, "refuse", {"reason": "请补充小区"})
    assert (answer.json()["state"], answer.json()["refusal"]) == ("refused", "请补充小区")
    assert applied(shop, person) == leader_id
    assert judge(shop, leader_id, "approve", {}).json()["refusal"] == ""


def test_a_leader_hears_of_every_judgement_however_often_it_repeats(shop):
    person = shop.someone()
    leader_id = applied(shop, person)
    wanted = ["refuse", "refuse", "approve", "suspend", "reinstate", "suspend", "reinstate"]
    for number, what in enumerate(wanted):
        assert number != 1 or applied(shop, person) == leader_id
        assert number != 2 or applied(shop, person) == leader_id
        assert judge(shop, leader_id, what, {"reason": "x"} if what != "approve" else {}).is_success
    told = [task.data["what"] for task in stored(shop, Task) if task.topic == "notify"]
    assert sorted(told) == sorted(
        f"leader.{word}"
        for word in ("refused", "refused", "approved", *("suspended", "reinstated") * 2)
    )


def test_a_person_is_one_leader_only(shop):
    person = shop.someone()
    applied(shop, person)
    again = shop.client.post("/api/v1/leader/application", json=APPLICATION, headers=person.headers)
    assert (again.status_code, again.json()["facts"]["rule"]) == (409, "one_leader_a_person")


def test_a_suspended_leader_loses_the_role_at_once_until_reinstated(shop):
    person = shop.someone()
    leader_id = applied(shop, person)
    judge(shop, leader_id, "approve", {})
    assert "leader" in roles(shop, person)
    judge(shop, leader_id, "suspend", {"reason": "投诉"})
    assert "leader" not in roles(shop, person)
    judge(shop, leader_id, "reinstate", {"reason": "查清"})
    assert "leader" in roles(shop, person)


def test_a_leader_is_not_approved_twice(shop):
    leader_id = applied(shop, shop.someone())
    judge(shop, leader_id, "approve", {})
    again = judge(shop, leader_id, "approve", {})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


# --- merchants, staff, roles -----------------------------------------------------------------


def test_an_operator_makes_a_merchant_and_gives_it_staff(shop):
    operator, clerk = shop.someone(Role.OPERATOR), shop.someone()
    made = shop.client.post(
        f"{OPS}/merchants", json={"name": "东门果行", "fee_bp": 200}, headers=operator.headers
    )
    assert (made.status_code, made.json()["fee_bp"]) == (201, 200)
    body = {"merchant_id": made.json()["id"], "reason": "new colleague"}
    put = f"{OPS}/users/{clerk.user.id}/staff"
    assert shop.client.put(put, json=body, headers=operator.headers).status_code == 200
    assert shop.client.get(ME, headers=clerk.headers).status_code == 401, "the session has ended"
    user = next(user for user in stored(shop, User) if user.id == clerk.user.id)
    assert (user.merchant_id, Role.MERCHANT in user.roles) == (body["merchant_id"], True)
    gone = {"merchant_id": None, "reason": "left"}
    shop.client.put(put, json=gone, headers=operator.headers)
    user = next(user for user in stored(shop, User) if user.id == clerk.user.id)
    assert (user.merchant_id, Role.MERCHANT in user.roles) == (None, False)


def test_staff_see_their_own_merchant(shop):
    merchant = shop.merchant()
    clerk = shop.someone(Role.MERCHANT, merchant_id=merchant.id)
    answer = shop.client.get("/api/v1/merchant/profile", headers=clerk.headers)
    assert answer.json()["id"] == merchant.id
    lost = shop.someone(Role.MERCHANT)
    assert shop.client.get("/api/v1/merchant/profile", headers=lost.headers).status_code == 404


def test_a_merchant_changed_without_a_fee_keeps_the_one_it_had(shop):
    operator = shop.someone(Role.OPERATOR)
    merchant = shop.client.post(
        f"{OPS}/merchants", json={"name": "东门果行", "fee_bp": 200}, headers=operator.headers
    ).json()
    changed = shop.client.put(
        f"{OPS}/merchants/{merchant['id']}", json={"name": "西门果行"}, headers=operator.headers
    ).json()
    assert (changed["name"], changed["fee_bp"]) == ("西门果行", 200)


def test_every_change_of_a_role_names_who_and_why(shop):
    admin, clerk = shop.someone(Role.ADMIN), shop.someone()
    path = f"{OPS}/users/{clerk.user.id}/roles"
    body = {"role": "finance", "reason": "joined the team"}
    assert shop.client.post(path, json=body, headers=admin.headers).status_code == 200
    row = next(row for row in stored(shop, AuditRow) if row.action == "user.role_granted")
    assert (row.actor, row.subject, row.reason) == (admin.user.id, clerk.user.id, body["reason"])
    assert row.request_id


@pytest.mark.parametrize("role", ["leader", "merchant", "shopper"])
def test_roles_that_come_with_what_people_do_are_not_handed_out(shop, role):
    admin, clerk = shop.someone(Role.ADMIN), shop.someone()
    body = {"role": role, "reason": "please"}
    answer = shop.client.post(
        f"{OPS}/users/{clerk.user.id}/roles", json=body, headers=admin.headers
    )
    assert answer.status_code == 409


def test_a_person_is_found_by_phone_without_the_number_in_any_address(shop):
    operator = shop.someone(Role.OPERATOR)
    said = {"phone": "13900001111", "password": "lv-Cha.2026", "name": "兰", "terms": "1"}
    made = shop.client.post("/api/v1/auth/accounts", json=said).json()
    found = shop.client.post(
        f"{OPS}/users/search", json={"phone": "139 0000 1111"}, headers=operator.headers
    )
    assert (found.status_code, found.json()["user"]["id"]) == (200, made["id"])


def test_pickup_points_are_for_everybody_to_see(shop):
    operator = shop.someone(Role.OPERATOR)
    point = {"name": "便利店", "address": "东门路 1 号", "region": "浦东", "commission_bp": 50}
    made = shop.client.post(f"{OPS}/pickup-points", json=point, headers=operator.headers)
    assert made.status_code == 201
    (shown,) = shop.client.get("/api/v1/shop/pickup-points").json()["items"]
    assert shown["id"] == made.json()["id"]
    assert "commission_bp" not in shown
    moved = {**point, "address": "西门路 2 号"}
    path = f"{OPS}/pickup-points/{shown['id']}"
    assert shop.client.put(path, json=moved, headers=operator.headers).status_code == 200
    (shown,) = shop.client.get("/api/v1/shop/pickup-points").json()["items"]
    assert shown["address"] == "西门路 2 号"


def test_a_pickup_point_of_a_leader_nobody_knows_is_refused(shop):
    operator = shop.someone(Role.OPERATOR)
    point = {"name": "店", "address": "路", "region": "区", "leader_id": "ldr_nowhere"}
    answer = shop.client.post(f"{OPS}/pickup-points", json=point, headers=operator.headers)
    assert answer.status_code == 404
