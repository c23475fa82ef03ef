"""Short links: the page that anybody opens, and the same for programs."""

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from groupbuy.application import sharing
from groupbuy.application.sharing import PATH, Landing
from groupbuy.domain.kernel import NotFound, kind_of
from groupbuy.domain.sharing import Attribution, VisitStep
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.cards import FILES, Cards, CardShelf, digest_of
from groupbuy.entrypoints.http.landing import POLICY, landing_page
from groupbuy.entrypoints.http.share_tokens import SharedText, cookie_of, signed
from groupbuy.entrypoints.http.visit import OneVisit, Visit

VISITOR_LETTERS = 16
FRESH_SECONDS = 300
"""How long a picture is believed: a price may come down."""
_PAGES = {"cmp": "campaigns", "prd": "products"}


class VisitIn(msgspec.Struct, forbid_unknown_fields=True):
    """How far somebody came who opened a link."""

    step: VisitStep
    shared: SharedText = ""
    """What an earlier visit answered, so that one browser counts once."""


class VisitOut(msgspec.Struct, frozen=True):
    """What is behind a link, and what to pass on at registration and at a join."""

    subject: str
    title: str
    over: bool
    """Nobody can join it any more."""
    shared: str
    """Empty behind a plain link, which names nobody."""


class ShareVisits(Controller):
    """/shop/shares."""

    path = "/shop/shares"
    tags = ("sharing",)

    @post("/{code:str}/visits", opt=public(keyless=True), sync_to_thread=True, status_code=200)
    def visited(
        self, code: FromPath[str], data: JSONBody[VisitIn], visit: NamedDependency[Visit]
    ) -> Response[VisitOut]:
        """Count that somebody opened a link, or pressed on; once for each browser."""
        landing, shared = _count(visit, code, data.step, data.shared)
        out = VisitOut(landing.subject, landing.title, landing.facts is None, shared)
        return Response(out)


class SharePages(Controller):
    """/s."""

    path = PATH
    tags = ("sharing",)

    @get("/{code:str}", opt=public(), sync_to_thread=True, media_type=MediaType.HTML)
    def shown(self, code: FromPath[str], visit: NamedDependency[Visit]) -> Response[str]:
        """Show what is behind a link, with what previews of platforms read."""
        landing, shared = _count(visit, code, VisitStep.SHOWN)
        address = f"{visit.app.settings.base_url}{PATH}{code}"
        page = landing_page(landing, address, english=visit.language == "en")
        headers = {"Content-Security-Policy": POLICY}
        cookies = [cookie_of(visit.app, shared)] if shared else []
        return Response(page, media_type=MediaType.HTML, headers=headers, cookies=cookies)

    @get("/{code:str}/{file:str}", opt=public(), sync_to_thread=True, media_type="image/jpeg")
    def card(
        self,
        code: FromPath[str],
        file: FromPath[str],
        visit: NamedDependency[Visit],
        cards: NamedDependency[Cards],
    ) -> Response[bytes]:
        """Show the picture of a link."""
        return _card(visit, cards, code, file)

    @post("/{code:str}", opt=public(keyless=True), sync_to_thread=True, status_code=303)
    def left(self, code: FromPath[str], visit: NamedDependency[Visit]) -> Response[None]:
        """Take somebody on to the campaign or the product."""
        landing, shared = _count(visit, code, VisitStep.CLICKED)
        settings = visit.app.settings
        pages = (settings.share.pages or settings.base_url).rstrip("/")
        to = f"{pages}/{_PAGES[kind_of(landing.subject)]}/{landing.subject}"
        cookies = [cookie_of(visit.app, shared)] if shared else []
        return Response(None, status_code=303, headers={"Location": to}, cookies=cookies)


def _card(visit: OneVisit, cards: CardShelf, code: str, file: str) -> Response[bytes]:
    if file not in FILES:
        raise NotFound(kind="file", key=file[:40])
    tenant, base = visit.caller.tenant, visit.app.settings.base_url
    draft = visit.read(lambda work: sharing.draft_card(work, code, base, english=FILES[file]))
    etag = f'"{digest_of(tenant, draft)}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={FRESH_SECONDS}"}
    if etag in visit.if_none_match:
        return Response(b"", status_code=304, headers=headers)
    made = cards.drawn(tenant, draft)
    return Response(made.data, media_type=made.media_type, headers=headers)


def _count(visit: OneVisit, code: str, step: VisitStep, shared: str = "") -> tuple[Landing, str]:
    """Return what is behind a code, and what the browser carries along from here on.

    The link that was opened last is the one that counts. Raises NotFound.
    """
    app, caller = visit.app, visit.caller
    landing = visit.read(lambda work: sharing.open_link(work, code))
    if landing.link is None:
        return landing, ""
    before = visit.brought(shared)
    visitor = before.visitor if before else app.kit.ids.token()[:VISITOR_LETTERS]
    sharing.count_visit(app.desk, caller, landing.link, step, visitor, visit.address)
    now = app.kit.clock.now().replace(microsecond=0)
    return landing, signed(app, caller.tenant, Attribution(landing.link.id, visitor, now))
