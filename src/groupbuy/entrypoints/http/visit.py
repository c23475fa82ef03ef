"""One request of one caller: what a handler needs to run a use case and to answer."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from attrs import evolve, frozen
from litestar import Request, Response
from litestar.params import SkipValidation

from groupbuy.application.ports import Answer, KeyClaim
from groupbuy.application.steps.committed import as_committed
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.sharing import Attribution
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.auth import SAFE_METHODS
from groupbuy.entrypoints.http.problems import (
    MEDIA_TYPE,
    NoSuchVersion,
    Problem,
    malformed,
    problem_of,
    retold,
)
from groupbuy.entrypoints.http.share_tokens import read, share_cookie
from groupbuy.entrypoints.http.texts import language_of

KEY_HEADER = "idempotency-key"
REPLAYED = "Idempotency-Replayed"
KEY_LENGTH = 200
NO_CONTENT = 204
_SHARED = "groupbuy-share"
"""Seldom there: without it no cookie is looked at."""

R = TypeVar("R")
V = TypeVar("V")


class _Status(msgspec.Struct):
    status: int = 409


class _Part(msgspec.Struct):
    id: str
    version: int | None = None


class Shown(msgspec.Struct):
    """What an ETag is made from; everything else in an answer is passed over."""

    version: int | None = None
    variants: list[_Part] = []


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
    shared: str = ""
    """What the browser carries along since it opened a link to share, as it came."""

    def run(self, use_case: Callable[[Work], R]) -> R:
        """Run a use case and commit it; a key is not looked at."""
        return self.app.desk.run(self.caller, use_case)

    def preview(self, use_case: Callable[[Work], R]) -> R:
        """Run a use case and roll it back."""
        return self.app.desk.preview(self.caller, use_case)

    def read(self, query: Callable[[Work], R]) -> R:
        """Run something that changes nothing."""
        return self.app.desk.read(self.caller, query)

    def brought(self, shared: str = "") -> Attribution | None:
        """Return the share link that brought the caller, by what they say or by their cookie."""
        said = shared or self.shared
        return read(self.app, self.caller.tenant, said) if said else None

    def once(
        self,
        use_case: Callable[[Work], R],
        render: Callable[[R], V],
        status: int = 200,
        *,
        private: bool = False,
        part: str = "",
    ) -> "Response[V]":
        """Run a use case once per idempotency key and answer with what it gave, rendered.

        What is `private` is sealed under the caller's key as long as it is kept for a repeat.
        `part` is the variant whose version is the ETag, where a whole product is the answer.
        """

        def committed(work: Work) -> R:
            return as_committed(work, use_case(work))

        if not self.key:
            return self._fresh(render(self.run(committed)), status, part)
        keep = self._sealed if private else str
        answer, replayed = self.app.desk.answer(
            self.caller,
            self.claim(),
            committed,
            lambda result: keep(msgspec.json.encode(render(result)).decode()),
            self.refusal,
        )
        if private and answer.ok:
            answer = Answer(ok=True, body=self._opened(answer.body))
        return cast("Response[V]", self.said(answer, replayed=replayed, status=status, part=part))

    def once_in_steps(
        self, act: Callable[[], R], render: Callable[[R], V], status: int = 200
    ) -> "Response[V]":
        """Do once per key what takes transactions of its own and skips what is done."""
        if not self.key:
            return self._fresh(render(act()), status)
        answer, replayed = self.app.desk.answer_in_steps(
            self.caller,
            self.claim(),
            act,
            lambda result: msgspec.json.encode(render(result)).decode(),
            self.refusal,
        )
        return cast("Response[V]", self.said(answer, replayed=replayed, status=status))

    def _sealed(self, body: str) -> str:
        return self.app.kit.vault.seal(self.caller.data_key, self._bound, body)

    def _opened(self, body: str) -> str:
        return self.app.kit.vault.open(self.caller.data_key, self._bound, body)

    @property
    def _bound(self) -> str:
        return f"{self.caller.tenant}|{self.caller.user_id}|answer"

    def claim(self, near: str = "") -> KeyClaim:
        """Return the key as this caller and route hold it; `near` an id, in that id's cell."""
        # Keyed: a plain hash of a short body (a phone number, a password) could be guessed.
        hashed = self.app.kit.vault.fingerprint("request", f"{self.target}\n{self.body_hash}")
        place = f"{near}/" if near else ""
        return KeyClaim(f"{place}{self.caller.user_id}/{self.route}", self.key, hashed)

    def said(
        self, answer: Answer, *, replayed: bool, status: int = 200, part: str = ""
    ) -> "Response[Any]":
        """Send a stored answer, or the one that was just stored."""
        body = answer.body.encode()
        headers = {REPLAYED: "true"} if replayed else {}
        if answer.ok and status == NO_CONTENT:
            return Response(None, status_code=status, headers=headers)
        if answer.ok:
            headers |= etag_of(msgspec.json.decode(body, type=Shown), part)
            return Response(
                body, status_code=status, media_type="application/json", headers=headers
            )
        refused = msgspec.json.decode(body, type=_Status).status
        return Response(body, status_code=refused, media_type=MEDIA_TYPE, headers=headers)

    def in_own_words(self, answer: Answer) -> Answer:
        """Return a refusal that was kept for nobody in particular in the words of this request."""
        if answer.ok:
            return answer
        kept = msgspec.json.decode(answer.body, type=Problem)
        said = retold(kept, self.language, self.caller.request_id)
        return evolve(answer, body=msgspec.json.encode(said).decode())

    def _fresh(self, shown: V, status: int, part: str = "") -> "Response[V]":
        if status == NO_CONTENT:
            return cast("Response[V]", Response(None, status_code=status))
        headers = etag_of(msgspec.convert(shown, Shown, from_attributes=True), part)
        return Response(shown, status_code=status, headers=headers)

    def refusal(self, error: DomainError) -> str:
        """Render a refusal the way it is stored with its key."""
        problem = problem_of(error, self.language, self.caller.request_id)
        return msgspec.json.encode(problem).decode()


