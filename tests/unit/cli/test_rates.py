"""`groupbuy commission rates` and what `order show` tells of commission, on a shop in memory."""

import pytest

from groupbuy.application.ports import AuditRow
from groupbuy.domain.commission import Ladder
from groupbuy.domain.membership import Leader

WHY = ("--reason", "a good year")


def test_a_rate_is_set_listed_and_removed(groupbuy, shop):
    leader = shop.leader()
    sure = ("--confirm", leader.id)
    said = ("commission", "rates", "set", "leader", leader.id, "--bp", "650", *WHY, *sure)
    assert groupbuy(*said, "--json").document["rate_bp"] == 650
    listed = groupbuy("commission", "rates", "list", "leader", "--set", "--json").document
    assert [(each["subject"], each["rate_bp"]) for each in listed["items"]] == [(leader.id, 650)]
    assert (listed["shop_bp"], listed["helper_bp"]) == (500, 0)
    gone = groupbuy("commission", "rates", "remove", "leader", leader.id, *WHY, *sure)
    assert gone.code == 0
    assert shop.get(Leader, leader.id).commission_bp is None
    assert {row.action for row in shop.all(AuditRow)} == {"commission_rate.leader"}


def test_a_dry_run_of_a_rate_writes_nothing(groupbuy, shop):
    leader = shop.leader()
    said = ("commission", "rates", "set", "leader", leader.id, "--bp", "650", *WHY, "--dry-run")
    assert groupbuy(*said, "--json").document["rate_bp"] == 650
    assert shop.get(Leader, leader.id).commission_bp is None
    assert shop.all(AuditRow) == []


def test_whoever_changes_a_rate_types_whose(groupbuy, shop):
    leader = shop.leader()
    said = ("commission", "rates", "set", "leader", leader.id, "--bp", "650", *WHY, "--no-input")
    assert groupbuy(*said).code == 2
    assert groupbuy(*said, "--confirm", "ldr_other").code == 2
    assert shop.get(Leader, leader.id).commission_bp is None


def test_a_ladder_is_set_for_the_next_month_and_taken_back(groupbuy, shop):
    sure = ("--confirm", "shop", *WHY)
    said = ("commission", "rates", "set", "ladder", "shop", "--step", "5000:50")
    made = groupbuy(*said, "--step", "20000.50:120", *sure, "--json").document
    assert (made["id"], made["steps_text"]) == (
        "shop/2026-12",
        "¥5,000.00: +50 bp, ¥20,000.50: +120 bp",
    )
    assert groupbuy("commission", "rates", "list", "ladder").out.count("shop") == 1
    assert groupbuy("commission", "rates", "remove", "ladder", "shop", *sure).code == 0
    assert shop.get(Ladder, "shop/2026-12").steps == ()


@pytest.mark.parametrize(
    "typed",
    [
        ("leader", "ldr_1"),
        ("leader", "ldr_1", "--bp", "3001"),
        ("leader", "ldr_1", "--bp", "1", "--step", "1:1"),
        ("ladder", "shop", "--bp", "1"),
        ("ladder", "shop", "--step", "viel"),
        ("ladder", "shop", "--step", "1:1", "--step", "1:2"),
        ("king", "ldr_1", "--bp", "1"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(groupbuy, typed):
    run = groupbuy("commission", "rates", "set", *typed, *WHY, "--confirm", typed[1])
    assert run.code == 2


def test_a_month_that_runs_keeps_its_ladder(groupbuy):
    said = ("commission", "rates", "set", "ladder", "shop", "--step", "1:1", "--from", "2026-11")
    run = groupbuy(*said, *WHY, "--confirm", "shop", "--json")
    assert run.code == 1
    assert run.document["facts"]["rule"] == "ladder_is_known_before_its_month"


def test_an_order_tells_who_earns_what_on_it_and_whose_word_the_rate_is(groupbuy, shop):
    leader = shop.leader(commission_bp=400)
    joined = shop.join_and_pay(shop.campaign(leader=leader), 3)
    shop.work_off()
    shown = groupbuy("order", "show", joined[0].order.id, "--json").document
    (entry,) = shown["commission"]
    assert (entry["leader_id"], entry["rate_bp"], entry["rule"], entry["source"]) == (
        leader.id,
        400,
        "leader",
        leader.id,
    )
    assert f"leader {leader.id}" in groupbuy("order", "show", joined[0].order.id).out
