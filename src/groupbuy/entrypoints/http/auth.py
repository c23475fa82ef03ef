"""Who asks, and may they: tenant by host, session by cookie or token, roles by route."""

import hashlib
import hmac
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import define, evolve, field, frozen
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from groupbuy.application.membership import recognise, session_id_of
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import Forbidden, Unauthenticated
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.problems import PUBLIC_NAMES, CsrfRefused, malformed
from groupbuy.entrypoints.http.tenancy import Hosts, host_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
TOKEN_LENGTH = 200
REMEMBERED = 50_000
"""Sessions a process keeps in mind at once."""
Connection = ASGIConnection[Any, Any, Any, Any]


def public(*, callback: bool = False, keyless: bool = False) -> dict[str, Any]:
    """Say, as a route's `opt`, that anybody may call it.

    `callback` is for providers: no browser is involved, the signature in the body vouches, and
    the provider's own number of the event tells repeats apart.
    """
    rules = {"public": True, "callback": callback, "keyless": callback or keyless}
    return {"roles": (), **rules}


def only(*roles: Role, key: bool = False, keyless: bool = False) -> dict[str, Any]:
    """Say, as a route's `opt`, who may call it; `key` makes the Idempotency-Key obligatory.

    A `keyless` change looks at no key: it may be repeated, or its answer must not be kept.
    """
    return {"roles": roles, "public": False, "key": key, "keyless": keyless}


def session_cookie(*, secure: bool) -> str:
    """Return the name of the cookie that holds the token; browsers guard `__Host-` names."""
    return "__Host-groupbuy" if secure else "groupbuy"


def csrf_cookie(*, secure: bool) -> str:
    """Return the name of the cookie our own pages read the CSRF token from."""
    return "__Host-groupbuy-csrf" if secure else "groupbuy-csrf"


def csrf_token(key: bytes, session_id: str) -> str:
    """Return the one token that goes with a session."""
    return hmac.new(key, f"csrf/{session_id}".encode(), hashlib.sha256).hexdigest()


@define(eq=False)
class Sessions:
    """Recognises tokens; remembers callers for a moment, and forgets them when told."""

    _app: App
    _known: dict[tuple[str, str], tuple[float, Caller]] = field(factory=dict, init=False)
    _by_user: dict[tuple[str, str], set[str]] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _rounds: int = field(default=0, init=False)

    def remembered(self, tenant: str, session_id: str) -> Caller | None:
        """Return the caller of a session seen a moment ago."""
        found = self._known.get((tenant, session_id))
        if found is None or found[0] < time.monotonic():
            return None
        return found[1]

    def caller(self, tenant: str, session_id: str) -> Caller | None:
        """Look a session up; None if it is unknown, has ended, or its user is blocked."""
        rounds = self._rounds
        found = recognise(self._app.desk, tenant, session_id)
        if found is not None:
            self._remember(found, rounds)
        return found

    def forget(self, tenant: str, subjects: Iterable[str]) -> None:
        """Forget the sessions of these users."""
        for subject in subjects:
            if subject.startswith("usr_"):
                with self._lock:
                    self._rounds += 1
                    for session_id in self._by_user.pop((tenant, subject), ()):
                        self._known.pop((tenant, session_id), None)

    def _remember(self, caller: Caller, rounds: int) -> None:
        seconds = self._app.settings.http.session_cache_seconds
        with self._lock:
            if not seconds or rounds != self._rounds:  # ended while we were reading it
                return
            if len(self._known) >= REMEMBERED:
                self._known.clear()
                self._by_user.clear()
            until = time.monotonic() + seconds
            self._known[caller.tenant, caller.session_id] = (until, caller)
            user = (caller.tenant, caller.user_id)
            self._by_user.setdefault(user, set()).add(caller.session_id)


