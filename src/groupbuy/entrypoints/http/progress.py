"""How far a group is, for everybody: by polling with an ETag, or as a stream."""

from litestar import Controller, MediaType, Response, asgi, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import ASGIRouteHandler
from litestar.params import FromPath
from litestar.types import Receive, Scope, Send

from groupbuy.domain.kernel import TooMany
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.campaign_schemas import ProgressOut, progress_out
from groupbuy.entrypoints.http.live import MOST_LISTENERS, ProgressHub, last_seen, stream
from groupbuy.entrypoints.http.visit import Visit

EVENTS = "/shop/groups/{group_id:str}/events"
_BUSY_SECONDS = 5


class ProgressController(Controller):
    """/shop/groups: progress once; the stream is `EVENTS`."""

    path = "/shop/groups"
    tags = ("shop",)

    @get("/{group_id:str}/progress", opt=public())
    async def show(
        self,
        group_id: FromPath[str],
        visit: NamedDependency[Visit],
        hub: NamedDependency[ProgressHub],
    ) -> Response[ProgressOut]:
        """Tell how far a group is. `If-None-Match` answers 304 until it changes."""
        found = await hub.state((visit.caller.tenant, group_id))
        etag = f'W/"{found.sequence}"'
        if etag in visit.if_none_match:
            return Response(None, status_code=304, media_type=MediaType.TEXT, headers={"ETag": etag})  # type: ignore[arg-type]
        return Response(progress_out(found), headers={"ETag": etag, "Cache-Control": "no-cache"})


def events_route(hub: ProgressHub) -> ASGIRouteHandler:
    """Return the route of the streams: server-sent events, one `progress` per change."""

    @asgi(EVENTS, opt=public())
    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        """Stream a group's progress; `Last-Event-ID` is the sequence seen last."""
        request = ASGIConnection[object, object, object, object](scope, receive, send)
        key = (request.scope["state"]["caller"].tenant, scope["path_params"]["group_id"])
        found = await hub.state(key)
        if hub.watchers >= MOST_LISTENERS:
            raise TooMany(retry_after_seconds=_BUSY_SECONDS)
        listener = hub.join(key, found)
        seen = last_seen(request.headers.get("last-event-id", ""))
        await stream(hub, key, listener, seen, receive, send)

    return events
