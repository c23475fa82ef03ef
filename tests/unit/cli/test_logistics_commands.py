"""carrier, parcel, pickup, supply, and what the order desk adds, on a shop in memory."""

import json

import pytest

from groupbuy.application import campaigns, fulfilment
from groupbuy.application.ports import AuditRow, ParcelState
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Measure, Quorum, StockPolicy
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.logistics import HandOver, Shipment
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.ordering import Order, OrderState
from tests.support.stories import collected_shop


@pytest.fixture
def shop():
    from tests.support.checked import CheckedShop

    return CheckedShop()


@pytest.fixture
def order_id(shop):
    buyer = shop.caller(shop.user().id, Role.SHOPPER)
    joined = shop.join(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)), buyer, units=2)
    shop.pay(joined)
    shop.work_off()
    return joined.order.id


def approve(shop, order_id):
    shop.do(shop.merchant_caller(), fulfilment.approve_order, order_id)


# --- carriers and parcels ----------------------------------------------------------------------


def test_a_carrier_is_looked_up_by_name_and_its_numbers_are_recognised(groupbuy):
    run = groupbuy("carrier", "list", "顺丰", "--number", "SF1234567890123", "--json")
    first = run.document["items"][0]
    assert (first["code"], first["plausible"]) == ("shunfeng", True)
    listed = groupbuy("carrier", "list", "--limit", "3", "--json").document["items"]
    assert [each["code"] for each in listed] == ["shunfeng", "jd", "zhongtong"]


def test_parcels_that_need_somebody_are_listed_and_settled(groupbuy, shop, order_id):
    approve(shop, order_id)
    shop.do(shop.merchant_caller(), fulfilment.ship_order, Parcel(order_id, "sf", "SF1"))
    shop.work_off()
    shop.carrier.move("sf", "SF1", ParcelState.EXCEPTION)
    shop.pass_time(hours=3)
    (trouble,) = groupbuy("parcel", "troubles", "--json").document["items"]
    assert (trouble["kind"], trouble["kind_text"]) == ("exception", "Delivery problem")
    run = groupbuy("parcel", "resolve", trouble["id"], "--reason", "called them", "--json")
    assert (run.code, run.document["remark"]) == (0, "called them")
    assert groupbuy("parcel", "troubles", "--json").document["items"] == []
    assert len(groupbuy("parcel", "troubles", "--all", "--json").document["items"]) == 1
    assert groupbuy("parcel", "resolve", trouble["id"], "--reason", "again").code == 5


def test_an_order_is_sent_in_two_parcels(groupbuy, shop, order_id):
    approve(shop, order_id)
    args = ("order", "ship", order_id, "--carrier", "sf", "--tracking")
    assert groupbuy(*args, "SF1", "--content", "1", "1").code == 0
    assert groupbuy(*args, "SF2", "--content", "1", "2").code == 1
    assert groupbuy(*args, "SF2", "--content", "1", "1").code == 0
    assert len(shop.all(Shipment)) == 2


def test_a_table_is_shipped_only_as_it_was_rehearsed(groupbuy, shop, order_id, tmp_path):
    approve(shop, order_id)
    file = tmp_path / "parcels.csv"
    row = f"{order_id},shunfeng,SF12"
    file.write_text(f"order_id,carrier,tracking_number\n{row}\n", encoding="utf-8")
    seen = groupbuy("import", "shipments", str(file), "--dry-run", "--json")
    assert (seen.document["shipped"], seen.document["doubtful"]) == (1, 1)
    assert "unlike the numbers of shunfeng" in seen.err
    wrong = groupbuy("import", "shipments", str(file), "--preview", "0" * 16, "--json")
    assert (wrong.code, shop.all(Shipment)) == (5, [])
    digest = seen.document["preview"]
    done = groupbuy("import", "shipments", str(file), "--preview", digest, "--json")
    assert (done.code, done.document["shipped"]) == (0, 1)


# --- the order desk ----------------------------------------------------------------------------


def test_a_timeline_is_told_in_words(groupbuy, shop, order_id):
    approve(shop, order_id)
    items = groupbuy("order", "timeline", order_id, "--json").document["items"]
    assert [each["text"] for each in items][-1] == "Approved"
    assert groupbuy("order", "timeline", "ord_nothing").code == 3


def test_a_filter_of_ones_own_narrows_the_list_until_it_is_dropped(groupbuy, shop, order_id):
    other = shop.join(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)))
    shop.pay(other)
    shop.work_off()
    approve(shop, order_id)
    assert groupbuy("order", "keep-filter", "待审核", "--state", "confirmed").code == 0
    listed = groupbuy("order", "list", "--filter", "待审核", "--json").document["items"]
    assert [each["id"] for each in listed] == [other.order.id]
    (kept,) = groupbuy("order", "filters", "--json").document["items"]
    assert (kept["name"], kept["states"]) == ("待审核", ["confirmed"])
    assert groupbuy("order", "keep-filter", "x", "--state", "lost").code == 2
    assert groupbuy("order", "drop-filter", "待审核").code == 0
    assert groupbuy("order", "list", "--filter", "待审核").code == 3


def test_remarks_are_kept_and_listed(groupbuy, order_id):
    assert groupbuy("order", "remark", order_id, "call first").code == 0
    (item,) = groupbuy("order", "remarks", order_id, "--json").document["items"]
    assert (item["text"], item["by"]) == ("call first", "usr_operator")
    assert groupbuy("order", "remark", order_id, " ").code == 2


