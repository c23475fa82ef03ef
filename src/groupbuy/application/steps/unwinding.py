"""Taking a binding order back: money, commission, fee, goods and seat in one transaction."""

from collections.abc import Mapping

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import reverse_for
from groupbuy.application.steps.confirming import fee_of
from groupbuy.application.steps.couponing import nothing_sent
from groupbuy.application.steps.delivering import deliver_if_all_there
from groupbuy.application.steps.invoicing import demand_red_letter
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.refunding import give_back, give_back_order
from groupbuy.application.steps.scene import Scene
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import OPEN, AfterSale, CaseState
from groupbuy.domain.kernel import Money, Refused
from groupbuy.domain.ordering import BINDING, CloseReason, Funder, Order, OrderState
from groupbuy.domain.payments import Payment, RefundCause


def unwind(
    scene: Scene,
    order_id: str,
    *,
    cause: RefundCause,
    why: CloseReason,
    reason: str = "",
    effect_key: str = "",
) -> Order:
    """Refund everything still paid of an order, binding or not, close it, free seat and goods.

    `effect_key` names what caused it, where that is not the order itself.
    """
    before, key = scene.orders[order_id], effect_key or order_id
    if before.state is OrderState.PLACED:
        after = give_back_order(scene, before, cause=cause, effect_key=key, reason=reason)
    elif before.state in BINDING:
        after = _unwind_binding(scene, before, cause, key, reason)
    else:
        raise Refused(rule="order_is_paid", about=order_id)
    closed, happened = after.close(why, scene.work.now())
    _free_goods(scene, before)
    scene.put_order(closed, happened)
    _free_seat(scene, order_id, why)
    scene.work.tell(closed.buyer_id, f"order.{why.value}", order_id)
    return closed


def take_back(scene: Scene, case: AfterSale, *, reason: str = "") -> Money:
    """Refund the units of an after-sale case; an order of which nothing is left is closed.

    Of units that went back some other way meanwhile nothing goes back again. Freight goes back
    with the last goods if nothing was sent or the merchant is at fault.
    """
    units = min(case.units, scene.orders[case.order_id].goods_line(case.line_no).left)
    part = Part(case.order_id, case.line_no, units, freight=case.reason.merchants_fault)
    return take_back_units(
        scene, part, cause=RefundCause.AFTER_SALE, effect_key=case.id, reason=reason
    )


@frozen
class Part:
    """Some units of a goods line."""

    order_id: str
    line_no: int
    units: int
    freight: bool = True
    """Freight goes back with the last goods, although something was sent."""


def take_back_units(
    scene: Scene, part: Part, *, cause: RefundCause, effect_key: str, reason: str = ""
) -> Money:
    """Refund some units of a binding order; one of which nothing is left is closed.

    What the provider would not give back is granted all the same; a person finds another way.
    """
    work, before = scene.work, scene.orders[part.order_id]
    if before.state not in BINDING:
        raise Refused(rule="order_is_binding", about=before.id)
    unsent = nothing_sent(scene.work, before.id)
    after, total = before.refund_units(
        part.line_no, part.units, freight=unsent or part.freight, restock=unsent
    )
    _give_back_binding(scene, before, after, cause=cause, effect_key=effect_key, reason=reason)
    if unsent and before.goods_line(part.line_no).stock_policy == "tracked":
        stock = scene.stock[before.goods_line(part.line_no).sku_id]
        scene.put_stock(stock.unsell(part.units))
    if any(line.left for line in after.lines):
        if not after.goods_line(part.line_no).left:
            _overtake_cases(scene, before.id, but=effect_key, line_no=part.line_no)
        scene.put_order(after)
        scene.orders[after.id] = deliver_if_all_there(work, after)
        return total
    _overtake_cases(scene, before.id, but=effect_key)
    closed, happened = after.close(CloseReason.REFUNDED, work.now())
    scene.put_order(closed, happened)
    _free_seat(scene, before.id, CloseReason.REFUNDED)
    return total


def weigh_off(scene: Scene, order_id: str, line_no: int, grams: int, *, reason: str = "") -> Money:
    """Note what a packed line weighs and refund what it is lighter than estimated."""
    before = scene.orders[order_id]
    after, total = before.weigh(line_no, grams)
    key = f"{order_id}/{line_no}"
    _give_back_binding(
        scene, before, after, cause=RefundCause.WEIGHED, effect_key=key, reason=reason
    )
    scene.put_order(after)
    return total


