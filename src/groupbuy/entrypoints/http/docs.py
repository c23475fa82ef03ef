"""The API on one page: plain HTML made from the schema, without scripts or anybody's CDN."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Request, Router
from litestar.enums import MediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, OpenAPI, SecurityScheme

from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.describe import Described, Finisher

_HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="stylesheet" href="/api/docs/docs.css"></head><body><h1>{title} {version}</h1>
<p>{description}</p><p><a href="/api/docs/openapi.json">openapi.json</a> ·
<a href="/api/docs/openapi.yaml">openapi.yaml</a></p>"""
DESCRIPTION = (
    "Money is counted in minor units: {amount: 3990, currency: CNY} is ¥39.90. Instants are "
    "RFC 3339 in UTC. Errors are application/problem+json; decide by `code`. Send an "
    "`Idempotency-Key` with everything that changes something: a repeat gets the first answer. "
    "Lists take `limit` and `cursor`. Live progress: GET /api/v1/shop/groups/{group_id}/events "
    "(text/event-stream)."
)
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1e2421;background:#faf7f1}details{border-bottom:1px solid #e8e2d6;padding:.4rem 0}
summary{cursor:pointer}code{font-family:ui-monospace,monospace}.m{display:inline-block;
min-width:4.5rem;font-weight:700;color:#9a3412}"""


class PageRenderPlugin(OpenAPIRenderPlugin):
    """Lists every operation with its parameters and the schemas it uses."""

    def __init__(self) -> None:
        """Serve at `/` of the schema's address."""
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: "Request[Any, Any, Any]", openapi_schema: dict[str, Any]) -> bytes:
        """Render the page."""
        schema = _plain(self.render_json(request, openapi_schema))
        info = schema["info"]
        head = _HEAD.format(
            title=escape(info["title"]),
            version=escape(info["version"]),
            description=escape(DESCRIPTION),
        )
        return "\n".join([head, *_operations(schema), *_schemas(schema), "</body></html>"]).encode()


class StyleRenderPlugin(OpenAPIRenderPlugin):
    """The style sheet of the page, an address of its own because inline styles are forbidden."""

    def __init__(self) -> None:
        """Serve beside the page."""
        super().__init__(path="/docs.css", media_type=MediaType.CSS)

    def render(self, request: "Request[Any, Any, Any]", openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002  a plugin's signature
        """Return the style sheet."""
        return STYLE.encode()


@dataclass
class Config(OpenAPIConfig):
    """Asks for a description that is finished by us."""

    finisher: Finisher = field(default_factory=Finisher)

    def to_openapi_schema(self) -> OpenAPI:
        """Return what the framework knows, to be finished."""
        return Described.over(super().to_openapi_schema(), self.finisher.finish)


def openapi_config(finisher: Finisher) -> OpenAPIConfig:
    """Describe the API; pages lie under /api/docs."""
    return Config(
        finisher=finisher,
        title="groupbuy",
        version=version("groupbuy"),
        description=DESCRIPTION,
        openapi_router=Router(path="/api/docs", route_handlers=[], opt=public()),
        render_plugins=[
            PageRenderPlugin(),
            StyleRenderPlugin(),
            JsonRenderPlugin(),
            YamlRenderPlugin(),
        ],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer"),
                "cookie": SecurityScheme(
                    type="apiKey", security_scheme_in="cookie", name="__Host-groupbuy"
                ),
            }
        ),
        security=[{"token": []}, {"cookie": []}],
    )


def _plain(body: bytes) -> Mapping[str, Any]:
    decoded: Mapping[str, Any] = msgspec.json.decode(body)
    return decoded


def _operations(schema: Mapping[str, Any]) -> Iterator[str]:
    for path, item in sorted(schema.get("paths", {}).items()):
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    said = operation.get("summary") or operation.get("description") or ""
    rows = [
        f"<li><code>{escape(each['name'])}</code> ({escape(each['in'])})"
        f"{' required' if each.get('required') else ''} "
        f"{escape(each.get('description') or '')}</li>"
        for each in operation.get("parameters", [])
    ]
    content = operation.get("requestBody", {}).get("content", {})
    rows += [f"<li>body: {_name(each.get('schema', {}))}</li>" for each in content.values()]
    for status, answer in sorted(operation["responses"].items()):
        kinds = [_name(each.get("schema", {})) for each in answer.get("content", {}).values()]
        rows.append(f"<li>{escape(status)}: {', '.join(kinds)}</li>")
    return (
        f'<details><summary><span class="m">{escape(method.upper())}</span> '
        f"<code>{escape(path)}</code> {escape(said)}</summary><ul>{''.join(rows)}</ul></details>"
    )


def _schemas(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Schemas</h2>"
    for name, each in sorted(schema.get("components", {}).get("schemas", {}).items()):
        text = escape(msgspec.json.format(msgspec.json.encode(each), indent=2).decode())
        yield (
            f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
            f"<pre>{text}</pre></details>"
        )


def _name(schema: Mapping[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        return f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>'
    return f"<code>{escape(str(schema.get('type', '')))}</code>"
