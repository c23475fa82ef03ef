"""`groupbuy order`: find orders, approve, correct, reject and ship them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from groupbuy.entrypoints.cli.bulk import SKIPPED, each
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import instant_of, since_option
from groupbuy.entrypoints.cli.order_desk import DESK
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.refunds import refund_item
from groupbuy.entrypoints.cli.settlement import entry_item
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.orders import OrderView
    from groupbuy.application.write_path import Work
    from groupbuy.domain.logistics import Shipment
    from groupbuy.domain.ordering import Order

_ACCEPTED = ("approved", "fulfilling", "completed")
"""States of orders that somebody has approved already."""

_ORDER = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("label_text", "显示", "label"),
    Column("payable", "应付", "payable", right=True),
    Column("refunded", "已退", "refunded", right=True),
    Column("created_at", "下单", "created"),
)
_MORE = (
    Column("campaign_id", "团购", "campaign"),
    Column("group_id", "团", "group"),
    Column("buyer_id", "买家", "buyer"),
    Column("region", "地区", "region"),
    Column("phone_tail", "手机尾号", "phone ends in"),
)
_LINE = (
    Column("title", "商品", "item"),
    Column("options", "规格", "options"),
    Column("units", "数量", "units", right=True),
    Column("net", "实付", "net", right=True),
    Column("dropped", "降价", "price dropped", right=True),
    Column("refunded", "已退", "refunded", right=True),
)
_EARNED = (
    Column("leader_id", "谁", "who"),
    Column("role", "角色", "role"),
    Column("base", "基数", "base", right=True),
    Column("rate_bp", "费率(万分之)", "rate (bp)", right=True),
    Column("why", "费率来源", "rate by"),
    Column("ceiling_cut", "封顶扣减", "ceiling took", right=True),
    Column("amount", "佣金", "commission", right=True),
)
_WEIGHED = Column("amount", "退差价", "goes back", right=True)
_PARCEL = (
    Column("id", "包裹", "parcel"),
    Column("state", "状态", "state"),
    Column("carrier", "快递", "carrier"),
    Column("tracking_number", "单号", "number"),
)


@click.group()
def order() -> None:
    """List, show, approve and ship orders."""


@order.command("list")
@click.option("--state", "states", multiple=True, help="May be repeated; unpaid ones are left out.")
@click.option("--campaign", "campaign_id", default="", help="Of one campaign.")
@click.option("--buyer", "buyer_id", default="", help="Of one buyer.")
@since_option
@click.option("--filter", "kept", default="", help="As one of the actor's own filters says.")
@limited
@shared
@pass_shell
def list_orders(
    shell: Shell,
    states: tuple[str, ...],
    campaign_id: str,
    buyer_id: str,
    since: datetime | date | None,
    kept: str,
    limit: int,
) -> None:
    """List orders, the newest first."""
    from groupbuy.application import logistics
    from groupbuy.application.orders import merchant_orders
    from groupbuy.application.ports import Query
    from groupbuy.domain.ordering import OrderState

    query = Query().sorted("-created_at").page(limit)
    wanted = {"campaign_id": campaign_id, "buyer_id": buyer_id}
    query = query.where(**{name: key for name, key in wanted.items() if key})
    if states:
        query = query.among("state", states_of(OrderState, states))
    if since is not None:
        query = query.since("created_at", instant_of(since, shell.settings.policy.zone))

    def seen(work: "Work") -> "list[OrderView]":
        return merchant_orders(work, logistics.narrowed(work, query, kept) if kept else query)

    found = shell.report(seen)
    shell.out.table("order.list/1", _ORDER, [_view(shell, view) for view in found])


@order.command()
@click.argument("order_id")
@shared
@pass_shell
def show(shell: Shell, order_id: str) -> None:
    """Show an order with lines, payments, refunds, parcels and who earns what on it, and why."""
    from groupbuy.application import commission
    from groupbuy.application.orders import merchant_order

    data = _whole(shell, shell.read(lambda work: merchant_order(work, order_id)))
    entries = shell.read(lambda work: commission.of_order(work, order_id))
    data["commission"] = [entry_item(entry) for entry in entries]
    if shell.out.json:
        shell.out.document("order.show/1", data)
        return
    shell.out.record("order.show/1", (*_ORDER, *_MORE), data)
    shell.out.table("order.show/1", _LINE, data["lines"])
    shell.out.table("order.show/1", _PARCEL, data["parcels"])
    if entries:
        shell.out.table("order.show/1", _EARNED, data["commission"])


@order.command()
@click.argument("ids", nargs=-1, required=True)
@changing
@shared
@pass_shell
def approve(shell: Shell, ids: tuple[str, ...]) -> None:
    """Accept confirmed orders for shipping, each by itself; accepted ones are skipped."""
    from groupbuy.application.fulfilment import approve_order
    from groupbuy.domain.kernel import IllegalMove

    def do(key: str) -> dict[str, object]:
        try:
            return _moved(shell.run(lambda work: approve_order(work, key)))
        except IllegalMove as refusal:
            if refusal.state not in _ACCEPTED:
                raise
            return {"result": SKIPPED, "state": refusal.state}

    each(shell, "order.approve/1", ids, do)


@order.command()
@click.argument("order_id")
@click.option("--note", required=True, help="What the buyer shall mend; the buyer reads it.")
@click.option("--hours", type=click.IntRange(1, 720), help="How long the buyer has.")
@changing
@shared
@pass_shell
def correct(shell: Shell, order_id: str, note: str, hours: int | None) -> None:
    """Ask the buyer to mend address or contact; silence rejects the order."""
    from groupbuy.application.fulfilment import ask_correction

    after = shell.run(lambda work: ask_correction(work, order_id, note, hours))
    shell.out.record("order.correct/1", _ORDER[:2], _moved(after))


@order.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def reject(shell: Shell, ids: tuple[str, ...]) -> None:
    """Turn orders down; their buyers get everything back. Rejected ones are skipped."""
    from groupbuy.application.fulfilment import reject_order
    from groupbuy.application.orders import merchant_order
    from groupbuy.domain.ordering import CloseReason

    shell.confirm(f"拒绝并全额退款 {len(ids)} 单？", f"reject and refund {len(ids)} orders?")

    def do(key: str) -> dict[str, object]:
        before = shell.read(lambda work: merchant_order(work, key)).order
        if before.close_reason is CloseReason.REJECTED:
            return {**_moved(before), "result": SKIPPED}
        return _moved(shell.run(lambda work: reject_order(work, key, shell.reason)))

    each(shell, "order.reject/1", ids, do)


@order.command()
@click.argument("order_id")
@click.option("--carrier", required=True, help="Code of the carrier, such as sf.")
@click.option("--tracking", "number", required=True, help="Tracking number.")
@click.option(
    "--content",
    "contents",
    type=(click.IntRange(1), click.IntRange(1)),
    multiple=True,
    metavar="LINE UNITS",
    help="What is in it; may be repeated. [default: all that is in no other parcel]",
)
@changing
@shared
@pass_shell
def ship(
    shell: Shell, order_id: str, carrier: str, number: str, contents: tuple[tuple[int, int], ...]
) -> None:
    """Hand one parcel of an approved order to a carrier; an order may have several."""
    from groupbuy.application.fulfilment import ship_order
    from groupbuy.application.steps.parcels import Parcel
    from groupbuy.domain.logistics import Content

    inside = tuple(Content(line, units) for line, units in contents)
    parcel = shell.run(lambda work: ship_order(work, Parcel(order_id, carrier, number, inside)))
    shell.out.record("order.ship/1", _PARCEL, _parcel(parcel))


@order.command()
@click.argument("order_id")
@click.argument("line_no", type=click.IntRange(1))
@click.argument("grams", type=click.IntRange(1))
@reasoned
@changing
@shared
@pass_shell
def weigh(shell: Shell, order_id: str, line_no: int, grams: int) -> None:
    """Enter what a packed line weighs, once, before shipping; the difference is refunded."""
    from groupbuy.application.aftersale import weigh_line
    from groupbuy.application.orders import merchant_order

    before = shell.read(lambda work: merchant_order(work, order_id)).order.refunded
    after = shell.run(lambda work: weigh_line(work, order_id, line_no, grams, shell.reason))
    data = {**_moved(after), "line": line_no, "grams": grams, "amount": after.refunded - before}
    shell.out.record("order.weigh/1", (*_ORDER[:2], _WEIGHED), data)


@order.command("void-parcel")
@click.argument("order_id")
@click.argument("parcel_id")
@reasoned
@changing
@shared
@pass_shell
def void_parcel(shell: Shell, order_id: str, parcel_id: str) -> None:
    """Take a parcel that will not arrive out of its order; the others may then deliver it."""
    from groupbuy.application import fulfilment

    shell.confirm(f"作废包裹 {parcel_id}？", f"void the parcel {parcel_id}?")
    parcel = shell.run(lambda work: fulfilment.void_parcel(work, order_id, parcel_id, shell.reason))
    shell.out.record("order.void-parcel/1", _PARCEL, _parcel(parcel))


@order.command("new-pickup-code")
@click.argument("order_id")
@changing
@shared
@pass_shell
def new_pickup_code(shell: Shell, order_id: str) -> None:
    """Give a bag that lies ready a new code, which only the buyer can read."""
    from groupbuy.application.fulfilment import renew_pickup_code

    bag = shell.run(lambda work: renew_pickup_code(work, order_id))
    shell.out.record("order.new-pickup-code/1", _PARCEL[:2], _parcel(bag))


for _each in DESK:
    order.add_command(_each)


def _parcel(parcel: "Shipment") -> dict[str, object]:
    return {
        "id": parcel.id,
        "order_id": parcel.order_id,
        "state": parcel.state,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
    }


def _moved(after: "Order") -> dict[str, object]:
    return {"id": after.id, "state": after.state}


def _view(shell: Shell, view: "OrderView") -> dict[str, object]:
    from groupbuy.domain.ordering import TEXTS

    found, label = view.order, view.label
    return {
        "id": found.id,
        "state": found.state,
        "label": label,
        "label_text": shell.out.words(*TEXTS[label]),
        "payable": found.payable,
        "refunded": found.refunded,
        "created_at": found.created_at,
        "campaign_id": found.campaign_id,
        "group_id": found.group_id,
        "merchant_id": found.merchant_id,
        "buyer_id": found.buyer_id,
        "leader_id": found.leader_id,
    }


def _whole(shell: Shell, view: "OrderView") -> dict[str, Any]:
    found = view.order
    return {
        **_view(shell, view),
        "region": found.contact.region,
        "phone_tail": found.contact.phone_tail,
        "lines": [
            {
                "line_no": line.line_no,
                "title": line.title,
                "options": line.options,
                "sku_id": line.sku_id,
                "units": line.units,
                "gross": line.gross,
                "net": line.net,
                "dropped": line.dropped,
                "refunded": line.refunded,
                "refunded_units": line.refunded_units,
                "unit_grams": line.weight.unit_grams if line.weight else None,
                "packed_grams": line.weight.packed_grams if line.weight else None,
            }
            for line in found.lines
        ],
        "payments": [
            {
                "id": p.id,
                "state": p.state,
                "due": p.due,
                "captured": p.captured,
                "paid_at": p.paid_at,
            }
            for p in view.payments
        ],
        "refunds": [refund_item(refund) for refund in view.refunds],
        "parcels": [
            {
                "id": parcel.id,
                "state": parcel.state,
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
            }
            for parcel in view.parcels
        ],
    }
