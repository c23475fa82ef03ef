"""Refunds for those who watch over money: what is on its way, what needs a person."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import refunds
from groupbuy.application.ports import Query
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import RefundState
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.order_schemas import RefundCaseOut, refund_case_out
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

DESK = only(Role.FINANCE, Role.OPERATOR)
DESK_MONEY = only(Role.FINANCE, Role.OPERATOR, key=True)
StatusText = Annotated[RefundState, QueryParameter(name="status")]


class RefundDesk(Controller):
    """/ops/refunds."""

    path = "/ops/refunds"
    tags = ("ops",)

    @get("/", opt=DESK, sync_to_thread=True)
    def list_refunds(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        status: StatusText = RefundState.NEEDS_OPERATOR,
    ) -> Response[Listing[RefundCaseOut]]:
        """List refunds in one state, the oldest first; by default those that need a person."""
        query = Query().where(state=status).sorted("granted_at").page(page.fetch, page.after)
        found = visit.read(lambda work: refunds.list_refunds(work, query))
        return page.answer(found, refund_case_out, lambda each: each.granted_at)

    @post("/{refund_id:str}/retry", opt=DESK_MONEY, sync_to_thread=True, status_code=200)
    def retry(
        self, refund_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[RefundCaseOut]:
        """Send a refund that needed a person again, with the same number."""
        return visit.once(
            lambda work: refunds.retry_refund(work, refund_id, data.reason), refund_case_out
        )
