"""The web API: the app factory and the list of what it serves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from attrs import define, field
from litestar import (
    Litestar,
    Request,
    Response,
    Router,
)
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.routes import HTTPRoute
from litestar.types import Receive, Scope, Send

from groupbuy.application import logistics
from groupbuy.application.campaigns import progress as read_progress
from groupbuy.application.checkout import join_many
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Progress
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http import health
from groupbuy.entrypoints.http.auth import Doorman
from groupbuy.entrypoints.http.callbacks import (
    Hearing,
    hear_money,
    hearing_of,
)
from groupbuy.entrypoints.http.campaign_pages import CampaignPages
from groupbuy.entrypoints.http.cards import CardShelf
from groupbuy.entrypoints.http.controllers import CONTROLLERS
from groupbuy.entrypoints.http.describe import Finisher
from groupbuy.entrypoints.http.docs import openapi_config
from groupbuy.entrypoints.http.edge import Edge
from groupbuy.entrypoints.http.express import Answer, Express, stops_of
from groupbuy.entrypoints.http.homes import HomePages
from groupbuy.entrypoints.http.mailbox import Mailbox
from groupbuy.entrypoints.http.metrics import Meters
from groupbuy.entrypoints.http.paging import LIMIT, CursorText, Limit, Page, page_of
from groupbuy.entrypoints.http.pictures import (
    private_file,
    public_file,
)
from groupbuy.entrypoints.http.problems import answer_problem
from groupbuy.entrypoints.http.progress import (
    ProgressHub,
    show_progress,
)
from groupbuy.entrypoints.http.roll_pages import RollPages
from groupbuy.entrypoints.http.sessions import Sessions
from groupbuy.entrypoints.http.share_pages import SharePages
from groupbuy.entrypoints.http.shop_campaigns import (
    Joins,
    refused,
    rendered,
    show_campaign,
    take_seat,
)
from groupbuy.entrypoints.http.strict import BODY_BYTES, StrictRequest
from groupbuy.entrypoints.http.tenancy import Hosts
from groupbuy.entrypoints.http.timeline import (
    LOOK_SECONDS,
    MOST_WATCHING,
    Timeline,
    TimelineHub,
)
from groupbuy.entrypoints.http.visit import Visit, visit_of

"""Everything under /api/v1; a context adds its controllers here."""

PREFIX = "/api/v1"
STUDIO_SEATS = 2
"""Pictures one process makes at once."""
THREADS_KEPT = 2
"""Threads beyond the database's connections, for what needs none."""


class Api(Litestar):
    """Litestar inside our own edge, so that even an unknown address gets ids, logs and headers."""

    edge: Edge
    express: Express

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "http":
            scope["app"] = scope["litestar_app"] = self
            await self.edge.serve(scope, receive, send, self._answer)
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.express.serve(scope, receive, send, super().__call__)


@define(eq=False)
class Hall:
    """What one web process keeps besides the `App`."""

    app: App
    mailbox: Joins
    hearing: Hearing
    hub: ProgressHub
    timelines: TimelineHub
    sessions: Sessions
    pages: CampaignPages
    homes: HomePages
    cards: CardShelf
    rolls: RollPages
    meters: Meters = field(factory=Meters)
    studio: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(STUDIO_SEATS))
    """Making pictures is work for the processor: a few at a time, whoever else waits."""

    @asynccontextmanager
    async def open(self, _api: Litestar) -> AsyncIterator[None]:
        """Start what runs beside the requests; in the end drain it."""
        threads = self.app.settings.database.threads + THREADS_KEPT
        pool = ThreadPoolExecutor(threads, thread_name_prefix="http")
        asyncio.get_running_loop().set_default_executor(pool)
        self.hub.start()
        self.timelines.start()
        stop = self.app.signals.listen(self.hub.heard, self.hub.lost)
        self.sessions.start()
        self.mailbox.start()
        self.hearing.start()
        try:
            yield
        finally:
            await self.hub.close()
            await self.timelines.close()
            await sync_to_thread(self.mailbox.close)
            await sync_to_thread(self.hearing.close)
            await sync_to_thread(self.sessions.close)
            await sync_to_thread(stop)

    def watch(self) -> None:
        """Show what happens here among the metrics."""
        tally, hub, mailbox = self.mailbox.tally, self.hub, self.mailbox
        shown: dict[str, tuple[str, Callable[[], float]]] = {
            "waiting": ("Commands waiting for a lane", lambda: mailbox.waiting),
            "batch_size": ("Commands the next batch may hold", lambda: mailbox.size),
            "posted": ("Commands posted", lambda: tally.posted),
            "refused": ("Commands turned away, queue full", lambda: tally.refused),
            "batches": ("Batches carried out", lambda: tally.batches),
            "one_by_one": ("Batches carried out singly", lambda: tally.one_by_one),
        }
        for name, (meaning, read) in shown.items():
            self.meters.watch(f"groupbuy_mailbox_{name}", meaning, read)
        hubs = (hub, self.timelines)
        self.meters.watch(
            "groupbuy_live_listeners", "Open streams", lambda: sum(each.watchers for each in hubs)
        )
        database = self.app.database
        self.meters.watch(
            "groupbuy_database_statements", "SQL statements sent", lambda: database.statements
        )


