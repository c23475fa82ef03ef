"""Transcripts about the work behind the counter: cases, words, parcels, supply, reports."""

import json
from pathlib import Path
from typing import Any

from groupbuy.application import aftersale as cases
from groupbuy.application import campaigns, community, fulfilment, reporting
from groupbuy.application import feedback as complaints
from groupbuy.application.ports import ParcelState, TraceReport, TraceStep
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.aftersale import Kind, Reason, ReturnParcel
from groupbuy.domain.campaigns import Measure, Quorum, StockPolicy
from groupbuy.domain.community import Opinion
from groupbuy.domain.feedback import FeedbackKind
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import Order
from tests.support.transcripts.stage import Stage

ONE = Quorum(Measure.BUYERS, 1)


def aftersale(stage: Stage) -> None:
    """`aftersale …`: cases are answered, goods come back, a dispute is decided."""
    for number, name in enumerate(("first", "second", "third", "fourth")):
        _sent(stage, name, f"SF00{number}")
    kinds = (Kind.REFUND_ONLY, Kind.RETURN_AND_REFUND, Kind.EXCHANGE, Kind.REFUND_ONLY)
    for case, name, kind in zip("abcd", ("first", "second", "third", "fourth"), kinds, strict=True):
        wish = cases.Application(stage.things[name], 1, 1, kind, Reason.DAMAGED, "破了")
        stage.things[case] = _do(stage, _buyer(stage, name), cases.apply_for, wish).id
    stage.run("aftersale list")
    stage.run("aftersale list --state lost", 2)
    stage.run("aftersale show {a} --json")
    stage.run("aftersale approve {a} --reason 'seen on the photo'", 2)
    stage.run("aftersale approve {a} --reason 'seen on the photo' --yes --dry-run")
    stage.run("aftersale approve {a} {b} {c} --reason 'seen on the photo' --yes")
    stage.say("退回的货：收到、清点", "goods that come back are received and counted")
    for case, name in (("b", "second"), ("c", "third")):
        back = ReturnParcel("sf", f"SF90{case}")
        _do(stage, _buyer(stage, name), cases.ship_back, stage.things[case], back)
    stage.run("aftersale receive {b}")
    stage.run("aftersale receive {c}")
    stage.run("aftersale inspect {b} --good 1 --dry-run")
    stage.run("aftersale inspect {b} --good 1 --yes")
    stage.run("aftersale inspect {c} --good 0 --damaged 1 --yes")
    stage.say("换货，或改为退款", "a replacement, or money instead")
    stage.run("aftersale accept {c}", 5)
    stage.run("aftersale replace {c} --carrier sf --tracking SF777")
    stage.run("aftersale refund {b} --reason 'sold out' --yes", 1)
    stage.say("拒绝以后，买家请平台裁决", "refused, and brought to an operator")
    stage.run("aftersale refuse {d} --reason 'another fruit' --yes")
    _do(stage, _buyer(stage, "fourth"), cases.escalate_case, stage.things["d"], "就是这个")
    stage.run("aftersale decide {d} --for merchant --reason 'the photo is of another order' --yes")
    stage.shop.work_off()
    stage.run("aftersale list --since 2026-11-01")


def words(stage: Stage) -> None:
    """`review …` and `question …`: what shoppers say is looked at, answered and counted."""
    _delivered(stage, "first", "SF001")
    said = community.NewReview(stage.things["first"], 1, Opinion(1, "打 13812345678", ()))
    stage.things["review"] = _do(stage, _buyer(stage, "first"), community.submit_review, said).id
    stage.run("review list")
    stage.run("review show {review}")
    stage.run("review publish {review}", 2)
    stage.run("review publish {review} --reason 'the shop number' --dry-run")
    stage.run("review publish {review} rvw_none --reason 'the shop number'", 6)
    stage.run("review answer {review} --merchant {merchant} --text 'we are sorry'")
    stage.run("review hide {review} --reason 'asked for'")
    stage.run("review reject {review} --reason 'asked for'", 5)
    stage.run("review list --state hidden")
    stage.run("review verify")
    product = stage.shop.get(Order, stage.things["first"]).lines[0].product_id
    asked = _do(stage, _buyer(stage, "second"), community.ask, product, "甜吗？ QQ 12345678")
    stage.things["question"] = asked.id
    stage.run("question list")
    stage.run("question publish {question} --reason 'harmless'")
    stage.run("question answer {question} --merchant {merchant} --text 'very'")
    stage.run("question list --answers --all")
    stage.run("question show {question}")
    stage.run("question hide {question} --reason 'asked twice'")
    stage.run("question publish {question} --reason 'asked twice'")
    stage.run("question reject {question} --reason 'asked twice'", 5)


