"""A merchant looks at its money through the web: real orders, real refunds, both databases."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application.write_path import Caller
from groupbuy.domain.membership import Merchant
from tests.support.two_shops import CARD, two_shops

COLUMNS = ("sales", "refunds", "commission", "fees", "payouts", "other")


@pytest.fixture(params=["sqlite_url", "pg_database"])
def world(request, tmp_path):
    found = request.getfixturevalue(request.param)
    url = found if isinstance(found, str) else found.app_url
    with two_shops(url, tmp_path) as opened:
        yield opened


def ask(world, method, path, person="merchant", body=None, place=None, key="", to="/merchant"):
    headers = dict((place or world.own).people[person].headers)
    headers["Idempotency-Key"] = key or world.shop.app.kit.ids.token()
    return world.shop.client.request(method, f"/api/v1{to}{path}", json=body, headers=headers)


def vested(world, minor=40_000):
    """Let money be payable to the merchant, whose account has cooled down."""
    merchant_id = world.own.ids["merchant"]
    account = f"merchant:{merchant_id}:payable"

    def earn(work):
        merchant = work.of(Merchant).lock([merchant_id])[merchant_id]
        long_ago = work.now() - timedelta(days=9)
        work.of(Merchant).save(evolve(merchant, payout_changed_at=long_ago))
        work.book("vest", "ord_x", {"merchant": merchant_id}, {"m": minor, "c": 0, "f": 0}, "CNY")
        work.put_balance(account, minor)

    world.shop.app.desk.run(Caller.system(world.own.tenant), earn)


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


def test_a_merchant_asks_for_what_is_due_once_and_finance_approves(world):
    vested(world)
    due = ask(world, "GET", "/payouts/due?amount=30000").json()
    assert (due["free"]["amount"], due["amount"]["amount"]) == (40_000, 30_000)
    assert due["account_set"]
    wish = {"amount": due["amount"], "digest": due["digest"]}
    made = ask(world, "POST", "/payouts", body=wish, key="once")
    again = ask(world, "POST", "/payouts", body=wish, key="once")
    assert (made.status_code, made.json()) == (201, again.json())
    twice = ask(world, "POST", "/payouts", body=wish)
    assert (twice.status_code, twice.json()["code"]) == (409, "changed_since_preview")
    assert ask(world, "GET", "/payouts/due").json()["free"]["amount"] == 10_000
    listed = ask(world, "GET", "?state=requested", "finance", to="/ops/merchant-payouts").json()
    newest = listed["items"][0]
    assert (newest["id"], newest["requested_by"]) == (
        made.json()["id"],
        world.own.people["merchant"].user.id,
    )
    path, why = f"/{newest['id']}", {"reason": "checked"}
    for act, state in (("hold", "on_hold"), ("resume", "requested"), ("approve", "approved")):
        done = ask(world, "POST", f"{path}/{act}", "finance", why, to="/ops/merchant-payouts")
        assert (done.status_code, done.json()["state"]) == (200, state)
    late = ask(world, "POST", f"/payouts/{newest['id']}/cancel")
    assert late.status_code == 409
    assert ask(world, "GET", "/payouts").json()["items"][0]["state"] == "approved"


def test_a_merchant_takes_a_wish_back_and_has_its_money_again(world):
    vested(world)
    due = ask(world, "GET", "/payouts/due").json()
    wish = {"amount": due["free"], "digest": due["digest"]}
    made = ask(world, "POST", "/payouts", body=wish).json()
    assert ask(world, "GET", "/payouts/due").json()["free"]["amount"] == 0
    back = ask(world, "POST", f"/payouts/{made['id']}/cancel")
    assert back.json()["state"] == "cancelled"
    assert ask(world, "GET", "/payouts/due").json()["free"] == due["free"]
    stranger = ask(world, "POST", f"/payouts/{made['id']}/cancel", place=world.neighbour)
    assert stranger.status_code == 404


def test_money_that_is_not_due_is_not_asked_for(world):
    vested(world)
    due = ask(world, "GET", "/payouts/due?amount=40001").json()
    refused = ask(world, "POST", "/payouts", body={k: due[k] for k in ("amount", "digest")})
    assert (refused.status_code, refused.json()["facts"]["rule"]) == (409, "balance_is_enough")
    ill = ask(world, "POST", "/payouts", body={"amount": due["amount"], "digest": "short"})
    assert ill.status_code == 400
    assert ask(world, "GET", "/payouts/due?amount=0").status_code == 400
