"""Pages of long lists: a limit, and a cursor only we can have made."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from attrs import frozen
from litestar import Request, Response
from litestar.params import QueryParameter, SkipValidation

from groupbuy.entrypoints.http.problems import malformed

LIMIT = 50
"""How many items a page has when nobody says."""
MOST = 100
CURSOR_LENGTH = 1_000
_TAG_BYTES = 12

T = TypeVar("T")
V = TypeVar("V")

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many items at most")]
CursorText = Annotated[
    str, QueryParameter(max_length=CURSOR_LENGTH, description="`next_cursor` of the page before")
]


class Listing(msgspec.Struct, Generic[V], frozen=True):
    """One page."""

    items: list[V]
    next_cursor: str | None = None
    """Give it back as `cursor` for the next page; null at the end."""


@frozen
class OnePage:
    """Which page is wanted; handlers ask for it as `page: NamedDependency[Page]`."""

    limit: int
    after: tuple[Any, str] | None
    """Order value and id of the last item already seen."""
    _path: str
    _query: tuple[tuple[str, str], ...]
    _key: bytes

    @property
    def fetch(self) -> int:
        """How many to load: one more than fits, to know whether there is a next page."""
        return self.limit + 1

    def answer(
        self,
        found: Sequence[T],
        render: Callable[[T], V],
        order: Callable[[T], Any],
    ) -> "Response[Listing[V]]":
        """Render what was found (up to `fetch`); `order` is the value the query sorted by."""
        shown = found[: self.limit]
        items = [render(each) for each in shown]
        if len(found) <= self.limit:
            return Response(Listing(items))
        last: Any = shown[-1]
        cursor = seal(self._key, _bound(self._path, self._query), order(last), str(last.id))
        kept = [f"{name}={value}" for name, value in self._query]
        link = f"<{self._path}?{'&'.join([*kept, f'limit={self.limit}', f'cursor={cursor}'])}>"
        return Response(Listing(items, cursor), headers={"Link": f'{link}; rel="next"'})


Page = SkipValidation[OnePage]
"""The type to ask for: ours from the start, so the framework need not look into it."""


def page_of(
    request: "Request[Any, Any, Any]",
    key: bytes,
    limit: Limit = LIMIT,
    cursor: CursorText = "",
) -> OnePage:
    """Read the page a request asks for. Raises 400 for a cursor we did not make for this list."""
    raw = request.scope.get("query_string", b"").decode("ascii", "replace")
    pairs = [part.partition("=") for part in raw.split("&") if part]
    query = tuple((name, value) for name, _, value in pairs if name not in {"limit", "cursor"})
    path = request.scope["path"]
    after = unseal(key, _bound(path, query), cursor) if cursor else None
    return OnePage(limit, after, path, query, key)


def seal(key: bytes, bound: bytes, value: object, item: str) -> str:
    """Make a cursor out of an order value (text, whole number, instant or nothing) and an id."""
    kind, plain = ("t", value.isoformat()) if isinstance(value, datetime) else ("p", value)
    body = msgspec.json.encode((kind, plain, item))
    tag = hmac.digest(key, bound + body, hashlib.sha256)[:_TAG_BYTES]
    return base64.urlsafe_b64encode(tag + body).rstrip(b"=").decode()


def unseal(key: bytes, bound: bytes, cursor: str) -> tuple[Any, str]:
    """Read a cursor. Raises 400 if it was not made by `seal` with the same key and binding."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed("cursor") from error
    tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not hmac.compare_digest(tag, hmac.digest(key, bound + body, hashlib.sha256)[:_TAG_BYTES]):
        raise malformed("cursor")
    kind, value, item = msgspec.json.decode(body, type=tuple[str, str | int | None, str])
    return (datetime.fromisoformat(str(value)) if kind == "t" else value), item


def _bound(path: str, query: tuple[tuple[str, str], ...]) -> bytes:
    """Tie a cursor to its list and filters, so that it cannot be used to read another one."""
    return repr((path, sorted(query))).encode()
