"""How people reach the shop: over HTTP, with sessions, idempotency keys and some patience."""

import secrets
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import click
import httpx
from attrs import define, field, frozen

AT_ONCE = 16
"""How many people are served side by side."""
TRIES = 8
"""How often a request is sent that the shop asks to send again."""
PAUSE_SECONDS = 0.2
_PREFIX = "/api/v1"

T = TypeVar("T")
R = TypeVar("R")


class Surprise(click.ClickException):
    """Something answered otherwise than the story expects; the demo cannot go on."""


@define(eq=False)
class Web:
    """One server of the demo: the shop, or the provider's sandbox."""

    url: str
    _http: httpx.Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Open the connection pool; proxies of this machine are left alone."""
        limits = httpx.Limits(max_connections=AT_ONCE)
        self._http = httpx.Client(base_url=self.url, timeout=60, limits=limits, trust_env=False)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Send a request, and again while the answer says so. Raises Surprise if nobody answers."""
        for _ in range(TRIES):
            answer = self._once(method, path, body, headers)
            if not _asks_again(answer):
                return answer
            threading.Event().wait(PAUSE_SECONDS)
        return self._once(method, path, body, headers)

    def control(self, path: str, body: object = None) -> Any:
        """Pull one of the sandbox's strings. Raises Surprise."""
        method = "GET" if path.endswith("/journal") else "POST"
        return wanted(self.ask(method, f"/_control{path}", body))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _once(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> httpx.Response:
        try:
            if body is None:
                return self._http.request(method, path, headers=headers)
            return self._http.request(method, path, headers=headers, json=body)
        except httpx.HTTPError as error:
            raise Surprise(f"{method} {path}: {type(error).__name__}") from error


@define(eq=False)
class Visitor:
    """One person at the shop's door; logs in when the shop wants to know who it is."""

    web: Web = field(repr=False)
    name: str
    phone: str
    password: str = field(repr=False)
    _token: str = field(default="", init=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def register(self) -> str:
        """Open the account; return its id."""
        account = {
            "phone": self.phone,
            "password": self.password,
            "name": self.name,
            "terms": "demo",
        }
        made = wanted(self.web.ask("POST", f"{_PREFIX}/auth/accounts", account))
        return str(made["id"])

    def get(self, path: str) -> Any:
        """Read. Raises Surprise."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object = None) -> Any:
        """Change something, once. Raises Surprise."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        """Replace something, once. Raises Surprise."""
        return self._ask("PUT", path, body)

    def every(self, path: str) -> list[Any]:
        """Read a list to its end, page by page."""
        found: list[Any] = []
        cursor = ""
        joint = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{joint}limit=100{cursor}")
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def _ask(self, method: str, path: str, body: object) -> Any:
        key = {} if method == "GET" else {"Idempotency-Key": secrets.token_hex(16)}
        token = self._token or self._log_in("")
        answer = self.web.ask(method, _PREFIX + path, body, **_proof(token), **key)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            # Days have passed: sessions end by themselves.
            token = self._log_in(token)
            answer = self.web.ask(method, _PREFIX + path, body, **_proof(token), **key)
        return wanted(answer)

    def _log_in(self, stale: str) -> str:
        """Begin a session, once for all that found the old one ended; return its token."""
        with self._lock:
            if self._token == stale:
                said = {"phone": self.phone, "password": self.password}
                begun = wanted(self.web.ask("POST", f"{_PREFIX}/auth/sessions", said))
                self._token = begun["token"]
            return self._token


@frozen
class Crowd:
    """Many people at once, but never more than the pool has room for."""

    pool: ThreadPoolExecutor = field(
        factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="crowd")
    )

    def each(self, act: Callable[[T], R], people: Iterable[T]) -> list[R]:
        """Let everybody act; return what came of it, in their order. Raises the first trouble."""
        return list(self.pool.map(act, people))

    def close(self) -> None:
        """Send everybody home; whoever has not begun does not begin."""
        self.pool.shutdown(cancel_futures=True)


def _proof(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def wanted(answer: httpx.Response) -> Any:
    """Return the body of a good answer. Raises Surprise for any other."""
    if answer.is_success:
        return answer.json() if answer.content else None
    asked = f"{answer.request.method} {answer.request.url.path}"
    raise Surprise(f"{asked}: {answer.status_code} {answer.text[:500]}")


def _asks_again(answer: httpx.Response) -> bool:
    """Tell whether the very same request, with its key, may simply be repeated."""
    return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE or (
        answer.status_code == httpx.codes.CONFLICT and "retry-after" in answer.headers
    )
