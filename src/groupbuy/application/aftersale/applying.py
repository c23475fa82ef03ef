"""The buyer's side of an after-sale case, and looking at cases."""

from datetime import timedelta

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.picturing import claim
from groupbuy.application.steps.sealing import AFTER_SALE_TEXT, seal_own
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale, Kind, Reason, ReturnParcel, apply
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import BINDING, Order, OrderState
from groupbuy.domain.pictures import Purpose, picture_id_in


@frozen
class Application:
    """What a buyer asks for."""

    order_id: str
    line_no: int
    units: int
    kind: Kind
    reason: Reason
    text: str = ""
    pictures: tuple[str, ...] = ()


def apply_for(work: Work, asked: Application) -> AfterSale:
    """Open a case about some units of a line of one's own order; silence will approve it.

    Pictures among the evidence are kept as long as the case. Raises NotFound, Invalid, Refused.
    """
    order = work.of(Order).lock([asked.order_id]).get(asked.order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=asked.order_id)
    _check_may_ask(work, order, asked)
    now = work.now()
    case, happened = apply(
        AfterSale(
            id=work.new_id("afs", near=order.id),
            order_id=order.id,
            line_no=asked.line_no,
            buyer_id=order.buyer_id,
            merchant_id=order.merchant_id,
            kind=asked.kind,
            units=asked.units,
            reason=asked.reason,
            applied_at=now,
            decide_by=now + timedelta(hours=work.kit.policy.after_sale_decide_hours),
            open_line=f"{order.id}/{asked.line_no}",
            text=seal_own(work.kit.vault, work.caller, AFTER_SALE_TEXT, asked.text),
            pictures=asked.pictures,
        ),
        work.of(AfterSale).select(Query().where(order_id=order.id).page(1000)),
    )
    work.of(AfterSale).add(case)
    evidence = [key for text in asked.pictures if (key := picture_id_in(text))]
    merchant_id = order.merchant_id
    claim(work, evidence, case.id, purpose=Purpose.AFTER_SALE, merchant_id=merchant_id)
    work.emit(happened)
    work.later("after_sale", case.id, case.decide_by, once=case.state.value)
    work.tell(f"merchant:{order.merchant_id}", "after_sale.applied", case.id, order=order.id)
    return case


def cancel_case(work: Work, case_id: str) -> AfterSale:
    """Take one's own case back before anything was sent or paid. Raises NotFound, IllegalMove."""
    case, happened = _own(work, case_id).cancel(work.now())
    work.of(AfterSale).save(case)
    work.emit(happened)
    work.tell(f"merchant:{case.merchant_id}", "after_sale.cancelled", case.id, order=case.order_id)
    return case


def ship_back(work: Work, case_id: str, parcel: ReturnParcel) -> AfterSale:
    """Say by which parcel the goods come back. Raises NotFound, IllegalMove, Refused."""
    now = work.now()
    receive_by = now + timedelta(days=work.kit.policy.after_sale_return_days)
    case, happened = _own(work, case_id).ship_back(parcel, receive_by, now)
    work.of(AfterSale).save(case)
    work.emit(happened)
    work.later("after_sale", case.id, case.decide_by, once=case.state.value)
    work.tell(f"merchant:{case.merchant_id}", "after_sale.shipped", case.id, order=case.order_id)
    return case


def cases(work: Work, query: Query) -> list[AfterSale]:
    """Return the caller's cases: a shop's to its staff, all to operators, else one's own."""
    caller = work.caller
    if Role.OPERATOR not in caller.roles:
        staff = Role.MERCHANT in caller.roles and caller.merchant_id is not None
        mine = {"merchant_id": caller.merchant_id} if staff else {"buyer_id": caller.user_id}
        query = query.where(**mine)
    return work.of(AfterSale).select(query)


def case_of(work: Work, case_id: str) -> AfterSale:
    """Return one case to those it concerns. Raises NotFound."""
    found, caller = work.of(AfterSale).find([case_id]).get(case_id), work.caller
    if found is not None:
        shop = caller.merchant_id is not None and found.merchant_id == caller.merchant_id
        if shop or found.buyer_id == caller.user_id or Role.OPERATOR in caller.roles:
            return found
    raise NotFound(kind="after_sale", key=case_id)


def _own(work: Work, case_id: str) -> AfterSale:
    case = work.of(AfterSale).lock([case_id]).get(case_id)
    if case is None or case.buyer_id != work.caller.user_id:
        raise NotFound(kind="after_sale", key=case_id)
    return case


def _check_may_ask(work: Work, order: Order, asked: Application) -> None:
    line = order.goods_line(asked.line_no)
    if order.state not in BINDING:
        raise Refused(rule="order_is_binding", about=order.id)
    if asked.units > line.left:
        raise Refused(rule="units_left_to_refund", about=f"line {line.line_no}")
    sent = order.state in (OrderState.FULFILLING, OrderState.COMPLETED)
    if asked.kind is Kind.RETURN_AND_REFUND and not sent:
        raise Refused(rule="goods_were_sent", about=order.id)
    if sent and asked.reason is Reason.CHANGED_MIND and line.return_policy != "ordinary":
        raise Refused(rule="line_may_be_returned", about=f"line {line.line_no}")
    arrived = order.delivered_at
    if arrived is not None and work.now() >= arrived + timedelta(days=order.after_sale_days):
        raise Refused(rule="within_the_after_sale_window", about=order.id)
