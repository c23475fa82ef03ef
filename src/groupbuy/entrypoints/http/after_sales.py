"""After-sale cases: buyers ask, merchants answer, operators decide, leaders look on."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from groupbuy.application import aftersale
from groupbuy.application.aftersale import CaseView
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale, CaseState, Kind, Turn
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.after_sale_schemas import (
    CaseAnswerIn,
    CaseIn,
    CaseOut,
    CountIn,
    ReplacementIn,
    ReturnParcelIn,
    RulingIn,
    SaidIn,
    ToldCaseOut,
    case_out,
    told_out,
)
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.problems import malformed
from groupbuy.entrypoints.http.visit import Visit

BUYER = only(Role.SHOPPER)
SELLERS = only(Role.MERCHANT, Role.OPERATOR)
SELLERS_MONEY = only(Role.MERCHANT, Role.OPERATOR, key=True)
LEADER = only(Role.LEADER)
OPERATOR = only(Role.OPERATOR)
OPERATOR_MONEY = only(Role.OPERATOR, key=True)

Statuses = Annotated[
    str,
    QueryParameter(
        max_length=300, description=f"One or more of {', '.join(CaseState)}, parted by commas"
    ),
]
KindText = Annotated[Kind | None, QueryParameter(name="kind")]
OrderText = Annotated[str, QueryParameter(name="order_id", max_length=30)]
Until = Annotated[
    datetime | None,
    QueryParameter(description="Whose deadline lies before this instant", name="decide_lt"),
]
Wanted = SkipValidation[Query]


def _wanted(
    page: NamedDependency[Page],
    status: Statuses = "",
    kind: KindText = None,
    order_id: OrderText = "",
    decide_lt: Until = None,
) -> Wanted:
    query = Query().sorted("-applied_at").page(page.fetch, page.after)
    if status:
        query = query.among("state", _states(status))
    if kind is not None:
        query = query.where(kind=kind)
    if order_id:
        query = query.where(order_id=order_id)
    if decide_lt is not None:
        if decide_lt.tzinfo is None:
            raise malformed("decide_lt", "pattern")
        query = query.before("decide_by", decide_lt.astimezone(UTC))
    return query


def _states(text: str) -> list[CaseState]:
    try:
        return [CaseState(name) for part in text.split(",") if (name := part.strip())]
    except ValueError as error:
        raise malformed("status", "unknown") from error


CASE_FILTERS = {"wanted": Provide(_wanted, sync_to_thread=False)}


class ShopAfterSales(Controller):
    """/shop: one's own cases."""

    path = "/shop"
    tags = ("after-sale",)

    @post("/orders/{order_id:str}/after-sales", opt=BUYER, sync_to_thread=True)
    def ask(
        self, order_id: FromPath[str], data: JSONBody[CaseIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Ask for money back or an exchange; `dry_run` shows the amount and the deadline first."""
        wish = data.wish(order_id)
        if data.dry_run:
            shown = visit.preview(lambda work: _asked(work, wish))
            return Response(_shown(visit)(shown), status_code=200)
        return visit.once(lambda work: _asked(work, wish), _shown(visit), 201)

    @get("/after-sales", opt=BUYER, sync_to_thread=True, dependencies=CASE_FILTERS)
    def list_cases(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
    ) -> Response[Listing[ToldCaseOut]]:
        """List one's own cases, newest first."""
        found = visit.read(lambda work: aftersale.my_cases(work, wanted))
        return page.answer(found, lambda view: told_out(view, visit.language), _applied)

    @get("/after-sales/{case_id:str}", opt=BUYER, sync_to_thread=True)
    def show(self, case_id: FromPath[str], visit: NamedDependency[Visit]) -> ToldCaseOut:
        """Show one of one's own cases."""
        found = visit.read(lambda work: aftersale.my_case(work, case_id))
        return told_out(found, visit.language)

    @post("/after-sales/{case_id:str}/cancel", opt=BUYER, sync_to_thread=True, status_code=200)
    def cancel(self, case_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[CaseOut]:
        """Take a case back before anything was sent or paid."""
        return visit.once(_then(aftersale.cancel_case, case_id), _shown(visit))

    @post(
        "/after-sales/{case_id:str}/return-parcel", opt=BUYER, sync_to_thread=True, status_code=200
    )
    def send_back(
        self, case_id: FromPath[str], data: JSONBody[ReturnParcelIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Say by which parcel the goods come back."""
        parcel = data.parcel()
        return visit.once(_then(aftersale.ship_back, case_id, parcel), _shown(visit))

    @post("/after-sales/{case_id:str}/escalate", opt=BUYER, sync_to_thread=True, status_code=200)
    def escalate(
        self, case_id: FromPath[str], data: JSONBody[SaidIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Bring a refused case, or a replacement that is not right, to an operator: once."""
        return visit.once(_then(aftersale.escalate_case, case_id, data.reason), _shown(visit))

    @post("/after-sales/{case_id:str}/accept", opt=BUYER, sync_to_thread=True, status_code=200)
    def accept(self, case_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[CaseOut]:
        """Say that the replacement is there."""
        return visit.once(_then(aftersale.accept_replacement, case_id), _shown(visit))


class MerchantAfterSales(Controller):
    """/merchant/after-sales: what buyers of the shop ask back."""

    path = "/merchant/after-sales"
    tags = ("after-sale",)

    @get("/", opt=SELLERS, sync_to_thread=True, dependencies=CASE_FILTERS)
    def list_cases(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
    ) -> Response[Listing[CaseOut]]:
        """List cases, newest first; what was written is shown with each one alone."""
        return _list(aftersale.merchant_cases, visit, page, wanted)

    @get("/{case_id:str}", opt=SELLERS, sync_to_thread=True)
    def show(self, case_id: FromPath[str], visit: NamedDependency[Visit]) -> ToldCaseOut:
        """Show a case with what was written."""
        found = visit.read(lambda work: aftersale.merchant_case(work, case_id))
        return told_out(found, visit.language)

    @post("/{case_id:str}/approve", opt=SELLERS_MONEY, sync_to_thread=True, status_code=200)
    def approve(
        self, case_id: FromPath[str], data: JSONBody[CaseAnswerIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Agree: money alone goes back at once, otherwise the goods come back first."""
        return visit.once(_then(aftersale.approve_case, case_id, data.answer), _shown(visit))

    @post("/{case_id:str}/refuse", opt=SELLERS, sync_to_thread=True, status_code=200)
    def refuse(
        self, case_id: FromPath[str], data: JSONBody[SaidIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Say no to the wish, or to the goods that came back, and why."""
        return visit.once(_then(aftersale.refuse_case, case_id, data.reason), _shown(visit))

    @post("/{case_id:str}/receive", opt=SELLERS, sync_to_thread=True, status_code=200)
    def receive(self, case_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[CaseOut]:
        """Say that the parcel is there; the goods are then counted."""
        return visit.once(_then(aftersale.receive_back, case_id), _shown(visit))

    @post("/{case_id:str}/inspect", opt=SELLERS_MONEY, sync_to_thread=True, status_code=200)
    def inspect(
        self, case_id: FromPath[str], data: JSONBody[CountIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Count what came back: good units are for sale again, damaged ones are written off."""
        found = data.found(case_id)
        return visit.once(_then(aftersale.inspect_return, found), _shown(visit))

    @post("/{case_id:str}/replace", opt=SELLERS, sync_to_thread=True, status_code=200)
    def replace(
        self, case_id: FromPath[str], data: JSONBody[ReplacementIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Send other goods for those that came back, out of what is in stock."""
        sent = data.sent(case_id)
        return visit.once(_then(aftersale.send_replacement, sent), _shown(visit))

    @post("/{case_id:str}/refund", opt=SELLERS_MONEY, sync_to_thread=True, status_code=200)
    def refund(
        self, case_id: FromPath[str], data: JSONBody[SaidIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Give the money back where no replacement can be sent."""
        return visit.once(_then(aftersale.refund_instead, case_id, data.reason), _shown(visit))


class LeaderAfterSales(Controller):
    """/leader/after-sales: how the leader's neighbours are served; nothing anybody wrote."""

    path = "/leader/after-sales"
    tags = ("after-sale",)

    @get("/", opt=LEADER, sync_to_thread=True, dependencies=CASE_FILTERS)
    def list_cases(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
    ) -> Response[Listing[CaseOut]]:
        """List the cases of orders of the leader's own campaigns, newest first."""
        return _list(aftersale.leader_cases, visit, page, wanted)


class AfterSaleDesk(Controller):
    """/ops/after-sales: every shop's cases, and the last word about those in dispute."""

    path = "/ops/after-sales"
    tags = ("ops",)

    @get("/", opt=OPERATOR, sync_to_thread=True, dependencies=CASE_FILTERS)
    def list_cases(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
    ) -> Response[Listing[CaseOut]]:
        """List cases of every shop, newest first; `escalated` ones wait for an operator."""
        return _list(aftersale.merchant_cases, visit, page, wanted)

    @get("/{case_id:str}", opt=OPERATOR, sync_to_thread=True)
    def show(self, case_id: FromPath[str], visit: NamedDependency[Visit]) -> ToldCaseOut:
        """Show a case with what each side wrote."""
        found = visit.read(lambda work: aftersale.merchant_case(work, case_id))
        return told_out(found, visit.language)

    @post("/{case_id:str}/decide", opt=OPERATOR_MONEY, sync_to_thread=True, status_code=200)
    def decide(
        self, case_id: FromPath[str], data: JSONBody[RulingIn], visit: NamedDependency[Visit]
    ) -> Response[CaseOut]:
        """Decide for the buyer or the merchant; that is the last word, and it is audited."""
        if data.decide_for not in (Turn.BUYER, Turn.MERCHANT):
            raise malformed("decide_for", "unknown")
        right = data.decide_for is Turn.BUYER
        return visit.once(
            _then(aftersale.rule_case, case_id, data.reason, for_buyer=right),
            _shown(visit),
        )


def _asked(work: Work, wish: aftersale.Application) -> CaseView:
    return aftersale.case_views(work, [aftersale.apply_for(work, wish)])[0]


def _then(move: Callable[..., AfterSale], *given: Any, **more: Any) -> Callable[[Work], CaseView]:
    """Move a case, and look at how it is then."""
    return lambda work: aftersale.case_views(work, [move(work, *given, **more)])[0]


def _shown(visit: Visit) -> Callable[[CaseView], CaseOut]:
    return lambda view: case_out(view, visit.language)


def _list(
    seen: Callable[[Work, Query], list[CaseView]], visit: Visit, page: Page, wanted: Query
) -> Response[Listing[CaseOut]]:
    found = visit.read(lambda work: seen(work, wanted))
    return page.answer(found, _shown(visit), _applied)


def _applied(view: CaseView) -> Any:
    return view.case.applied_at


AFTER_SALES: tuple[type[Controller], ...] = (
    ShopAfterSales,
    MerchantAfterSales,
    LeaderAfterSales,
    AfterSaleDesk,
)
"""Every controller of this file."""
