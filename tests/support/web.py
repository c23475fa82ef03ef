"""A shop served in process: people with tokens, and an ASGI driver for streams."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from attrs import evolve, field, frozen
from litestar import Litestar
from litestar.testing import TestClient

from groupbuy.application.membership import Enrol, PutMerchant, enrol, put_merchant, session_id_of
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.membership import LoginSession, Merchant, Role, User
from groupbuy.entrypoints.bootstrap import App, build
from groupbuy.entrypoints.http import create_api
from groupbuy.entrypoints.settings import load

TENANT = "main"
HOST = "shop.test"
PASSWORD = "lv-Cha.2026"


@frozen
class Person:
    """Somebody with an open session."""

    user: User
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What proves who they are."""
        return {"Authorization": f"Bearer {self.token}"}


@frozen
class Shop:
    """One application and a client that talks to it."""

    app: App
    api: Litestar
    client: "TestClient[Litestar]"
    _numbers: Iterator[int] = field(factory=lambda: iter(range(13_800_000_000, 13_899_999_999)))

    def someone(self, *roles: Role, tenant: str = TENANT, merchant_id: str | None = None) -> Person:
        """Make a person with these roles (a shopper always) and log them in."""
        phone, token = str(next(self._numbers)), self.app.kit.ids.token()
        hashed = self.app.passwords.hash(PASSWORD)
        wanted = Enrol(phone, hashed, "何秀兰", "1", frozenset(roles))

        def make(work: Work) -> User:
            user = evolve(enrol(work, wanted), merchant_id=merchant_id)
            work.of(User).save(user)
            now = work.now()
            session = LoginSession(session_id_of(token), user.id, now, now, now + timedelta(days=1))
            work.of(LoginSession).add(session)
            return user

        return Person(self.app.desk.run(Caller.system(tenant), make), token)

    def merchant(self, name: str = "东门果行") -> Merchant:
        """Make a merchant."""
        caller = Caller.system(TENANT)
        return self.app.desk.run(caller, lambda work: put_merchant(work, PutMerchant(name)))


class Premises:
    """One application for many tests: each gets its database back as it was in the beginning."""

    def __init__(self, folder: Path) -> None:
        """Build the application over a fresh SQLite file."""
        self._file, self._kept = folder / "shop.db", folder / "kept.db"
        self._opened = served(f"sqlite:///{self._file}")
        self._shop = self._opened.__enter__()
        with sqlite3.connect(self._file) as source, sqlite3.connect(self._kept) as target:
            source.backup(target)

    def fresh(self) -> Shop:
        """Return the shop with an empty database and a client without cookies."""
        with sqlite3.connect(self._kept) as source, sqlite3.connect(self._file) as target:
            source.backup(target)
        self._shop.client.cookies.clear()
        return self._shop

    def close(self) -> None:
        """Stop serving."""
        self._opened.__exit__(None, None, None)


@contextmanager
def served(url: str, **overrides: Any) -> Iterator[Shop]:
    """Serve a shop over a database for as long as the block lasts."""
    settings = load(overrides={"database": {"url": url, "threads": 4}, **overrides})
    app = build(settings)
    try:
        api = create_api(app)
        with TestClient(api, base_url=f"http://{HOST}") as client:
            yield Shop(app, api, client)
    finally:
        app.close()


@asynccontextmanager
async def living(api: Litestar) -> AsyncIterator[None]:
    """Run the lifespan of an application in this event loop."""
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    task = asyncio.create_task(api({"type": "lifespan"}, inbox.get, outbox.put))  # type: ignore[arg-type]
    await inbox.put({"type": "lifespan.startup"})
    said = await outbox.get()
    assert said["type"] == "lifespan.startup.complete", said
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await outbox.get()
        await task


class Stream:
    """One request whose answer never ends by itself."""

    def __init__(self, api: Litestar, path: str, headers: dict[str, str] | None = None) -> None:
        """Prepare a GET."""
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._gone = asyncio.Event()
        sent = {"host": HOST, **(headers or {})}
        self._scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
        }
        self._api = api
        self._asked = False
        self.status = 0

    async def __aenter__(self) -> Self:
        """Send the request and wait for the first line of the answer."""
        self._task = asyncio.create_task(self._api(self._scope, self._receive, self._sent.put))  # type: ignore[arg-type]
        self.status = (await self._sent.get())["status"]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Go away."""
        self._gone.set()
        await asyncio.wait_for(self._task, 20)

    async def event(self) -> tuple[int, dict[str, Any]]:
        """Wait for the next event; return its sequence and its data. Comments are skipped."""
        while True:
            lines = (await asyncio.wait_for(self._sent.get(), 20))["body"].decode().splitlines()
            fields = dict(line.split(": ", 1) for line in lines if line and line[0] != ":")
            if "data" in fields:
                return int(fields["id"]), json.loads(fields["data"])

    async def opened(self) -> None:
        """Wait for the first words of the stream, which are no event."""
        assert (await asyncio.wait_for(self._sent.get(), 20))["body"].startswith(b"retry:")

    def quiet(self) -> bool:
        """Tell whether nothing has arrived that was not taken."""
        return self._sent.empty()

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}
