"""For machines that watch us: alive, ready, numbers. And for people: what a problem means."""

import hmac
from html import escape
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, SkipValidation

from groupbuy.domain.kernel import DomainError, NotFound
from groupbuy.entrypoints.bootstrap import App, schema_revision
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.metrics import Meters
from groupbuy.entrypoints.http.texts import TITLES

_LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Health(msgspec.Struct, frozen=True):
    """Whether we can serve."""

    status: str
    checks: dict[str, str] = {}


@get("/health/live", opt=public(), sync_to_thread=False, tags=["health"])
def live() -> Health:
    """Tell that the process runs."""
    return Health("ok")


@get("/health/ready", opt=public(), sync_to_thread=True, tags=["health"])
def ready(app: NamedDependency[SkipValidation[App]]) -> Response[Health]:
    """Tell whether requests can be served: database reachable, schema there. 503 otherwise."""
    try:
        checks = {"database": "ok", "schema": "ok" if schema_revision(app.settings) else "missing"}
    except DomainError as error:
        checks = {"database": error.code}
    fine = set(checks.values()) == {"ok"}
    return Response(Health("ok" if fine else "unready", checks), status_code=200 if fine else 503)


def metrics_route(app: App, meters: Meters) -> HTTPRouteHandler:
    """Return the route of the numbers, for this machine or whoever holds the token."""
    token = app.settings.http.metrics_token.get_secret_value()

    @get("/metrics", opt=public(), include_in_schema=False, sync_to_thread=True)
    def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Show all counters."""
        if not _may_read(request, token):
            raise NotFound(kind="page", key="metrics")
        return Response(meters.page(), media_type=_METRICS_TYPE)

    return metrics


@get("/problems/{code:str}", opt=public(), sync_to_thread=False, include_in_schema=False)
def problem_page(code: FromPath[str]) -> Response[str]:
    """Explain a problem code to a person."""
    text = TITLES.get(code)
    if text is None:
        raise NotFound(kind="problem", key=code[:100])
    page = _PAGE.format(code=escape(code), zh=escape(text.zh), en=escape(text.en))
    return Response(page, media_type=MediaType.HTML)


_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{code}</title></head>
<body><h1><code>{code}</code></h1><p>{zh}</p><p lang="en">{en}</p></body></html>
"""


def _may_read(request: Request[Any, Any, Any], token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return not forwarded and request.client is not None and request.client.host in _LOOPBACK
