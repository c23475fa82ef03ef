"""The merchant's side of an after-sale case, the operator's word, and what silence decides."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from groupbuy.application.steps.casework import (
    SILENCE,
    Handled,
    go_on_with_the_goods_back,
    inform,
    pay_back,
    put,
    sealed_for_the_buyer,
    take_up,
    take_up_for_the_shop,
)
from groupbuy.application.steps.sealing import AFTER_SALE_ANSWER, AFTER_SALE_RULING
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale, CaseState
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.logistics import Shipment, ShipmentState
from groupbuy.domain.membership import Role

_LOST = frozenset(
    {
        ShipmentState.EXCEPTION,
        ShipmentState.RETURNING,
        ShipmentState.RETURNED,
        ShipmentState.VOID,
    }
)
"""States of a replacement's parcel in which a silent buyer has not got it."""


def approve_case(work: Work, case_id: str, answer: str = "") -> AfterSale:
    """Agree to a case: money alone goes back at once, otherwise the goods come back first.

    Raises NotFound, IllegalMove, and Refused where nothing is left to give back.
    """
    handled = take_up_for_the_shop(work, case_id)
    sealed = sealed_for_the_buyer(work, handled.case, AFTER_SALE_ANSWER, answer)
    work.audit("after_sale.approve", case_id, answer)
    return _approve(handled, work.caller.user_id, sealed)


def refuse_case(work: Work, case_id: str, reason: str) -> AfterSale:
    """Say no to a wish, or to goods that came back, and why; the buyer may ask an operator.

    Where an operator has decided before, the no is theirs to judge. Raises Invalid without a
    reason, NotFound, IllegalMove.
    """
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the buyer will read it")
    handled = take_up_for_the_shop(work, case_id)
    before, now, days = handled.case, work.now(), work.kit.policy
    until = now + timedelta(
        days=days.after_sale_rule_days if before.ruled else days.after_sale_appeal_days
    )
    sealed = sealed_for_the_buyer(work, before, AFTER_SALE_ANSWER, reason)
    after, happened = before.refuse(work.caller.user_id, sealed, until, now)
    work.audit("after_sale.refuse", case_id, reason)
    inform(work, before.buyer_id, "refused", before)
    if after.state is CaseState.ESCALATED:
        inform(work, "role:operator", "disputed", before)
    return put(work, after, happened)


def receive_back(work: Work, case_id: str) -> AfterSale:
    """Say that the goods are back and will be counted. Raises NotFound, IllegalMove."""
    handled = take_up_for_the_shop(work, case_id)
    work.audit("after_sale.receive", case_id)
    return _put_received(handled)


def rule_case(work: Work, case_id: str, reason: str, *, for_buyer: bool) -> AfterSale:
    """Decide as an operator what buyer and merchant could not: that is the last word.

    For the buyer means: money for goods that were sent back, otherwise what they asked for.
    Raises Forbidden, Invalid without a reason, NotFound, IllegalMove, and Refused for one who
    bought it or works for the merchant.
    """
    work.caller.require(Role.OPERATOR)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, both sides will read it")
    if case_id not in work.of(AfterSale).find([case_id]):
        raise NotFound(kind="after_sale", key=case_id)
    handled = take_up(work, case_id)
    case, caller = handled.case, work.caller
    if caller.user_id == case.buyer_id or caller.merchant_id == case.merchant_id:
        raise Refused(rule="an_outsider_decides", about=case_id)
    sealed = sealed_for_the_buyer(work, case, AFTER_SALE_RULING, reason)
    whom = "buyer" if for_buyer else "merchant"
    work.audit("after_sale.rule", case_id, reason, decided_for=whom)
    return _rule(handled, caller.user_id, sealed, for_buyer=for_buyer)


def hear_silence(work: Work, case_id: str) -> datetime | None:
    """Go on without the one whose turn it was (the worker calls this)."""
    handled = take_up(work, case_id)
    answer = _SILENCE.get(handled.case.state)
    if answer is None:
        return None
    if work.now() < handled.case.decide_by:
        return handled.case.decide_by
    answer(handled)
    return None


def _approve(handled: Handled, by: str, answer: str) -> AfterSale:
    work, now, before = handled.work, handled.work.now(), handled.case
    return_by = now + timedelta(days=work.kit.policy.after_sale_return_days)
    after, happened = before.approve(by, answer, return_by, now)
    inform(work, before.buyer_id, "approved", before)
    if after.goods_come_back:
        return put(work, after, happened)
    work.emit(happened)
    return pay_back(handled, after)


def _put_received(handled: Handled) -> AfterSale:
    work, now = handled.work, handled.work.now()
    inspect_by = now + timedelta(days=work.kit.policy.after_sale_inspect_days)
    inform(work, handled.case.buyer_id, "received", handled.case)
    return put(work, *handled.case.receive_back(inspect_by, now))


def _rule(handled: Handled, by: str, ruling: str, *, for_buyer: bool) -> AfterSale:
    work, now, before = handled.work, handled.work.now(), handled.case
    for who in (before.buyer_id, f"merchant:{before.merchant_id}"):
        inform(work, who, "ruled", before)
    if not for_buyer:
        return put(work, *before.reject(by, ruling, now))
    return_by = now + timedelta(days=work.kit.policy.after_sale_return_days)
    after, happened = before.uphold(by, ruling, return_by, now)
    if after.goods_come_back and not after.sent_back:
        return put(work, after, happened)
    work.emit(happened)
    return pay_back(handled, after)


def _silent_merchant(handled: Handled) -> None:
    handled.work.audit("after_sale.approve", handled.case.id, "nobody answered in time")
    _approve(handled, SILENCE, "")


def _silent_buyer(handled: Handled) -> None:
    work, before = handled.work, handled.case
    put(work, *before.lapse(work.now()))
    inform(work, before.buyer_id, "lapsed", before)


def _parcel_nobody_answers_for(handled: Handled) -> None:
    work, before, now = handled.work, handled.case, handled.work.now()
    work.audit("after_sale.receive", before.id, "nobody answered in time")
    after, happened = before.receive_back(now, now)
    work.emit(happened)
    go_on_with_the_goods_back(handled, after)


def _goods_nobody_counts(handled: Handled) -> None:
    go_on_with_the_goods_back(handled, handled.case)


def _no_replacement(handled: Handled) -> None:
    inform(handled.work, handled.case.buyer_id, "refund_instead", handled.case)
    pay_back(handled, handled.case)


def _replacement_nobody_objects_to(handled: Handled) -> None:
    work, before = handled.work, handled.case
    parcel = work.of(Shipment).find([before.replacement_id]).get(before.replacement_id)
    if parcel is not None and parcel.state in _LOST:
        _no_replacement(handled)
        return
    put(work, *before.accept(work.now()))


def _silent_operator(handled: Handled) -> None:
    handled.work.audit(
        "after_sale.rule", handled.case.id, "nobody answered in time", decided_for="buyer"
    )
    _rule(handled, SILENCE, "", for_buyer=True)


_SILENCE: Mapping[CaseState, Callable[[Handled], object]] = {
    CaseState.APPLIED: _silent_merchant,
    CaseState.APPROVED: _silent_buyer,
    CaseState.RETURN_SHIPPED: _parcel_nobody_answers_for,
    CaseState.RETURN_RECEIVED: _goods_nobody_counts,
    CaseState.TO_REPLACE: _no_replacement,
    CaseState.REPLACEMENT_SENT: _replacement_nobody_objects_to,
    CaseState.ESCALATED: _silent_operator,
}
"""What a deadline does in each state in which somebody is waited for."""
