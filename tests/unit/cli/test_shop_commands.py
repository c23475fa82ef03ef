"""campaign, order and refund commands on a shop in memory."""

import pytest

from groupbuy.application import fulfilment
from groupbuy.application.ports import AuditRow
from groupbuy.domain.campaigns import Campaign, CampaignState, GroupState
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Refund, RefundState


@pytest.fixture
def formed(shop):
    """Three people have paid, so the group has formed."""
    campaign = shop.campaign()
    joined = shop.join_and_pay(campaign, 3)
    shop.work_off()
    return campaign, [each.order.id for each in joined]


def order_state(shop, key):
    return shop.get(Order, key).state


# --- campaigns -------------------------------------------------------------------------------


def test_campaigns_are_listed_and_filtered(groupbuy, shop):
    campaign = shop.campaign()
    listed = groupbuy("campaign", "list", "--json").document["items"]
    assert [(each["id"], each["state"]) for each in listed] == [(campaign.id, "open")]
    assert groupbuy("campaign", "list", "--state", "closed", "--json").document["items"] == []


def test_a_state_that_does_not_exist_is_named_with_those_that_do(groupbuy):
    run = groupbuy("campaign", "list", "--state", "paused")
    assert run.code == 2
    assert "'paused' is none of draft, scheduled, open" in run.err


