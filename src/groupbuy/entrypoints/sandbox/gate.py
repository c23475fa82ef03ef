"""The gate before every operation: only the shop may ask, and a trick may be due."""

import asyncio
from contextlib import suppress
from typing import Any

from attrs import define, field
from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from groupbuy.application.ports.system import Clock
from groupbuy.entrypoints.sandbox import faults, signing
from groupbuy.entrypoints.sandbox.journal import Journal
from groupbuy.entrypoints.sandbox.refusals import Refusal

BODY_LIMIT = 1024 * 1024
"""Bytes; more is refused."""
SILENCE_SECONDS = 60
"""How long an unanswered request is held, unless its caller hangs up first or the rule says."""
GARBLED = b'{"number": "'


class Gate(ASGIMiddleware):
    """Checks signatures and plays tricks on every route that declares an `operation`."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, journal: Journal, secret: bytes, clock: Clock) -> None:
        """Guard with this secret; draw tricks from this journal."""
        self._journal = journal
        self._secret = secret
        self._clock = clock

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let a genuine request through, perhaps with a trick."""
        operation = scope["route_handler"].opt.get("operation")
        if operation is None:
            await next_app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, next_app, await _read(receive))
        self._check(scope, str(scope.get("method")), visit.body)
        await visit.play(await sync_to_thread(self._draw, operation))

    def _check(self, scope: Scope, method: str, body: bytes) -> None:
        given = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        path = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            path += "?" + scope["query_string"].decode("latin-1")
        now = self._clock.now()
        if not signing.genuine(self._secret, now, given, method, path, body):
            raise Refusal("SIGN_ERROR", "the signature is wrong, or too old")

    def _draw(self, operation: str) -> faults.Rule | None:
        with self._journal.transaction() as tx:
            return faults.draw(tx, operation)


@define
class _Visit:
    """One request with its whole body, and what becomes of its answer."""

    scope: Scope
    receive: Receive
    send: Send
    app: ASGIApp
    body: bytes
    kept: list[Message] = field(factory=list[Any])

    async def play(self, trick: faults.Rule | None) -> None:
        """Do the work and answer, in the order and to the extent the trick allows."""
        kind = trick.kind if trick else "none"
        seconds = trick.seconds if trick else 0
        if kind == "delay":
            await asyncio.sleep(seconds)
        if trick and kind in {"error_before", "refuse"}:
            raise Refusal(trick.code if kind == "refuse" else "SYSTEM_ERROR", "by rule")
        if kind != "lose":
            await self.app(self.scope, self._again(), self._keep)
        if kind == "duplicate":
            self.kept.clear()
            await self.app(self.scope, self._again(), self._keep)
        if kind in {"lose", "timeout"}:
            await self._hold(seconds or SILENCE_SECONDS)
        if kind in {"lose", "timeout", "error_after_commit"}:
            raise Refusal("SYSTEM_ERROR", "by rule")
        await self._answer(garbled=kind == "garble")

    def _again(self) -> Receive:
        whole: list[Any] = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Any:
            return whole.pop() if whole else await self.receive()

        return receive

    async def _keep(self, message: Message) -> None:
        self.kept.append(message)

    async def _hold(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass

    async def _answer(self, *, garbled: bool) -> None:
        if garbled:
            await ASGIResponse(body=GARBLED, media_type="application/json")(
                self.scope, self.receive, self.send
            )
            return
        for message in self.kept:
            await self.send(message)


async def _read(receive: Receive) -> bytes:
    """Collect the whole body. Raises Refusal when it is too long or its sender is gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refusal("PARAM_ERROR", "the body ended early")
        body += message["body"]
        if len(body) > BODY_LIMIT:
            raise Refusal("BODY_TOO_LARGE")
        if not message["more_body"]:
            return body
