"""A ladder of prices over HTTP: from the draft to progress, quote and order."""

import pytest

from tests.support.two_shops import two_shops
from tests.support.web import HOST


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ladders")
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


def draft(world, tiers):
    ids = world.own.ids
    said = {
        "title": "阶梯团",
        "starts_at": "2030-01-01T00:00:00Z",
        "ends_at": "2030-01-04T00:00:00Z",
        "offers": [{"sku_id": ids["variant"], "share_bp": 8_000}],
        "quorum": {"measure": "buyers", "target": 2},
        "tiers": tiers,
    }
    return call(world, "merchant", "POST", "/merchant/campaigns", said)


def test_a_ladder_is_said_and_shown(world):
    tiers = [{"reached": 5, "share_bp": 7_000}, {"reached": 9, "share_bp": 6_000}]
    made = draft(world, tiers)
    assert made.status_code == 201, made.text
    assert made.json()["tiers"] == tiers
    shown = call(world, "merchant", "GET", f"/merchant/campaigns/{made.json()['id']}/preview")
    stand_in_the_way = [each for each in shown.json()["findings"] if not each.startswith("warn:")]
    assert stand_in_the_way == []


@pytest.mark.parametrize(
    "tiers",
    [
        [{"reached": 5, "share_bp": 8_000}],
        [{"reached": 5, "share_bp": 7_000}, {"reached": 5, "share_bp": 6_000}],
        [{"reached": 9, "share_bp": 6_000}, {"reached": 5, "share_bp": 7_000}],
        [{"reached": 5, "share_bp": 6_000}, {"reached": 9, "share_bp": 7_000}],
    ],
)
def test_a_ladder_that_does_not_come_down_is_not_published(world, tiers):
    made = draft(world, tiers)
    shown = call(world, "merchant", "GET", f"/merchant/campaigns/{made.json()['id']}/preview")
    assert "terms_fit_together" in shown.json()["findings"]


@pytest.mark.parametrize("step", [{"reached": 0, "share_bp": 7_000}, {"reached": 5, "share_bp": 0}])
def test_a_step_that_is_none_is_refused(world, step):
    assert draft(world, [step]).status_code in {400, 422}


def test_progress_of_a_campaign_without_a_ladder_says_so(world):
    told = call(world, None, "GET", f"/shop/groups/{world.own.ids['group']}/progress").json()
    assert (told["tier_bp"], told["next_tier_bp"], told["tier_missing"]) == (None, None, None)
