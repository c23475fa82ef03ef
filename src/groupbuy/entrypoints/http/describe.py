"""Finishes the OpenAPI description: keys, problems, examples, streams, words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import msgspec
from attrs import define, field
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPI
from litestar.routes import HTTPRoute

from groupbuy.entrypoints.http.auth import SAFE_METHODS
from groupbuy.entrypoints.http.examples import EXAMPLES
from groupbuy.entrypoints.http.problems import MEDIA_TYPE, Problem

Schema = dict[str, Any]
PREFIX = "/api/v1"
DOCS = "/api/docs"
UPLOAD = f"{PREFIX}/me/pictures"
EVENTS = f"{PREFIX}/shop/groups/{{group_id}}/events"
SIDES = ("shop", "leader", "merchant")
RATED = frozenset(
    {
        f"POST {PREFIX}/auth/accounts",
        f"POST {PREFIX}/auth/sessions",
        f"POST {PREFIX}/me/password",
        f"POST {PREFIX}/me/erase",
        f"POST {PREFIX}/me/pictures",
        *(f"GET {PREFIX}/{side}/orders/{{order_id}}/timeline/events" for side in SIDES),
        f"POST {PREFIX}/shop/campaigns/{{campaign_id}}/joins",
        f"POST {PREFIX}/shop/campaigns/{{campaign_id}}/questions",
        f"POST {PREFIX}/shop/products/{{product_id}}/questions",
        f"POST {PREFIX}/shop/questions/{{question_id}}/answers",
        f"POST {PREFIX}/shop/orders/{{order_id}}/reviews",
        f"POST {PREFIX}/shop/posts/{{post_id}}/helpful",
        f"POST {PREFIX}/shop/posts/{{post_id}}/report",
        f"POST {PREFIX}/merchant/reviews/{{review_id}}/report",
        f"POST {PREFIX}/shop/feedback",
        f"POST {PREFIX}/shop/feedback/{{feedback_id}}/messages",
        f"GET {EVENTS}",
    }
)
"""Operations that turn away whoever comes too often."""
MEANINGS: Mapping[str, str] = {
    "400": "The request makes no sense; `errors` points at what is wrong",
    "401": "Nobody is logged in",
    "403": "The caller may not do this",
    "404": "There is no such thing, or not for the caller",
    "409": "A rule says no, or somebody else was faster; decide by `code`",
    "412": "It has changed since it was read",
    "413": "The body is too large",
    "415": "The body has a type that is not taken here",
    "422": "A value makes no sense, or the idempotency key came with another body",
    "429": "Too many requests; `Retry-After` says when",
    "default": "Anything else that went wrong, such as a database that does not answer (503)",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of your own, the same at a repeat: the repeat gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_TEXT = {"schema": {"type": "string"}}


class Described(OpenAPI):
    """What the framework knows about the API, finished when it is written down."""

    finish: Callable[[Schema], None]

    @classmethod
    def over(cls, plain: OpenAPI, finish: Callable[[Schema], None]) -> "Described":
        """Return a description that is finished like that."""
        made = cls(**{each.name: getattr(plain, each.name) for each in fields(plain)})
        made.finish = finish
        return made

    def to_schema(self) -> Schema:
        """Return the whole description."""
        schema = super().to_schema()
        self.finish(schema)
        return schema


@define(eq=False)
class Finisher:
    """Knows the routes, once there are any."""

    api: Litestar | None = field(default=None)

    def finish(self, schema: Schema) -> None:
        """Finish a description in place."""
        paths: Schema = schema["paths"]
        for path in [path for path in paths if path.startswith(DOCS)]:
            del paths[path]
        schema["components"].setdefault("schemas", {}).update(_problem_schemas())
        schema["components"]["responses"] = {
            _name(status): {
                "description": said,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, said in MEANINGS.items()
        }
        paths[UPLOAD]["post"]["requestBody"] = _upload()
        for method, path, handler in self._operations():
            if operation := paths.get(path, {}).get(method.lower()):
                _finish(operation, method, path, handler)
        paths[EVENTS] = {"get": _events()}
        for side in SIDES:
            followed = paths[f"{PREFIX}/{side}/orders/{{order_id}}/timeline/events"] = {}
            followed["get"] = _timeline_events(side)
        paths["/metrics"] = {"get": _metrics()}

    def _operations(self) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
        for route in self.api.routes if self.api else ():
            if isinstance(route, HTTPRoute):
                for method, (handler, _) in route.route_handler_map.items():
                    yield method, route.path_format or "/", handler


def _finish(operation: Schema, method: str, path: str, handler: HTTPRouteHandler) -> None:
    words = operation.get("description", "").partition("\n\n")
    operation["summary"] = " ".join(words[0].split())
    operation.pop("description", None)
    if more := " ".join(words[2].split()):
        operation["description"] = more
    if handler.opt.get("public"):
        operation["security"] = []
    if method not in SAFE_METHODS and not handler.opt.get("keyless"):
        key = {**_KEY, "required": bool(handler.opt.get("key"))}
        operation["parameters"] = [*operation.get("parameters", []), key]
    if "requestBody" in operation and path != UPLOAD:
        kind = handler.parsed_fn_signature.parameters["data"].annotation.__name__
        for content in operation["requestBody"]["content"].values():
            content["example"] = EXAMPLES.get(kind)
    answers = operation["responses"]
    operation["responses"] = {status: said for status, said in answers.items() if status < "4"}
    operation["responses"] |= _problems(_statuses(operation, method, path, handler))
    if "health" in path:
        operation["responses"]["503"] = {**answers["200"], "description": "Not ready"}


def _statuses(
    operation: Schema, method: str, path: str, handler: HTTPRouteHandler
) -> Iterator[str]:
    """Yield the problems an operation may answer with."""
    changes, known = method not in SAFE_METHODS, not handler.opt.get("public")
    parameters, body = operation.get("parameters", []), "requestBody" in operation
    fits = {
        "400": body or bool(parameters),
        "401": known,
        "403": known or changes,
        "404": "{" in path,
        "409": changes,
        "412": any(each["name"] == "If-Match" for each in parameters),
        "413": body,
        "415": body,
        "422": changes,
        "429": f"{method} {path}" in RATED,
        "default": True,
    }
    return (status for status, applies in fits.items() if applies)


def _problems(statuses: Iterator[str]) -> Schema:
    return {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in statuses}


def _name(status: str) -> str:
    return f"Problem_{status}"


def _problem_schemas() -> Schema:
    _, made = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    return dict(made)


def _events() -> Schema:
    """Describe the stream of a group, which the framework does not know as one."""
    return {
        "tags": ["shop"],
        "operationId": "ApiV1ShopGroupsGroupIdEvents",
        "summary": "Stream a group's progress as server-sent events.",
        "description": "One event `progress` a change, its id the sequence; a comment every 15 s.",
        "security": [],
        **_streamed("group_id", "A stream without end", "ProgressOut", ("404", "429")),
    }


def _timeline_events(side: str) -> Schema:
    """Describe the stream of an order's timeline for one side."""
    return {
        "tags": ["orders"],
        "operationId": f"ApiV1{side.capitalize()}OrdersOrderIdTimelineEvents",
        "summary": "Stream an order's timeline as server-sent events.",
        "description": "One event `timeline` with all lines whenever there are more, its id the "
        "count of lines; a comment every 15 s. It ends after five minutes: ask anew.",
        **_streamed("order_id", "A stream", "TimelineOut", ("401", "403", "404", "429")),
    }


def _streamed(name: str, what: str, data: str, refused: Iterable[str]) -> Schema:
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, **_TEXT},
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "description": "The sequence seen last; nothing older is sent.",
                **_TEXT,
            },
        ],
        "responses": {
            "200": {
                "description": f"{what}; `data` of each event is a {data}",
                "content": {"text/event-stream": _TEXT},
            },
            **_problems(iter((*refused, "default"))),
        },
    }


def _upload() -> Schema:
    """Describe the body of an upload, which is a file and no JSON."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    kinds = ("image/jpeg", "image/png", "image/webp")
    return {"required": True, "content": dict.fromkeys(kinds, binary)}


def _metrics() -> Schema:
    return {
        "tags": ["health"],
        "operationId": "Metrics",
        "summary": "Show all counters, for Prometheus.",
        "description": "To this machine, or to whoever sends `http.metrics_token` as bearer.",
        "responses": {
            "200": {"description": "Numbers as text", "content": {"text/plain": _TEXT}},
            **_problems(iter(("404",))),
        },
    }
