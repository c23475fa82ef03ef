"""The short way answers as the framework would, and what it remembers is never stale."""

import time

import pytest

from groupbuy.application.campaigns import waive_quorum
from groupbuy.application.membership import end_all
from groupbuy.application.write_path import Caller
from tests.support.shop_bodies import join_of
from tests.support.two_shops import two_shops
from tests.support.web import HOST, TENANT, served

SHOP = "/api/v1/shop"
_OF_ONE_REQUEST = {"x-request-id", "date"}
PATIENCE = 200
"""Looks, a twentieth of a second apart, until a signal must have arrived."""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("express")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def said(answer):
    """Return what an answer says, without what tells one request from another."""
    headers = {k: v for k, v in answer.headers.items() if k not in _OF_ONE_REQUEST}
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        for name in ("request_id", "server_time", "seconds_left"):
            body.pop(name, None)
        headers.pop("content-length", None)
    return answer.status_code, headers, body


def in_both_ways(world, ask):
    """Ask the short way and through the framework."""
    api, express = world.shop.api, world.shop.api.express.stops
    short = said(ask())
    kept = dict(express)
    express.clear()
    try:
        return short, said(ask())
    finally:
        express.update(kept)
        assert api.express.stops


def requests(place):
    """Return requests of the hot addresses, good and bad, that change nothing."""
    campaign, group = place.ids["selling"], "grp_" + place.ids["selling"][4:]
    token = place.people["shopper"].headers
    join = f"{SHOP}/campaigns/{campaign}/joins"
    key, good = {"Idempotency-Key": "k"}, join_of(place.ids)
    yield "GET", f"{SHOP}/campaigns/{campaign}", {}, None
    yield "GET", f"{SHOP}/campaigns/{place.ids['draft']}", {"Accept-Language": "en"}, None
    yield "GET", f"{SHOP}/campaigns/{campaign}?colour=red", {}, None
    yield "GET", f"{SHOP}/campaigns/none", {}, None
    yield "HEAD", f"{SHOP}/campaigns/{campaign}", {}, None
    yield "GET", f"{SHOP}/groups/{group}/progress", {}, None
    yield "GET", f"{SHOP}/groups/{group}/progress", {"If-None-Match": 'W/"1", W/"2"'}, None
    yield "GET", f"{SHOP}/groups/grp_none/progress", {}, None
    yield "POST", join, {}, good
    yield "POST", join, token, good
    yield "POST", join, {**token, **key}, {"items": []}
    yield "POST", join, {**token, **key}, {**good, "colour": "red"}
    yield "POST", join, {**token, "Idempotency-Key": "x" * 500}, good
    yield "POST", join, {**token, **key, "Origin": "https://elsewhere.test"}, good
    yield "POST", join, {**token, **key, "Content-Type": "text/plain"}, good
    yield "POST", join, {"Authorization": "Bearer nobody", **key}, good
    yield "PUT", join, {**token, **key}, good
    unknown = f"{SHOP}/campaigns/cmp_{'0' * 26}/joins"
    yield "POST", unknown, {**token, **key, "Accept-Language": "zh-CN"}, good


def callbacks():
    """Return callbacks that nobody signed, and addresses that are none."""
    told = f"/api/v1/callbacks/payments/sandbox/{TENANT}"
    yield "POST", told, {}, {"event_id": "e"}
    yield "POST", told, {"Sandbox-Timestamp": "1", "Sandbox-Signature": "forged"}, {"event_id": "e"}
    yield "POST", f"/api/v1/callbacks/payments/nobody/{TENANT}", {}, {}
    yield "POST", f"{told}/", {}, {}
    yield "POST", f"/api/v1/callbacks/payments/{'x' * 41}/{TENANT}", {}, {}
    yield "GET", told, {}, None


def test_every_answer_is_the_one_the_framework_would_give(world):
    client = world.shop.client
    for method, path, headers, body in [*requests(world.own), *callbacks()]:
        sent = {"Host": HOST, **headers}

        def ask(method=method, path=path, sent=sent, body=body):
            return client.request(method, path, headers=sent, json=body)

        short, long = in_both_ways(world, ask)
        long[1].pop("idempotency-replayed", None)  # the refusal was kept the first time
        assert short == long, (method, path, headers)


def test_a_join_made_the_short_way_is_replayed_by_the_framework(world):
    place, client = world.own, world.shop.client
    headers = {**place.people["leader"].headers, "Host": HOST, "Idempotency-Key": "once"}
    path = f"{SHOP}/campaigns/{place.ids['selling']}/joins"

    def ask():
        return client.post(path, json=join_of(place.ids), headers=headers)

    short, long = in_both_ways(world, ask)
    assert (short[0], long[0]) == (201, 201)
    assert "idempotency-replayed" not in short[1]
    assert long[1]["idempotency-replayed"] == "true"
    assert short[2] == long[2]


def soon(look):
    """Wait for something that a signal brings."""
    for _ in range(PATIENCE):
        if look():
            return True
        time.sleep(0.05)
    return False


def test_what_one_process_changes_another_does_not_show_as_it_was(pg_database, tmp_path):
    with (
        two_shops(pg_database.app_url, tmp_path) as here,
        served(pg_database.app_url, clock_file=str(tmp_path / "now")) as elsewhere,
    ):
        campaign, shopper = here.own.ids["selling"], here.own.people["shopper"]
        page = f"{SHOP}/campaigns/{campaign}"
        system = Caller.system(TENANT)

        def waived():
            return elsewhere.client.get(page).json()["waived_because"]

        def known():
            return elsewhere.client.get("/api/v1/me", headers=shopper.headers).status_code

        assert (waived(), known()) == (None, 200)
        here.shop.app.desk.run(system, lambda work: waive_quorum(work, campaign, "few came"))
        assert soon(lambda: waived() == "few came")
        here.shop.app.desk.run(system, lambda work: end_all(work, shopper.user.id))
        assert soon(lambda: known() == 401)