def test_a_campaign_is_shown_with_its_progress(groupbuy, shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    shop.join(campaign)
    document = groupbuy("campaign", "show", campaign.id, "--json").document
    (group,) = document["groups"]
    assert document["id"] == campaign.id
    assert (group["joined"], group["missing"], group["held"]) == (2, 1, 1)
    assert group["seconds_left"] == 3 * 24 * 3600


def test_closing_a_campaign_too_early_refunds_and_is_audited(groupbuy, shop):
    campaign = shop.campaign()
    (joined,) = shop.join_and_pay(campaign, 1)
    run = groupbuy("campaign", "close", campaign.id, "--reason", "storm", "--yes", "--json")
    assert run.code == 0
    shop.work_off()
    assert shop.group(campaign).state is GroupState.FAILED
    assert [refund.state for refund in shop.refunds(joined)] == [RefundState.SUCCEEDED]
    closing = [row for row in shop.all(AuditRow) if row.action == "campaign.close"]
    assert [(row.actor, row.reason) for row in closing] == [("usr_operator", "storm")]


def test_a_rehearsed_close_leaves_the_campaign_open(groupbuy, shop):
    campaign = shop.campaign()
    assert groupbuy("campaign", "close", campaign.id, "--reason", "x", "--dry-run").code == 0
    assert shop.get(Campaign, campaign.id).state is CampaignState.OPEN


def test_closing_twice_is_a_conflict(groupbuy, shop):
    campaign = shop.campaign()
    groupbuy("campaign", "close", campaign.id, "--reason", "x", "--yes")
    shop.work_off()
    assert groupbuy("campaign", "close", campaign.id, "--reason", "x", "--yes").code == 5


def test_a_copy_is_a_draft_whose_days_begin_in_the_campaigns_zone(groupbuy, shop):
    campaign = shop.campaign()
    window = ("--starts", "2026-12-01", "--ends", "2026-12-04T20:00+08:00")
    document = groupbuy("campaign", "copy", campaign.id, *window, "--json").document
    assert document["state"] == "draft"
    assert document["copied_from"] == campaign.id
    assert document["starts_at"] == "2026-11-30T16:00:00Z"
    assert document["ends_at"] == "2026-12-04T12:00:00Z"


def test_a_campaign_that_does_not_exist_is_not_found(groupbuy):
    run = groupbuy("campaign", "show", "cmp_nothing")
    assert run.code == 3
    assert run.err == "groupbuy: no such campaign: cmp_nothing\n"


# --- orders ----------------------------------------------------------------------------------


def test_unpaid_checkouts_are_no_orders_to_an_operator(groupbuy, shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign, 1)
    shop.join(campaign)
    listed = groupbuy("order", "list", "--campaign", campaign.id, "--json").document["items"]
    assert [(each["id"], each["label"]) for each in listed] == [(paid.order.id, "forming")]
    assert listed[0]["payable"] == {"amount": 79920, "currency": "CNY"}


def test_orders_are_filtered_by_state_and_day(groupbuy, formed):
    _, ids = formed
    everything = groupbuy(
        "order", "list", "--state", "confirmed", "--since", "2026-11-02", "--json"
    )
    assert {each["id"] for each in everything.document["items"]} == set(ids)
    later = groupbuy("order", "list", "--since", "2026-11-03", "--json")
    assert later.document["items"] == []


def test_an_order_is_shown_without_personal_data(groupbuy, formed):
    _, ids = formed
    run = groupbuy("order", "show", ids[0], "--json")
    assert run.document["lines"][0]["title"] == "智能手表"
    assert run.document["payments"][0]["state"] == "captured"
    assert run.document["region"] == "上海"
    assert "幸福路" not in run.out
    assert "幸福路" not in groupbuy("order", "show", ids[0]).out


def test_the_label_is_said_in_the_language_asked_for(groupbuy, formed):
    _, ids = formed
    assert "待审核" in groupbuy("--lang", "zh", "order", "show", ids[0]).out


def test_orders_are_approved_each_by_itself_and_the_rest_is_told(groupbuy, shop, formed):
    _, ids = formed
    groupbuy("order", "approve", ids[0])
    run = groupbuy("order", "approve", *ids, "ord_nothing", "--json")
    assert run.code == 6
    assert [each["result"] for each in run.document["items"]] == [
        "skipped",
        "done",
        "done",
        "not_found",
    ]
    counts = [run.document[name] for name in ("done", "skipped", "failed")]
    assert counts == [2, 1, 1]
    assert {order_state(shop, key) for key in ids} == {OrderState.APPROVED}


def test_approving_again_is_done_already(groupbuy, formed):
    _, ids = formed
    assert [groupbuy("order", "approve", *ids).code for _ in range(2)] == [0, 0]


def test_rejecting_again_refunds_nothing_again(groupbuy, shop, formed):
    _, ids = formed
    reject = ("order", "reject", *ids[:2], "--reason", "sold out", "--yes", "--json")
    assert groupbuy(*reject).document["done"] == 2
    assert groupbuy(*reject).document["skipped"] == 2
    assert len(shop.all(Refund)) == 2


def test_an_interrupt_keeps_what_was_done_and_says_how_to_go_on(
    groupbuy, shop, formed, monkeypatch
):
    _, ids = formed
    approve = fulfilment.approve_order

    def interrupted(work, key):
        if key == ids[1]:
            raise KeyboardInterrupt
        return approve(work, key)

    with monkeypatch.context() as patch:
        patch.setattr(fulfilment, "approve_order", interrupted)
        run = groupbuy("order", "approve", *ids, "--json")
    assert run.code == 130
    assert (run.document["done"], run.document["interrupted"]) == (1, True)
    assert run.err == "interrupted; run the same command again to go on\n"
    assert [order_state(shop, key).value for key in ids] == ["approved", "confirmed", "confirmed"]
    again = groupbuy("order", "approve", *ids, "--json").document
    assert (again["done"], again["skipped"]) == (2, 1)


def test_when_nothing_could_be_approved_the_reason_is_the_exit_code(groupbuy):
    assert groupbuy("order", "approve", "ord_nothing").code == 3


def test_a_buyer_is_asked_to_mend_the_address(groupbuy, shop, formed):
    _, ids = formed
    shop.user(id=shop.get(Order, ids[0]).buyer_id)
    assert groupbuy("order", "correct", ids[0], "--note", "which flat?", "--hours", "2").code == 0
    shop.pass_time(hours=3)
    assert order_state(shop, ids[0]) is OrderState.CLOSED


def test_a_rejected_order_is_refunded(groupbuy, shop, formed):
    _, ids = formed
    run = groupbuy("order", "reject", ids[0], "--reason", "sold out", "--yes")
    assert run.code == 0
    shop.work_off()
    assert order_state(shop, ids[0]) is OrderState.CLOSED
    (refund,) = shop.all(Refund, order_id=ids[0])
    assert (refund.state, refund.amount.minor) == (RefundState.SUCCEEDED, 79920)


def test_an_approved_order_is_shipped(groupbuy, shop, formed):
    _, ids = formed
    groupbuy("order", "approve", ids[0])
    run = groupbuy("order", "ship", ids[0], "--carrier", "sf", "--tracking", "SF1", "--json")
    assert run.document["state"] == "shipped"
    (parcel,) = shop.all(Shipment, order_id=ids[0])
    assert parcel.tracking_number == "SF1"


def test_the_same_parcel_is_not_shipped_twice(groupbuy, formed):
    _, ids = formed
    groupbuy("order", "approve", ids[0])
    parcel = ("order", "ship", ids[0], "--carrier", "sf", "--tracking", "SF1")
    assert groupbuy(*parcel).code == 0
    assert groupbuy(*parcel).code == 1


@pytest.mark.parametrize(("carrier", "number"), [("sf", "=1+1"), ("sf/../x", "SF1")])
def test_a_number_that_is_none_is_a_slip_of_the_pen(groupbuy, shop, formed, carrier, number):
    _, ids = formed
    groupbuy("order", "approve", ids[0])
    run = groupbuy("order", "ship", ids[0], "--carrier", carrier, "--tracking", number)
    assert run.code == 2
    assert shop.all(Shipment) == []


def test_a_mistyped_parcel_is_voided_for_a_reason(groupbuy, shop, formed):
    _, ids = formed
    groupbuy("order", "approve", ids[0])
    groupbuy("order", "ship", ids[0], "--carrier", "sf", "--tracking", "SF1")
    (parcel,) = shop.all(Shipment)
    command = ("order", "void-parcel", ids[0], parcel.id, "--yes", "--json")
    assert groupbuy(*command).code == 2
    run = groupbuy(*command, "--reason", "mistyped")
    assert (run.code, run.document["state"]) == (0, "void")
    (row,) = shop.all(AuditRow, action="parcel.void")
    assert (row.actor, row.reason) == ("usr_operator", "mistyped")


def test_an_order_without_a_bag_gets_no_new_pickup_code(groupbuy, formed):
    _, ids = formed
    run = groupbuy("order", "new-pickup-code", ids[0])
    assert run.code == 1
    assert "the_bag_is_ready" in run.err


# --- refunds ---------------------------------------------------------------------------------


def test_a_paid_order_is_refunded_in_full(groupbuy, shop, formed):
    _, ids = formed
    run = groupbuy("refund", "create", ids[0], "--reason", "broken", "--yes", "--json")
    assert run.code == 0
    assert run.document["amount"] == {"amount": 79920, "currency": "CNY"}
    shop.work_off()
    (item,) = groupbuy("refund", "status", ids[0], "--json").document["items"]
    assert (item["state"], item["cause"]) == ("succeeded", "merchant")
    assert run.document["refunds"] == [item["id"]]


def test_a_rehearsed_refund_shows_the_amount_and_moves_nothing(groupbuy, shop, formed):
    _, ids = formed
    run = groupbuy("refund", "create", ids[0], "--reason", "broken", "--dry-run")
    assert run.code == 0
    assert "¥799.20" in run.out
    assert shop.all(Refund, order_id=ids[0]) == []


def test_a_refund_is_not_granted_twice(groupbuy, shop, formed):
    _, ids = formed
    for code in (0, 1):
        run = groupbuy("refund", "create", ids[0], "--reason", "broken", "--yes")
        assert run.code == code
    assert len(shop.all(Refund, order_id=ids[0])) == 1


def test_a_refund_that_needs_nobody_is_not_retried(groupbuy, shop, formed):
    _, ids = formed
    groupbuy("refund", "create", ids[0], "--reason", "broken", "--yes")
    shop.work_off()
    (refund,) = shop.all(Refund, order_id=ids[0])
    assert groupbuy("refund", "retry", refund.id, "--reason", "x").code == 5


def test_a_refund_that_does_not_exist_is_not_found(groupbuy):
    assert groupbuy("refund", "status", "rfd_nothing").code == 3
