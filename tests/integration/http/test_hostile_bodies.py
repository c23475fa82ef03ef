"""A good body with one bad place is refused by every operation, and nothing is written."""

import json
import re
from urllib.parse import quote

import pytest
from sqlalchemy import text

from tests.integration.http.access import TABLE
from tests.integration.http.test_doors import routes
from tests.integration.http.test_hostile import is_problem
from tests.support.two_shops import PEOPLE, two_shops

HERE = "@here@"
HUGE = '"' + "x" * 70_000 + '"'
NUMBERS = ("NaN", "Infinity", "1e400", "9" * 400, "-" + "9" * 400, "1.5")
HOSTILE = {
    str: (*NUMBERS, "7", "true", "[]", "{}", HUGE, '"\\ud800"', '"a\\u0000b"', '"\x01"'),
    int: (*NUMBERS, '"7"', "true", "[]", "{}", "null", HUGE, "10000000000000000000"),
    bool: (*NUMBERS, '"true"', "2", "[]", "{}", "null", HUGE),
    list: (*NUMBERS, '"x"', "true", "{}", "null", HUGE, "[null]", "[[[]]]"),
    dict: (*NUMBERS, '"x"', "true", "[]", HUGE),
}
"""What may stand nowhere, by what should stand there."""
INSTANTS = ('"2027-01-01T00:00:00"', '"2027-01-01"', '"2027-13-45T00:00:00Z"', '"now"', "0")
ODD = (
    "",
    "x" * 5_000,
    "9" * 400,
    "-1",
    "NaN",
    "1e400",
    "' OR 1=1 --",
    '"; DROP TABLE orders',
    "%",
    "_",
    "[]",
    "{}",
    "../../etc/passwd",
    "订单",
    "\u200b",
    "\U0001f34a",
    "\x7f",
    "2026-13-45",
    "true",
    "ord_" + "Z" * 26,
)
UNTOUCHED = {"idempotency", "rate_windows", "alembic_version"}
"""Tables in which refusals may leave a trace."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


def caller_of(rule):
    return next((each for each in PEOPLE if each in rule.who and rule.has(each)), "shopper")


def address_of(world, path, rule, person):
    kinds = {"point_id": "point", "sku_id": "variant", "campaign_id": rule.thing or "campaign"}

    def thing(match):
        return world.own.thing(kinds.get(match[1], match[1].removesuffix("_id")), person)

    return re.sub(r"\{(\w+)\}", thing, path)


def places(value, steps=()):
    """Every place in a body, the whole apart."""
    if steps:
        yield steps, value
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*steps, name))
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*steps, index))


def with_place(body, steps, value):
    copy = json.loads(json.dumps(body))
    at = copy
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = value
    return copy


def spoiled(body):
    """Yield (what was done, body) for every way to spoil a good body."""
    yield "one more name", json.dumps({**body, "sneaky": 1})
    yield "nothing", ""
    yield "a list around it", json.dumps([body])
    yield "deep", '{"a":' * 5_000 + "1" + "}" * 5_000
    for steps, value in places(body):
        bad = HOSTILE[type(value)]
        if isinstance(steps[-1], str) and steps[-1].endswith("_at"):
            bad = (*bad, *INSTANTS)
        for raw in bad:
            sent = json.dumps(with_place(body, steps, HERE)).replace(f'"{HERE}"', raw)
            yield f"{steps} is {raw[:30]}", sent
        if isinstance(value, dict):
            yield f"{steps} has more", json.dumps(with_place(body, steps, {**value, "x": 1}))
        if isinstance(steps[-1], str) and len(steps) == 1:
            twice = json.dumps(body)[:-1] + f", {json.dumps(steps[-1])}: {json.dumps(value)}}}"
            yield f"{steps} twice", twice


def written(world):
    """How many rows there are, by table."""
    with world.shop.app.database.engine.connect() as connection:
        names = connection.execute(
            text(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
        ).scalars()
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()
            for name in set(names) - UNTOUCHED
        }


WITH_BODY = sorted(
    name
    for name, rule in TABLE.items()
    if name.split()[0] in {"POST", "PUT", "PATCH"} and "/callbacks/" not in name
)


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_good_body_with_one_bad_place_changes_nothing(world, name):
    rule = TABLE[name]
    person = caller_of(rule)
    body = rule.body(world.own, person)
    if body is None:
        return
    method, _, path = name.partition(" ")
    address = address_of(world, path, rule, person)
    headers = {**world.own.people[person].headers, "Content-Type": "application/json"}
    before, wrong = written(world), []
    for what, sent in spoiled(body):
        key = {"Idempotency-Key": world.shop.app.kit.ids.token()}
        answer = world.shop.client.request(
            method, address, content=sent.encode("utf-8"), headers={**headers, **key}
        )
        if not 400 <= answer.status_code < 500:
            wrong.append((what, answer.status_code, answer.text))
            world.restore()
            continue
        is_problem(answer)
    assert wrong == []
    assert written(world) == before


def odd_texts(body):
    """Yield bodies whose texts are texts, but not what anybody expects there."""
    for steps, value in places(body):
        if isinstance(value, str):
            for odd in (*ODD, f"{value}\n", f" {value} ", f"\u202e{value}", "１２３", "\u0007"):
                if len(odd) < 500:
                    yield f"{steps} is {odd!r}", with_place(body, steps, odd)
        if isinstance(value, int):
            for odd in (0, -1, 2**31, 2**53, 2**63 - 1, -(2**63)):
                yield f"{steps} is {odd}", with_place(body, steps, odd)


@pytest.mark.parametrize("name", WITH_BODY)
def test_an_odd_text_or_number_is_taken_or_refused_and_never_a_defect(world, name):
    rule = TABLE[name]
    person = caller_of(rule)
    body = rule.body(world.own, person)
    if body is None:
        return
    method, _, path = name.partition(" ")
    address, wrong = address_of(world, path, rule, person), []
    for what, sent in odd_texts(body):
        key = {"Idempotency-Key": world.shop.app.kit.ids.token()}
        headers = {**world.own.people[person].headers, **key}
        answer = world.shop.client.request(method, address, json=sent, headers=headers)
        if answer.is_success:
            world.restore()
        elif answer.status_code >= 500:
            wrong.append((what, answer.status_code))
        else:
            assert answer.headers["content-type"] == "application/problem+json"
    assert wrong == []


def test_no_pattern_lets_one_more_line_end_through(world):
    document = world.shop.client.get("/api/docs/openapi.json").text
    patterns = re.findall(r'"pattern": ?("(?:[^"\\\\]|\\\\.)*")', document)
    assert len(patterns) > 5
    assert [each for each in patterns if json.loads(each).endswith("$")] == []


def test_ten_megabytes_are_refused_and_nothing_is_kept_of_them(world):
    headers = {**world.own.people["shopper"].headers, "Content-Type": "application/json"}
    before = written(world)
    body = b'{"name":"' + b"x" * 10 * 1024 * 1024 + b'"}'
    for method, path in (("PATCH", "/me"), ("POST", "/auth/sessions"), ("POST", "/me/addresses")):
        answer = world.shop.client.request(method, f"/api/v1{path}", content=body, headers=headers)
        assert answer.status_code == 413
        is_problem(answer)
    assert written(world) == before


RAW = ("%00", "%ff", "%ed%a0%80", "%0d%0a", "%c3%28", "a%00b", "%1b%5b2J")


def reading(world):
    for method, path, _ in routes(world.shop.api):
        if method == "GET" and "{path" not in path and not path.endswith("/events"):
            yield re.sub(r":\w+}", "}", path)


def parameters(world):
    """Every address that is read, with the query parameters it knows."""
    for route in world.shop.api.routes:
        found = getattr(route, "route_handler_map", {}).get("GET")
        if found is not None and not route.path_format.endswith("/events"):
            names = [each.field_alias for each in found[1].expected_query_params]
            yield re.sub(r":\w+}", "}", route.path_format), names


@pytest.mark.parametrize("person", PEOPLE)
def test_an_odd_name_in_an_address_is_no_defect(world, person):
    headers = world.own.people[person].headers
    wrong = []
    for path in reading(world):
        if "{" not in path:
            continue
        for odd in (*(quote(each, safe="") for each in ODD if each), *RAW):
            answer = world.shop.client.get(re.sub(r"\{\w+\}", odd, path), headers=headers)
            if not 400 <= answer.status_code < 500:
                wrong.append((path, odd[:40], answer.status_code))
                continue
            is_problem(answer)
    assert wrong == []


@pytest.mark.parametrize("person", PEOPLE)
def test_an_odd_parameter_is_no_defect(world, person):
    headers = world.own.people[person].headers
    wrong = []
    for path, names in parameters(world):
        address = re.sub(r"\{\w+\}", "ord_" + "0" * 26, path)
        for name in (*names, "sneaky"):
            for odd in (*(quote(each, safe="") for each in ODD), *RAW):
                answer = world.shop.client.get(f"{address}?{name}={odd}", headers=headers)
                if answer.status_code >= 500:
                    wrong.append((path, name, odd[:40], answer.status_code))
                elif answer.status_code >= 400:
                    is_problem(answer)
    assert wrong == []
