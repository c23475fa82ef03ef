"""The merchant's side of an after-sale case, and what silence decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.steps.sealing import AFTER_SALE_ANSWER, seal
from groupbuy.application.steps.unwinding import take_back
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import OPEN, AfterSale, CaseState
from groupbuy.domain.kernel import Event, Invalid, NotFound
from groupbuy.domain.membership import Role, User

SILENCE = "silence"


def approve_case(work: Work, case_id: str, answer: str = "") -> AfterSale:
    """Agree to a case: money alone goes back at once, otherwise the goods come back first.

    Raises NotFound, IllegalMove, and Refused where nothing is left to give back.
    """
    scene, case = _before_the_merchant(work, case_id)
    sealed = _sealed(work, case, answer)
    work.audit("after_sale.approve", case_id, answer)
    return _approve(scene, case, work.caller.user_id, sealed)


def refuse_case(work: Work, case_id: str, reason: str) -> AfterSale:
    """Say no, and why. Raises Invalid without a reason, NotFound, IllegalMove."""
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the buyer will read it")
    _, case = _before_the_merchant(work, case_id)
    sealed = _sealed(work, case, reason)
    after, happened = case.refuse(work.caller.user_id, sealed, work.now())
    _put(work, after, happened)
    work.audit("after_sale.refuse", case_id, reason)
    work.tell(case.buyer_id, "after_sale.refused", case_id, order=case.order_id)
    return after


def receive_back(work: Work, case_id: str) -> AfterSale:
    """Say that the goods are back: the money goes. Raises NotFound, IllegalMove."""
    scene, case = _before_the_merchant(work, case_id)
    work.audit("after_sale.receive", case_id)
    return _receive(scene, case)


def hear_silence(work: Work, case_id: str) -> datetime | None:
    """Go on without the one whose turn it was (the worker calls this)."""
    scene, case = _locked(work, case_id)
    if case.state not in OPEN or case.state is CaseState.REFUNDING:
        return None
    if work.now() < case.decide_by:
        return case.decide_by
    if case.state is CaseState.APPLIED:
        work.audit("after_sale.approve", case_id, "nobody answered in time")
        _approve(scene, case, SILENCE, "")
    elif case.state is CaseState.APPROVED:
        after, happened = case.lapse(work.now())
        _put(work, after, happened)
        work.tell(case.buyer_id, "after_sale.lapsed", case_id, order=case.order_id)
    else:
        work.audit("after_sale.receive", case_id, "nobody answered in time")
        _receive(scene, case)
    return None


def _approve(scene: Scene, case: AfterSale, by: str, answer: str) -> AfterSale:
    work, now = scene.work, scene.work.now()
    return_by = now + timedelta(days=work.kit.policy.after_sale_return_days)
    after, happened = case.approve(by, answer, return_by, now)
    work.emit(happened)
    work.tell(case.buyer_id, "after_sale.approved", case.id, order=case.order_id)
    if not after.goods_come_back:
        return _grant(scene, after)
    work.later("after_sale", case.id, return_by, once=after.state.value)
    _put(work, after, ())
    return after


def _receive(scene: Scene, case: AfterSale) -> AfterSale:
    after, happened = case.receive_back(scene.work.now())
    scene.work.emit(happened)
    return _grant(scene, after)


def _grant(scene: Scene, case: AfterSale) -> AfterSale:
    """Grant the refund of a case; where nothing was paid for the units it is done with that."""
    work = scene.work
    amount = take_back(scene, case)
    after, happened = case.grant(amount, work.now())
    if not amount:
        after, more = after.finish(work.now())
        happened = [*happened, *more]
    _put(work, after, happened)
    return after


def _put(work: Work, case: AfterSale, happened: Sequence[Event]) -> None:
    work.of(AfterSale).save(case)
    work.emit(happened)


def _before_the_merchant(work: Work, case_id: str) -> tuple[Scene, AfterSale]:
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    plain = work.of(AfterSale).find([case_id]).get(case_id)
    own = plain is not None and plain.merchant_id == caller.merchant_id
    if plain is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="after_sale", key=case_id)
    return _locked(work, case_id)


def _locked(work: Work, case_id: str) -> tuple[Scene, AfterSale]:
    """Lock everything the order touches, and the case after it."""
    scene = set_scene(work, [work.of(AfterSale).get(case_id).order_id], refunds=True)
    return scene, work.of(AfterSale).lock([case_id])[case_id]


def _sealed(work: Work, case: AfterSale, answer: str) -> str:
    if not answer:
        return ""
    return seal(work, work.of(User).get(case.buyer_id), AFTER_SALE_ANSWER, answer)
