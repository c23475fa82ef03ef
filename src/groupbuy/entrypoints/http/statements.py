"""Statements as files, and disputes about their lines."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import commission
from groupbuy.application.commission import DisputeView, StatementPage
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import CAP_BP, DisputeState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit
from groupbuy.entrypoints.statement_files import FORMS, MEDIA_TYPES, Form, file_name, written

LEADER = only(Role.LEADER)
FINANCE = only(Role.FINANCE)
FINANCE_MONEY = only(Role.FINANCE, key=True)
StateText = Annotated[DisputeState | None, QueryParameter(name="state")]


class DisputeIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why a line is doubted."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, description="Finance reads it")]


class DisputeOut(msgspec.Struct, frozen=True):
    """A dispute and what became of it."""

    id: str
    statement_id: str
    line_id: str
    order_id: str
    leader_id: str
    state: DisputeState
    reason: str
    answer: str
    adjustment_id: str | None
    """The entry in the open period that corrects the line."""
    opened_at: datetime
    answered_at: datetime | None


class LeaderDisputes(Controller):
    """What the calling leader doubts."""

    path = "/leader"
    tags = ("commission",)

    @get("/disputes", opt=LEADER, sync_to_thread=True)
    def disputes(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[DisputeOut]]:
        """List the leader's disputes, newest first."""
        found = visit.read(lambda work: commission.my_disputes(work, page.fetch, page.after))
        return page.answer(found, dispute_out, lambda each: each.dispute.opened_at)

    @post(
        "/statements/{statement_id:str}/lines/{line_id:str}/disputes",
        opt=LEADER,
        sync_to_thread=True,
    )
    def doubt(
        self,
        statement_id: FromPath[str],
        line_id: FromPath[str],
        data: JSONBody[DisputeIn],
        visit: NamedDependency[Visit],
    ) -> Response[DisputeOut]:
        """Doubt a line of a statement; finance answers. A line has one open dispute at most."""
        return visit.once(
            lambda work: commission.open_my_dispute(work, statement_id, line_id, data.reason),
            dispute_out,
            201,
            private=True,
        )


class DisputeAnswerIn(msgspec.Struct, forbid_unknown_fields=True):
    """The line stands, or the rate it should have had."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, description="The leader reads it")]
    rate_bp: Annotated[int, Meta(ge=0, le=CAP_BP, description="Basis points")] | None = None


class DisputeDesk(Controller):
    """Disputes, for finance."""

    path = "/ops/disputes"
    tags = ("settlement",)

    @get("/", opt=FINANCE, sync_to_thread=True)
    def list_disputes(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], within: StateText = None
    ) -> Response[Listing[DisputeOut]]:
        """List everybody's disputes, newest first."""
        found = visit.read(
            lambda work: commission.list_disputes(work, within, page.fetch, page.after)
        )
        return page.answer(found, dispute_out, lambda each: each.dispute.opened_at)

    @post("/{dispute_id:str}/answer", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def answer(
        self,
        dispute_id: FromPath[str],
        data: JSONBody[DisputeAnswerIn],
        visit: NamedDependency[Visit],
    ) -> Response[DisputeOut]:
        """Answer, once: without `rate_bp` the line stands, with it an entry corrects the line."""
        reply = _reply(dispute_id, data)
        return visit.once(reply, dispute_out, private=True)


def _reply(dispute_id: str, data: DisputeAnswerIn) -> Callable[[Work], DisputeView]:
    reason, bp = data.reason, data.rate_bp
    if bp is None:
        return lambda work: commission.uphold(work, dispute_id, reason)
    return lambda work: commission.adjust_line(work, dispute_id, bp, reason)


def asked_for(key: str) -> tuple[str, Form | None]:
    """Split an id with `.csv`, `.xlsx` or `.pdf` behind it; None where nothing known is."""
    name, _, form = key.rpartition(".")
    return (name, form) if form in FORMS else (key, None)


def file_of(visit: Visit, page: StatementPage, form: Form) -> Response[Any]:
    """Answer with a statement as a file to keep."""
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(page, form)}"',
        "Cache-Control": "private, no-store",
    }
    content = written(page, form, visit.language)
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def dispute_out(view: DisputeView) -> DisputeOut:
    """Render a dispute."""
    found = view.dispute
    return DisputeOut(
        id=found.id,
        statement_id=found.statement_id,
        line_id=found.entry_id,
        order_id=found.order_id,
        leader_id=found.leader_id,
        state=found.state,
        reason=view.text,
        answer=view.answer,
        adjustment_id=found.adjustment_id,
        opened_at=found.opened_at,
        answered_at=found.answered_at,
    )
