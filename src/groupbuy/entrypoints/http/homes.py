"""Home pages as everybody of a community sees them, kept in the process for a few seconds."""

import threading
import time

from attrs import define, evolve, field, frozen
from litestar.params import SkipValidation

from groupbuy.application import discovery
from groupbuy.application.write_path import Caller, Work
from groupbuy.entrypoints.bootstrap import App

SECONDS = 15
"""How long a page is shown without being read again. A campaign has pages of its own for whoever
wants to know to the second."""
KEPT = 1_000
"""Pages a process keeps at once."""

OWN_SECONDS = 60
"""The same for what suits one person."""

_Key = tuple[str, str]


@frozen
class _Kept:
    """A page, and until when it is good by the clock of the process."""

    home: discovery.Home
    until: float


@define(eq=False)
class HomePages:
    """One per process. Whoever asks while a page is being read waits for that reading."""

    _app: App
    _kept: dict[_Key, _Kept] = field(factory=dict, init=False)
    _own: dict[_Key, tuple[discovery.ForYou, float]] = field(factory=dict, init=False)
    _reading: dict[_Key, threading.Lock] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def page(self, tenant: str, community: str) -> discovery.Home:
        """Return the page of a community, or of nobody in particular.

        Raises NotFound, Unavailable.
        """
        key = (tenant, community)
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        try:
            with reading:
                known = self._kept.get(key)
                if known is None or time.monotonic() >= known.until:
                    known = self._kept[key] = self._read(tenant, community)
                return known.home
        finally:
            self._tidy(key)

    def for_you(self, caller: Caller, *, personal: bool) -> discovery.ForYou:
        """Return what suits somebody; without a history, or unwished, what is popular.

        Raises Unavailable.
        """
        whose = caller.user_id if personal else ""
        known = self._own.get((caller.tenant, whose))
        if known is None or time.monotonic() >= known[1]:
            asked = evolve(caller, user_id=whose)
            found = self._app.desk.read(asked, _for_you)
            known = (found, time.monotonic() + OWN_SECONDS)
            with self._lock:
                if len(self._own) >= KEPT:
                    self._own.clear()
                self._own[caller.tenant, whose] = known
        return known[0]

    def _read(self, tenant: str, community: str) -> _Kept:
        nobody = Caller(tenant=tenant)
        home = self._app.desk.read(nobody, lambda work: discovery.home(work, community))
        return _Kept(home, time.monotonic() + SECONDS)

    def _tidy(self, key: _Key) -> None:
        """Forget everything once there is too much of it; a made-up community leaves nothing."""
        with self._lock:
            if len(self._kept) > KEPT:
                self._kept.clear()
            if key not in self._kept or len(self._reading) > KEPT:
                self._reading.pop(key, None)


def _for_you(work: Work) -> discovery.ForYou:
    return discovery.for_you(work, discovery.SHOWN)


Homes = SkipValidation[HomePages]
"""The type to ask for: ours from the start, so the framework need not look into it."""
