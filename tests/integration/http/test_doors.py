"""Who gets in: sessions, cookies, roles, tenants. Nothing is open that does not say so."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from litestar.routes import ASGIRoute, HTTPRoute

from groupbuy.application.ports.tenancy import Tenant
from groupbuy.domain.kernel import make_id
from groupbuy.domain.membership import Role
from tests.support.web import HOST, PASSWORD, served

ME = "/api/v1/me"
SESSIONS = "/api/v1/auth/sessions"
PHONE = "13900001111"
KNOWN = {"phone": PHONE, "password": PASSWORD}


def routes(api):
    """Every (method, path template, handler) that the application itself declares."""
    for route in api.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":
                    yield method, route.path_format, handler
        elif isinstance(route, ASGIRoute):
            yield "GET", route.path_format, route.route_handler


def filled(path):
    return re.sub(r"\{[^}]*\}", make_id("usr", millis=1, cell=0, entropy=1), path)


def register(shop, **more):
    said = {"phone": PHONE, "password": PASSWORD, "name": "何秀兰", "terms": "1", **more}
    return shop.client.post("/api/v1/auth/accounts", json=said)


def browser(shop):
    """Log in with a cookie; return the CSRF token."""
    register(shop)
    answer = shop.client.post(SESSIONS, json={**KNOWN, "cookie": True})
    assert answer.status_code == 201
    assert answer.json()["token"] is None
    return answer.json()["csrf_token"]


def test_every_route_says_who_may_call_it(shop):
    silent = [
        f"{method} {path}"
        for method, path, handler in routes(shop.api)
        if not (handler.opt.get("public") is True or handler.opt.get("roles"))
    ]
    assert silent == []


def test_a_route_that_says_nothing_lets_nobody_in(shop):
    someone = shop.someone(*Role)
    handler = next(h for m, p, h in routes(shop.api) if p == ME and m == "GET")
    declared = dict(handler.opt)
    handler.opt.clear()
    try:
        assert shop.client.get(ME).status_code == 403
        assert shop.client.get(ME, headers=someone.headers).status_code == 403
    finally:
        handler.opt.update(declared)
    assert shop.client.get(ME, headers=someone.headers).status_code == 200


def test_without_a_session_only_public_routes_answer(shop):
    for method, path, handler in routes(shop.api):
        if not handler.opt.get("public"):
            answer = shop.client.request(method, filled(path))
            assert (answer.status_code, method, path) == (401, method, path)


def test_without_the_role_no_route_answers(shop):
    people = {role: shop.someone(role) for role in Role}
    for method, path, handler in routes(shop.api):
        roles = set(handler.opt.get("roles", ()))
        # everybody is a shopper; whoever has one more role stands for it
        outsiders = set(Role) - roles - {Role.SHOPPER} if Role.SHOPPER not in roles else set()
        if handler.opt.get("public"):
            continue
        for role in outsiders:
            answer = shop.client.request(method, filled(path), headers=people[role].headers)
            assert (answer.status_code, role, method, path) == (403, role, method, path)


def test_only_callbacks_are_exempt_from_the_checks_against_other_sites(shop):
    exempt = {path for _, path, handler in routes(shop.api) if handler.opt.get("callback")}
    posts = {path for method, path, _ in routes(shop.api) if method == "POST"}
    assert exempt == {path for path in posts if path.startswith("/api/v1/callbacks/")}


def test_a_cookie_is_worth_nothing_to_a_change_without_the_token_of_the_page(shop):
    token = browser(shop)
    body = {"name": "阿兰"}
    assert shop.client.get(ME).status_code == 200
    assert shop.client.patch(ME, json=body).status_code == 403
    wrong = shop.client.patch(ME, json=body, headers={"X-CSRF-Token": "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "csrf")
    right = shop.client.patch(ME, json=body, headers={"X-CSRF-Token": token})
    assert (right.status_code, right.json()["name"]) == (200, "阿兰")


def test_the_token_of_another_session_does_not_help(shop):
    first = browser(shop)
    second = shop.client.post(SESSIONS, json={**KNOWN, "cookie": True}).json()["csrf_token"]
    assert first != second
    answer = shop.client.patch(ME, json={"name": "x"}, headers={"X-CSRF-Token": first})
    assert answer.status_code == 403


def test_the_token_must_lie_in_the_cookie_too(shop):
    token = browser(shop)
    shop.client.cookies.delete("groupbuy-csrf")
    answer = shop.client.patch(ME, json={"name": "x"}, headers={"X-CSRF-Token": token})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": f"http://{HOST}"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_another_sites_page_changes_nothing_even_with_everything_else_right(shop, headers, status):
    token = browser(shop)
    sent = {"X-CSRF-Token": token, **headers}
    assert shop.client.patch(ME, json={"name": "兰"}, headers=sent).status_code == status


def test_another_site_cannot_log_a_browser_in(shop):
    register(shop)
    sent = {"Origin": "https://evil.example"}
    answer = shop.client.post(SESSIONS, json={**KNOWN, "cookie": True}, headers=sent)
    assert answer.status_code == 403


def test_a_token_in_a_header_needs_no_csrf_token(shop):
    someone = shop.someone()
    answer = shop.client.patch(ME, json={"name": "兰"}, headers=someone.headers)
    assert answer.status_code == 200


def test_behind_https_cookies_are_guarded_by_their_name(sqlite_url):
    public = {"public_url": f"https://{HOST}"}
    with served(sqlite_url, http=public) as shop:
        register(shop)
        answer = shop.client.post(SESSIONS, json={**KNOWN, "cookie": True})
        session, csrf = answer.headers.get_list("set-cookie")
        assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert session.startswith("__Host-groupbuy=")
    for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert flag.lower() in session.lower()
    assert "domain=" not in session.lower()
    assert csrf.startswith("__Host-groupbuy-csrf=")
    assert "httponly" not in csrf.lower()


def test_wrong_password_and_unknown_phone_are_answered_alike(shop):
    register(shop)
    wrong = shop.client.post(SESSIONS, json={**KNOWN, "password": "wrong-Wrong-9"})
    unknown = shop.client.post(SESSIONS, json={"phone": "13900002222", "password": PASSWORD})
    told = [{**answer.json(), "request_id": ""} for answer in (wrong, unknown)]
    assert wrong.status_code == unknown.status_code == 401
    assert told[0] == told[1]
    assert told[0]["code"] == "wrong_credentials"


def test_guessing_is_slowed_down_and_says_when_to_come_back(shop):
    register(shop)
    tries = [
        shop.client.post(SESSIONS, json={**KNOWN, "password": f"wrong-Wrong-{n}"}) for n in range(9)
    ]
    assert [answer.status_code for answer in tries] == [401] * 8 + [429]
    assert 1 <= int(tries[-1].headers["retry-after"]) <= 15 * 60
    assert shop.client.post(SESSIONS, json=KNOWN).status_code == 429


def test_logging_out_ends_the_session_at_once(shop):
    token = browser(shop)
    assert shop.client.get(ME).status_code == 200
    kept = dict(shop.client.cookies)
    headers = {"X-CSRF-Token": token}
    assert shop.client.delete(f"{SESSIONS}/current", headers=headers).status_code == 204
    assert not dict(shop.client.cookies)
    shop.client.cookies.update(kept)
    assert shop.client.get(ME).status_code == 401


def test_a_new_password_ends_all_other_sessions_but_not_this_one(shop):
    register(shop)
    here, there = (
        {"Authorization": f"Bearer {shop.client.post(SESSIONS, json=KNOWN).json()['token']}"}
        for _ in range(2)
    )
    assert shop.client.get(ME, headers=there).status_code == 200
    body = {"old": PASSWORD, "new": "hong-Cha.2027"}
    assert shop.client.post(f"{ME}/password", json=body, headers=here).status_code == 204
    assert shop.client.get(ME, headers=there).status_code == 401
    assert shop.client.get(ME, headers=here).status_code == 200
    assert shop.client.post(SESSIONS, json=KNOWN).status_code == 401
    renewed = {**KNOWN, "password": body["new"]}
    assert shop.client.post(SESSIONS, json=renewed).status_code == 201


def test_a_new_password_needs_the_old_one(shop):
    someone = shop.someone()
    body = {"old": "wrong-Wrong-9", "new": "hong-Cha.2027"}
    answer = shop.client.post(f"{ME}/password", json=body, headers=someone.headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "password", ["password1", "12345678", "aaaaaaaa", "qwertyuiop123", "short"]
)
def test_a_password_that_is_guessed_first_is_refused(shop, password):
    assert register(shop, password=password).status_code in {400, 422}


@pytest.mark.parametrize("phone", ["12345", "12345678901", "+86 138", "电话号码电话", "+1"])
def test_what_is_no_phone_number_opens_no_account(shop, phone):
    assert register(shop, phone=phone).status_code in {400, 422}


def test_one_phone_number_has_one_account_however_it_is_written(shop):
    assert register(shop).status_code == 201
    again = register(shop, phone="+86 139-0000-1111")
    assert (again.status_code, again.json()["facts"]["rule"]) == (409, "phone_is_free")


def test_a_role_that_is_taken_away_ends_the_persons_sessions_at_once(shop):
    admin, clerk = shop.someone(Role.ADMIN), shop.someone(Role.FINANCE)
    assert shop.client.get(ME, headers=clerk.headers).status_code == 200
    answer = shop.client.post(
        f"/api/v1/ops/users/{clerk.user.id}/roles/revoke",
        json={"role": "finance", "reason": "left the company"},
        headers=admin.headers,
    )
    assert answer.status_code == 200
    assert answer.json()["user"]["roles"] == ["shopper"]
    assert shop.client.get(ME, headers=clerk.headers).status_code == 401


def test_an_admin_gives_no_role_to_themselves(shop):
    admin = shop.someone(Role.ADMIN)
    answer = shop.client.post(
        f"/api/v1/ops/users/{admin.user.id}/roles",
        json={"role": "finance", "reason": "I want to"},
        headers=admin.headers,
    )
    assert (answer.status_code, answer.json()["facts"]["rule"]) == (409, "nobody_judges_themselves")


def test_a_blocked_person_is_out_at_once_and_cannot_come_back(shop):
    admin = shop.someone(Role.ADMIN)
    register(shop)
    token = shop.client.post(SESSIONS, json=KNOWN).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    user = shop.client.get(ME, headers=headers).json()
    block = f"/api/v1/ops/users/{user['id']}/block"
    body = {"blocked": True, "reason": "fraud"}
    assert shop.client.put(block, json=body, headers=admin.headers).status_code == 200
    assert shop.client.get(ME, headers=headers).status_code == 401
    assert shop.client.post(SESSIONS, json=KNOWN).status_code == 401


def test_a_session_ends_when_it_is_idle_for_long_and_in_the_end_in_any_case(sqlite_url, tmp_path):
    clock, start = tmp_path / "now", datetime(2026, 3, 1, tzinfo=UTC)

    def at(when):
        clock.write_text(when.isoformat())

    at(start)
    http = {"session_cache_seconds": 0}
    with served(sqlite_url, clock_file=str(clock), http=http) as shop:
        register(shop)
        idle, used = (
            {"Authorization": f"Bearer {shop.client.post(SESSIONS, json=KNOWN).json()['token']}"}
            for _ in range(2)
        )
        for days in range(2, 30, 2):
            at(start + timedelta(days=days))
            assert shop.client.get(ME, headers=used).status_code == 200
        assert shop.client.get(ME, headers=idle).status_code == 401
        at(start + timedelta(days=30))
        assert shop.client.get(ME, headers=used).status_code == 401


def test_a_session_of_one_shop_is_unknown_in_another(sqlite_url):
    with served(sqlite_url) as shop:
        the_two_shops_are_strangers(shop)


def the_two_shops_are_strangers(shop):
    shop.app.database.put_tenant(Tenant("other", "Other", hosts=("other.test",)))
    ours, theirs = shop.someone(), shop.someone(tenant="other")
    other = {"Host": "other.test:8000"}
    assert shop.client.get(ME, headers=ours.headers).status_code == 200
    assert shop.client.get(ME, headers={**ours.headers, **other}).status_code == 401
    assert shop.client.get(ME, headers={**theirs.headers, **other}).status_code == 200
    assert shop.client.get(ME, headers=theirs.headers).status_code == 401


@pytest.mark.parametrize("value", ["Bearer", "Basic eDp5", "Bearer " + "x" * 500, "Bearer é"])
def test_a_header_that_is_no_token_is_nobody(shop, value):
    answer = shop.client.get(ME, headers={"Authorization": value.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_on_postgresql_sessions_and_rate_limits_work_as_the_application_role(pg_shop):
    register(pg_shop)
    token = pg_shop.client.post(SESSIONS, json=KNOWN).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert pg_shop.client.get(ME, headers=headers).json()["phone"] == "139****1111"
    answers = [
        pg_shop.client.post(SESSIONS, json={**KNOWN, "password": f"wrong-Wrong-{n}"}).status_code
        for n in range(8)
    ]
    assert answers == [401] * 7 + [429]
