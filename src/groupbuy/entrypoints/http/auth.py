"""Who asks, and may they: tenant by host, session by cookie or token, roles by route."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve, field, frozen
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.handlers import BaseRouteHandler

from groupbuy.application.membership import session_id_of
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import Forbidden, Unauthenticated
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.problems import PUBLIC_NAMES, CsrfRefused, malformed
from groupbuy.entrypoints.http.sessions import Sessions
from groupbuy.entrypoints.http.tenancy import Hosts, host_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
TOKEN_LENGTH = 200
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
        headers = connection.headers
        tenant = await self._tenant(headers.get("host", ""))
        token, by_cookie = self._token(connection, headers)
        caller = await self._caller(tenant, token, connection.scope)
        connection.scope["state"]["caller"] = caller
        self._check_origin(connection, headers, rules)
        if not rules.get("public", False) and not _asks_for_methods(connection, rules):
            caller.require(*_roles(rules))
            if by_cookie and _method(connection) not in SAFE_METHODS:
                self._check_csrf(connection, caller)
        self._check_query(connection)

    async def _tenant(self, host: str) -> str:
        if self.hosts.stale:
            return await sync_to_thread(self.hosts.tenant_of, host)
        return self.hosts.tenant_of(host)

    def _token(self, connection: Connection, headers: Headers) -> tuple[str, bool]:
        scheme, _, token = headers.get("authorization", "").partition(" ")
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
        found = await self.sessions.caller(tenant, session_id_of(token))
        return evolve(found, request_id=request_id) if found is not None else nobody

    def _check_origin(
        self, connection: Connection, headers: Headers, rules: Mapping[str, Any]
    ) -> None:
        """Refuse what another site's page sends, whatever it carries."""
        if _method(connection) in SAFE_METHODS or rules.get("callback", False):
            return
        origin = headers.get("origin")
        if origin is None:
            if headers.get("sec-fetch-site", "same-origin") not in {
                "same-origin",
                "none",
            }:
                raise CsrfRefused
            return
        ours = {host_name(headers.get("host", ""))}
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
        if known is None or not connection.scope.get("query_string"):
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
