"""Every operation × everybody × {own, somebody else's, another tenant's, missing}."""

import re

import pytest

from groupbuy.domain.kernel import make_id
from tests.integration.http.access import OUTSIDE, PUBLIC, TABLE
from tests.integration.http.test_doors import routes
from tests.support.shop_bodies import point_of
from tests.support.two_shops import OTHER_HOST, PEOPLE, SHARED, Place, two_shops
from tests.support.web import HOST

SAFE = {"GET", "HEAD"}
PREFIX = {"order": "ord", "parcel": "shp", "unpaid": "ord", "group": "grp", "user": "usr"} | {
    "campaign": "cmp",
    "selling": "cmp",
    "draft": "cmp",
    "series": "ser",
    "merchant": "mch",
    "leader": "ldr",
    "category": "cat",
    "brand": "brd",
    "product": "prd",
    "variant": "sku",
    "picture": "pic",
    "point": "pup",
    "refund": "rfd",
    "line": "cme",
    "invoice": "inv",
    "case": "afs",
    "segment": "seg",
    "push": "psh",
    "review": "rvw",
    "post": "rvw",
    "question": "qst",
    "feedback": "fbk",
    "trouble": "ptr",
    "template": "cpt",
    "coupon": "cpn",
    "statement": "stm",
    "withdrawal": "wdr",
    "dispute": "dsp",
    "payout": "mpo",
    "address": "adr",
}
_NEVER = {kind: make_id(prefix, millis=1, cell=0, entropy=7) for kind, prefix in PREFIX.items()} | {
    "session": "0" * 64,
    "notice": "told/usr_nobody",
    "phone": "+8613612345678",
    "code": "0" * 12,
    "provider": "sandbox",
    "name": "supplier",
    "form": "json",
    "settlement": "stl_2026-09",
    "period": "2026-09",
    "report": "daily",
    "tenant": "nowhere",
}
MISSING = Place("", _NEVER, dict.fromkeys(PEOPLE, _NEVER), {})
"""Things that look like things and are nobody's."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def pg_world(pg_cluster, pg_template, tmp_path_factory):
    with pg_cluster.database(pg_template) as place:
        with two_shops(place.app_url, tmp_path_factory.mktemp("matrix")) as opened:
            yield opened


def ask(world, name, person, place, named=None, *, host=HOST, who=None):
    """Call an operation as a person, with the things of a place; `named` is another place."""
    method, _, path = name.partition(" ")
    rule = TABLE[name]
    headers = dict(who or (world.own.people[person].headers if person != "nobody" else {}))
    headers |= {"Host": host, "Idempotency-Key": world.shop.app.kit.ids.token()}
    # somebody without an account has no things: those of a shopper will do
    owner = person if person in PEOPLE else "shopper"
    for_thing = named or place
    kinds = {"point_id": "point", "sku_id": "variant", "campaign_id": rule.thing or "campaign"}

    def thing(match):
        kind = kinds.get(match[1], match[1].removesuffix("_id"))
        return for_thing.thing(kind, owner)

    address = re.sub(r"\{(\w+)\}", thing, path)
    answer = world.shop.client.request(
        method, address, json=rule.body(place, owner), headers=headers
    )
    if method not in SAFE and answer.is_success:
        world.restore()
    return answer


def allowed(answer, rule):
    return answer.is_success or answer.status_code == 409 or answer.status_code in rule.refused


def anonymous(answer, place, person):
    """Return what was said, without the ids that were asked for and the number of the request."""
    said, owner = answer.text, person if person in PEOPLE else "shopper"
    for kind, value in {**place.ids, **place.personal[owner]}.items():
        if kind in SHARED:
            continue
        said = said.replace(value, f"<{PREFIX.get(kind, kind)}>")
    return answer.status_code, re.sub(r'"request_id":"[^"]*"', "", said)


def test_every_operation_of_the_application_is_in_the_table_and_no_other(world):
    served = {
        f"{method} {re.sub(r':[a-z]+}', '}', path)}" for method, path, _ in routes(world.shop.api)
    }
    assert served - OUTSIDE == set(TABLE)


def test_what_belongs_to_no_tenant_is_open_and_shows_nobodys_things(world):
    for name in sorted(OUTSIDE):
        method, _, path = name.partition(" ")
        answer = world.shop.client.request(method, re.sub(r"\{\w+\}", "not_found", path))
        assert answer.status_code in {200, 404}, name
        for place in (world.own, world.foreign):
            assert not [each for each in place.every if each in answer.text], name


@pytest.mark.parametrize("name", sorted(TABLE))
def test_without_an_account_only_what_is_public_answers(world, name):
    rule = TABLE[name]
    if rule.who == PUBLIC:
        if not rule.stream:
            answer = ask(world, name, "nobody", world.own)
            assert allowed(answer, rule), answer.text
        return
    answer = ask(world, name, "nobody", world.own)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_session_of_another_tenant_is_nobodys_here(world, name):
    if TABLE[name].who == PUBLIC:
        return
    for person, stranger in world.foreign.people.items():
        answer = ask(world, name, person, world.own, who=stranger.headers)
        assert answer.status_code == 401, person
    away = ask(world, name, "admin", world.own, host=OTHER_HOST)
    assert away.status_code == 401


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_role_does_what_it_is_for_and_nothing_else(world, name):
    rule = TABLE[name]
    for person in PEOPLE:
        if rule.stream:
            continue
        answer = ask(world, name, person, world.own)
        if person not in rule.who:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), person
        elif not rule.has(person):
            assert answer.status_code == 404, (person, answer.text)
        else:
            assert allowed(answer, rule), (person, answer.status_code, answer.text)


@pytest.mark.parametrize("name", sorted(n for n, rule in TABLE.items() if rule.thing))
def test_somebody_elses_thing_is_there_only_for_those_who_look_after_everybodys(world, name):
    rule = TABLE[name]
    for person in sorted(rule.who - {"nobody"}):
        if rule.stream:
            continue
        answer = ask(world, name, person, world.own, named=world.neighbour)
        if person in rule.over:
            assert allowed(answer, rule), (person, answer.status_code, answer.text)
            continue
        missing = ask(world, name, person, world.own, named=MISSING)
        assert answer.status_code == 404, (person, answer.text)
        assert anonymous(answer, world.neighbour, person) == anonymous(missing, MISSING, person)


def tenants_are_strangers(world, name):
    rule = TABLE[name]
    for person in sorted(rule.who):
        answer = ask(world, name, person, world.own, named=world.foreign)
        missing = ask(world, name, person, world.own, named=MISSING)
        assert answer.status_code == missing.status_code == 404, (person, answer.text)
        assert anonymous(answer, world.foreign, person) == anonymous(missing, MISSING, person)


NAMING = sorted(name for name, rule in TABLE.items() if rule.thing)


@pytest.mark.parametrize("name", NAMING)
def test_another_tenants_thing_is_as_missing_as_one_that_never_was(world, name):
    tenants_are_strangers(world, name)


def test_another_tenants_things_are_missing_on_postgresql_too(pg_world):
    for name in NAMING:
        tenants_are_strangers(pg_world, name)


STRANGE = {kind: f"strange-{kind}" for kind in _NEVER}
SPEAKING = sorted(
    name
    for name, rule in TABLE.items()
    if rule.body(MISSING, "shopper")
    != rule.body(Place("", STRANGE, dict.fromkeys(PEOPLE, STRANGE), {}), "shopper")
)
"""Operations whose body names things."""


@pytest.mark.parametrize("name", SPEAKING)
def test_another_tenants_thing_named_in_a_body_is_missing_too(world, name):
    for person in sorted(TABLE[name].who):
        answer = ask(world, name, person, world.foreign, named=world.own)
        missing = ask(world, name, person, MISSING, named=world.own)
        assert anonymous(answer, world.foreign, person) == anonymous(missing, MISSING, person)


OF_ONE_MERCHANT = [
    "POST /api/v1/merchant/campaigns",
    "PUT /api/v1/merchant/campaigns/{campaign_id}",
]
OF_ONE_MERCHANT += ["POST /api/v1/merchant/products"]


@pytest.mark.parametrize("name", OF_ONE_MERCHANT)
def test_a_merchant_sells_nothing_of_another_merchant(world, name):
    answer = ask(world, name, "merchant", world.neighbour, named=world.own)
    assert answer.status_code in {403, 404}, answer.text


def test_parcels_of_another_merchants_orders_are_not_shipped(world):
    name = "POST /api/v1/merchant/shipments"
    answer = ask(world, name, "merchant", world.neighbour)
    missing = ask(world, name, "merchant", MISSING)
    assert answer.json()["shipped"] == []
    assert anonymous(answer, world.neighbour, "merchant") == anonymous(missing, MISSING, "merchant")


@pytest.mark.parametrize("at", ["leader", "merchant"])
def test_unpaid_checkouts_are_orders_to_nobody_but_their_buyers(world, at):
    for state in ("", "?status=awaiting_payment", "?status=expired"):
        answer = world.shop.client.get(
            f"/api/v1/{at}/orders{state}", headers=world.own.people[at].headers
        )
        assert answer.status_code == 200
        assert world.own.ids["unpaid"] not in answer.text, state


def test_an_unpaid_checkout_is_shown_to_its_buyer_only(world):
    address, people = f"orders/{world.own.ids['unpaid']}", world.own.people
    for person, at, status in (
        ("shopper", "shop", 200),
        ("merchant", "merchant", 404),
        ("operator", "merchant", 404),
        ("leader", "shop", 404),
    ):
        answer = world.shop.client.get(f"/api/v1/{at}/{address}", headers=people[person].headers)
        assert answer.status_code == status, person


def test_a_bag_is_not_handed_out_by_another_merchant_where_no_leader_looks_after_the_point(world):
    shop, ids = world.shop, world.own.ids
    operator = world.own.people["operator"].headers
    point = {**point_of(ids), "leader_id": None}
    put = shop.client.put(f"/api/v1/ops/pickup-points/{ids['point']}", json=point, headers=operator)
    assert put.status_code == 200
    stranger = world.neighbour.people["merchant"].headers
    for order, status in ((ids["order"], 404), (world.neighbour.ids["order"], 200)):
        answer = shop.client.post(
            f"/api/v1/leader/pickups/{order}/collect", json={"code": "000000"}, headers=stranger
        )
        assert answer.status_code == status, answer.text
    world.restore()


READING = sorted(name for name in TABLE if name.startswith("GET ") and not TABLE[name].stream)


@pytest.mark.parametrize("name", READING)
def test_what_is_shown_to_somebody_is_of_their_tenant(world, name):
    for person in sorted(TABLE[name].who):
        answer = ask(world, name, person, world.own)
        assert not [each for each in world.foreign.every if each in answer.text], person
