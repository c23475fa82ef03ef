"""A merchant looks at its money through the web: real orders, real refunds, both databases."""

import pytest

from tests.support.two_shops import CARD, two_shops

COLUMNS = ("sales", "refunds", "commission", "fees", "payouts", "other")


@pytest.fixture(params=["sqlite_url", "pg_database"])
def world(request, tmp_path):
    found = request.getfixturevalue(request.param)
    url = found if isinstance(found, str) else found.app_url
    with two_shops(url, tmp_path) as opened:
        yield opened


def ask(world, method, path, person="merchant", body=None, place=None):
    headers = (place or world.own).people[person].headers
    return world.shop.client.request(method, f"/api/v1/merchant{path}", json=body, headers=headers)


def test_a_statement_tells_every_order_and_refund_and_adds_up(world):
    shown = ask(world, "GET", "/statements/2026-10").json()
    change = sum(shown[name]["amount"] for name in COLUMNS)
    assert shown["opening"]["amount"] + change == shown["closing"]["amount"]
    assert shown["sales"]["amount"] > -shown["refunds"]["amount"] > 0
    assert shown["commission"]["amount"] < 0
    items, path = [], "/statements/2026-10/lines?limit=1"
    while path:
        page = ask(world, "GET", path)
        items += page.json()["items"]
        path = page.links["next"]["url"].removeprefix("/api/v1/merchant") if page.links else ""
    assert [item["moment"] for item in items] == [
        "confirm",
        "confirm",
        "refund_after_confirmation",
    ]
    refund = items[-1]
    assert refund["subject"] == world.own.ids["refund"]
    assert refund["order_id"] in {item["order_id"] for item in items[:-1]}
    assert world.own.ids["order"] in {item["order_id"] for item in items}
    for name in (*COLUMNS, "total"):
        wanted = change if name == "total" else shown[name]["amount"]
        assert sum(item[name]["amount"] for item in items) == wanted
    assert shown["lines"] == len(items)


def test_a_merchant_sees_nothing_of_its_neighbour(world):
    mine = ask(world, "GET", "/statements/2026-10/lines").text
    theirs = ask(world, "GET", "/statements/2026-10/lines", place=world.neighbour).text
    assert world.own.ids["order"] not in theirs
    assert world.neighbour.ids["order"] not in mine
    assert ask(world, "GET", "/statements/2026-10", "finance").status_code == 403


def test_a_period_that_is_none_is_refused(world):
    assert ask(world, "GET", "/statements/october").status_code == 422


def test_the_account_is_kept_sealed_and_only_its_end_is_shown(world):
    changed = ask(world, "PUT", "/payout-account", body={**CARD, "account": "6222021234567899"})
    assert changed.json()["tail"] == "7899"
    shown = ask(world, "GET", "/payout-account")
    assert (shown.json()["channel"], shown.json()["tail"]) == ("bank_card", "7899")
    assert "6222021234567899" not in shown.text
    wrong = ask(world, "PUT", "/payout-account", body={**CARD, "account": "no card at all"})
    assert wrong.status_code == 422
    assert ask(world, "GET", "/payouts").json() == {"items": [], "next_cursor": None}
