"""Whatever is sent, the answer is a problem document below 500."""

import re

import pytest
from litestar.routes import HTTPRoute

from groupbuy.domain.kernel import make_id
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.logging import into_a_file

JSON = {"Content-Type": "application/json"}
BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"12345678901234567890",
    "no json": b"{nonsense",
    "not utf-8": b'{"name":"\xff\xfe"}',
    "utf-16": '{"name":"x"}'.encode("utf-16"),
    "a lone surrogate": b'{"name":"\\ud800"}',
    "a NUL": b'{"name":"\\u0000"}',
    "deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "brackets": b"[" * 200_000,
    "a huge number": b'{"name":' + b"9" * 100_000 + b"}",
    "not a number": b'{"name":NaN,"reason":Infinity}',
    "a million keys": b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}",
    "its own prototype": b'{"__proto__":{"admin":true},"__class__":"x"}',
}
MADE_UP = make_id("usr", millis=1, cell=0, entropy=1)


def changing(api):
    for route in api.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method in {"POST", "PUT", "PATCH", "DELETE"}:
                    yield method, re.sub(r"\{[^}]*\}", MADE_UP, route.path_format), handler


def is_problem(answer):
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["status"] == answer.status_code
    assert told["type"] == f"/problems/{told['code']}"
    assert told["title"]
    assert told["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_by_every_route_that_reads_one(shop, name):
    headers = {**shop.someone(*Role).headers, **JSON, "Idempotency-Key": "k1"}
    for method, path, handler in changing(shop.api):
        if "data" not in handler.parsed_fn_signature.parameters:
            continue
        answer = shop.client.request(method, path, content=BODIES[name], headers=headers)
        assert 400 <= answer.status_code < 500, (method, path, answer.text)
        is_problem(answer)


def test_a_body_of_another_type_is_refused(shop):
    headers = {**shop.someone(*Role).headers, "Idempotency-Key": "k1"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for method, path, handler in changing(shop.api):
            if "data" not in handler.parsed_fn_signature.parameters:
                continue
            sent = {**headers, "Content-Type": kind}
            answer = shop.client.request(method, path, content=b"{}", headers=sent)
            assert (answer.status_code, path) == (415, path)
            is_problem(answer)


def test_a_body_that_is_too_large_is_refused_by_every_route(shop):
    headers = {**shop.someone(*Role).headers, **JSON, "Idempotency-Key": "k1"}
    for method, path, handler in changing(shop.api):
        if "data" not in handler.parsed_fn_signature.parameters:
            continue
        body = b'{"x":"' + b"x" * 1024 * 1024 + b'"}'
        answer = shop.client.request(method, path, content=body, headers=headers)
        assert (answer.status_code, path) == (413, path)
        is_problem(answer)


@pytest.mark.parametrize(
    "path",
    ["/%00", "/api/v1/shop/groups/%ff/progress", "/%0d%0aX:1", "/api/v1/me?a=%00", "/?q=%c3%28"],
)
def test_an_address_that_is_no_text_is_refused(shop, path):
    answer = shop.client.get(path)
    assert answer.status_code == 400
    is_problem(answer)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "limit=" + "9" * 5000,
        "cursor=x",
        "cursor=" + "x" * 2000,
        "offset=1",
        "leader_id=" + "x" * 31,
        "leader_id=x&LIMIT=1",
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(shop, query):
    answer = shop.client.get(f"/api/v1/shop/pickup-points?{query}")
    assert answer.status_code == 400
    is_problem(answer)
    assert answer.json()["errors"][0]["pointer"] == query.rpartition("&")[2].partition("=")[0]


def test_an_unknown_address_and_method_are_problems_that_keep_their_headers(shop):
    missing = shop.client.get("/api/v1/nowhere")
    assert missing.status_code == 404
    is_problem(missing)
    wrong = shop.client.delete("/api/v1/auth/sessions")
    assert wrong.status_code == 405
    assert "POST" in wrong.headers["allow"]
    is_problem(wrong)


def test_a_defect_is_a_problem_and_says_nothing_of_itself(shop, monkeypatch, tmp_path):
    number = "13800138000"

    def broken(*_args, **_kwargs):
        raise RuntimeError(number)

    monkeypatch.setattr(type(shop.app.desk), "read", broken)
    with into_a_file(tmp_path / "log", "info"):
        answer = shop.client.get("/api/v1/shop/pickup-points")
    assert answer.status_code == 500
    is_problem(answer)
    assert number not in answer.text
    logged = (tmp_path / "log").read_text()
    assert "RuntimeError" in logged
    assert number not in logged


@pytest.mark.parametrize(("accept", "title"), [("en", "Please log in"), ("zh", "请先登录")])
def test_the_text_of_a_problem_follows_the_reader_and_its_code_does_not(shop, accept, title):
    answer = shop.client.get("/api/v1/me", headers={"Accept-Language": accept})
    assert (answer.json()["title"], answer.json()["code"]) == (title, "unauthenticated")


def test_the_address_of_a_problem_explains_it(shop):
    kind = shop.client.get("/api/v1/me").json()["type"]
    page = shop.client.get(kind)
    assert page.status_code == 200
    assert "请先登录" in page.text
    assert shop.client.get("/problems/nonsense").status_code == 404


def test_every_answer_protects_the_browser_and_is_not_kept(shop):
    for path in ("/health/live", "/nowhere", "/api/v1/me", "/api/docs", "/%00"):
        headers = shop.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_a_request_keeps_the_id_it_came_with_unless_that_is_odd(shop):
    def given(value):
        return shop.client.get("/health/live", headers={"X-Request-Id": value})

    assert given("trace-12345678").headers["x-request-id"] == "trace-12345678"
    assert given("x y").headers["x-request-id"] != "x y"


def test_head_is_a_get_without_its_body(shop):
    answer = shop.client.head("/health/live")
    assert answer.status_code == 200
    assert answer.content == b""


def test_every_method_of_an_address_is_named_to_whoever_asks(shop):
    answer = shop.client.options("/api/v1/me")
    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, OPTIONS, PATCH"


def test_the_page_about_the_api_loads_nothing_from_elsewhere(shop):
    page = shop.client.get("/api/docs")
    assert page.status_code == 200
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page.text):
        assert address.startswith("/")
        assert shop.client.get(address).status_code == 200
    assert "<script" not in page.text


def test_the_numbers_name_routes_and_never_ids(shop):
    shop.client.get(f"/api/v1/shop/groups/{MADE_UP}/progress")
    page = shop.client.get("/metrics")
    assert page.status_code == 200
    assert 'route="/api/v1/shop/groups/{group_id}/progress",status="404"' in page.text
    assert MADE_UP not in page.text
    assert "groupbuy_mailbox_waiting 0.0" in page.text


def test_the_numbers_are_for_this_machine_only(shop):
    answer = shop.client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"})
    assert answer.status_code == 404
