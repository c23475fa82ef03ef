"""Promotions and quotes over HTTP: set up by a merchant, explained to everybody."""

import pytest

from tests.support.two_shops import two_shops
from tests.support.web import HOST

STEPS = {"steps": [{"reach": 1_000, "off": 100}]}
PROMOTION = {"kind": "spend_threshold", "title": "满减", "arguments": STEPS}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("promotions")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def call(world, who, method, path, body=None):
    headers = {"Host": HOST, "Idempotency-Key": f"{method}{path}", "Accept-Language": "en"}
    if who:
        headers |= world.own.people[who].headers
    return world.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def draft_of(world, **changes):
    return {
        "title": "水蜜桃团",
        "starts_at": "2026-12-01T04:00:00Z",
        "ends_at": "2026-12-03T04:00:00Z",
        "offers": [{"sku_id": world.own.ids["variant"], "share_bp": 8_000}],
        "quorum": {"target": 1},
        **changes,
    }


def test_a_merchant_sets_up_a_promotion_and_everybody_reads_its_sentence(world):
    made = call(
        world, "merchant", "POST", "/merchant/campaigns", draft_of(world, promotions=[PROMOTION])
    )
    assert made.status_code == 201, made.text
    (shown,) = made.json()["promotions"]
    assert (shown["kind"], shown["arguments"], shown["payer"]) == (
        "spend_threshold",
        {**STEPS, "counts": "amount", "repeats": False},
        "merchant",
    )
    assert shown["sentence"] == "满 ¥10 减 ¥1，可与会员价同用"
    assert shown["sentence_en"] == "¥1 off from ¥10, together with member prices"
    assert shown["id"].startswith("prm_")


@pytest.mark.parametrize(
    ("promotion", "status", "pointer"),
    [
        ({**PROMOTION, "kind": "lottery"}, 422, "promotions/0/kind"),
        ({**PROMOTION, "arguments": {"steps": [{"reach": 1}]}}, 422, "steps/0/off"),
        ({**PROMOTION, "arguments": {"steps": 7}}, 422, "arguments/steps"),
        ({**PROMOTION, "conditions": {"starts_at": 7}}, 422, "starts_at"),
        ({**PROMOTION, "conditions": {"weekdays": "x"}}, 422, "weekdays"),
        ({**PROMOTION, "conditions": {"weekdays": 7}}, 422, "weekdays"),
        ({**PROMOTION, "conditions": {"from_minute": "x"}}, 422, "from_minute"),
        ({**PROMOTION, "eligible": {"skus": 7}}, 422, "skus"),
        ({**PROMOTION, "eligible": {"skus": [7]}}, 422, "skus"),
        ({**PROMOTION, "payer": "platform"}, 403, ""),
    ],
)
def test_a_promotion_that_makes_no_sense_is_pointed_at(world, promotion, status, pointer):
    body = draft_of(world, promotions=[promotion])
    answer = call(world, "merchant", "POST", "/merchant/campaigns", body)
    assert answer.status_code == status, answer.text
    assert pointer in answer.text.replace(".", "/")


def test_a_quote_explains_itself_and_a_join_may_hold_to_it(world):
    ids = world.own.ids
    path = f"/shop/campaigns/{ids['selling']}"
    shown = call(world, None, "GET", f"{path}/quote?item={ids['variant']}:2")
    assert shown.status_code == 200, shown.text
    told = shown.json()
    assert told["payable"]["amount"] == sum(line["net"]["amount"] for line in told["lines"])
    for line in told["lines"]:
        taken = sum(reason["amount"]["amount"] for reason in line["reasons"])
        assert line["gross"]["amount"] - taken == line["net"]["amount"]
    assert told["lines"][0]["reasons"][0]["sentence_en"] == "group price"
    join = {
        "items": [{"sku_id": ids["variant"], "units": 2}],
        "contact": {"name": "王", "phone": "13800009999"},
        "pickup_point_id": ids["point"],
    }
    cheaper = {"amount": told["payable"]["amount"] - 1, "currency": "CNY"}
    refused = call(world, "shopper", "POST", f"{path}/joins", {**join, "agreed": cheaper})
    assert refused.status_code == 409
    assert "price_is_as_shown" in refused.text


def test_a_join_at_the_agreed_price_is_taken(world):
    ids = world.own.ids
    path = f"/shop/campaigns/{ids['selling']}"
    told = call(world, None, "GET", f"{path}/quote?item={ids['variant']}:1").json()
    join = {
        "items": [{"sku_id": ids["variant"]}],
        "contact": {"name": "王", "phone": "13800009999"},
        "pickup_point_id": ids["point"],
        "agreed": told["payable"],
    }
    taken = call(world, "shopper", "POST", f"{path}/joins", join)
    assert taken.status_code == 201, taken.text


@pytest.mark.parametrize(
    "item", ["", "x", "x:", "x:-1", "x:1.5", "x:%D9%A1", "x:999999", f"{'x' * 41}:1"]
)
def test_a_basket_that_is_none_is_refused(world, item):
    path = f"/shop/campaigns/{world.own.ids['selling']}/quote?item={item}"
    answer = call(world, None, "GET", path)
    assert answer.status_code in {404, 422}, answer.text


def test_every_kind_brings_its_form(world):
    kinds = call(world, None, "GET", "/promotion-kinds").json()
    assert {each["kind"] for each in kinds} == {
        "special_price",
        "trial_price",
        "spend_threshold",
        "bundle",
        "nth_item",
    }
    (threshold,) = (each for each in kinds if each["kind"] == "spend_threshold")
    steps = threshold["fields"][0]
    assert (steps["shape"], steps["label"], steps["required"]) == ("rows", "档位", True)
    assert [row["name"] for row in steps["rows"]] == ["reach", "off"]