def create_api(app: App) -> Litestar:
    """Build the web API of one process around an application. The caller closes `app`."""
    settings = app.settings
    sessions, pages = Sessions(app), CampaignPages(app)
    hub = ProgressHub(partial(_progress, app))
    timelines = TimelineHub(partial(_timelines, app), poll_seconds=LOOK_SECONDS, most=MOST_WATCHING)
    shelves = HomePages(app), CardShelf(app), RollPages(app)
    hall = Hall(app, mailbox_of(app), hearing_of(app), hub, timelines, sessions, pages, *shelves)
    hall.watch()
    app.signals.here(sessions.forget)
    app.signals.here(hall.hub.changed)
    app.signals.here(pages.changed)
    app.signals.listen(sessions.forget, sessions.forget_all)
    app.signals.listen(pages.changed, pages.forget_all)
    doorman = Doorman(app, sessions, Hosts(app.database.tenants, settings.http.default_tenant))
    finisher = Finisher()
    api = Api(
        route_handlers=[
            Router(path=PREFIX, route_handlers=CONTROLLERS),
            public_file,
            private_file,
            SharePages,
            health.live,
            health.ready,
            health.problem_page,
            health.metrics_route(app, hall.meters),
        ],
        guards=[doorman],
        dependencies=_dependencies(hall),
        exception_handlers={
            DomainError: answer_problem,
            HTTPException: answer_problem,
            Exception: answer_problem,
        },
        request_class=StrictRequest,
        request_max_body_size=BODY_BYTES,
        lifespan=[hall.open],
        openapi_config=openapi_config(finisher),
        logging_config=None,
    )
    finisher.api = api
    api.edge = Edge(app.kit.ids, hall.meters, settings.secure)
    _learn_routes(api, doorman)
    api.express = Express(doorman, stops_of(api, _hot(hall)))
    return api


def _hot(hall: Hall) -> dict[tuple[str, str], Answer]:
    """Return the addresses that thousands ask at once."""

    async def join(request: StrictRequest, visit: Visit, campaign_id: str) -> Response[Any]:
        return await take_seat(visit, hall.mailbox.answer, campaign_id, await request.json())

    async def campaign(_request: StrictRequest, visit: Visit, campaign_id: str) -> Response[Any]:
        return await show_campaign(visit, hall.pages, campaign_id)

    async def progress(_request: StrictRequest, visit: Visit, group_id: str) -> Response[Any]:
        return await show_progress(visit, hall.hub, group_id)

    async def money(request: StrictRequest, visit: Visit, *place: str) -> Response[None]:
        provider, tenant = place
        return await hear_money(request, visit, hall.hearing, (provider, tenant))

    return {
        ("POST", f"{PREFIX}/callbacks/payments/{{provider}}/{{tenant}}"): money,
        ("POST", f"{PREFIX}/shop/campaigns/{{campaign_id}}/joins"): join,
        ("GET", f"{PREFIX}/shop/campaigns/{{campaign_id}}"): campaign,
        ("GET", f"{PREFIX}/shop/groups/{{group_id}}/progress"): progress,
    }


def mailbox_of(app: App) -> Joins:
    """Return the mailbox of joins, not started yet."""
    said = app.settings.mailbox
    return Mailbox(
        carry_out=partial(join_many, app.desk, render=rendered, refuse=refused),
        lanes=said.lanes,
        per_group=said.per_group,
        in_total=said.in_total,
        target_seconds=said.target_millis / 1000,
    )


def _dependencies(hall: Hall) -> dict[str, Provide]:
    key = hall.app.signing_key

    async def visit(request: Request[Any, Any, Any]) -> Visit:
        return await visit_of(request, hall.app)

    def mailbox(visit: NamedDependency[Visit]) -> Joins:  # noqa: ARG001  asked for, to come after
        # Dependencies that need not wait for each other cost a task group a request.
        return hall.mailbox

    def page(
        request: Request[Any, Any, Any], limit: Limit = LIMIT, cursor: CursorText = ""
    ) -> Page:
        return page_of(request, key, limit, cursor)

    return {
        "app": Provide(lambda: hall.app, sync_to_thread=False),
        "hub": Provide(lambda: hall.hub, sync_to_thread=False),
        "timelines": Provide(lambda: hall.timelines, sync_to_thread=False),
        "mailbox": Provide(mailbox, sync_to_thread=False),
        "pages": Provide(lambda: hall.pages, sync_to_thread=False),
        "homes": Provide(lambda: hall.homes, sync_to_thread=False),
        "cards": Provide(lambda: hall.cards, sync_to_thread=False),
        "rolls": Provide(lambda: hall.rolls, sync_to_thread=False),
        "studio": Provide(lambda: hall.studio, sync_to_thread=False),
        "hearing": Provide(lambda: hall.hearing, sync_to_thread=False),
        "visit": Provide(visit),
        "page": Provide(page, sync_to_thread=False),
    }


def _progress(app: App, tenant: str, group_ids: Sequence[str]) -> Mapping[str, Progress]:
    return app.desk.read(Caller(tenant=tenant), lambda work: read_progress(work, group_ids))


def _timelines(app: App, tenant: str, order_ids: Sequence[str]) -> Mapping[str, Timeline]:
    found = app.desk.read(Caller(tenant=tenant), lambda work: logistics.timelines(work, order_ids))
    return {order_id: Timeline(tuple(moments)) for order_id, moments in found.items()}


def _learn_routes(api: Api, doorman: Doorman) -> None:
    """Note the methods of each address, and what each handler is given in them."""
    for route in api.routes:
        if isinstance(route, HTTPRoute):
            api.edge.methods[route.path_format] = set(route.methods)
            for handler, model in route.route_handler_map.values():
                known = {each.field_alias for each in model.expected_query_params}
                doorman.parameters[handler] = frozenset(known)
                doorman.names[handler] = {
                    each.field_name: each.field_alias
                    for each in (*model.expected_query_params, *model.expected_header_params)
                }
