"""The commands about after-sale cases, on a shop in memory."""

import pytest

from groupbuy.application import aftersale
from groupbuy.application.ports import AuditRow
from groupbuy.domain.aftersale import AfterSale, CaseState, Kind, Reason, ReturnParcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import Refund
from tests.support.stories import sent


@pytest.fixture
def bought(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER), units=2)
    shop.pay(joined)
    shop.work_off()
    shop.do = lambda who, use_case, *args: shop.desk.run(who, lambda w: use_case(w, *args))
    sent(shop, joined)
    return joined


def buyer(shop, joined):
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def ask(shop, joined, kind=Kind.REFUND_ONLY):
    wish = aftersale.Application(joined.order.id, 1, 1, kind, Reason.DAMAGED, "屏幕碎了")
    return shop.do(buyer(shop, joined), aftersale.apply_for, wish)


def on_its_way_back(shop, joined, kind=Kind.RETURN_AND_REFUND):
    case = ask(shop, joined, kind)
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
    parcel = ReturnParcel("sf", "SF900")
    return shop.do(buyer(shop, joined), aftersale.ship_back, case.id, parcel)


def state(shop, case):
    return shop.get(AfterSale, case.id).state


def test_cases_are_listed_with_whose_turn_it_is_and_what_silence_does(groupbuy, shop, bought):
    case = ask(shop, bought)
    listed = groupbuy("aftersale", "list", "--state", "applied", "--json").document["items"]
    (item,) = listed
    assert (item["id"], item["turn"], item["decide_by"]) == (
        case.id,
        "merchant",
        "2026-11-03T04:00:00Z",
    )
    assert item["refund"] == {"amount": 79920, "currency": "CNY"}
    assert "stays silent" in item["silence_text"]
    assert "到期未处理即视为同意" in groupbuy("--lang", "zh", "aftersale", "list").out
    assert groupbuy("aftersale", "list", "--state", "done", "--json").document["items"] == []
    assert groupbuy("aftersale", "list", "--merchant", "mch_x", "--json").document["items"] == []
    assert groupbuy("aftersale", "list", "--since", "2026-11-03", "--json").document["items"] == []
    assert groupbuy("aftersale", "list", "--state", "lost").code == 2


def test_a_case_is_shown_with_what_was_said_and_a_list_says_nothing(groupbuy, shop, bought):
    case = ask(shop, bought)
    assert groupbuy("aftersale", "show", case.id, "--json").document["text"] == "屏幕碎了"
    assert "屏幕碎了" not in groupbuy("aftersale", "list", "--json").out
    assert groupbuy("aftersale", "show", "afs_nothing").code == 3


def test_cases_are_approved_for_a_reason_and_once(groupbuy, shop, bought):
    case = ask(shop, bought)
    command = ("aftersale", "approve", case.id, "--yes", "--json")
    assert groupbuy(*command).code == 2
    reasoned = (*command, "--reason", "seen the picture")
    assert groupbuy(*reasoned, "--dry-run").code == 0
    assert state(shop, case) is CaseState.APPLIED
    assert groupbuy(*reasoned).document["items"][0]["result"] == "done"
    assert groupbuy(*reasoned).document["items"][0]["result"] == "skipped"
    shop.work_off()
    assert state(shop, case) is CaseState.DONE
    (refund,) = shop.all(Refund)
    assert (refund.effect_key, refund.amount.minor) == (case.id, 79920)


def test_some_cases_that_cannot_be_approved_leave_the_rest(groupbuy, shop, bought):
    case = ask(shop, bought)
    run = groupbuy("aftersale", "approve", case.id, "afs_no", "--reason", "x", "--yes", "--json")
    assert (run.code, [each["result"] for each in run.document["items"]]) == (
        6,
        ["done", "not_found"],
    )


def test_a_refusal_needs_a_reason_and_an_operator_decides_once(groupbuy, shop, bought):
    case = ask(shop, bought)
    assert groupbuy("aftersale", "refuse", case.id).code == 2
    run = groupbuy("aftersale", "refuse", case.id, "--reason", "not broken", "--json")
    assert (run.code, run.document["state"]) == (0, "refused")
    assert groupbuy("aftersale", "refuse", case.id, "--reason", "again").code == 5
    decide = ("aftersale", "decide", case.id, "--for", "buyer", "--reason", "it is", "--yes")
    assert groupbuy(*decide).code == 5
    shop.do(buyer(shop, bought), aftersale.escalate_case, case.id, "碎了")
    run = groupbuy(*decide, "--json")
    assert (run.document["state"], run.document["granted"]) == ("refunding", True)
    (row,) = shop.all(AuditRow, action="after_sale.rule")
    assert (row.actor, row.reason) == ("usr_operator", "it is")


def test_goods_are_received_and_counted_and_a_rehearsal_counts_nothing(groupbuy, shop, bought):
    case = on_its_way_back(shop, bought)
    assert groupbuy("aftersale", "receive", case.id).code == 0
    assert state(shop, case) is CaseState.RETURN_RECEIVED
    count = ("aftersale", "inspect", case.id, "--good", "1", "--yes")
    assert groupbuy(*count, "--dry-run").code == 0
    sku = bought.order.lines[0].sku_id
    assert shop.get(Stock, sku).available == 998
    assert groupbuy(*count, "--damaged", "1").code == 2
    assert groupbuy(*count).code == 0
    assert (shop.get(Stock, sku).available, state(shop, case)) == (999, CaseState.REFUNDING)
    assert groupbuy(*count).code == 1


def test_an_exchange_is_replaced_and_accepted(groupbuy, shop, bought):
    case = on_its_way_back(shop, bought, Kind.EXCHANGE)
    groupbuy("aftersale", "inspect", case.id, "--good", "1", "--yes")
    replace = ("aftersale", "replace", case.id, "--carrier", "sf", "--tracking", "SF2", "--json")
    assert groupbuy(*replace).document["state"] == "replacement_sent"
    assert groupbuy("aftersale", "show", case.id, "--json").document["replacement"] == "SF2"
    assert groupbuy("aftersale", "accept", case.id, "--json").document["state"] == "done"
    assert shop.all(Refund) == []


def test_an_exchange_without_goods_is_refunded_for_a_reason(groupbuy, shop, bought):
    case = on_its_way_back(shop, bought, Kind.EXCHANGE)
    refund = ("aftersale", "refund", case.id, "--reason", "sold out", "--yes", "--json")
    assert groupbuy(*refund).code == 1
    groupbuy("aftersale", "inspect", case.id, "--good", "0", "--damaged", "1", "--yes")
    assert groupbuy(*refund).document["refund"] == {"amount": 79920, "currency": "CNY"}
