"""Bodies are read strictly: the declared type and nothing else, and text that can be stored."""

import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException

from groupbuy.entrypoints.http.problems import body_error, malformed

BODY_BYTES = 1024 * 1024
"""Largest body; uploads of pictures have an address of their own."""
DEPTH = 64
"""Deepest nesting of a body."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_UNSAFE = frozenset(range(32)) | {127}


def _once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")


_NAMED_ONCE = json.JSONDecoder(object_pairs_hook=_once)
"""Only looks; what it returns is nothing."""


class NotJson(HTTPException):
    """The body has another type than JSON."""

    status_code = 415


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is decoded straight into the type the handler declares."""

    async def json(self) -> Any:
        """Return the body as the declared type. Raises 400 with a pointer, and 415."""
        kind, _options = self.content_type
        if kind != RequestEncodingType.JSON:
            raise NotJson
        wanted = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        return decoded(await self.body(), wanted)


def decoded(body: bytes, wanted: Any) -> Any:
    """Decode JSON as a type. Raises ValidationException for anything that does not fit.

    A name that stands twice in one object is refused: whoever checked the body before us may have
    looked at the other value.
    """
    if _NUL.search(body):
        raise malformed("/", "unsafe_text")
    if too_deep(body):
        raise malformed("/", "malformed")
    try:
        found = msgspec.json.decode(body, type=wanted)
        _NAMED_ONCE.decode(body.decode())
    except msgspec.ValidationError as error:
        raise body_error(str(error)) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
        raise malformed("/", "malformed") from error
    return found


def too_deep(body: bytes) -> bool:
    """Tell whether arrays and objects are nested deeper than we read."""
    if body.count(b"[") + body.count(b"{") <= DEPTH:
        return False
    depth = 0
    for byte in _STRINGS.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > DEPTH:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def safe_target(raw: bytes) -> bool:
    """Tell whether a path or query, percent-encoded, is readable text without control letters."""
    plain = unquote_to_bytes(raw)
    if _UNSAFE.intersection(plain):
        return False
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