def test_an_address_comes_from_a_file_and_never_from_the_command_line(groupbuy, shop, order_id):
    contact = json.dumps({"name": "李", "phone": "13800008888", "region": "北京"})
    args = ("order", "readdress", order_id, "-", "--reason", "the buyer called")
    assert groupbuy(*args, stdin=contact).code == 0
    assert shop.get(Order, order_id).contact.phone_tail == "8888"
    assert [row.reason for row in shop.all(AuditRow, action="order.readdress")] == [
        "the buyer called"
    ]
    for wrong in ("{", "[]", '{"name": "李"}', '{"street": "1"}'):
        assert groupbuy(*args, stdin=wrong).code == 2


def test_approval_rules_are_shown_and_replaced(groupbuy, shop, tmp_path):
    merchant = shop.merchant()
    file = tmp_path / "rules.json"
    file.write_text('[{"name": "小额", "below": 5000}]', encoding="utf-8")
    run = groupbuy("order", "approval-rules", merchant.id, "--set", str(file), "--json")
    assert run.code == 0
    (rule,) = groupbuy("order", "approval-rules", merchant.id, "--json").document["items"]
    assert (rule["name"], rule["below"]["amount"]) == ("小额", 5000)
    assert shop.get(Merchant, merchant.id).approval_rules[0].name == "小额"
    file.write_text('[{"name": "x", "unknown": 1}]', encoding="utf-8")
    assert groupbuy("order", "approval-rules", merchant.id, "--set", str(file)).code == 2


# --- pickups -----------------------------------------------------------------------------------


def test_a_bag_is_handed_over_by_its_code(groupbuy, shop):
    _, joined, code = collected_shop(shop)
    wrong = groupbuy("pickup", "collect", joined.order.id, "999999", "--json")
    assert (wrong.code, wrong.document["state"]) == (5, "ready")
    done = groupbuy("pickup", "collect", joined.order.id, code, "--json")
    assert (done.code, done.document["state"]) == (0, "collected")


def test_a_bag_is_handed_over_by_the_end_of_a_phone(groupbuy, shop):
    campaign, joined, _ = collected_shop(shop)
    point = campaign.pickup_point_ids[0]
    assert groupbuy("pickup", "by-phone", point, "1234").code == 5
    tail = shop.order(joined).contact.phone_tail
    assert tail == ""  # joins in these tests bring their contact as it is
    assert groupbuy("pickup", "by-phone", point, "12a4").code == 2


def test_what_happened_offline_is_merged_from_a_file_as_often_as_one_likes(
    groupbuy, shop, tmp_path
):
    campaign, _, code = collected_shop(shop)
    point, file = campaign.pickup_point_ids[0], tmp_path / "list.json"
    run = groupbuy("pickup", "offline-list", point, "--output", str(file), "--json")
    assert run.document["bags"] == 1
    listed = json.loads(file.read_text(encoding="utf-8"))
    assert code not in str(listed["bags"])
    event = {
        "event_id": "e1",
        "parcel_id": listed["bags"][0]["parcel_id"],
        "proof": "code",
        "text": code,
        "at": listed["issued_at"],
    }
    told = {
        "device": "phone-1",
        "issued_at": listed["issued_at"],
        "signature": listed["signature"],
        "events": [event],
    }
    file.write_text(json.dumps(told), encoding="utf-8")

    def merge():
        run = groupbuy("pickup", "merge", point, str(file), "--json")
        return run.code, [each["outcome"] for each in run.document["items"]]

    assert merge() == (0, ["recorded"])
    assert merge() == (0, ["repeated"])
    file.write_text(json.dumps({**told, "device": "phone-2"}), encoding="utf-8")
    assert merge() == (7, ["conflict"])
    assert len(shop.all(HandOver)) == 1
    file.write_text("{}", encoding="utf-8")
    assert groupbuy("pickup", "merge", point, str(file)).code == 2


# --- supply ------------------------------------------------------------------------------------


@pytest.fixture
def presale(shop):
    variant = shop.variant(stock=0)
    offer = OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE)
    campaign = shop.campaign(variant, offers=(offer,), quorum=Quorum(Measure.BUYERS, 1))
    for _ in range(2):
        joined = shop.join(campaign)
        shop.pay(joined)
        shop.clock.forward(minutes=1)
    shop.do(shop.merchant_caller(), campaigns.close_campaign, campaign.id, "enough")
    shop.rest()
    return campaign, variant.id


def test_goods_come_in_are_previewed_and_shared_out(groupbuy, shop, presale):
    campaign, sku = presale
    assert groupbuy("supply", "receive", campaign.id, sku, "1").code == 0
    (row,) = groupbuy("supply", "sheet", campaign.id, "supplier", "--json").document["items"]
    assert (row["ordered"], row["received"], row["to_buy"]) == (2, 1, 1)
    seen = groupbuy("supply", "preview", campaign.id, sku, "--json").document
    assert (seen["supply"], seen["short"]) == (1, 1)
    share = ("supply", "share", campaign.id, sku, "1")
    assert groupbuy(*share, "0" * 16, "--reason", "less", "--yes").code == 5
    done = groupbuy(*share, seen["digest"], "--reason", "less", "--yes", "--json")
    assert (done.code, done.document["short"]) == (0, 1)
    shop.rest()
    states = sorted(each.state for each in shop.all(Order))
    assert states == [OrderState.CLOSED, OrderState.CONFIRMED]
    assert shop.get(Stock, sku).available == 0


@pytest.mark.parametrize("kind", ["supplier", "allocation", "pick", "packing", "payment"])
def test_every_sheet_is_written_in_every_form(groupbuy, presale, tmp_path, kind):
    campaign, _ = presale
    for form, begins in (("csv", b"\xef\xbb\xbf"), ("html", b"<!doctype html>"), ("pdf", b"%PDF")):
        path = tmp_path / f"sheet.{form}"
        run = groupbuy("supply", "sheet", campaign.id, kind, "--form", form, "--output", str(path))
        assert run.code == 0, run.err
        assert path.read_bytes().startswith(begins)
