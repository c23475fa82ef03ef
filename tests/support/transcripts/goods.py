"""Transcripts about what is sold: campaigns, orders, shipments, invoices, exports."""

from groupbuy.application import fulfilment, invoices
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order
from tests.support.transcripts.stage import Stage


def campaign(stage: Stage) -> None:
    """`campaign list|show|what-if|counter|close|copy`."""
    stage.run("campaign list")
    stage.run("campaign list --state paused", 2)
    stage.run("campaign show {running}")
    stage.run("campaign show cmp_none", 3)
    stage.say("每一档各得多少", "what each step would earn whom")
    stage.run("campaign what-if {running} --units 2 --fixed-fen 100000")
    stage.run("campaign what-if {running} --json")
    stage.run("campaign what-if cmp_none", 3)
    stage.say("公开的参团计数", "what the public can check")
    stage.run("jobs run counts --reason 'do not wait'")
    stage.run("campaign counter {running} --limit 2")
    stage.run("campaign counter {running} --limit 1 --json")
    stage.run("campaign counter grp_none", 3)
    stage.run("campaign close {running} --reason storm", 2)
    stage.run("campaign close {running} --reason storm --dry-run")
    stage.run("campaign close {running} --reason storm --yes")
    stage.shop.work_off()
    stage.say("人数不够：每个人都退回", "too few people: everybody gets everything back")
    stage.run("campaign close {running} --reason storm --yes", 5)
    stage.run("refund status {waiting}")
    stage.run("campaign copy {running} --starts 2026-12-01 --ends 2026-12-04T20:00+08:00 --json")
    stage.run("campaign list --since 2026-12-01")


def order(stage: Stage) -> None:
    """`order list|show|approve|correct|reject|ship|weigh|void-parcel|new-pickup-code`."""
    stage.run("order list --state confirmed --limit 2")
    stage.run("order list --since 2026-11-03 --campaign {oranges} --json")
    stage.run("order show {first}")
    stage.run("order show ord_none", 3)
    stage.say("逐单处理", "each by itself")
    stage.run("order approve {first} {second} --dry-run")
    stage.run("order approve {first} {second}")
    stage.run("order approve {first} {third} {waiting}", 6)
    stage.run("order correct {fourth} --note 'which flat?' --hours 24")
    stage.run("order reject {third} --reason 'cannot deliver there'", 2)
    stage.run("order reject {third} --reason 'cannot deliver there' --dry-run")
    stage.run("order reject {fourth} --reason 'nobody answers' --yes")
    stage.run("order reject {fourth} --reason 'nobody answers' --yes")
    stage.say("称重，少了的退回", "weighed: what is lighter goes back")
    stage.run("order weigh {first} 1 5400 --reason scales")
    stage.run("order weigh {first} 1 5400 --reason scales", 1)
    stage.run("order ship {first} --carrier sf --tracking SF001 --dry-run")
    stage.run("order ship {first} --carrier sf --tracking SF001")
    stage.run("order ship {waiting} --carrier sf --tracking SF002", 1)
    stage.learn("parcel", "order show {first}", "parcels", 0, "id")
    stage.run("order void-parcel {first} {parcel} --reason 'mistyped number' --yes")
    stage.run("order new-pickup-code {first}", 1)


def pickup(stage: Stage) -> None:
    """`order new-pickup-code` for a bag that lies ready."""
    shop = stage.shop
    who = shop.user(roles=frozenset({Role.SHOPPER}))
    point = shop.get(Order, stage.things["done"]).pickup_point_id
    one = Quorum(Measure.BUYERS, 1)
    campaign = shop.campaign(pickup_point_ids=(point,), title="自提", quorum=one)
    joined = shop.join(campaign, shop.caller(who.id, Role.SHOPPER), pickup_point_id=point)
    shop.pay(joined)
    shop.work_off()
    stage.things["bag"] = key = joined.order.id
    staff = shop.merchant_caller()
    shop.desk.run(staff, lambda w: fulfilment.approve_order(w, key))
    shop.desk.run(staff, lambda w: fulfilment.ready_for_pickup(w, key))
    stage.run("order new-pickup-code {bag} --dry-run")
    stage.run("order new-pickup-code {bag}")
    stage.run("order new-pickup-code {done}", 5)


def shipments(stage: Stage) -> None:
    """`import shipments`, with rows that cannot be applied."""
    stage.run("order approve {first} {second}")
    stage.file(
        "parcels.csv",
        "order_id,carrier,tracking_number\n{first},sf,SF001\n{second},,SF002\nord_none,sf,SF003\n",
    )
    stage.run("import shipments parcels.csv --dry-run", 6)
    stage.run("import shipments parcels.csv", 6)
    stage.cat("parcels.csv.rejects.csv")
    stage.file("parcels.csv", "order_id,carrier,tracking_number\n{first},sf,SF001\n")
    stage.run("import shipments parcels.csv --json")
    stage.file("odd.csv", "order,number\n{first},1\n")
    stage.run("import shipments odd.csv", 2)


def invoice(stage: Stage) -> None:
    """`invoice list`."""
    shop, key = stage.shop, stage.things["first"]
    found = shop.get(Order, key)
    who = shop.caller(found.buyer_id, Role.SHOPPER)
    title = invoices.title_of("personal", "王芳")
    shop.desk.run(who, lambda w: invoices.request_invoice(w, key, title))
    stage.run("invoice list --state requested")
    stage.run("invoice list --since 2026-12-01 --json")
    stage.run("invoice list --state lost", 2)


def export(stage: Stage) -> None:
    """`export orders|ledger|reports`."""
    stage.run("export orders --from 2026-11-01 --out orders.csv")
    stage.cat("orders.csv")
    stage.run("export orders --state completed --format xlsx --out orders.xlsx --json")
    stage.run("export orders", 2)
    stage.run("export ledger --from 2026-11-01 --out november.csv")
    stage.run("export reports trial-balance --out balance.csv")
    stage.cat("balance.csv")
    stage.learn("key", "settle preview --period 2026-10", "preview")
    stage.learn("_", "settle run --preview {key} --reason October --yes", "period")
    stage.run("export reports statements --out statements.csv")
    stage.cat("statements.csv")
    stage.run("export reports withdrawals --to 2026-11-01 --format xlsx --out none.xlsx")
    stage.run("export reports weather --out weather.csv", 2)


FAMILIES = (campaign, order, pickup, shipments, invoice, export)