def drop_prices(scene: Scene, order_id: str, prices: Mapping[str, Money]) -> Money:
    """Let a binding order cost no more than these prices by variant; the difference goes back."""
    before = scene.orders[order_id]
    after, total = before.drop_prices(prices)
    if total:
        key = before.group_id
        _give_back_binding(
            scene, before, after, cause=RefundCause.TIER, effect_key=key, reason="ladder"
        )
        scene.put_order(after)
    return total


def _unwind_binding(
    scene: Scene, before: Order, cause: RefundCause, key: str, reason: str
) -> Order:
    after, _ = before.refund_all()
    _overtake_cases(scene, before.id)
    _give_back_binding(scene, before, after, cause=cause, effect_key=key, reason=reason)
    return after


def _overtake_cases(scene: Scene, order_id: str, but: str = "", line_no: int | None = None) -> None:
    """End the open cases of an order, or of one line, of which nothing is left."""
    query = Query().where(order_id=order_id)
    query = query if line_no is None else query.where(line_no=line_no)
    for case in every(scene.work.of(AfterSale), query):
        if case.id != but and case.state in OPEN and case.state is not CaseState.REFUNDING:
            gone, happened = case.overtake(scene.work.now())
            scene.work.of(AfterSale).save(gone)
            scene.work.emit(happened)


def _give_back_binding(
    scene: Scene, before: Order, after: Order, *, cause: RefundCause, effect_key: str, reason: str
) -> None:
    """Grant the difference between two states of a binding order, with all that hangs on it."""
    work, total = scene.work, after.refunded - before.refunded
    if not total:
        _take_back_funding(work, before, after)
        return
    demand_red_letter(work, after, total)
    payer = _payer(scene, before)
    refund_id = work.new_id("rfd", near=payer.id)
    shares, purses = reverse_for(work, before, after, refund_id)
    fee = fee_of(before) - fee_of(after)
    funded = _funded_back(before, after, Funder.PLATFORM)
    vested = before.vested_at is not None
    names = {
        "merchant": before.merchant_id,
        "merchant_where": "payable" if vested else "pending",
        "fees_where": "fees" if vested else "fees:pending",
        **{f"where:{leader}": purse.value for leader, purse in purses.items()},
    }
    granted = give_back(
        scene,
        payer,
        total,
        refund_id=refund_id,
        cause=cause,
        effect_key=effect_key,
        moment="refund_after_confirmation",
        names=names,
        amounts={"c": shares, "f": fee, "K": funded},
        reason=reason,
    )
    if granted is not None and vested:
        taken = total.minor + funded - fee - sum(shares.values())
        work.put_balance(f"merchant:{before.merchant_id}:payable", -taken)


def _take_back_funding(work: Work, before: Order, after: Order) -> None:
    """Take back what the platform paid for units of which not one fen goes back to the buyer."""
    funded = _funded_back(before, after, Funder.PLATFORM)
    if not funded:
        return
    vested = before.vested_at is not None
    where = "payable" if vested else "pending"
    names = {"merchant": before.merchant_id, "merchant_where": where}
    work.book("funding_taken_back", before.id, names, {"K": funded}, before.payable.currency)
    if vested:
        work.put_balance(f"merchant:{before.merchant_id}:payable", -funded)


def _payer(scene: Scene, order: Order) -> Payment:
    for payment in scene.payments_of(order.id):
        if payment.captured is not None and not payment.quarantined:
            return payment
    raise Refused(rule="order_is_paid", about=order.id)


def _funded_back(before: Order, after: Order, funder: Funder) -> int:
    """Return what one funder gets back: its discount on the units refunded now, by unit."""
    back = 0
    for old, new in zip(before.lines, after.lines, strict=True):
        count = new.refunded_units - old.refunded_units
        for grant in old.attributions:
            if grant.funder is funder:
                back += grant.amount.of_units(
                    units=old.units, start=old.refunded_units, count=count
                ).minor
    return back


def _free_goods(scene: Scene, before: Order) -> None:
    """Goods that never left the shop are for sale again; sent ones come back by inspection."""
    if before.state is OrderState.PLACED:
        for stock, units in scene.each_tracked(before):
            scene.put_stock(stock.release(units))
        return
    if nothing_sent(scene.work, before.id):
        for stock, units in scene.each_tracked(before):
            scene.put_stock(stock.unsell(units))


def _free_seat(scene: Scene, order_id: str, why: CloseReason) -> None:
    seat = scene.seats[order_id]
    group = scene.groups[seat.group_id]
    after, gone, happened = group.release(seat, scene.mine(seat), scene.work.now(), why.value)
    scene.put_seat(gone)
    scene.put_group(after, happened)
