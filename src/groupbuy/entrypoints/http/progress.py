"""How far a group is, for everybody: by polling with an ETag, or as a stream."""

from typing import Any, cast

import msgspec
from litestar import Controller, MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from groupbuy.domain.campaigns import Progress
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.live import Hub, last_seen, streaming
from groupbuy.entrypoints.http.progress_schemas import ProgressOut, progress_out
from groupbuy.entrypoints.http.visit import Visit


class ProgressHub(Hub[Progress]):
    """Who watches how far which group is."""

    kind, event = "group", "progress"

    def encoded(self, state: Progress) -> bytes:
        """Return progress as its API shows it."""
        return msgspec.json.encode(progress_out(state))


class ProgressController(Controller):
    """/shop/groups: progress once; and as a stream of server-sent events."""

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
        return await show_progress(visit, hub, group_id)

    # A plain ASGI route would be shorter, but the router finds none that has a path parameter.
    @get("/{group_id:str}/events", opt=public(), include_in_schema=False)
    async def events(
        self,
        group_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        hub: NamedDependency[ProgressHub],
    ) -> ASGIApp:
        """Stream a group's progress; `Last-Event-ID` is the sequence seen last."""
        key = (visit.caller.tenant, group_id)
        found = await hub.state(key)
        last = last_seen(request.headers.get("last-event-id", ""))
        return streaming(hub, key, found, last=last, address=visit.address)


async def show_progress(visit: Visit, hub: ProgressHub, group_id: str) -> Response[ProgressOut]:
    """Answer how far a group is, or that nothing changed. Raises NotFound, Unavailable."""
    found = await hub.state((visit.caller.tenant, group_id))
    etag = f'W/"{found.sequence}"'
    if etag in visit.if_none_match:
        return cast("Response[ProgressOut]", _unchanged(etag))
    return Response(progress_out(found), headers={"ETag": etag, "Cache-Control": "no-cache"})


def _unchanged(etag: str) -> Response[None]:
    return Response(None, status_code=304, media_type=MediaType.TEXT, headers={"ETag": etag})
