"""Campaigns as everybody sees them, kept ready to send until somebody says that they changed."""

import asyncio
import threading
import time

import msgspec
from attrs import define, field, frozen
from litestar.concurrency import sync_to_thread
from litestar.params import SkipValidation

from groupbuy.application import campaigns
from groupbuy.application.write_path import Caller
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.campaign_schemas import campaign_out

KEPT = 5_000
"""Pages a process keeps at once."""
HEARD_SECONDS, UNHEARD_SECONDS = 30, 1
"""How long a page is sent that nobody said has changed: where signals arrive, and where not."""

_Key = tuple[str, str]


@frozen
class CampaignPage:
    """A rendered campaign and its version."""

    body: bytes
    etag: str
    _unheard_until: float
    _until: float

    def is_good(self, *, listening: bool) -> bool:
        """Tell whether it may still be sent."""
        return time.monotonic() < (self._until if listening else self._unheard_until)


@define(eq=False)
class CampaignPages:
    """One per process. Everybody who asks at the same time waits for one reading."""

    _app: App
    _pages: dict[_Key, CampaignPage] = field(factory=dict, init=False)
    _reading: dict[_Key, "asyncio.Task[CampaignPage]"] = field(factory=dict, init=False)
    _rounds: int = field(default=0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    async def page(self, tenant: str, campaign_id: str) -> CampaignPage:
        """Return a published campaign. Raises NotFound, Unavailable."""
        key = (tenant, campaign_id)
        known = self._pages.get(key)
        if known is not None and known.is_good(listening=self._app.signals.listening):
            return known
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.create_task(self._read(key))
            reading.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(reading)

    def changed(self, tenant: str, subjects: tuple[str, ...]) -> None:
        """Forget these campaigns; called by any thread."""
        gone = [(tenant, subject) for subject in subjects if subject.startswith("cmp_")]
        if gone:
            with self._lock:
                self._rounds += 1
                for key in gone:
                    self._pages.pop(key, None)
                    self._reading.pop(key, None)

    def forget_all(self) -> None:
        """Forget everything: something may have been said that we did not hear."""
        with self._lock:
            self._rounds += 1
            self._pages.clear()
            self._reading.clear()

    async def _read(self, key: _Key) -> CampaignPage:
        tenant, campaign_id = key
        rounds, heard = self._rounds, self._app.signals.listening
        found = await sync_to_thread(
            self._app.desk.read,
            Caller(tenant=tenant),
            lambda work: campaigns.public_campaign(work, campaign_id),
        )
        now = time.monotonic()
        page = CampaignPage(
            msgspec.json.encode(campaign_out(found)),
            f'"{found.version}"',
            now + UNHEARD_SECONDS,
            now + (HEARD_SECONDS if heard else UNHEARD_SECONDS),
        )
        with self._lock:
            if rounds == self._rounds:  # nothing was said to have changed while we were reading
                if len(self._pages) >= KEPT:
                    self._pages.clear()
                self._pages[key] = page
        return page

    def _finished(self, key: _Key, done: "asyncio.Task[CampaignPage]") -> None:
        if self._reading.get(key) is done:
            del self._reading[key]
        if not done.cancelled():
            done.exception()  # everybody who waited has gone: nobody else would look at it


Pages = SkipValidation[CampaignPages]
"""The type to ask for: ours from the start, so the framework need not look into it."""
