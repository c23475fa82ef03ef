"""Coupons over HTTP: offered by a merchant, claimed and used by a shopper."""

import pytest

from tests.support.shop_bodies import coupons_of, join_of
from tests.support.two_shops import two_shops
from tests.support.web import HOST, TENANT


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("coupons")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def call(world, who, method, path, body=None, key=""):
    headers = {"Host": HOST, "Idempotency-Key": f"{method}{path}{key}", "Accept-Language": "en"}
    if who:
        headers |= world.own.people[who].headers
    return world.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def offer(world, **changes):
    body = {**coupons_of(world.own.ids), **changes}
    made = call(world, "merchant", "POST", "/merchant/coupon-templates", body, str(changes))
    assert made.status_code == 201, made.text
    return made.json()


def test_a_coupon_is_offered_claimed_quoted_used_and_followed(world):
    made = offer(world, arguments={"off": 700, "reach": 1_000})
    assert made["sentence"] == "满 ¥10 减 ¥7"
    assert made["sentence_en"] == "¥7 off from ¥10"
    shown = call(world, None, "GET", "/shop/coupon-templates").json()["items"]
    assert made["id"] in {each["id"] for each in shown}

    mine = call(world, "shopper", "POST", f"/shop/coupon-templates/{made['id']}/claim")
    assert mine.status_code == 201, mine.text
    coupon = mine.json()
    assert (coupon["state"], coupon["usable"], coupon["template_id"]) == (
        "claimed",
        True,
        made["id"],
    )

    sku, selling = world.own.ids["variant"], world.own.ids["selling"]
    quote = call(world, "shopper", "GET", f"/shop/campaigns/{selling}/quote?item={sku}:1").json()
    assert quote["coupon_id"] == coupon["id"]
    assert [r["amount"]["amount"] for r in quote["lines"][0]["reasons"]] == [398, 700]
    assert [u["code"] for u in quote["unused"]] == ["another_is_better"]
    bare = call(world, None, "GET", f"/shop/campaigns/{selling}/quote?item={sku}:1").json()
    assert bare["coupon_id"] is None

    body = {**join_of(world.own.ids), "coupon_id": coupon["id"], "agreed": quote["payable"]}
    joined = call(world, "shopper", "POST", f"/shop/campaigns/{selling}/joins", body)
    assert joined.status_code == 201, joined.text
    assert joined.json()["payment"]["due"] == quote["payable"]
    (held,) = [
        each
        for each in call(world, "shopper", "GET", "/shop/coupons").json()["items"]
        if each["id"] == coupon["id"]
    ]
    assert (held["state"], held["usable"], held["saved"]) == ("held", False, 700)
    use = call(world, "merchant", "GET", f"/merchant/coupon-templates/{made['id']}").json()
    assert (use["by_state"], use["held"], use["saved"]) == ({"held": 1}, 700, 0)


def test_a_code_is_told_once_and_good_once(world):
    made = offer(world, giving="code")
    path = f"/merchant/coupon-templates/{made['id']}/codes"
    first = call(world, "merchant", "POST", path, {"count": 2})
    codes = first.json()["codes"]
    assert [len(code) for code in codes] == [19, 19]
    claimed = call(world, "shopper", "POST", "/shop/coupons/claim", {"code": codes[0]})
    assert claimed.status_code == 201, claimed.text
    again = call(world, "leader", "POST", "/shop/coupons/claim", {"code": codes[0]}, "again")
    assert again.status_code == 409
    assert "coupon_code_is_unused" in again.text
    unknown = call(
        world, "leader", "POST", "/shop/coupons/claim", {"code": "0000-0000-0000-0000"}, "unknown"
    )
    assert unknown.status_code == 404


def test_a_join_whose_coupon_takes_nothing_off_says_so(world):
    made = offer(world, arguments={"off": 700, "reach": 1_000_000})
    coupon = call(world, "shopper", "POST", f"/shop/coupon-templates/{made['id']}/claim").json()
    body = {**join_of(world.own.ids), "coupon_id": coupon["id"]}
    selling = world.own.ids["selling"]
    joined = call(world, "shopper", "POST", f"/shop/campaigns/{selling}/joins", body)
    assert joined.status_code == 409
    assert "coupon_takes_something_off" in joined.text


def test_a_paused_offer_gives_nothing_and_a_given_coupon_is_told_and_taken_back(world):
    made = offer(world, giving="staff")
    path, user = f"/merchant/coupon-templates/{made['id']}", world.own.ids["user"]
    given = call(world, "merchant", "POST", f"{path}/coupons", {"user_ids": [user]}).json()
    (coupon,) = given["items"]
    world.shop.app.relay.tick(TENANT)
    told = call(world, "shopper", "GET", "/me/notices").json()["items"]
    assert "You got a coupon: 满 10 减 1" in {each["text"] for each in told}
    revoke = f"/merchant/coupons/{coupon['id']}/revoke"
    taken = call(world, "merchant", "POST", revoke, {"reason": "by mistake"})
    assert taken.json()["state"] == "revoked"
    paused = call(world, "merchant", "POST", f"{path}/pause")
    assert paused.json()["state"] == "paused"
    refused = call(world, "merchant", "POST", f"{path}/coupons", {"user_ids": [user]}, "again")
    assert refused.status_code == 409
    assert "coupons_are_given_out" in refused.text


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "lottery"}, "/kind"),
        ({"arguments": {"off": 0}}, "/arguments/off"),
        ({"days": None}, "/days"),
        ({"budget": 1}, "/budget"),
        ({"ends_at": "2026-10-05T04:00:00"}, "/ends_at"),
        ({"conditions": {"segments": ["x"]}}, "/conditions/segments"),
    ],
)
def test_an_offer_that_makes_no_sense_says_where(world, changes, pointer):
    body = {**coupons_of(world.own.ids), **changes}
    answer = call(world, "merchant", "POST", "/merchant/coupon-templates", body, pointer)
    assert answer.status_code in {400, 422}, answer.text
    assert pointer in answer.text
