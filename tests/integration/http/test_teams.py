"""Teams over HTTP: from the draft to the team that somebody else joins."""

import pytest

from groupbuy.application.payments import settle_payments
from groupbuy.application.ports import PaymentOutcome, PaymentReport
from groupbuy.application.write_path import Caller
from groupbuy.domain.payments import Payment
from tests.support.two_shops import two_shops
from tests.support.web import HOST


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teams")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    return both


def call(world, who, method, path, body=None, key="", language="en"):
    headers = {
        "Host": HOST,
        "Idempotency-Key": key or f"{method}{path}",
        "Accept-Language": language,
    }
    if who:
        headers |= world.own.people[who].headers
    return world.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def draft(world, **more):
    said = {
        "title": "三人团",
        "mode": "team",
        "starts_at": "2020-01-01T00:00:00Z",
        "ends_at": "2035-01-04T00:00:00Z",
        "offers": [{"sku_id": world.own.ids["variant"], "share_bp": 8_000}],
        "quorum": {"measure": "buyers", "target": 2},
        "team_hours": 24,
        **more,
    }
    return call(world, "merchant", "POST", "/merchant/campaigns", said)


@pytest.fixture
def campaign(world):
    made = draft(world).json()
    path = f"/merchant/campaigns/{made['id']}/schedule"
    done = call(world, "merchant", "POST", path, {"version": made["version"]})
    assert done.status_code < 300, done.text
    while world.shop.app.relay.tick(world.own.tenant):
        pass
    return made["id"]


def join(world, who, campaign_id, **more):
    contact = {"name": "王", "phone": "13800000000", "address": "幸福路 1 号"}
    body = {"items": [{"sku_id": world.own.ids["variant"]}], "contact": contact, **more}
    return call(world, who, "POST", f"/shop/campaigns/{campaign_id}/joins", body, f"{who}{more}")


def pay(world, payment_id):
    caller, app = Caller.system(world.own.tenant), world.shop.app
    payment = app.desk.read(caller, lambda work: work.of(Payment).get(payment_id))
    now = app.kit.clock.now()
    report = PaymentReport(payment.number, PaymentOutcome.CAPTURED, payment.due, "paid", now)
    app.desk.run(caller, lambda work: settle_payments(work, [report]))


def test_a_team_is_said_opened_and_joined(world, campaign):
    shown = call(world, None, "GET", f"/shop/campaigns/{campaign}").json()
    assert (shown["mode"], shown["team_hours"], shown["group_id"]) == ("team", 24, "")
    made = join(world, "shopper", campaign, team="new")
    assert made.status_code == 201, made.text
    team = made.json()["group_id"]
    assert made.json()["progress"]["missing"] == 2
    assert call(world, None, "GET", f"/shop/campaigns/{campaign}/teams").json() == {"items": []}
    pay(world, made.json()["payment"]["id"])
    listed = call(world, None, "GET", f"/shop/campaigns/{campaign}/teams").json()["items"]
    assert [(each["group_id"], each["missing"]) for each in listed] == [(team, 1)]
    alone = call(world, None, "GET", f"/shop/groups/{team}/progress").json()
    assert (alone["joined"], alone["sequence"]) == (1, listed[0]["sequence"])
    second = join(world, "leader", campaign, team=team)
    assert second.status_code == 201, second.text


@pytest.mark.parametrize("team", ["", "none", "new\n", "grp_1", "ord_" + "0" * 26])
def test_what_names_no_team_is_refused(world, campaign, team):
    assert join(world, "shopper", campaign, team=team).status_code in {400, 422}


def test_a_join_without_a_team_says_what_to_do(world, campaign):
    refused = join(world, "shopper", campaign)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Choose a team to join, or open one of your own"
    refused = join(world, "shopper", world.own.ids["selling"], team="new")
    assert refused.json()["detail"] == "This campaign has no teams"


@pytest.mark.parametrize("terms", [{"team_hours": None}, {"quorum": None}])
def test_terms_that_make_no_team_are_found_before_publishing(world, terms):
    made = draft(world, **terms).json()
    found = call(world, "merchant", "GET", f"/merchant/campaigns/{made['id']}/preview").json()
    assert "terms_fit_together" in found["findings"]


@pytest.mark.parametrize("hours", [0, 721, 1.5, "24"])
def test_hours_that_are_none_are_refused(world, hours):
    assert draft(world, team_hours=hours).status_code in {400, 422}
