"""The moment an order becomes binding: goods, money and commission in one transaction."""

from groupbuy.application.steps.commissioning import accrue
from groupbuy.application.steps.scene import Scene
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import SeatMove
from groupbuy.domain.kernel import BASIS_POINTS
from groupbuy.domain.membership import Merchant
from groupbuy.domain.ordering import Funder, Order


def confirm_order(scene: Scene, order_id: str) -> Order:
    """Confirm a placed order of a formed group: sell the goods, split the money, tell the buyer."""
    work, now = scene.work, scene.work.now()
    order, happened = scene.orders[order_id].confirm(now)
    scene.put_order(order, happened)
    scene.put_seat(scene.seats[order_id].move(SeatMove.CONFIRM))
    for stock, units in scene.each_tracked(order):
        scene.put_stock(stock.sell(units))
    work.book(
        "confirm",
        order.id,
        {"order": order.id, "merchant": order.merchant_id},
        {
            "P": order.payable.minor,
            "K": funded_by(order, Funder.PLATFORM),
            "c": accrue(work, order),
            "f": fee_of(order),
        },
        order.payable.currency,
    )
    work.tell(order.buyer_id, "order.confirmed", order.id)
    merchant = work.of(Merchant).find([order.merchant_id]).get(order.merchant_id)
    if rule := rule_for(work, merchant, order):
        approved, more = order.approve(now, rule)
        scene.put_order(approved, more)
        return approved
    if merchant is not None and any(rule.known_buyer for rule in merchant.approval_rules):
        # Whether the buyer is known takes a look at their past: not in this transaction.
        work.later("approve_known", order.id, now)
    return order


def fee_of(order: Order) -> int:
    """Return the operator's share of an order's current base, in minor units."""
    return sum(line.base.minor * line.fee_bp // BASIS_POINTS for line in order.lines)


def funded_by(order: Order, funder: Funder) -> int:
    """Return the discounts one funder pays for on units not refunded, in minor units."""
    return sum(
        reason.amount.of_units(units=line.units, start=line.refunded_units, count=line.left).minor
        for line in order.lines
        for reason in line.attributions
        if reason.funder is funder
    )


def rule_for(work: Work, merchant: Merchant | None, order: Order, *, known: bool = False) -> str:
    """Return the name of the rule that accepts an order by itself; empty if a person has to.

    `known`: its buyer has completed an order of this merchant before.
    """
    if work.kit.policy.auto_approve:
        return "operator"
    if merchant is None or merchant.auto_approve:
        return "merchant" if merchant is not None else ""
    payable = order.payable
    fitting = (
        r for r in merchant.approval_rules if r.holds(order.campaign_id, payable, known=known)
    )
    return next((rule.name for rule in fitting), "")
