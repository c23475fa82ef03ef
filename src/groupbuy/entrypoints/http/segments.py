"""Segments: merchants keep those of their customers, operators all."""

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from groupbuy.application import segments
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.segment_schemas import (
    SegmentIn,
    SegmentOut,
    SegmentPreviewOut,
    segment_out,
    segment_preview_out,
)
from groupbuy.entrypoints.http.visit import Visit

SELLERS = only(Role.MERCHANT, Role.OPERATOR)


class SegmentDesk(Controller):
    """/merchant/segments: for merchants their own, for operators all."""

    path = "/merchant/segments"
    tags = ("segments",)

    @post("/", opt=SELLERS, sync_to_thread=True)
    def create(
        self, data: JSONBody[SegmentIn], visit: NamedDependency[Visit]
    ) -> Response[SegmentOut]:
        """Keep a segment: which customers are meant; it is counted soon, and every day."""
        return visit.once(
            lambda work: segments.create_segment(work, data.name, data.who, data.merchant_id),
            segment_out, 201,
        )  # fmt: skip

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_segments(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[SegmentOut]]:
        """List segments, the newest first."""
        found = visit.read(lambda work: segments.segments(work, page.fetch, page.after))
        return page.answer(found, segment_out, lambda each: each.created_at)

    @get("/{segment_id:str}", opt=SELLERS, sync_to_thread=True)
    def show(self, segment_id: FromPath[str], visit: NamedDependency[Visit]) -> SegmentOut:
        """Show a segment and how many belonged to it when it was last counted."""
        return segment_out(visit.read(lambda work: segments.segment_of(work, segment_id)))

    @put("/{segment_id:str}", opt=SELLERS, sync_to_thread=True)
    def edit(
        self, segment_id: FromPath[str], data: JSONBody[SegmentIn], visit: NamedDependency[Visit]
    ) -> Response[SegmentOut]:
        """Say anew who is meant."""
        return visit.once(
            lambda work: segments.edit_segment(work, segment_id, data.name, data.who), segment_out
        )

    @delete("/{segment_id:str}", opt=SELLERS, sync_to_thread=True, status_code=200)
    def remove(
        self, segment_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[SegmentOut]:
        """Forget a segment; nobody belongs to it any more."""
        return visit.once(lambda work: segments.remove_segment(work, segment_id), segment_out)

    @get("/{segment_id:str}/preview", opt=SELLERS, sync_to_thread=True)
    def preview(
        self, segment_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> SegmentPreviewOut:
        """Count who is meant at this moment, and show a few without what tells who they are."""
        found = visit.read(lambda work: segments.preview_segment(work, segment_id))
        return segment_preview_out(found, visit.app.settings.policy.currency)


SEGMENTS = (SegmentDesk,)
"""The controllers of this file."""
