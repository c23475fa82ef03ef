"""Parcels that need somebody: a list of work for whoever ships."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import logistics
from groupbuy.domain.logistics import TROUBLE_TEXTS, ParcelTrouble, Trouble, TroubleState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
All = Annotated[bool, QueryParameter(name="all", description="Also what is resolved")]


class TroubleOut(msgspec.Struct, frozen=True):
    """Something to look after, and what became of it."""

    id: str
    kind: Trouble
    kind_text: str
    state: TroubleState
    parcel_id: str
    order_id: str
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str
    remark: str


class ParcelTroubles(Controller):
    """/merchant/parcel-troubles."""

    path = "/merchant/parcel-troubles"
    tags = ("merchant",)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_troubles(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], *, whole: All = False
    ) -> Response[Listing[TroubleOut]]:
        """List parcels that met a problem, stand still, come back or lie uncollected."""
        state = None if whole else TroubleState.OPEN
        found = visit.read(
            lambda work: logistics.list_troubles(work, state, page.fetch, page.after)
        )
        return page.answer(found, lambda each: trouble_out(each, visit.language), _opened)

    @post("/{trouble_id:str}/resolve", opt=SELLERS, sync_to_thread=True, status_code=200)
    def resolve(
        self, trouble_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[TroubleOut]:
        """Say what was done about it. Later news of the parcel resolve it by themselves."""
        return visit.once(
            lambda work: logistics.resolve_trouble(work, trouble_id, data.reason),
            lambda after: trouble_out(after, visit.language),
        )


def trouble_out(each: ParcelTrouble, language: str) -> TroubleOut:
    """Render something to look after."""
    return TroubleOut(
        id=each.id,
        kind=each.kind,
        kind_text=TROUBLE_TEXTS[each.kind][language.startswith("en")],
        state=each.state,
        parcel_id=each.parcel_id,
        order_id=each.order_id,
        opened_at=each.opened_at,
        resolved_at=each.resolved_at,
        resolved_by=each.resolved_by,
        remark=each.remark,
    )


def _opened(each: ParcelTrouble) -> object:
    return each.opened_at
