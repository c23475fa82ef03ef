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
    if _approves_by_itself(work, order):
        approved, more = order.approve(now)
        scene.put_order(approved, more)
        return approved
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


def _approves_by_itself(work: Work, order: Order) -> bool:
    merchant = work.of(Merchant).find([order.merchant_id]).get(order.merchant_id)
    return work.kit.policy.auto_approve or (merchant is not None and merchant.auto_approve)
