"""Rates and ladders over HTTP, and what a leader reads about each entry."""

import pytest

from groupbuy.application import commission
from groupbuy.domain.catalogue import Category
from groupbuy.domain.membership import Leader, Role
from tests.integration.commission.test_commission_http import Desk, fen

WHY = {"reason": "a good year"}


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    with made.http:
        yield made
    made.app.close()


@pytest.fixture
def operator(desk):
    return desk.staff(Role.OPERATOR)


def stored(desk, kind, key):
    return desk.shop.desk.read(desk.shop.system, lambda work: work.of(kind).get(key))


def test_an_operator_sets_lists_and_takes_back_rates(desk, operator):
    leader = desk.shop.leader()
    path = f"/ops/commission/rates/leaders/{leader.leader_id}"
    assert desk.ask(operator, "PUT", path, {**WHY, "rate_bp": 650}).json()["rate_bp"] == 650
    listed = desk.ask(operator, "GET", "/ops/commission/rates/leaders").json()["items"]
    assert {each["subject"]: each["rate_bp"] for each in listed}[leader.leader_id] == 650
    assert desk.ask(operator, "PUT", path, WHY).json()["rate_bp"] is None
    assert stored(desk, Leader, leader.leader_id).commission_bp is None
    desk.shop.put(Category, Category("cat_1", "水果"))
    path = "/ops/commission/rates/categories/cat_1"
    assert desk.ask(operator, "PUT", path, {**WHY, "rate_bp": 300}).status_code == 200
    assert stored(desk, Category, "cat_1").commission_bp == 300


@pytest.mark.parametrize("body", [{}, {"rate_bp": 1}, {**WHY, "rate_bp": 3_001}])
def test_a_rate_needs_a_reason_and_stays_below_the_ceiling(desk, operator, body):
    path = f"/ops/commission/rates/leaders/{desk.shop.leader().leader_id}"
    assert desk.ask(operator, "PUT", path, body).status_code == 400


def test_a_ladder_is_refused_in_both_languages(desk, operator):
    steps = [{"sales": fen(500_000), "bonus_bp": 50}, {"sales": fen(400_000), "bonus_bp": 80}]
    path, said = "/ops/commission/ladders/shop", {**WHY, "steps": steps}
    chinese = desk.ask(operator, "PUT", path, said)
    assert chinese.status_code == 422
    assert "每一档都要高于前一档" in chinese.text
    late = desk.ask(operator, "PUT", path, {**WHY, "steps": steps[:1], "month": "2026-10"})
    assert (late.status_code, late.json()["facts"]["rule"]) == (
        409,
        "ladder_is_known_before_its_month",
    )
    assert "阶梯要在当月开始前设定" in late.text


def test_a_leader_reads_how_each_entry_came_about(desk, operator):
    steps = [{"sales": fen(10_000), "bonus_bp": 100}]
    made = desk.ask(operator, "PUT", "/ops/commission/ladders/shop", {**WHY, "steps": steps})
    assert made.json()["id"] == "shop/2026-11"
    listed = desk.ask(operator, "GET", "/ops/commission/ladders").json()["items"]
    assert [each["steps"] for each in listed] == [steps]
    desk.shop.clock.at = desk.shop.clock.at.replace(month=11)
    leader = desk.shop.leader()
    desk.shop.earn(leader, 20_000)
    desk.shop.clock.at = desk.shop.clock.at.replace(month=12)
    commission.settle_due(desk.app.desk, "main")
    mine = desk.login(leader.user_id)
    entries = desk.ask(mine, "GET", "/leader/commission/entries").json()["items"]
    shown = ("role", "base", "rate_bp", "rule", "asked_bp", "ceiling_cut", "amount")
    told = [tuple(entry[name] for name in shown) for entry in entries]
    assert told == [
        ("ladder", fen(20_000), 100, "ladder", 100, fen(0), fen(200)),
        ("leader", fen(20_000), 1_000, "category", 1_000, fen(0), fen(2_000)),
    ]
    assert entries[0]["source"] == f"{leader.leader_id}/2026-11"
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    page = desk.ask(mine, "GET", f"/leader/statements/{statement['id']}").json()
    assert sorted(line["rule"] for line in page["lines"]) == ["category", "ladder"]


def test_a_leader_sees_the_step_that_is_reached_and_what_the_next_one_takes(desk, operator):
    shop, leader = desk.shop, desk.shop.leader()
    mine = desk.login(leader.user_id)
    nothing = desk.ask(mine, "GET", "/leader/ladder").json()
    assert (nothing["month"], nothing["steps"], nothing["next"]) == ("2026-10", [], None)
    assert nothing["missing"]["amount"] == nothing["bonus"]["amount"] == 0
    steps = [
        {"sales": {"amount": sales, "currency": "CNY"}, "bonus_bp": bp}
        for sales, bp in ((10_000, 100), (50_000, 300))
    ]
    said = {"reason": "a busy autumn", "steps": steps, "month": "2026-11"}
    assert desk.ask(operator, "PUT", "/ops/commission/ladders/shop", said).status_code == 200
    shop.clock.at = shop.clock.at.replace(month=11)
    begun = desk.ask(mine, "GET", "/leader/ladder").json()
    assert (begun["reached"], begun["next"], begun["missing"]["amount"]) == (
        None,
        steps[0],
        10_000,
    )
    sold = shop.vest(shop.confirm(shop.order(leader.leader_id, {1: 20_000})))
    standing = desk.ask(mine, "GET", "/leader/ladder").json()
    assert standing["steps"] == steps
    assert (standing["reached"], standing["next"]) == (steps[0], steps[1])
    numbers = [standing[name]["amount"] for name in ("sales", "missing", "bonus")]
    assert numbers == [20_000, 30_000, 200]
    shop.refund(sold, 1, 6)
    after = desk.ask(mine, "GET", "/leader/ladder").json()
    assert (after["reached"], after["missing"]["amount"]) == (None, 2_000)
    shop.vest(shop.confirm(shop.order(leader.leader_id, {1: 60_000})))
    top = desk.ask(mine, "GET", "/leader/ladder").json()
    assert (top["reached"], top["next"], top["missing"]["amount"]) == (steps[1], None, 0)
