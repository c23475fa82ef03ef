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


_SECOND = timedelta(seconds=1)
_FRESH = timedelta(seconds=5)
"""A place in the queue that was missed by more than this is given up."""


@frozen
class Pace:
    """At most `per_second` calls to one subject, by all processes of a tenant together."""

    name: str
    subject: str
    per_second: int

    @property
    def key(self) -> str:
        """The id of the row that counts the second at hand."""
        return f"{self.name}/{self.subject}"

    @property
    def queue(self) -> str:
        """The id of the row that knows up to when the queue has its places."""
        return f"{self.name}-queue/{self.subject}"


def take_turns(work: Work, pace: Pace, places: Sequence[datetime | None]) -> list[datetime | None]:
    """Return for each, in order, when to come again; None for those that may go now.

    `places` are the answers they were given before, None for those that are new. While a queue
    stands, new ones join its end: first come, first served, and nobody asks twice for nothing.
    """
    gate, queue, now = *_rows(work, pace), work.now()
    if gate.started_at is None or now >= gate.started_at + _SECOND:
        gate = evolve(gate, started_at=now, count=0)
    opens = (gate.started_at or now) + _SECOND
    end = max(queue.started_at or now, now)
    step, late = _SECOND / max(pace.per_second, 1), 0
    turns = list[datetime | None]()
    for place in places:
        if gate.count < pace.per_second and (place is not None or end <= now):
            gate = evolve(gate, count=gate.count + 1)
            turns.append(None)
        elif place is not None and place > now - _FRESH:
            turns.append(opens + late * step)
            late += 1
        else:
            end = max(end, opens)
            turns.append(end)
            end += step
    work.of(RateWindow).save(gate)
    work.of(RateWindow).save(evolve(queue, started_at=end))
    return turns


def hold_off(work: Work, pace: Pace, pause: timedelta) -> datetime:
    """Let nobody go for a while: the subject asked for it. Returns until when."""
    gate, queue = _rows(work, pace)
    until = work.now() + pause
    full = evolve(gate, started_at=until - _SECOND, count=pace.per_second)
    end = max(queue.started_at or until, until)
    work.of(RateWindow).save(full)
    work.of(RateWindow).save(evolve(queue, started_at=end))
    return until


def _rows(work: Work, pace: Pace) -> tuple[RateWindow, RateWindow]:
    rows = work.of(RateWindow).lock([pace.key, pace.queue], create=RateWindow)
    return rows[pace.key], rows[pace.queue]
