"""Moving an after-sale case on: its locks, its deadline, its refund, and whom it is told."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.steps.sealing import seal
from groupbuy.application.steps.unwinding import take_back
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import OPEN, AfterSale, CaseState
from groupbuy.domain.kernel import Event, NotFound
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import Order

SILENCE = "silence"
"""Who decided where nobody did in time."""


@frozen
class Handled:
    """A case in somebody's hands: everything its order touches is locked, and it after that."""

    scene: Scene
    case: AfterSale

    @property
    def work(self) -> Work:
        """The unit of work it is handled in."""
        return self.scene.work

    @property
    def order(self) -> Order:
        """The order it is about."""
        return self.scene.orders[self.case.order_id]


def take_up(work: Work, case_id: str) -> Handled:
    """Lock everything the order of a case touches, and the case after it."""
    scene = set_scene(work, [work.of(AfterSale).get(case_id).order_id], refunds=True)
    return Handled(scene, work.of(AfterSale).lock([case_id])[case_id])


def take_up_for_the_shop(work: Work, case_id: str) -> Handled:
    """Do the same for its merchant or an operator. Raises Forbidden, NotFound."""
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    plain = work.of(AfterSale).find([case_id]).get(case_id)
    own = plain is not None and plain.merchant_id == caller.merchant_id
    if plain is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="after_sale", key=case_id)
    return take_up(work, case_id)


def put(work: Work, case: AfterSale, happened: Sequence[Event] = ()) -> AfterSale:
    """Stage a case as it is now, and what its deadline will do if somebody has to answer."""
    work.of(AfterSale).save(case)
    work.emit(happened)
    wait_for(work, case)
    return case


def wait_for(work: Work, case: AfterSale) -> None:
    """Stage what silence will do at the deadline of an open case."""
    if case.state in OPEN and case.state is not CaseState.REFUNDING:
        # A case may come to a state twice: its version tells the two deadlines apart.
        once = f"{case.state.value}-{case.version}"
        work.later("after_sale", case.id, case.decide_by, once=once)


def pay_back(handled: Handled, case: AfterSale) -> AfterSale:
    """Grant the refund of a case; where nothing was paid for the units it is done with that.

    The grant has an audit row of its own, whoever or whatever has decided the case.
    """
    work = handled.work
    amount = take_back(handled.scene, case)
    work.audit("after_sale.grant", case.id, amount=str(amount.minor))
    after, happened = case.grant(amount, work.now())
    if not amount:
        after, more = after.finish(work.now())
        happened = [*happened, *more]
    return put(work, after, happened)


def go_on_with_the_goods_back(handled: Handled, case: AfterSale) -> AfterSale:
    """Grant the refund of goods that are back, or wait for the other goods to be sent."""
    if not case.exchanges:
        return pay_back(handled, case)
    work, now = handled.work, handled.work.now()
    send_by = now + timedelta(days=work.kit.policy.after_sale_replace_days)
    return put(work, *case.await_replacement(send_by, now))


def inform(work: Work, who: str, what: str, case: AfterSale) -> None:
    """Tell somebody about a move of a case; `case` as it was, so that each move is told once."""
    work.tell(who, f"after_sale.{what}", case.id, time=case.version + 1, order=case.order_id)


def sealed_for_the_buyer(work: Work, case: AfterSale, name: str, text: str) -> str:
    """Seal what was said under the buyer's key; nothing stays nothing."""
    return seal(work, work.of(User).get(case.buyer_id), name, text.strip()) if text.strip() else ""


def window_ends(order: Order, cases: Iterable[AfterSale]) -> datetime | None:
    """Return until when a case may be opened; None before everything was delivered.

    What was exchanged has a window of its own, from when the exchange was done.
    """
    if order.delivered_at is None:
        return None
    exchanged = [c.finished_at for c in cases if c.replaced and c.finished_at is not None]
    return max([order.delivered_at, *exchanged]) + timedelta(days=order.after_sale_days)
