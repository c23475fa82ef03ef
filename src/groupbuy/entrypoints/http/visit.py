"""One request of one caller: what a handler needs to run a use case and to answer."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from attrs import frozen
from litestar import Request, Response
from litestar.params import SkipValidation

from groupbuy.application.ports import Answer, KeyClaim
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.auth import SAFE_METHODS
from groupbuy.entrypoints.http.problems import MEDIA_TYPE, malformed, problem_of
from groupbuy.entrypoints.http.texts import language_of

KEY_HEADER = "idempotency-key"
REPLAYED = "Idempotency-Replayed"
KEY_LENGTH = 200

R = TypeVar("R")
V = TypeVar("V")


class _Status(msgspec.Struct):
    status: int = 409


@frozen
class OneVisit:
    """One request; handlers ask for it as `visit: NamedDependency[Visit]`."""

    app: App
    caller: Caller
    route: str
    """Method and template."""
    target: str
    """The address itself, for the hash of the input."""
    key: str
    """Idempotency key, empty when none came."""
    body_hash: str
    language: str
    if_none_match: str = ""
    """ETags the caller knows already."""
    address: str = ""
    """Where the request came from."""
    client: str = ""
    """What the caller uses, as it says itself."""

    def run(self, use_case: Callable[[Work], R]) -> R:
        """Run a use case and commit it; a key is not looked at."""
        return self.app.desk.run(self.caller, use_case)

    def read(self, query: Callable[[Work], R]) -> R:
        """Run something that changes nothing."""
        return self.app.desk.read(self.caller, query)

    def once(
        self, use_case: Callable[[Work], R], render: Callable[[R], V], status: int = 200
    ) -> "Response[V]":
        """Run a use case once per idempotency key and answer with what it gave, rendered."""
        if not self.key:
            return Response(render(self.run(use_case)), status_code=status)
        answer, replayed = self.app.desk.answer(
            self.caller,
            self.claim(),
            use_case,
            lambda result: msgspec.json.encode(render(result)).decode(),
            self.refusal,
        )
        return cast("Response[V]", self.said(answer, replayed=replayed, status=status))

    def claim(self, near: str = "") -> KeyClaim:
        """Return the key as this caller and route hold it; `near` an id, in that id's cell."""
        hashed = hashlib.sha256(f"{self.target}\n{self.body_hash}".encode()).hexdigest()
        place = f"{near}/" if near else ""
        return KeyClaim(f"{place}{self.caller.user_id}/{self.route}", self.key, hashed)

    def said(self, answer: Answer, *, replayed: bool, status: int = 200) -> "Response[Any]":
        """Send a stored answer, or the one that was just stored."""
        body = answer.body.encode()
        headers = {REPLAYED: "true"} if replayed else {}
        if answer.ok:
            return Response(
                body, status_code=status, media_type="application/json", headers=headers
            )
        refused = msgspec.json.decode(body, type=_Status).status
        return Response(body, status_code=refused, media_type=MEDIA_TYPE, headers=headers)

    def refusal(self, error: DomainError) -> str:
        """Render a refusal the way it is stored with its key."""
        problem = problem_of(error, self.language, self.caller.request_id)
        return msgspec.json.encode(problem).decode()


Visit = SkipValidation[OneVisit]
"""The type to ask for: ours from the start, so the framework need not look into it."""


async def visit_of(request: "Request[Any, Any, Any]", app: App) -> OneVisit:
    """Describe a request that the doorman let in. Raises 400 for a missing or odd key."""
    scope = request.scope
    key, hashed = "", ""
    if scope["method"] not in SAFE_METHODS:
        key = _key(request)
        hashed = hashlib.sha256(await request.body()).hexdigest() if key else ""
    return OneVisit(
        app=app,
        caller=scope["state"]["caller"],
        route=f"{scope['method']} {scope.get('path_template', '')}",
        target=f"{scope['path']}?{scope.get('query_string', b'').decode('latin-1')}",
        key=key,
        body_hash=hashed,
        language=language_of(request.headers.get("accept-language", "")),
        if_none_match=request.headers.get("if-none-match", "")[:1_000],
        address=request.client.host if request.client else "",
        client=request.headers.get("user-agent", "")[:200],
    )


def _key(request: "Request[Any, Any, Any]") -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if not key and request.route_handler.opt.get("key", False):
        raise malformed("Idempotency-Key", "required")
    if len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise malformed("Idempotency-Key", "pattern")
    return key
