"""Refunds of lines, batches of refunds, weighing, and the list of what needs a person."""

from pathlib import Path

import pytest

from groupbuy.application import aftersale, fulfilment
from groupbuy.application.ports import AuditRow
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Money
from tests.support.shop import LIMITS


@pytest.fixture
def bought(shop):
    """Two orders of three boxes of 2 kg each, 10.00 a box."""
    variant = shop.variant(price=1000)
    campaign = shop.campaign(
        variant,
        offers=(OfferSpec(variant.id, price=Money(1000), unit_grams=2000),),
        quorum=Quorum(Measure.BUYERS, 1),
    )
    joined = shop.join_and_pay(campaign, 2, units=3)
    shop.work_off()
    return joined


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Write a table of refunds into an otherwise empty folder."""
    monkeypatch.chdir(tmp_path)

    def write(*rows):
        text = "\n".join(["key,order_id,line,units", *rows])
        (tmp_path / "back.csv").write_text(text, encoding="utf-8")
        return "back.csv"

    return write


def given(shop, joined):
    return [refund.amount.minor for refund in shop.refunds(joined)]


def test_units_of_a_line_are_refunded_and_rehearsed(groupbuy, shop, bought):
    order = bought[0].order.id
    wanted = ("refund", "create", order, "--line", "1", "--units", "2", "--reason", "broken")
    assert groupbuy(*wanted, "--dry-run", "--json").document["amount"]["amount"] == 2000
    assert given(shop, bought[0]) == []
    assert groupbuy(*wanted, "--yes").code == 0
    assert given(shop, bought[0]) == [2000]
    assert groupbuy(*wanted, "--yes").code == 1
    (row,) = shop.all(AuditRow, action="order.refund_units")
    assert (row.actor, row.reason) == ("usr_operator", "broken")
    assert groupbuy("refund", "create", order, "--line", "1", "--reason", "x").code == 2


def test_a_batch_is_looked_through_and_then_run_by_its_digest(groupbuy, shop, bought, table):
    one, two = (each.order.id for each in bought)
    file = table(f"a,{one},1,1", f"b,{one},1,2", f"c,{two},,", f"d,{two},1,1", "e,ord_x,,")
    look = groupbuy("refund", "batch", file, "--reason", "flood", "--json").document
    assert (look["rows"], look["granted"], look["rejected"]) == (5, 3, 2)
    assert look["amount"]["amount"] == 6000
    assert given(shop, bought[0]) == []
    run = ("refund", "batch", file, "--reason", "flood", "--yes", "--digest")
    assert groupbuy(*run, "0" * 12).code == 5
    done = groupbuy(*run, look["digest"], "--json")
    assert (done.code, done.document["granted"]) == (6, 3)
    assert sorted(given(shop, bought[0])) == [1000, 2000]
    assert given(shop, bought[1]) == [3000]
    rejects = Path("back.csv.rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in rejects] == ["key", "d", "e"]


def test_a_batch_run_again_doubles_nothing_and_keeps_its_digest(groupbuy, shop, bought, table):
    one, two = (each.order.id for each in bought)
    file = table(f"a,{one},1,1", f"b,{two},1,1")
    digest = groupbuy("refund", "batch", file, "--reason", "x", "--json").document["digest"]
    # Somebody stopped the first run after one row.
    wish = aftersale.UnitsBack(one, 1, 1, key="a")
    shop.desk.run(shop.system(), lambda work: aftersale.refund_units(work, wish, "x"))
    for granted, skipped in ((1, 1), (0, 2)):
        run = groupbuy(
            "refund", "batch", file, "--reason", "x", "--yes", "--digest", digest, "--json"
        )
        told = run.document
        assert (run.code, told["granted"], told["skipped"]) == (0, granted, skipped)
    assert given(shop, bought[0]) == given(shop, bought[1]) == [1000]


def test_a_key_that_stands_twice_or_named_something_else_is_rejected(groupbuy, bought, table):
    one = bought[0].order.id
    file = table(f"a,{one},1,1", f"a,{one},1,1", f"b#,{one},1,1", f"c,{one},1,", f"d,{one},x,1")
    look = groupbuy("refund", "batch", file, "--reason", "x", "--json").document
    assert (look["granted"], look["rejected"]) == (1, 4)


def test_what_was_rejected_keeps_its_key_when_it_is_run_again(groupbuy, shop, bought, table):
    one, ask = bought[0].order.id, ("refund", "batch", "--reason", "x", "--json")

    def run(file):
        digest = groupbuy(*ask, file).document["digest"]
        return groupbuy(*ask, file, "--yes", "--digest", digest)

    file = table(f"-7,{one},1,9", f"=8,{one},1,1")
    assert (run(file).code, given(shop, bought[0])) == (6, [1000])
    rejected = Path("back.csv.rejects.csv").read_text(encoding="utf-8-sig")
    mended = Path("mended.csv")
    mended.write_text(rejected.replace(",1,9,", ",1,1,"), encoding="utf-8")
    assert run("mended.csv").code == 0
    assert run(table(f"-7,{one},1,1", f"=8,{one},1,1")).document["skipped"] == 2
    assert given(shop, bought[0]) == [1000, 1000]


def test_a_packed_line_is_weighed(groupbuy, shop, bought):
    order = bought[0].order.id
    shop.desk.run(shop.merchant_caller(), lambda work: fulfilment.approve_order(work, order))
    weigh = ("order", "weigh", order, "1", "5400", "--reason", "scales")
    assert groupbuy(*weigh, "--json").document["amount"]["amount"] == 300
    assert groupbuy(*weigh).code == 1
    (line,) = groupbuy("order", "show", order, "--json").document["lines"]
    assert (line["unit_grams"], line["packed_grams"]) == (2000, 5400)


def test_what_needs_a_person_is_listed_with_everything_they_need(groupbuy, shop, bought):
    shop.clock.forward(days=LIMITS.within.days)
    wish = aftersale.UnitsBack(bought[0].order.id, 1, 1)
    shop.desk.run(shop.system(), lambda work: aftersale.refund_units(work, wish, "late"))
    shop.work_off()
    run = groupbuy("refund", "list", "--state", "needs_operator", "--json")
    (item,) = run.document["items"]
    told = {name: item[name] for name in ("last_word", "provider", "sent", "choices", "reason")}
    assert told == {
        "last_word": "payment_is_young_enough_to_refund",
        "provider": "memory",
        "sent": 0,
        "choices": ["pay_otherwise"],
        "reason": "late",
    }
    assert item["captured"]["amount"] == 3000
    assert groupbuy("refund", "list", "--state", "stuck").code == 2
