"""The outermost layer: request ids, the access log, metrics, headers that protect browsers."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from attrs import define, field, frozen
from litestar.types import Message, Receive, Scope, Send

from groupbuy.application.ports import Ids
from groupbuy.entrypoints.http.metrics import Meters
from groupbuy.entrypoints.http.problems import MEDIA_TYPE, malformed, problem_of
from groupbuy.entrypoints.http.strict import safe_target
from groupbuy.entrypoints.http.texts import language_of

Next = Callable[[Scope, Receive, Send], Awaitable[None]]

UNMATCHED = "unmatched"
"""The route of a request that no handler has."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_STREAMS = "/events"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

SAFETY: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
    (
        b"content-security-policy",
        (
            b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
            b"frame-ancestors 'none'; form-action 'self'"
        ),
    ),
)
"""Sent with every answer."""
TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""Sent where we are reached by HTTPS."""


@define
class _Answer:
    """What was answered, seen in passing."""

    status: int = 500


@frozen
class Edge:
    """Wraps the whole application."""

    ids: Ids
    meters: Meters
    secure: bool
    methods: dict[str, set[str]] = field(factory=dict)
    """Methods by route template, filled in once the routes are known."""

    async def serve(self, scope: Any, receive: Receive, send: Send, to: Next) -> None:
        """Answer one HTTP request and log it as one event."""
        started = time.perf_counter()
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        answer, method = _Answer(), scope["method"]
        # A copy: the server looks at its own scope to know that HEAD has no body.
        inner: Any = {**scope, "method": "GET"} if _is_silent_get(scope) else scope
        outward = self._outward(inner, method, request_id, answer, send)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            if _readable(scope):
                await to(inner, receive, outward)
            else:
                await _unreadable(scope, request_id, outward)
        finally:
            self._note(inner, method, answer.status, time.perf_counter() - started)

    def _request_id(self, scope: Any) -> str:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        if _REQUEST_ID.fullmatch(given):
            return str(given, "ascii")
        return self.ids.token()[:22]

    def _outward(
        self, scope: Any, method: str, request_id: str, answer: _Answer, send: Send
    ) -> Send:
        extra = [*SAFETY, (b"x-request-id", request_id.encode())]
        if self.secure:
            extra.append(TRANSPORT)

        async def outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                headers = list(message["headers"])
                if method == "OPTIONS":
                    headers = self._with_methods(headers, str(scope.get("path_template")))
                names = {name.lower() for name, _ in headers}
                more = [each for each in extra if each[0] not in names]
                if b"cache-control" not in names:
                    more.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*headers, *more]}
            elif method == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return outward

    def _with_methods(
        self, headers: list[tuple[bytes, bytes]], route: str
    ) -> list[tuple[bytes, bytes]]:
        """Name every method of an address; the framework knows those of one handler only."""
        if route not in self.methods:
            return headers
        allowed = ", ".join(sorted(self.methods[route])).encode()
        kept = [each for each in headers if each[0].lower() != b"allow"]
        return [*kept, (b"allow", allowed)]

    def _note(self, scope: Any, method: str, status: int, seconds: float) -> None:
        route = str(scope.get("path_template") or UNMATCHED)
        known = method if method in _METHODS else "OTHER"
        # A stream lasts as long as somebody looks: that is no time to answer.
        lasted = None if route.endswith(_STREAMS) else seconds
        self.meters.answered(known, route, status, lasted)
        caller = scope["state"].get("caller")
        structlog.get_logger().info(
            "request",
            method=known,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            tenant=getattr(caller, "tenant", ""),
        )


def _is_silent_get(scope: Any) -> bool:
    return scope["method"] == "HEAD" and not scope["path"].endswith(_STREAMS)


def _readable(scope: Any) -> bool:
    raw = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    return safe_target(raw.partition(b"?")[0]) and safe_target(
        scope.get("query_string", b"").replace(b"+", b" ")
    )


async def _unreadable(scope: Any, request_id: str, send: Send) -> None:
    accept = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    language = language_of(accept.decode("latin-1"))
    problem = problem_of(malformed("path", "unsafe_text"), language, request_id)
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
