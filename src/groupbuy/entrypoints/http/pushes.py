"""Pushes to segments, and the word of those who hear them."""

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from groupbuy.application import segments
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.push_schemas import (
    PushConsentIn,
    PushConsentOut,
    PushIn,
    PushOut,
    PushPreviewOut,
    PushReportOut,
    PushSendIn,
    UnsubscribeIn,
    push_consent_out,
    push_out,
    push_preview_out,
    push_report_out,
)
from groupbuy.entrypoints.http.visit import Visit

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
ANYBODY = only(*Role)


class PushDesk(Controller):
    """/merchant/pushes: for merchants their own, for operators all."""

    path = "/merchant/pushes"
    tags = ("segments",)

    @post("/", opt=SELLERS, sync_to_thread=True)
    def write(self, data: JSONBody[PushIn], visit: NamedDependency[Visit]) -> Response[PushOut]:
        """Write a push about a campaign or a product; nothing is sent yet."""
        new = data.push()
        return visit.once(lambda work: segments.write_push(work, new), push_out, 201)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_pushes(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[PushOut]]:
        """List pushes, the newest first."""
        found = visit.read(lambda work: segments.pushes(work, page.fetch, page.after))
        return page.answer(found, push_out, lambda each: each.created_at)

    @get("/{push_id:str}/preview", opt=SELLERS, sync_to_thread=True)
    def preview(self, push_id: FromPath[str], visit: NamedDependency[Visit]) -> PushPreviewOut:
        """Tell whom it would reach at this moment, whom not and why; and the digest of that."""
        return push_preview_out(visit.read(lambda work: segments.preview_push(work, push_id)))

    @post("/{push_id:str}/send", opt=SELLERS, sync_to_thread=True, status_code=200)
    def send(
        self, push_id: FromPath[str], data: JSONBody[PushSendIn], visit: NamedDependency[Visit]
    ) -> Response[PushOut]:
        """Send it as it was previewed; in quiet hours it waits for the morning."""
        return visit.once(lambda work: segments.send_push(work, push_id, data.digest), push_out)

    @post("/{push_id:str}/cancel", opt=SELLERS, sync_to_thread=True, status_code=200)
    def cancel(self, push_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[PushOut]:
        """Send it to nobody else."""
        return visit.once(lambda work: segments.cancel_push(work, push_id), push_out)

    @get("/{push_id:str}/report", opt=SELLERS, sync_to_thread=True)
    def report(self, push_id: FromPath[str], visit: NamedDependency[Visit]) -> PushReportOut:
        """Tell whom it reached, who read it, who ordered within the days that count."""
        found = visit.read(lambda work: segments.report_push(work, push_id))
        return push_report_out(found, visit.app.settings.policy.currency)


class PushWishes(Controller):
    """/me/offers: where one wants to hear of offers."""

    path = "/me/offers"
    tags = ("me",)

    @get("/", opt=ANYBODY, sync_to_thread=True)
    def mine(self, visit: NamedDependency[Visit]) -> PushConsentOut:
        """Show where one wants to hear of offers: nowhere, unless one said so."""
        return push_consent_out(visit.read(segments.my_consent))

    @put("/", opt=ANYBODY, sync_to_thread=True)
    def agree(
        self, data: JSONBody[PushConsentIn], visit: NamedDependency[Visit]
    ) -> Response[PushConsentOut]:
        """Say where one wants to hear of offers; an empty list means nowhere."""
        known = tuple(visit.app.outside.notifiers)
        return visit.once(
            lambda work: segments.consent(work, data.channels, known), push_consent_out
        )


class Unsubscribing(Controller):
    """/shop/unsubscribe."""

    path = "/shop/unsubscribe"
    tags = ("shop",)

    @post("/", opt=public(), sync_to_thread=True, status_code=200)
    def unsubscribe(
        self, data: JSONBody[UnsubscribeIn], visit: NamedDependency[Visit]
    ) -> Response[PushConsentOut]:
        """Hear of no offers any more, without logging in, by what came with a message."""
        return visit.once(
            lambda work: segments.unsubscribe(work, data.token), lambda _: PushConsentOut([])
        )


PUSHES = (PushDesk, PushWishes, Unsubscribing)
"""The controllers of this file."""
