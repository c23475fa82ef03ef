"""Goods that came back, and goods that go out for them: the shelf changes by a count alone."""

from datetime import timedelta

from attrs import evolve, frozen

from groupbuy.application.steps.casework import (
    Handled,
    go_on_with_the_goods_back,
    inform,
    pay_back,
    put,
    take_up_for_the_shop,
)
from groupbuy.application.steps.cataloguing import count_goods
from groupbuy.application.steps.dispatching import dispatch
from groupbuy.application.steps.parcels import Parcel
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale, CaseState
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Invalid, Refused
from groupbuy.domain.logistics import Content


@frozen
class Counted:
    """What a person found in a parcel that came back."""

    case_id: str
    good: int
    """Fit to be sold: they are available again."""
    damaged: int = 0
    """Counted in and written off at once."""


@frozen
class Replacement:
    """By which parcel other goods go out; nothing for an order that is picked up."""

    case_id: str
    carrier: str = ""
    tracking_number: str = ""


def inspect_return(work: Work, found: Counted) -> AfterSale:
    """Count what came back: good units are for sale again, damaged ones are written off.

    Counting takes the goods: the money goes, or the replacement is to be sent. Whoever finds
    something else than was said refuses the case instead. Goods that silence took may be counted
    later. Raises NotFound, IllegalMove, Invalid, and Refused once they were counted.
    """
    handled = take_up_for_the_shop(work, found.case_id)
    case = handled.case
    if case.state is CaseState.RETURN_SHIPPED:
        case, happened = case.receive_back(work.now(), work.now())
        work.emit(happened)
    after, happened = case.inspect(found.good, found.damaged, work.now())
    work.emit(happened)
    _shelve(handled, found)
    facts = {"good": str(found.good), "damaged": str(found.damaged)}
    work.audit("after_sale.inspect", case.id, **facts)
    if after.state is CaseState.RETURN_RECEIVED:
        return go_on_with_the_goods_back(handled, after)
    work.of(AfterSale).save(after)
    return after


def send_replacement(work: Work, sent: Replacement) -> AfterSale:
    """Send other goods for those that came back; they are taken from what is available.

    Raises NotFound, IllegalMove, Invalid, and Refused without enough in stock: the merchant may
    give the money back instead.
    """
    handled = take_up_for_the_shop(work, sent.case_id)
    before, order, now = handled.case, handled.order, work.now()
    look_by = now + timedelta(days=work.kit.policy.after_sale_look_days)
    line = order.goods_line(before.line_no)
    stock, units = _stock_of(handled), min(before.units, line.left)
    after, happened = before.send_replacement("", look_by, now)
    if stock is not None:
        handled.scene.put_stock(count_goods(work, stock, -units, f"{before.id}: replacement"))
    if order.pickup_point_id is None:
        contents = (Content(before.line_no, units),)
        parcel = Parcel(order.id, sent.carrier, sent.tracking_number, contents)
        shipped = dispatch(work, order, parcel, replaces=True)
        after = evolve(after, replacement_id=shipped.id)
    elif sent.carrier or sent.tracking_number:
        raise Refused(rule="order_goes_by_parcel", about=order.id)
    work.audit("after_sale.replace", before.id, units=str(units), sku=line.sku_id)
    inform(work, before.buyer_id, "replacement_sent", before)
    return put(work, after, happened)


def refund_instead(work: Work, case_id: str, reason: str) -> AfterSale:
    """Give the money back where no replacement can be sent, as the merchant or an operator.

    Raises Invalid without a reason, NotFound, and Refused unless a replacement is due.
    """
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the buyer will read it")
    handled = take_up_for_the_shop(work, case_id)
    if handled.case.state is not CaseState.TO_REPLACE:
        raise Refused(rule="a_replacement_is_due", about=case_id)
    work.audit("after_sale.refund_instead", case_id, reason)
    inform(work, handled.case.buyer_id, "refund_instead", handled.case)
    return pay_back(handled, handled.case)


def _shelve(handled: Handled, found: Counted) -> None:
    """Enter what came back into the journal of goods, and what of it was written off."""
    stock = _stock_of(handled)
    for units, what in ((found.good + found.damaged, "returned"), (-found.damaged, "damaged")):
        if stock is not None and units:
            stock = count_goods(handled.work, stock, units, f"{handled.case.id}: {what}")
            handled.scene.put_stock(stock)


def _stock_of(handled: Handled) -> Stock | None:
    """Return the goods in hand of the case's line; None where none are tracked."""
    line = handled.order.goods_line(handled.case.line_no)
    return handled.scene.stock[line.sku_id] if line.stock_policy == "tracked" else None
