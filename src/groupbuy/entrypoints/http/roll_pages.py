"""Rolls (接龙) as everybody sees them, kept in the process for a few seconds."""

import threading
import time

from attrs import define, field
from litestar.params import SkipValidation

from groupbuy.application import sharing
from groupbuy.application.write_path import Caller
from groupbuy.entrypoints.bootstrap import App

SECONDS = 5
"""How long a roll is shown without being read again: it reads every order of its campaign."""
KEPT = 1_000
"""Rolls a process keeps at once."""

_Key = tuple[str, str, bool]


@define(eq=False)
class RollPages:
    """One per process. Whoever asks while a roll is being read waits for that reading."""

    _app: App
    _kept: dict[_Key, tuple[str, float]] = field(factory=dict, init=False)
    _reading: dict[_Key, threading.Lock] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def text(self, tenant: str, campaign_id: str, *, english: bool) -> str:
        """Return the roll of a campaign. Raises NotFound, Refused, Unavailable."""
        key = (tenant, campaign_id, english)
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        try:
            with reading:
                known = self._kept.get(key)
                if known is None or time.monotonic() >= known[1]:
                    known = (self._read(*key), time.monotonic() + SECONDS)
                    self._kept[key] = known
                return known[0]
        finally:
            self._tidy(key)

    def _read(self, tenant: str, campaign_id: str, english: bool) -> str:  # noqa: FBT001  a key's part
        base, nobody = self._app.settings.base_url, Caller(tenant=tenant)
        found = self._app.desk.read(
            nobody, lambda work: sharing.roll_of(work, campaign_id, base, english=english)
        )
        return found.text

    def _tidy(self, key: _Key) -> None:
        """Forget everything once there is too much of it; a made-up campaign leaves nothing."""
        with self._lock:
            if len(self._kept) > KEPT:
                self._kept.clear()
            if key not in self._kept or len(self._reading) > KEPT:
                self._reading.pop(key, None)


RollTexts = SkipValidation[RollPages]
"""The type to ask for: ours from the start, so the framework need not look into it."""
