"""Who the sandbox listens to, and what it does not accept."""

import json

import pytest

from groupbuy.adapters import payments_sandbox
from groupbuy.application.ports.payment import PaymentOutcome, RefundOutcome
from groupbuy.domain.kernel import Invalid, Unavailable
from groupbuy.entrypoints.sandbox import signing
from groupbuy.testing.payment_gateway import DUE, NUMBER, announcement, giving_back
from tests.integration.ports.rig import SECRET, MovingClock

PATH = f"/payments/{NUMBER}/prepay"


def prepay_body(sandbox, **more):
    body = {"amount": 100, "expires_at": sandbox.now().isoformat()[:-6] + "Z", **more}
    return json.dumps(body).encode()


def ask(sandbox, path, body, *, method="POST", signed_as=None, secret=SECRET, at=None):
    head = signing.headers(
        secret.encode(), at or sandbox.now(), method, path, body if signed_as is None else signed_as
    )
    return sandbox.http.request(
        method, path, content=body, headers={"Content-Type": "application/json", **head}
    )


def test_a_signed_request_is_understood(sandbox):
    answer = ask(sandbox, PATH, prepay_body(sandbox))
    assert (answer.status_code, answer.json()["state"]) == (200, "NOTPAY")


def test_a_request_with_any_byte_flipped_is_refused_and_changes_nothing(sandbox):
    body = prepay_body(sandbox)
    for place in range(len(body)):
        wrong = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert ask(sandbox, PATH, wrong, signed_as=body).status_code == 401
    unknown = ask(sandbox, f"/payments/{NUMBER}", b"", method="GET")
    assert unknown.json()["code"] == "ORDER_NOT_EXIST"


def test_a_signature_is_bound_to_its_path_and_method(sandbox):
    head = signing.headers(SECRET.encode(), sandbox.now(), "GET", "/bill", b"")
    assert sandbox.http.get("/bill", headers=head).status_code == 200
    assert sandbox.http.get("/bill?day=2026-11-01", headers=head).status_code == 401
    assert sandbox.http.post(f"/payments/{NUMBER}/close", headers=head).status_code == 401


def test_an_unsigned_request_is_refused(sandbox):
    assert sandbox.http.get("/bill").json()["code"] == "SIGN_ERROR"


@pytest.mark.parametrize("minutes", [-10, -5, 5, 10])
def test_a_request_five_minutes_off_is_refused(sandbox, minutes):
    off = MovingClock(sandbox.now())
    off.pass_time(minutes * 60)
    assert ask(sandbox, PATH, prepay_body(sandbox), at=off.now()).status_code == 401


@pytest.mark.parametrize("seconds", [-299, 299])
def test_a_request_just_inside_the_window_is_accepted(sandbox, seconds):
    off = MovingClock(sandbox.now())
    off.pass_time(seconds)
    assert ask(sandbox, PATH, prepay_body(sandbox), at=off.now()).status_code == 200


def test_a_shop_with_the_wrong_secret_learns_nothing_and_breaks_nothing(sandbox):
    stranger = payments_sandbox.build(sandbox.settings(secret="another"), sandbox.clock)
    assert stranger.prepay(announcement(sandbox)).outcome is PaymentOutcome.PENDING
    assert stranger.query(NUMBER).outcome is PaymentOutcome.PENDING
    assert stranger.close(NUMBER).outcome is PaymentOutcome.PENDING
    assert stranger.refund(giving_back(1)).outcome is RefundOutcome.PENDING
    with pytest.raises(Unavailable):
        stranger.bill()
    stranger.close_connections()


@pytest.mark.parametrize(
    "more",
    [
        {"surprise": 1},
        {"amount": 0},
        {"amount": 1.5},
        {"amount": True},
        {"amount": 10**13},
        {"currency": "yuan"},
        {"expires_at": "2026-11-01T12:00:00"},
        {"notify_url": "https://shop.example/hook"},
        {"notify_url": "file:///hook"},
        {"description": "x" * 201},
    ],
)
def test_a_senseless_announcement_is_refused(sandbox, more):
    answer = ask(sandbox, PATH, prepay_body(sandbox, **more))
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_the_adapter_says_invalid_when_the_sandbox_refuses_the_parameters(sandbox, payments):
    from attrs import evolve

    for number in ("short", "x" * 33, "with space"):
        with pytest.raises(Invalid):
            payments.prepay(evolve(announcement(sandbox), number=number))


def test_a_huge_body_is_refused(sandbox):
    assert ask(sandbox, PATH, b" " * (1024 * 1024 + 1)).json()["code"] == "BODY_TOO_LARGE"


def test_broken_json_is_refused(sandbox):
    for body in (b"", b"{", b"null", b"[]", b"\xff", b'{"amount": NaN}', b"[" * 100_000):
        answer = ask(sandbox, PATH, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR"), body[:20]


def test_an_unknown_route_is_refused_in_the_same_shape(sandbox):
    assert sandbox.http.get("/nothing").json()["code"] == "PARAM_ERROR"


def test_the_cashier_page_shows_the_amount_and_lets_a_person_pay(sandbox, payments):
    params = json.loads(payments.prepay(announcement(sandbox)).pay_params)
    page = sandbox.http.get(params["cashier_url"])
    assert "799.20 CNY" in page.text
    assert "text/html" in page.headers["content-type"]
    assert "已支付" in sandbox.http.post(params["cashier_url"]).text
    assert payments.query(NUMBER).amount == DUE
