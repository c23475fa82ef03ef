"""The buyer's side of an after-sale case."""

from datetime import timedelta

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.casework import inform, put, wait_for, window_ends
from groupbuy.application.steps.couponing import nothing_sent
from groupbuy.application.steps.picturing import claim
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import AFTER_SALE_APPEAL, AFTER_SALE_TEXT, seal_own
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import (
    AfterSale,
    Kind,
    Reason,
    ReturnParcel,
    apply,
    check_line_is_free,
)
from groupbuy.domain.kernel import Invalid, NotFound, Refused
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
    order, earlier = _own_order(work, asked.order_id)
    _check_may_ask(work, order, asked, earlier)
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
            campaign_id=order.campaign_id,
            leader_id=order.leader_id or "",
            text=seal_own(work.kit.vault, work.caller, AFTER_SALE_TEXT, asked.text),
            pictures=asked.pictures,
        ),
        earlier,
    )
    work.of(AfterSale).add(case)
    evidence = [key for text in asked.pictures if (key := picture_id_in(text))]
    merchant_id = order.merchant_id
    claim(work, evidence, case.id, purpose=Purpose.AFTER_SALE, merchant_id=merchant_id)
    work.emit(happened)
    wait_for(work, case)
    inform(work, f"merchant:{order.merchant_id}", "applied", case)
    return case


def cancel_case(work: Work, case_id: str) -> AfterSale:
    """Take one's own case back before anything was sent or paid. Raises NotFound, IllegalMove."""
    before = _own(work, case_id)
    inform(work, f"merchant:{before.merchant_id}", "cancelled", before)
    return put(work, *before.cancel(work.now()))


def ship_back(work: Work, case_id: str, parcel: ReturnParcel) -> AfterSale:
    """Say by which parcel the goods come back. Raises NotFound, IllegalMove, Refused."""
    before, now = _own(work, case_id), work.now()
    receive_by = now + timedelta(days=work.kit.policy.after_sale_return_days)
    inform(work, f"merchant:{before.merchant_id}", "shipped", before)
    return put(work, *before.ship_back(parcel, receive_by, now))


def escalate_case(work: Work, case_id: str, why: str) -> AfterSale:
    """Bring a refused case, or a replacement that is not right, to an operator: once.

    Raises NotFound, Invalid without a reason, IllegalMove, Refused after the deadline, after an
    operator has decided, while another case of the line is open, and where nothing is left.
    """
    if not why.strip():
        raise Invalid(field="reason", reason="say why, the operator will read it")
    plain = work.of(AfterSale).find([case_id]).get(case_id)
    if plain is None:
        raise NotFound(kind="after_sale", key=case_id)
    # Cases of a line are opened under the lock of its order; so are those opened again.
    order, others = _own_order(work, plain.order_id, missing=case_id)
    before, now = _own(work, case_id), work.now()
    check_line_is_free(before, others)
    if order.state not in BINDING or not order.goods_line(before.line_no).left:
        raise Refused(rule="units_left_to_refund", about=f"line {before.line_no}")
    appeal = seal_own(work.kit.vault, work.caller, AFTER_SALE_APPEAL, why.strip())
    rule_by = now + timedelta(days=work.kit.policy.after_sale_rule_days)
    for who in ("role:operator", f"merchant:{before.merchant_id}"):
        inform(work, who, "escalated", before)
    return put(work, *before.escalate(appeal, rule_by, now))


def accept_replacement(work: Work, case_id: str) -> AfterSale:
    """Say that the replacement is there: the exchange is done. Raises NotFound, IllegalMove."""
    before = work.of(AfterSale).lock([case_id]).get(case_id)
    asked_to = Role.OPERATOR in work.caller.roles
    if before is None or not (asked_to or before.buyer_id == work.caller.user_id):
        raise NotFound(kind="after_sale", key=case_id)
    inform(work, f"merchant:{before.merchant_id}", "exchanged", before)
    return put(work, *before.accept(work.now()))


def _own(work: Work, case_id: str) -> AfterSale:
    case = work.of(AfterSale).lock([case_id]).get(case_id)
    if case is None or case.buyer_id != work.caller.user_id:
        raise NotFound(kind="after_sale", key=case_id)
    return case


def _own_order(work: Work, order_id: str, missing: str = "") -> tuple[Order, list[AfterSale]]:
    """Lock one's own order; return it with all its cases. Raises NotFound."""
    order = work.of(Order).lock([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        kind = "after_sale" if missing else "order"
        raise NotFound(kind=kind, key=missing or order_id)
    return order, list(every(work.of(AfterSale), Query().where(order_id=order_id)))


def _check_may_ask(work: Work, order: Order, asked: Application, earlier: list[AfterSale]) -> None:
    line = order.goods_line(asked.line_no)
    if order.state not in BINDING:
        raise Refused(rule="order_is_binding", about=order.id)
    if asked.units > line.left:
        raise Refused(rule="units_left_to_refund", about=f"line {line.line_no}")
    if asked.kind is not Kind.REFUND_ONLY and nothing_sent(work, order.id):
        raise Refused(rule="goods_were_sent", about=order.id)
    sent = order.state in (OrderState.FULFILLING, OrderState.COMPLETED)
    if sent and asked.reason is Reason.CHANGED_MIND and line.return_policy != "ordinary":
        raise Refused(rule="line_may_be_returned", about=f"line {line.line_no}")
    until = window_ends(order, [case for case in earlier if case.line_no == asked.line_no])
    if until is not None and work.now() >= until:
        raise Refused(rule="within_the_after_sale_window", about=order.id)
