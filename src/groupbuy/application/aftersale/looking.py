"""Looking at cases: each side sees its own, and what is sealed only those it concerns."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import (
    AFTER_SALE_ANSWER,
    AFTER_SALE_APPEAL,
    AFTER_SALE_RULING,
    AFTER_SALE_TEXT,
    open_own,
    open_sealed,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.kernel import Money, NotFound
from groupbuy.domain.logistics import IN_THE_SHOP, Shipment
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import BINDING, Order


@frozen
class CaseView:
    """A case with what people want to know beside it."""

    case: AfterSale
    order: Order
    expected: Money
    """What goes back, or would if it were granted now; nothing for an exchange."""
    replacement: Shipment | None = None
    text: str = ""
    """Readable only where the caller may read it; so are the next three."""
    answer: str = ""
    appeal: str = ""
    ruling: str = ""

    @property
    def id(self) -> str:
        """The case's id."""
        return self.case.id


def my_cases(work: Work, query: Query) -> list[CaseView]:
    """Return the caller's own cases as a buyer, readable."""
    found = work.of(AfterSale).select(query.where(buyer_id=work.caller.user_id))
    return [_readable(view, _own_words(work)) for view in case_views(work, found)]


def my_case(work: Work, case_id: str) -> CaseView:
    """Return one of the caller's own cases, readable. Raises NotFound."""
    case = work.of(AfterSale).find([case_id]).get(case_id)
    if case is None or case.buyer_id != work.caller.user_id:
        raise NotFound(kind="after_sale", key=case_id)
    return _readable(case_views(work, [case])[0], _own_words(work))


def merchant_cases(work: Work, query: Query) -> list[CaseView]:
    """Return the cases of the caller's shop, of every shop to an operator; nothing is opened."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    if Role.OPERATOR not in work.caller.roles:
        query = query.where(merchant_id=work.caller.merchant_id or "")
    return case_views(work, work.of(AfterSale).select(query))


def merchant_case(work: Work, case_id: str) -> CaseView:
    """Return one case of the caller's shop, or any to an operator, readable. Raises NotFound."""
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    case = work.of(AfterSale).find([case_id]).get(case_id)
    own = case is not None and case.merchant_id == caller.merchant_id
    if case is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="after_sale", key=case_id)
    return _readable(case_views(work, [case])[0], _buyers_words(work, case))


def leader_cases(work: Work, query: Query) -> list[CaseView]:
    """Return the cases of orders of the leader's own campaigns; nothing is opened."""
    work.caller.require(Role.LEADER)
    query = query.where(leader_id=work.caller.leader_id or "-")
    return case_views(work, work.of(AfterSale).select(query))


def case_views(work: Work, found: Sequence[AfterSale]) -> list[CaseView]:
    """Return cases with their orders and parcels, one statement a table."""
    if not found:
        return []
    ids = {case.order_id for case in found}
    orders = work.of(Order).find(ids)
    parcels = list(every(work.of(Shipment), Query().among("order_id", ids)))
    left = {parcel.order_id for parcel in parcels if parcel.state not in IN_THE_SHOP}
    sent = {parcel.id: parcel for parcel in parcels}
    return [
        CaseView(
            case=case,
            order=orders[case.order_id],
            expected=_expected(orders[case.order_id], case, unsent=case.order_id not in left),
            replacement=sent.get(case.replacement_id),
        )
        for case in found
    ]


def _expected(order: Order, case: AfterSale, *, unsent: bool) -> Money:
    if case.refund is not None:
        return case.refund
    units = min(case.units, order.goods_line(case.line_no).left)
    if case.exchanges or not units or order.state not in BINDING:
        return Money(0, order.payable.currency)
    freight = unsent or case.reason.merchants_fault
    return order.refund_units(case.line_no, units, freight=freight)[1]


def _readable(view: CaseView, say: Callable[[str, str], str]) -> CaseView:
    case = view.case
    return evolve(
        view,
        text=say(AFTER_SALE_TEXT, case.text),
        answer=say(AFTER_SALE_ANSWER, case.answer),
        appeal=say(AFTER_SALE_APPEAL, case.appeal),
        ruling=say(AFTER_SALE_RULING, case.ruling),
    )


def _own_words(work: Work) -> Callable[[str, str], str]:
    return lambda name, sealed: open_own(work.kit.vault, work.caller, name, sealed)


def _buyers_words(work: Work, case: AfterSale) -> Callable[[str, str], str]:
    """Return how to read what is sealed under the buyer's key; nothing once they were erased."""
    buyer = work.of(User).get(case.buyer_id) if _says_anything(case) else None

    def say(name: str, sealed: str) -> str:
        with suppress(NotFound):
            return open_sealed(work, buyer, name, sealed) if buyer else ""
        return ""

    return say


def _says_anything(case: AfterSale) -> bool:
    return any((case.text, case.answer, case.appeal, case.ruling))
