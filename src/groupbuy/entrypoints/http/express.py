"""The short way to the few addresses that thousands ask at once.

Same guard, same visit, same handler, same problems as through the framework; only its routing and
its injection of dependencies are left out, which cost such a request more than its work.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from attrs import field, frozen
from litestar import Litestar, MediaType, Response
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Receive, Scope, Send

from groupbuy.entrypoints.http.auth import Doorman
from groupbuy.entrypoints.http.problems import answer_problem
from groupbuy.entrypoints.http.strict import StrictRequest
from groupbuy.entrypoints.http.visit import visit_of

Answer = Callable[..., Awaitable["Response[Any]"]]
"""Answers a request and its visit, given what the address leaves open: an id, or two words."""
Shape = tuple[str, str, str]
"""Method, what stands before what is left open, what stands behind it."""
_WORDS = "{}/{}"
"""Behind: two words, and nothing else."""
_BODILESS = frozenset({204, 304})
_ID_LENGTH = 40


@frozen
class Stop:
    """One address of the short way."""

    handler: BaseRouteHandler
    template: str
    parameters: tuple[str, ...]
    answer: Answer


@frozen
class Express:
    """Answers what has a stop here, and hands everything else to the framework."""

    doorman: Doorman
    stops: dict[Shape, Stop] = field(factory=dict)

    async def serve(
        self,
        scope: Any,
        receive: Receive,
        send: Send,
        otherwise: Callable[[Scope, Receive, Send], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        found = self._stop_of(scope["method"], scope["path"])
        if found is None:
            await otherwise(scope, receive, send)
            return
        stop, words = found
        scope["route_handler"], scope["path_template"] = stop.handler, stop.template
        scope["path_params"] = dict(zip(stop.parameters, words, strict=True))
        await _send(await self._answered(stop, words, StrictRequest(scope, receive, send)), send)

    def _stop_of(self, method: str, path: str) -> tuple[Stop, tuple[str, ...]] | None:
        head, mark, tail = path.partition("_")
        before, slash, kind = head.rpartition("/")
        body, _, after = tail.partition("/")
        stop = self.stops.get((method, before + slash, after))
        if stop is not None and mark and len(body) <= _ID_LENGTH:
            return stop, (f"{kind}_{body}",)
        before, *words = path.rsplit("/", 2)
        stop = self.stops.get((method, before + "/", _WORDS))
        if stop is not None and all(0 < len(word) <= _ID_LENGTH for word in words):
            return stop, tuple(words)
        return None

    async def _answered(
        self, stop: Stop, words: tuple[str, ...], request: StrictRequest
    ) -> "Response[Any]":
        try:
            await self.doorman(request, stop.handler)
            return await stop.answer(request, await visit_of(request, self.doorman.app), *words)
        except Exception as error:  # noqa: BLE001  as the framework does with the same function
            return answer_problem(request, error)


def stops_of(api: Litestar, answers: Mapping[tuple[str, str], Answer]) -> dict[Shape, Stop]:
    """Return the stops for some addresses, named by method and path template.

    Raises KeyError for an address that the framework does not serve.
    """
    handlers: dict[tuple[str, str], HTTPRouteHandler] = {}
    for route in api.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                handlers[str(method), route.path_format] = handler
    found = dict[Shape, Stop]()
    for (verb, template), answer in answers.items():
        before, after = template[: template.index("{")], template[template.rindex("}") + 1 :]
        parameters = tuple(re.findall(r"{(\w+)", template))
        behind = after.removeprefix("/") if len(parameters) == 1 else _WORDS
        found[verb, before, behind] = Stop(handlers[verb, template], template, parameters, answer)
    return found


async def _send(response: "Response[Any]", send: Send) -> None:
    content, status = response.content, response.status_code or 200
    body = content if isinstance(content, bytes) else b""
    if not isinstance(content, bytes) and content is not None:
        body = msgspec.json.encode(content)
    headers = [(k.lower().encode(), v.encode()) for k, v in response.headers.items()]
    if status not in _BODILESS:
        kind = response.media_type or MediaType.JSON
        headers += [
            (b"content-type", str(getattr(kind, "value", kind)).encode()),
            (b"content-length", b"%d" % len(body)),
        ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
