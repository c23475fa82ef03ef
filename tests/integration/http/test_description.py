"""The description of the API says what the API does."""

import msgspec
import pytest
from litestar.routes import HTTPRoute

from groupbuy.entrypoints.cli.openapi import _schema
from groupbuy.entrypoints.http.describe import EVENTS, MEANINGS, RATED
from groupbuy.entrypoints.http.examples import EXAMPLES
from groupbuy.entrypoints.http.strict import decoded
from tests.integration.http.test_doors import routes

SAFE = {"get", "head", "options"}


@pytest.fixture(scope="module")
def schema():
    return _schema()


def operations(schema):
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield method, path, operation


def handlers(api):
    return {
        (method.lower(), route.path_format): handler
        for route in api.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
    }


def keys_of(operation):
    found = [p for p in operation.get("parameters", []) if p["name"] == "Idempotency-Key"]
    return [each["required"] for each in found]


def test_every_change_takes_a_key_and_says_where_it_must(schema, shop):
    known = handlers(shop.api)
    wrong = []
    for method, path, operation in operations(schema):
        opt = known[method, path].opt
        keyed = method not in SAFE and not opt.get("keyless")
        if keys_of(operation) != ([bool(opt.get("key"))] if keyed else []):
            wrong.append(f"{method} {path}")
    assert wrong == []


def test_every_refusal_is_described_as_a_problem(schema):
    wrong = [
        f"{method} {path} {status}"
        for method, path, operation in operations(schema)
        for status, said in operation["responses"].items()
        if not status.startswith(("2", "3", "503"))
        and said != {"$ref": f"#/components/responses/Problem_{status}"}
    ]
    assert wrong == []
    for said in schema["components"]["responses"].values():
        (kind,) = said["content"]
        assert kind == "application/problem+json"
        assert said["content"][kind]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert set(schema["components"]["schemas"]["Problem"]["properties"]) >= {"code", "errors"}
    assert "FieldError" in schema["components"]["schemas"]


def test_refusals_fit_what_an_operation_takes(schema):
    for method, path, operation in operations(schema):
        said = set(operation["responses"])
        if not path.startswith("/api/v1"):
            continue
        where = f"{method} {path}"
        assert ("404" in said) == ("{" in path), where
        assert ("409" in said) == (method not in SAFE), where
        assert ("415" in said) == ("requestBody" in operation), where
        assert ("401" in said) == (operation.get("security") != []), where
        assert ("429" in said) == (f"{method.upper()} {path}" in RATED), where
        assert said - set(MEANINGS) <= {"200", "201", "204"}, where


def test_every_body_has_an_example_that_its_operation_understands(schema, shop):
    known = handlers(shop.api)
    used = set()
    for method, path, operation in operations(schema):
        body = operation.get("requestBody", {}).get("content", {})
        for content in (body[kind] for kind in body if kind == "application/json"):
            wanted = known[method, path].parsed_fn_signature.parameters["data"].annotation
            used.add(wanted.__name__)
            example = content["example"]
            assert example is not None, f"{method} {path} {wanted.__name__}"
            decoded(msgspec.json.encode(example), wanted)
    assert used == set(EXAMPLES)


def test_streams_and_numbers_are_described_and_pages_of_ours_are_not(schema):
    stream = schema["paths"][EVENTS]["get"]["responses"]["200"]["content"]
    assert list(stream) == ["text/event-stream"]
    followed = schema["paths"]["/api/v1/leader/orders/{order_id}/timeline/events"]["get"]
    assert list(followed["responses"]["200"]["content"]) == ["text/event-stream"]
    assert list(schema["paths"]["/metrics"]["get"]["responses"]["200"]["content"]) == ["text/plain"]
    assert [path for path in schema["paths"] if path.startswith("/api/docs")] == []


def test_every_operation_is_described_in_a_sentence(schema, shop):
    served = {(method.lower(), path) for method, path, _ in routes(shop.api)}
    shown = {(method, path) for method, path, _ in operations(schema)}
    assert {p for _, p in served - shown if not p.startswith(("/api/docs", "/problems"))} == set()
    short = [
        f"{method} {path}: {operation['summary']}"
        for method, path, operation in operations(schema)
        if " " not in operation["summary"] or operation["summary"][-1] not in ".:?)`"
    ]
    assert short == []


def test_the_page_of_the_api_shows_the_same(shop):
    page = shop.client.get("/api/docs/").text
    assert "Idempotency-Key" in page
    assert "Stream a group" in page