@frozen
class Doorman:
    """The guard of every route; nothing passes that its route did not declare."""

    app: App
    sessions: Sessions
    hosts: Hosts
    parameters: dict[BaseRouteHandler, frozenset[str]] = field(factory=dict)
    """Query parameters by handler, filled in once the routes are known."""
    names: dict[BaseRouteHandler, Mapping[str, str]] = field(factory=dict)
    """What parameters are called outside, by what they are called in the handler."""

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Put the caller into the scope. Raises Unauthenticated, Forbidden, CsrfRefused, 400."""
        rules = handler.opt
        connection.scope["state"][PUBLIC_NAMES] = self.names.get(
            connection.scope["route_handler"], {}
        )
        tenant = await self._tenant(connection.headers.get("host", ""))
        token, by_cookie = self._token(connection)
        caller = await self._caller(tenant, token, connection.scope)
        connection.scope["state"]["caller"] = caller
        self._check_origin(connection, rules)
        if not rules.get("public", False) and not _asks_for_methods(connection, rules):
            caller.require(*_roles(rules))
            if by_cookie and _method(connection) not in SAFE_METHODS:
                self._check_csrf(connection, caller)
        self._check_query(connection)

    async def _tenant(self, host: str) -> str:
        if self.hosts.stale:
            return await sync_to_thread(self.hosts.tenant_of, host)
        return self.hosts.tenant_of(host)

    def _token(self, connection: Connection) -> tuple[str, bool]:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if token:
            if scheme.lower() != "bearer" or len(token) > TOKEN_LENGTH:
                raise Unauthenticated
            return token.strip(), False
        name = session_cookie(secure=self.app.settings.secure)
        return connection.cookies.get(name, "")[:TOKEN_LENGTH], True

    async def _caller(self, tenant: str, token: str, scope: Any) -> Caller:
        request_id = scope["state"].get("request_id", "")
        nobody = Caller(tenant=tenant, request_id=request_id)
        if not token:
            return nobody
        session_id = session_id_of(token)
        found = self.sessions.remembered(tenant, session_id)
        if found is None:
            found = await sync_to_thread(self.sessions.caller, tenant, session_id)
        return evolve(found, request_id=request_id) if found is not None else nobody

    def _check_origin(self, connection: Connection, rules: Mapping[str, Any]) -> None:
        """Refuse what another site's page sends, whatever it carries."""
        if _method(connection) in SAFE_METHODS or rules.get("callback", False):
            return
        origin = connection.headers.get("origin")
        if origin is None:
            if connection.headers.get("sec-fetch-site", "same-origin") not in {
                "same-origin",
                "none",
            }:
                raise CsrfRefused
            return
        ours = {host_name(connection.headers.get("host", ""))}
        if base := self.app.settings.http.public_url:
            ours.add(host_name(urlsplit(base).netloc))
        if host_name(urlsplit(origin).netloc) not in ours:
            raise CsrfRefused

    def _check_csrf(self, connection: Connection, caller: Caller) -> None:
        given = connection.headers.get(CSRF_HEADER, "")
        kept = connection.cookies.get(csrf_cookie(secure=self.app.settings.secure), "")
        wanted = csrf_token(self.app.signing_key, caller.session_id)
        for each in (given, kept):
            if not hmac.compare_digest(each.encode("utf-8", "replace"), wanted.encode()):
                raise CsrfRefused

    def _check_query(self, connection: Connection) -> None:
        known = self.parameters.get(connection.scope["route_handler"])
        if known is None:
            return
        for name in connection.query_params.keys():  # noqa: SIM118  a multi-dict
            if name not in known:
                raise malformed(name[:100], "unknown")


def _method(connection: Connection) -> str:
    return str(connection.scope.get("method", ""))


def _asks_for_methods(connection: Connection, rules: Mapping[str, Any]) -> bool:
    """Tell whether the framework itself answers, and only with the methods of the address."""
    return _method(connection) == "OPTIONS" and "roles" not in rules


def _roles(rules: Mapping[str, Any]) -> tuple[Role, ...]:
    roles: tuple[Role, ...] = rules.get("roles", ())
    if not roles:
        raise Forbidden(needs="a role that this route does not name")
    return roles
