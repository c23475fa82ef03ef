"""Pages, idempotency keys, live progress, over a real database."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from attrs import evolve

from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Campaign, CampaignState, Group, Measure, Mode, Quorum
from groupbuy.domain.kernel import Event
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http import create_api
from tests.support.web import TENANT, Stream, living, served

POINTS = "/api/v1/ops/pickup-points"
SHOWN = "/api/v1/shop/pickup-points"
MERCHANTS = "/api/v1/ops/merchants"
POINT = {"name": "东门便利店", "address": "东门路 1 号", "region": "浦东"}


def put_points(shop, count):
    operator = shop.someone(Role.OPERATOR)
    return [
        shop.client.post(
            POINTS, json={**POINT, "name": f"点 {n}"}, headers=operator.headers
        ).json()["id"]
        for n in range(count)
    ]


def test_pages_follow_each_other_without_gaps_and_the_last_has_no_next(shop):
    made = put_points(shop, 7)
    seen, address = [], f"{SHOWN}?limit=3"
    for _ in range(3):
        answer = shop.client.get(address)
        page = answer.json()
        seen.append([item["id"] for item in page["items"]])
        if page["next_cursor"] is None:
            break
        link = answer.headers["link"]
        assert link.endswith('; rel="next"')
        address = link[1 : link.index(">")]
    assert [len(ids) for ids in seen] == [3, 3, 1]
    assert [each for ids in seen for each in ids] == sorted(made)
    assert "link" not in answer.headers


def test_a_page_that_is_just_full_is_the_last_one(shop):
    put_points(shop, 3)
    assert shop.client.get(f"{SHOWN}?limit=3").json()["next_cursor"] is None


def test_a_cursor_of_one_list_opens_no_other(shop):
    put_points(shop, 2)
    cursor = shop.client.get(f"{SHOWN}?limit=1").json()["next_cursor"]
    assert shop.client.get(f"{SHOWN}?limit=1&cursor={cursor}").status_code == 200
    other = shop.client.get(f"{SHOWN}?limit=1&leader_id=x&cursor={cursor}")
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (400, "cursor")


def test_a_repeat_with_the_same_key_gets_the_first_answer_and_does_nothing(shop):
    headers = {**shop.someone(Role.OPERATOR).headers, "Idempotency-Key": "k-1"}
    first = shop.client.post(MERCHANTS, json={"name": "东门果行"}, headers=headers)
    again = shop.client.post(MERCHANTS, json={"name": "东门果行"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert len(shop.client.get(MERCHANTS, headers=headers).json()["items"]) == 1


def test_the_same_key_with_another_body_is_refused(shop):
    headers = {**shop.someone(Role.OPERATOR).headers, "Idempotency-Key": "k-1"}
    shop.client.post(MERCHANTS, json={"name": "东门果行"}, headers=headers)
    other = shop.client.post(MERCHANTS, json={"name": "西门果行"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller_and_its_route(shop):
    one, two = (shop.someone(Role.OPERATOR).headers for _ in range(2))
    key = {"Idempotency-Key": "k-1"}
    body = {"name": "东门果行"}
    made = [
        shop.client.post(MERCHANTS, json=body, headers={**who, **key}).json()["id"]
        for who in (one, two)
    ]
    assert made[0] != made[1]
    assert shop.client.post(POINTS, json=POINT, headers={**one, **key}).status_code == 201


def test_a_refusal_by_a_rule_is_the_answer_of_its_key(shop):
    admin, clerk = shop.someone(Role.ADMIN), shop.someone()
    address = f"/api/v1/ops/users/{clerk.user.id}/roles"
    body = {"role": "leader", "reason": "please"}
    headers = {**admin.headers, "Idempotency-Key": "k-1"}
    first, again = (shop.client.post(address, json=body, headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 409
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/problem+json"
    assert again.json() == first.json()


def test_what_makes_no_sense_is_not_the_answer_of_a_key(shop):
    headers = {**shop.someone(Role.OPERATOR).headers, "Idempotency-Key": "k-1"}
    assert shop.client.post(MERCHANTS, json={}, headers=headers).status_code == 400
    right = shop.client.post(MERCHANTS, json={"name": "东门果行"}, headers=headers)
    assert right.status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "k\x7f", "é"])
def test_an_odd_key_is_refused(shop, key):
    headers = {**shop.someone(Role.OPERATOR).headers, "Idempotency-Key": key.encode("latin-1")}
    answer = shop.client.post(MERCHANTS, json={"name": "东门果行"}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "Idempotency-Key")


def test_where_money_moves_a_key_is_obligatory(shop):
    headers = shop.someone().headers
    answer = shop.client.post("/api/v1/shop/orders/ord_x/leave", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "required")


def duplicates_at_once(shop):
    headers = {**shop.someone(Role.OPERATOR).headers, "Idempotency-Key": "k-1"}
    together = threading.Barrier(6)

    def post(_):
        together.wait(20)
        return shop.client.post(MERCHANTS, json={"name": "东门果行"}, headers=headers)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(shop.client.get(MERCHANTS, headers=headers).json()["items"]) == 1


def test_six_at_once_with_one_key_make_one_thing(shop):
    duplicates_at_once(shop)


def test_six_at_once_with_one_key_make_one_thing_on_postgresql(pg_shop):
    duplicates_at_once(pg_shop)


# --- live progress ---------------------------------------------------------------------------

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2126, 1, 1, tzinfo=UTC)


def open_group(app):
    """Store a campaign with one open group."""
    ids = app.kit.ids
    campaign = Campaign(
        id=ids.new("cmp"),
        merchant_id=ids.new("mch"),
        title="阳山水蜜桃",
        mode=Mode.POOL,
        starts_at=START,
        ends_at=END,
        created_by="usr_x",
        created_at=START,
        quorum=Quorum(Measure.BUYERS, 3),
        state=CampaignState.OPEN,
    )
    group = Group(ids.new("grp"), campaign.id, START, END)

    def write(work):
        work.of(Campaign).add(campaign)
        work.of(Group).add(group)

    app.desk.run(Caller.system(TENANT), write)
    return group.id


def change(app, group_id):
    def write(work):
        group = work.of(Group).lock([group_id])[group_id]
        work.of(Group).save(evolve(group, held_seats=group.held_seats + 1))
        work.emit([Event("group.changed", group_id, work.now())])

    app.desk.run(Caller.system(TENANT), write)


def path_of(group_id, what="progress"):
    return f"/api/v1/shop/groups/{group_id}/{what}"


def test_polling_answers_304_until_the_group_changes(shop):
    group_id = open_group(shop.app)
    first = shop.client.get(path_of(group_id))
    assert first.json()["group_id"] == group_id
    known = {"If-None-Match": first.headers["etag"]}
    same = shop.client.get(path_of(group_id), headers=known)
    assert (same.status_code, same.content) == (304, b"")
    change(shop.app, group_id)
    after = shop.client.get(path_of(group_id), headers=known)
    assert (after.status_code, after.json()["held"]) == (200, first.json()["held"] + 1)


def test_nobody_streams_a_group_that_is_not_there(shop):
    for what in ("progress", "events"):
        assert shop.client.get(path_of("grp_nowhere", what)).status_code == 404


def streams(app, api):
    async def watch():
        group_id = open_group(app)
        async with living(api), Stream(api, path_of(group_id, "events")) as stream:
            assert stream.status == 200
            first, state = await stream.event()
            assert state["group_id"] == group_id
            await asyncio.to_thread(change, app, group_id)
            second, after = await stream.event()
            assert second > first
            assert after["held"] == state["held"] + 1
            await asyncio.to_thread(change, app, group_id)
            third, _ = await stream.event()
            # whoever comes back with what is current hears nothing before the next change
            known = {"Last-Event-ID": str(third)}
            async with Stream(api, path_of(group_id, "events"), known) as back:
                assert back.status == 200
                await asyncio.to_thread(change, app, group_id)
                fourth, _ = await back.event()
                assert fourth > third
            async with Stream(api, path_of(group_id, "events"), {"Last-Event-ID": "0"}) as late:
                sequence, state = await late.event()
                assert (sequence, state["held"]) == (fourth, after["held"] + 2)

    asyncio.run(watch())


def test_a_stream_tells_every_change_and_resumes_where_it_was_left(sqlite_url):
    with served(sqlite_url) as shop:
        streams(shop.app, create_api(shop.app))


def test_a_stream_works_on_postgresql_too(pg_database):
    with served(pg_database.app_url) as shop:
        streams(shop.app, create_api(shop.app))