def feedback(stage: Stage) -> None:
    """`feedback …`: a complaint is taken up, answered and closed."""
    wish = complaints.Complaint(FeedbackKind.SUGGESTION, "希望有小份")
    opened = _do(stage, _buyer(stage, "first"), complaints.open_case, wish)
    stage.things["case"] = opened.feedback.id
    stage.run("feedback list")
    stage.run("feedback close {case} --reason 'too early'", 5)
    stage.run("feedback assign {case} --dry-run")
    stage.run("feedback assign {case}")
    stage.run("feedback note {case} --text 'ask the orchard'")
    stage.run("feedback answer {case} --text 'from next month on'")
    stage.run("feedback show {case}")
    stage.run("feedback close {case} --reason 'answered'")
    stage.run("feedback list --state closed")
    stage.run("feedback list --overdue")
    stage.run("feedback export --since 2026-11-01")


def desk(stage: Stage) -> None:
    """`order timeline|remark|keep-filter|…`, and the rules by which orders need no look."""
    stage.run("order keep-filter 待审 --state confirmed")
    stage.run("order keep-filter 待审 --state lost", 2)
    stage.run("order filters")
    stage.run("order list --filter 待审 --limit 2")
    stage.run("order drop-filter 待审 --dry-run")
    stage.run("order drop-filter 待审")
    stage.run("order remark {first} 'ring twice'")
    stage.run("order remarks {first}")
    stage.file(
        "contact.json", '{{"name": "李", "phone": "13800008888", "region": "上海", "address": "1"}}'
    )
    stage.run("order readdress {first} contact.json --reason 'the buyer called' --dry-run")
    stage.run("order readdress {first} contact.json --reason 'the buyer called'")
    stage.run("order approve {first}")
    stage.run("order timeline {first}")
    stage.file("rules.json", '[{{"name": "小额", "below": 5000}}]')
    stage.run("order approval-rules {merchant} --set rules.json --dry-run")
    stage.run("order approval-rules {merchant} --set rules.json")
    stage.run("order approval-rules {merchant} --json")


def parcels(stage: Stage) -> None:
    """`carrier list`, `parcel troubles|resolve`."""
    stage.run("carrier list 顺丰 --number SF1234567890123 --limit 2")
    _sent(stage, "first", "SF001")
    stage.shop.work_off()
    stage.shop.carrier.move("sf", "SF001", ParcelState.EXCEPTION)
    stage.shop.pass_time(hours=3)
    stage.run("parcel troubles")
    stage.learn("trouble", "parcel troubles", "items", 0, "id")
    stage.run("parcel resolve {trouble}", 2)
    stage.run("parcel resolve {trouble} --reason 'called them' --dry-run")
    stage.run("parcel resolve {trouble} --reason 'called them'")
    stage.run("parcel resolve {trouble} --reason 'called them'", 5)
    stage.run("parcel troubles --all")


def handing(stage: Stage) -> None:
    """`pickup …`: bags are handed over by a code, by the end of a phone, and offline."""
    codes = [_bag(stage, name) for name in ("bag", "other")]
    stage.run("pickup collect {bag} 999999", 5)
    stage.run(f"pickup collect {{bag}} {codes[0]} --dry-run")
    stage.run(f"pickup collect {{bag}} {codes[0]}")
    stage.run("pickup by-phone {point} 1234", 5)
    stage.run("pickup by-phone {point} 12a4", 2)
    stage.say("断网时用的名单", "a list for when there is no network")
    stage.run("pickup offline-list {point} --output list.json")
    listed = json.loads(Path("list.json").read_text("utf-8"))
    event = {
        "event_id": "e1",
        "parcel_id": listed["bags"][0]["parcel_id"],
        "proof": "code",
        "text": codes[1],
        "at": listed["issued_at"],
    }
    told = {name: listed[name] for name in ("issued_at", "signature")}
    Path("told.json").write_text(
        json.dumps({**told, "device": "phone-1", "events": [event]}), encoding="utf-8"
    )
    stage.run("pickup merge {point} told.json")
    stage.run("pickup merge {point} told.json")


