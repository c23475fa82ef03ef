"""What happened to an order, line by line: by polling, with 304 until more did, or as a stream."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

import msgspec
from attrs import frozen
from litestar import Controller, MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from groupbuy.application import logistics
from groupbuy.application.logistics import Moment
from groupbuy.application.write_path import Work
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.live import Hub, last_seen, streaming
from groupbuy.entrypoints.http.visit import Visit
from groupbuy.entrypoints.timeline_texts import told

SHOPPER = only(Role.SHOPPER)
LEADER = only(Role.LEADER)
SELLERS = only(Role.MERCHANT, Role.OPERATOR)
LOOK_SECONDS = 2
"""How often orders that somebody watches are read: nobody signals what happens to an order."""
MOST_WATCHING = 5_000
ANEW_SECONDS = 300
"""After so long a stream ends, and whoever comes back must still be allowed to look."""


class MomentOut(msgspec.Struct, frozen=True):
    """One line: a state that changed, or a line of a parcel's trace, in both languages."""

    at: datetime
    what: str
    subject: str
    """The order, the parcel or the refund."""
    zh: str
    en: str


class TimelineOut(msgspec.Struct, frozen=True):
    """Everything that happened, oldest first."""

    items: list[MomentOut]


@frozen
class Timeline:
    """Everything that happened to an order until now; lines are only ever added."""

    moments: tuple[Moment, ...]

    @property
    def sequence(self) -> int:
        """How many lines there are."""
        return len(self.moments)


class TimelineHub(Hub[Timeline]):
    """Who watches which order."""

    kind, event = "order", "timeline"

    def encoded(self, state: Timeline) -> bytes:
        """Return all lines, as the API shows them."""
        return msgspec.json.encode(_shown(state.moments))


class Timelines(Controller):
    """…/orders/{id}/timeline, for each side, once and as a stream of server-sent events."""

    path = "/"
    tags = ("orders",)

    @get("/shop/orders/{order_id:str}/timeline", opt=SHOPPER, sync_to_thread=True)
    def mine(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[TimelineOut]:
        """Tell what happened to the caller's own order. `If-None-Match` answers 304."""
        return _answer(visit, lambda work: logistics.my_timeline(work, order_id))

    @get("/leader/orders/{order_id:str}/timeline", opt=LEADER, sync_to_thread=True)
    def leaders(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[TimelineOut]:
        """Tell what happened to an order of the leader's own campaign. Answers 304 too."""
        return _answer(visit, lambda work: logistics.leader_timeline(work, order_id))

    @get("/merchant/orders/{order_id:str}/timeline", opt=SELLERS, sync_to_thread=True)
    def merchants(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[TimelineOut]:
        """Tell what happened to an order of the caller's shop. Answers 304 too."""
        return _answer(visit, lambda work: logistics.merchant_timeline(work, order_id))

    @get("/shop/orders/{order_id:str}/timeline/events", opt=SHOPPER, include_in_schema=False)
    async def follow_mine(
        self,
        order_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        timelines: NamedDependency[TimelineHub],
    ) -> ASGIApp:
        """Stream what happens to the caller's own order."""
        return await _follow(request, visit, timelines, order_id, logistics.my_timeline)

    @get("/leader/orders/{order_id:str}/timeline/events", opt=LEADER, include_in_schema=False)
    async def follow_leaders(
        self,
        order_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        timelines: NamedDependency[TimelineHub],
    ) -> ASGIApp:
        """Stream what happens to an order of the leader's own campaign."""
        return await _follow(request, visit, timelines, order_id, logistics.leader_timeline)

    @get("/merchant/orders/{order_id:str}/timeline/events", opt=SELLERS, include_in_schema=False)
    async def follow_merchants(
        self,
        order_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        timelines: NamedDependency[TimelineHub],
    ) -> ASGIApp:
        """Stream what happens to an order of the caller's shop."""
        return await _follow(request, visit, timelines, order_id, logistics.merchant_timeline)


async def _follow(
    request: Request[Any, Any, Any],
    visit: Visit,
    hub: TimelineHub,
    order_id: str,
    read: Callable[[Work, str], list[Moment]],
) -> ASGIApp:
    """Let in whoever may read the timeline now. Raises Forbidden, NotFound, TooMany."""
    found = await asyncio.to_thread(visit.read, lambda work: Timeline(tuple(read(work, order_id))))
    last = last_seen(request.headers.get("last-event-id", ""))
    key = (visit.caller.tenant, order_id)
    return streaming(hub, key, found, last=last, address=visit.address, seconds=ANEW_SECONDS)


def _answer(visit: Visit, read: Callable[[Work], list[Moment]]) -> Response[TimelineOut]:
    shown = _shown(visit.read(read))
    etag = f'W/"{hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in visit.if_none_match:
        same = Response(None, status_code=304, media_type=MediaType.TEXT, headers=headers)
        return cast("Response[TimelineOut]", same)
    return Response(shown, headers=headers)


def _shown(moments: Iterable[Moment]) -> TimelineOut:
    return TimelineOut([_line(each) for each in moments])


def _line(each: Moment) -> MomentOut:
    return MomentOut(each.at, each.what, each.subject, *told(each))
