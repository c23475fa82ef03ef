"""The demo's time: one file that all of its processes read, turned forward by hand."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import define, field

ZONE = ZoneInfo("Asia/Shanghai")
"""Where the neighbourhood lives."""
FIRST_MORNING = datetime(2026, 10, 8, 8, tzinfo=ZONE)
"""When the story begins; a fixed day, so that every run tells the same story."""


@define(eq=False)
class StoryClock:
    """Writes instants into the clock file; also a `Clock` port for this process."""

    path: Path
    _now: datetime = field(default=FIRST_MORNING)

    def __attrs_post_init__(self) -> None:
        """Write the first instant, so that nobody finds the file missing."""
        self._write()

    def now(self) -> datetime:
        """Return the instant the file holds."""
        return self._now

    def turn_to(self, instant: datetime) -> None:
        """Move forward to an instant; an earlier one changes nothing."""
        if instant > self._now:
            self._now = instant
            self._write()

    def forward(self, **by: float) -> None:
        """Move forward by days, hours, minutes or seconds."""
        self.turn_to(self._now + timedelta(**by))

    def _write(self) -> None:
        """Replace the file in one step: a reader sees the old instant or the new one.

        Its time of change is the instant itself, so two instants never look like one.
        """
        fresh = self.path.with_suffix(".next")
        fresh.write_text(self._now.isoformat(), encoding="ascii")
        stamp = int(self._now.timestamp()) * 10**9 + self._now.microsecond * 1000
        os.utime(fresh, ns=(stamp, stamp))
        fresh.replace(self.path)


def local(instant: datetime) -> str:
    """Write an instant as a neighbour would say it: `10月08日 08:00`."""
    return instant.astimezone(ZONE).strftime("%m月%d日 %H:%M")