def supply(stage: Stage) -> None:
    """`supply sheet|receive|preview|share`: goods are bought after the end."""
    shop = stage.shop
    variant = shop.variant(stock=0)
    offer = OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE)
    sold = shop.campaign(variant, offers=(offer,), title="预售", quorum=ONE)
    for _ in range(3):
        joined = shop.join(sold, shop.caller(shop.user().id, Role.SHOPPER))
        shop.pay(joined)
        shop.clock.forward(minutes=1)
    _do(stage, shop.merchant_caller(), campaigns.close_campaign, sold.id, "enough")
    shop.work_off()
    stage.things |= {"presale": sold.id, "goods": variant.id}
    stage.run("supply sheet {presale} supplier")
    stage.run("supply receive {presale} {goods} 2 --remark 'note 17' --dry-run")
    stage.run("supply receive {presale} {goods} 2 --remark 'note 17'")
    stage.run("supply preview {presale} {goods}")
    stage.learn("digest", "supply preview {presale} {goods}", "digest")
    stage.run("supply share {presale} {goods} 2 0000000000000000 --reason short --yes", 5)
    stage.run("supply share {presale} {goods} 2 {digest} --reason short --yes")
    shop.work_off()
    stage.run("supply sheet {presale} allocation")
    stage.run("supply sheet {presale} packing --form pdf --output packing.pdf")
    stage.run("supply sheet {presale} weather", 2)


def report(stage: Stage) -> None:
    """`report …`: October as tables and files, counted anew, sent every day."""
    shop: Any = stage.shop
    reporting.feed(shop.desk, shop.begin.__self__, shop.tenant)
    stage.run("report daily --since 2026-10-05 --until 2026-10-06 --compare")
    stage.run("report daily --by nonsense", 2)
    stage.run("report monthly --month 2026-10")
    stage.run("report campaign --month 2026-10")
    stage.run("report products --month 2026-10 --by sku")
    stage.run("report leaders --month 2026-10")
    stage.run("report categories --month 2026-10")
    stage.run("report distribution --by state --month 2026-10")
    stage.run("report distribution --by colour --month 2026-10", 2)
    stage.run("report refunds --month 2026-10")
    stage.run("report cohorts --since 2026-10-01 --until 2026-11-30")
    stage.run("report turnover --month 2026-10")
    stage.run("report daily --day 2026-10-05 --csv october.csv --svg october.svg", head=2)
    stage.run("report rebuild", 2)
    stage.run("report rebuild --dry-run")
    stage.run("report rebuild --yes")
    stage.run("report schedule add daily --to folder:office --hour 7 --reason 'every morning'")
    stage.learn("schedule", "report schedule list", "items", 0, "id")
    stage.run("report schedule list")
    stage.run("report schedule stop {schedule} --reason 'nobody reads it' --dry-run")
    stage.run("report schedule stop {schedule} --reason 'nobody reads it'")


def history(stage: Stage) -> None:
    """`import orders`: purchases of an earlier system, for reports alone."""
    stage.file(
        "old.csv",
        "customer,date,quantity,amount\n17,2026-01-08,2,59.80\n17,2026-13-01,1,29.90\n",
    )
    options = "--merchant {merchant} --source old-shop"
    stage.run(f"import orders old.csv {options} --dry-run", 6)
    stage.run(f"import orders old.csv {options}", 6)
    stage.cat("old.rejects.csv")
    stage.run(f"import orders old.csv {options} --json", 6)
    stage.run("import orders old.csv --merchant mch_none --source old-shop", 3)


FAMILIES = (aftersale, words, feedback, desk, parcels, handing, supply, report, history)


def _do(stage: Stage, who: Any, use_case: Any, *args: Any) -> Any:
    return stage.shop.desk.run(who, lambda work: use_case(work, *args))


def _buyer(stage: Stage, name: str) -> Any:
    return stage.shop.caller(stage.shop.get(Order, stage.things[name]).buyer_id, Role.SHOPPER)


def _sent(stage: Stage, name: str, number: str) -> None:
    staff, key = stage.shop.merchant_caller(), stage.things[name]
    _do(stage, staff, fulfilment.approve_order, key)
    _do(stage, staff, fulfilment.ship_order, Parcel(key, "sf", number))


def _delivered(stage: Stage, name: str, number: str) -> None:
    _sent(stage, name, number)
    step = TraceStep(stage.shop.clock.at, "已签收", ParcelState.DELIVERED)
    told = TraceReport("sf", number, step.state, (step,))
    _do(stage, stage.shop.system(), fulfilment.hear_carrier, told)


def _bag(stage: Stage, name: str) -> str:
    """Lay a bag out at a pickup point; return the code it is handed over for."""
    shop = stage.shop
    point = shop.all(PickupPoint)[0]
    sold = shop.campaign(pickup_point_ids=(point.id,), title="自提", quorum=ONE)
    who = shop.caller(shop.user().id, Role.SHOPPER)
    joined = shop.join(sold, who, pickup_point_id=point.id)
    shop.pay(joined)
    shop.work_off()
    key, staff = joined.order.id, shop.merchant_caller()
    _do(stage, staff, fulfilment.approve_order, key)
    bag = _do(stage, staff, fulfilment.ready_for_pickup, key)
    stage.things |= {name: key, "point": point.id}
    return str(bag.pickup_code_sealed.rpartition("]")[2])
