"""What docs/api.md promises everywhere: inboxes, keys, versions, words, filters."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from groupbuy.application.ports import AuditRow, Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.membership import User
from tests.integration.http.test_doors import routes
from tests.support.two_shops import campaign_of, join_of, two_shops
from tests.support.web import PASSWORD, TENANT

V1 = "/api/v1"
SAFE = {"GET", "HEAD", "OPTIONS"}
API_PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conventions")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as world:
        yield world, folder / "now"


@pytest.fixture
def world(opened):
    world, clock = opened
    world.restore()
    kept = clock.read_text()
    yield world
    clock.write_text(kept)
    world.restore()


def ask(world, method, path, person, body=None, **headers):
    who = world.own.people[person].headers if person else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.shop.client.request(method, f"{V1}{path}", json=body, headers={**who, **named})


def told(world, person):
    answer = ask(world, "GET", "/me/notices?limit=100", person)
    return {(each["kind"], each["subject"]) for each in answer.json()["items"]}


def pass_time(world, **delta):
    later = world.shop.app.kit.clock.now() + timedelta(**delta)
    Path(world.shop.app.settings.clock_file).write_text(later.isoformat())


def work_off(world):
    while world.shop.app.relay.tick(TENANT):
        pass


# --- inboxes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["merchant", "leader"])
def test_whoever_sells_hears_that_a_group_has_formed(world, person):
    kind, group = "group.formed", world.own.ids["group"]
    assert (kind, group) in told(world, person)
    assert (kind, world.neighbour.ids["group"]) not in told(world, person)
    assert (kind, group) not in told(world, "finance")


def test_finance_hears_that_somebody_wants_money(world):
    pass_time(world, hours=50)
    body = {"amount": {"amount": 5_000, "currency": "CNY"}}
    asked = ask(world, "POST", "/leader/withdrawals", "leader", body, Idempotency_Key="w")
    assert asked.status_code == 201, asked.text
    work_off(world)
    news = ("withdrawal.requested", asked.json()["id"])
    assert news in told(world, "finance")
    assert news not in told(world, "operator")


def test_a_message_to_a_post_is_read_once_for_all_who_hold_it(world):
    items = ask(world, "GET", "/me/notices", "merchant").json()["items"]
    (notice,) = (each for each in items if each["kind"] == "group.formed")
    body = {"ids": [notice["id"]]}
    for person, changed in (("shopper", 0), ("merchant", 1), ("merchant", 0)):
        answer = ask(world, "POST", "/me/notices/read", person, body)
        assert answer.json() == {"changed": changed}, person


# --- keys ------------------------------------------------------------------------------------


def keyless(api):
    """Return every change that looks at no key, without the prefix."""
    return {
        f"{method} {re.sub(r':[a-z]+}', '}', path).removeprefix(V1)}"
        for method, path, handler in routes(api)
        if method not in SAFE and handler.opt.get("keyless")
    }


def test_what_looks_at_no_key_is_what_the_documentation_says(world):
    section = API_PAGE.read_text(encoding="utf-8").partition("## Doing it once")[2]
    said = set(re.findall(r"`((?:POST|PUT|PATCH|DELETE) /\S+)`", section.partition("\n## ")[0]))
    assert said == keyless(world.shop.api)


def test_a_settlement_that_was_run_answers_its_key_again_and_does_nothing(world):
    path = f"/ops/settlements/{world.own.ids['settlement']}"
    digest = ask(world, "GET", path, "finance").json()["digest"]
    body = {"digest": digest, "reason": "monthly"}
    assert ask(world, "POST", f"{path}/run", "finance", body).status_code == 400
    first, again = (
        ask(world, "POST", f"{path}/run", "finance", body, Idempotency_Key="s") for _ in range(2)
    )
    assert (first.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = {**body, "reason": "again"}
    reused = ask(world, "POST", f"{path}/run", "finance", other, Idempotency_Key="s")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


def test_parcels_sent_twice_under_one_key_get_the_first_answer(world):
    row = {"order_id": world.own.ids["order"], "carrier": "sf", "tracking_number": "SF1"}
    body = {"parcels": [row]}
    first, again = (
        ask(world, "POST", "/merchant/shipments", "merchant", body, Idempotency_Key="p")
        for _ in range(2)
    )
    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_trial_of_parcels_keeps_no_answer(world):
    row = {"order_id": world.own.ids["order"], "carrier": "sf", "tracking_number": "SF1"}
    body = {"parcels": [row], "dry_run": True}
    for _ in range(2):
        answer = ask(world, "POST", "/merchant/shipments", "merchant", body, Idempotency_Key="p")
        assert "Idempotency-Replayed" not in answer.headers


def test_a_password_changed_twice_under_one_key_is_changed_once(world):
    body = {"old": PASSWORD, "new": "another-Cha.2026"}
    first, again = (
        ask(world, "POST", "/me/password", "shopper", body, Idempotency_Key="k") for _ in range(2)
    )
    assert (first.status_code, first.content) == (again.status_code, again.content) == (204, b"")
    assert again.headers["Idempotency-Replayed"] == "true"
    caller = Caller(TENANT)
    rows = world.shop.app.desk.read(
        caller, lambda w: w.of(AuditRow).select(Query().where(action="user.password_changed"))
    )
    assert len(rows) == 1


def test_an_address_taken_away_twice_under_one_key_is_gone_once(world):
    path = f"/me/addresses/{world.own.thing('address', 'shopper')}"
    answers = [ask(world, "DELETE", path, "shopper", Idempotency_Key="k") for _ in range(2)]
    assert [(each.status_code, each.content) for each in answers] == [(204, b"")] * 2


# --- versions --------------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ["7-gzip", '"x"', "W/", '""', '"-1"', '"1", "2"'])
def test_a_version_we_never_gave_overwrites_nothing(world, etag):
    draft = campaign_of(world.own.ids)
    places = {
        f"/merchant/campaigns/{world.own.ids['draft']}": ("PUT", draft),
        f"/merchant/products/{world.own.ids['product']}": ("PATCH", {"name": "油桃"}),
        f"/merchant/variants/{world.own.ids['variant']}": ("PATCH", {"options": "大"}),
    }
    for path, (method, body) in places.items():
        answer = ask(world, method, path, "merchant", body, If_Match=etag)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), path
        assert answer.json()["errors"][0]["pointer"] == "If-Match"


@pytest.mark.parametrize("shape", ['"{}"', 'W/"{}"', "{}"])
def test_an_edit_gives_the_version_to_edit_next(world, shape):
    path, body = f"/merchant/campaigns/{world.own.ids['draft']}", campaign_of(world.own.ids)
    seen = ask(world, "GET", path, "merchant").headers["ETag"]
    for name in ("one", "two"):
        etag = shape.format(seen.strip('"'))
        answer = ask(
            world,
            "PUT",
            path,
            "merchant",
            {**body, "title": name},
            If_Match=etag,
            Idempotency_Key=name,
        )
        assert answer.status_code == 200, answer.text
        seen = answer.headers["ETag"]
        assert seen == f'"{answer.json()["version"]}"'
    stale = ask(world, "PUT", path, "merchant", body, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "edited_meanwhile")


def test_an_edited_variant_answers_with_its_own_version(world):
    path = f"/merchant/variants/{world.own.ids['variant']}"
    for options, headers in (("大", {}), ("中", {"Idempotency_Key": "k"})):
        answer = ask(world, "PATCH", path, "merchant", {"options": options}, **headers)
        (variant,) = answer.json()["variants"]
        assert answer.headers["ETag"] == f'"{variant["version"]}"'
    again = ask(world, "PATCH", path, "merchant", {"options": "中"}, Idempotency_Key="k")
    assert again.headers["ETag"] == answer.headers["ETag"]


# --- words -----------------------------------------------------------------------------------


def test_a_refused_join_speaks_the_language_of_each_request_and_names_it(world):
    path = f"/shop/campaigns/{world.own.ids['campaign']}/joins"
    body = join_of(world.own.ids)
    said = {
        tongue: ask(
            world, "POST", path, "shopper", body, Accept_Language=tongue, Idempotency_Key="j"
        )
        for tongue in ("zh", "en")
    }
    for answer in said.values():
        assert (answer.status_code, answer.json()["code"]) == (409, "refused")
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert "没有改变" in said["zh"].json()["title"]
    assert said["en"].json()["title"] == "A rule says no; nothing has changed"
    assert said["zh"].json()["detail"] != said["en"].json()["detail"] != ""


def test_a_join_that_makes_no_sense_says_why_in_the_language_of_the_request(world):
    path = f"/shop/campaigns/{world.own.ids['selling']}/joins"
    item = {"sku_id": world.own.ids["variant"]}
    body = {**join_of(world.own.ids), "items": [item, item]}
    for tongue, words in (("zh", "同一规格出现了两次"), ("en", "a variant stands twice")):
        answer = ask(
            world, "POST", path, "shopper", body, Accept_Language=tongue, Idempotency_Key="j"
        )
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, words)


@pytest.mark.parametrize(
    ("path", "person", "name"),
    [
        ("/ops/leaders?state=nonsense", "operator", "state"),
        ("/merchant/campaigns?status=nonsense", "merchant", "status"),
        ("/leader/commission/entries?state=nonsense", "leader", "state"),
        ("/shop/orders?status=paid,nonsense", "shopper", "status"),
        ("/shop/orders?created_gte=yesterday", "shopper", "created_gte"),
        ("/shop/orders?created_lt=2026-11-02T00:00:00", "shopper", "created_lt"),
    ],
)
def test_a_wrong_parameter_is_called_as_the_caller_knows_it(world, path, person, name):
    answer = ask(world, "GET", path, person)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, name)


# --- filters ---------------------------------------------------------------------------------


def ids_of(answer):
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


def test_orders_are_listed_by_several_states_at_once(world):
    both = "/shop/orders?status=awaiting_payment,fulfilling"
    found = ask(world, "GET", both, "shopper").json()["items"]
    assert {each["state"] for each in found} == {"awaiting_payment", "fulfilling"}
    one = ask(world, "GET", "/shop/orders?status=awaiting_payment", "shopper")
    assert ids_of(one) == [world.own.ids["unpaid"]]
    seller = ask(world, "GET", both.replace("shop", "merchant"), "merchant")
    assert ids_of(seller) == [world.own.ids["order"]]


@pytest.mark.parametrize(("at", "person"), [("shop", "shopper"), ("merchant", "merchant")])
def test_orders_are_listed_by_when_they_were_made(world, at, person):
    everything = ask(world, "GET", f"/{at}/orders", person).json()["items"]
    moments = sorted(each["created_at"] for each in everything)
    assert len(moments) > 1
    cut = moments[1].replace("+", "%2B")
    older = ask(world, "GET", f"/{at}/orders?created_lt={cut}", person)
    newer = ask(world, "GET", f"/{at}/orders?created_gte={cut}", person)
    both = [*ids_of(newer), *ids_of(older)]
    assert len(ids_of(older)) == moments.index(moments[1])
    assert both == [each["id"] for each in everything]


def test_a_page_of_filtered_orders_keeps_its_filter(world):
    path = "/shop/orders?status=awaiting_payment,fulfilling&limit=1"
    first = ask(world, "GET", path, "shopper")
    cursor = first.json()["next_cursor"]
    second = ask(world, "GET", f"{path}&cursor={cursor}", "shopper")
    assert len(ids_of(first) + ids_of(second)) == len({*ids_of(first), *ids_of(second)}) == 2


def test_a_person_who_is_not_there_is_called_one_thing_everywhere(world):
    with pytest.raises(Exception, match="kind=user ") as missing:
        world.shop.app.desk.read(Caller(TENANT), lambda work: work.of(User).get("usr_nobody"))
    assert missing.value.kind == "user"