def etag_of(shown: Shown, part: str = "") -> dict[str, str]:
    """Return the ETag header of what is shown, or of its variant `part`; none without a version."""
    found = next((each for each in shown.variants if each.id == part), None) if part else shown
    return {} if found is None or found.version is None else {"ETag": f'"{found.version}"'}


def version_of(etag: str) -> int | None:
    """Return the version an If-Match header names; None if it names none or any.

    Raises 412 for one we never gave: whoever sends it means to overwrite nothing newer.
    """
    text = etag.strip()
    if text in {"", "*"}:
        return None
    plain = text.removeprefix("W/").removeprefix('"').removesuffix('"')
    if not (plain.isascii() and plain.isdecimal()):
        raise NoSuchVersion(extra=[{"pointer": "If-Match", "code": "malformed"}])
    return int(plain)


Visit = SkipValidation[OneVisit]
"""The type to ask for: ours from the start, so the framework need not look into it."""


async def visit_of(request: "Request[Any, Any, Any]", app: App) -> OneVisit:
    """Describe a request that the doorman let in. Raises 400 for a missing or odd key."""
    scope, headers = request.scope, request.headers
    key, hashed = "", ""
    if scope["method"] not in SAFE_METHODS and not request.route_handler.opt.get("keyless", False):
        key = _key(request)
        hashed = hashlib.sha256(await request.body()).hexdigest() if key else ""
    return OneVisit(
        app=app,
        caller=scope["state"]["caller"],
        route=f"{scope['method']} {scope.get('path_template', '')}",
        target=f"{scope['path']}?{scope.get('query_string', b'').decode('latin-1')}",
        key=key,
        body_hash=hashed,
        language=language_of(headers.get("accept-language", "")),
        if_none_match=headers.get("if-none-match", "")[:1_000],
        address=request.client.host if request.client else "",
        client=headers.get("user-agent", "")[:200],
        shared=_shared(request, app) if _SHARED in headers.get("cookie", "") else "",
    )


def _shared(request: "Request[Any, Any, Any]", app: App) -> str:
    return request.cookies.get(share_cookie(secure=app.settings.secure), "")


def _key(request: "Request[Any, Any, Any]") -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if not key and request.route_handler.opt.get("key", False):
        raise malformed("Idempotency-Key", "required")
    if len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise malformed("Idempotency-Key", "pattern")
    return key
