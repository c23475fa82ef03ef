"""How often somebody may try something, counted in the database so that all processes agree."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import TooMany


@frozen
class RateWindow:
    """How often one subject did one thing since a window began; one row a subject, reused."""

    id: str
    """`what/subject`; the subject is a fingerprint or an address, never readable personal data."""
    started_at: datetime | None = None
    count: int = 0
    version: int = 0

    def counted(self, now: datetime, allowed: int, window: timedelta) -> "RateWindow":
        """Count one more. Raises TooMany once the window is full."""
        if self.started_at is None or now >= self.started_at + window:
            return evolve(self, started_at=now, count=1)
        if self.count >= allowed:
            left = self.started_at + window - now
            raise TooMany(retry_after_seconds=max(1, int(left.total_seconds())))
        return evolve(self, count=self.count + 1)


@frozen
class Rate:
    """At most `allowed` times per `minutes`, for one subject."""

    name: str
    subject: str
    allowed: int
    minutes: int

    @property
    def key(self) -> str:
        """The id of its row."""
        return f"{self.name}/{self.subject}"


def count(work: Work, rates: Sequence[Rate]) -> None:
    """Count one more try against each rate. Raises TooMany, counting nothing then."""
    windows = work.of(RateWindow).lock([rate.key for rate in rates], create=RateWindow)
    now = work.now()
    for rate in rates:
        window = windows[rate.key]
        counted = window.counted(now, rate.allowed, timedelta(minutes=rate.minutes))
        work.of(RateWindow).save(counted)
