"""Campaigns that come again by themselves: on which days, at which time of the local day."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.campaigns import events
from groupbuy.domain.kernel import Edge, Event, Invalid, Machine

DAYS_AHEAD = 7
"""Every rhythm comes round within a week."""
MINUTES_OF_A_DAY = 24 * 60
LONGEST = 30 * MINUTES_OF_A_DAY
LEAD_AT_MOST = 7 * MINUTES_OF_A_DAY


class SeriesState(StrEnum):
    """Where a series is in its life."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class SeriesMove(StrEnum):
    """What may be asked of a series."""

    MAKE = "make"
    """Make the next campaign."""
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


_S, _M = SeriesState, SeriesMove
SERIES: Machine[SeriesState, SeriesMove, None] = Machine(
    name="series",
    initial=_S.RUNNING,
    final=frozenset({_S.ENDED}),
    edges=(
        Edge(_S.RUNNING, _M.MAKE, _S.RUNNING, events.SERIES_MADE),
        Edge(_S.RUNNING, _M.PAUSE, _S.PAUSED, events.SERIES_PAUSED),
        Edge(_S.PAUSED, _M.RESUME, _S.RUNNING, events.SERIES_RESUMED),
        Edge(_S.RUNNING, _M.END, _S.ENDED, events.SERIES_ENDED),
        Edge(_S.PAUSED, _M.END, _S.ENDED, events.SERIES_ENDED),
    ),
)


@frozen
class Rhythm:
    """When campaigns of a series begin, and how long each one sells. Days are those of the zone."""

    weekdays: frozenset[int]
    """Monday is 0."""
    minute: int
    """Of the local day, from 0: 20:30 is 1230."""
    lasts: int
    """Minutes from start to end."""
    lead: int = 0
    """So many minutes before its start a campaign is made, for everybody to see."""

    def __attrs_post_init__(self) -> None:
        """Refuse what would never come, or never end."""
        if not self.weekdays or not self.weekdays <= frozenset(range(DAYS_AHEAD)):
            raise Invalid(field="weekdays", reason="name days of the week")
        if not 0 <= self.minute < MINUTES_OF_A_DAY:
            raise Invalid(field="at", reason="is no time of a day")
        if not 1 <= self.lasts <= LONGEST:
            raise Invalid(field="lasts_minutes", reason="1 minute to 30 days")
        if not 0 <= self.lead <= LEAD_AT_MOST:
            raise Invalid(field="lead_minutes", reason="up to 7 days")

    def next_after(self, at: datetime, zone: tzinfo) -> datetime:
        """Return the first start after an instant.

        A time that the clocks skip begins when the skipping ends; one they show twice, the first
        time.
        """
        today = at.astimezone(zone).date()
        starts = (self._start(today + timedelta(days=n), zone) for n in range(DAYS_AHEAD + 2))
        return next(start for start in starts if start is not None and start > at)

    def _start(self, day: date, zone: tzinfo) -> datetime | None:
        if day.weekday() not in self.weekdays:
            return None
        local = datetime.combine(day, time(self.minute // 60, self.minute % 60), zone)
        return datetime.fromtimestamp(local.timestamp(), tz=UTC)


@frozen
class Series:
    """A campaign that comes again: each one is a copy of the first, with a window of its own."""

    id: str
    campaign_id: str
    """What is copied."""
    merchant_id: str
    rhythm: Rhythm
    zone: str
    publish: bool
    """Whether each one is published at once; otherwise it waits as a draft."""
    next_at: datetime
    """When the next one begins."""
    created_by: str
    created_at: datetime
    leader_id: str | None = None
    left: int | None = None
    """How many more are made; None for as many as come."""
    made: int = 0
    last_campaign_id: str = ""
    state: SeriesState = SeriesState.RUNNING
    version: int = 0

    @property
    def due_at(self) -> datetime:
        """When the next one is made."""
        return self.next_at - timedelta(minutes=self.rhythm.lead)

    def window(self) -> tuple[datetime, datetime]:
        """Return when the next one begins and ends."""
        return self.next_at, self.next_at + timedelta(minutes=self.rhythm.lasts)

    def make(self, campaign_id: str, zone: tzinfo, now: datetime) -> "tuple[Series, list[Event]]":
        """Note that one was made, or left out with an empty id; the last one ends the series."""
        after, happened = self._fire(SeriesMove.MAKE, now, campaign=campaign_id)
        left = None if self.left is None else self.left - 1
        after = evolve(
            after,
            next_at=self.rhythm.next_after(max(self.next_at, now), zone),
            left=left,
            made=self.made + bool(campaign_id),
            last_campaign_id=campaign_id or self.last_campaign_id,
        )
        if left is None or left > 0:
            return after, happened
        ended, more = after._fire(SeriesMove.END, now)
        return ended, [*happened, *more]

    def pause(self, now: datetime) -> "tuple[Series, list[Event]]":
        """Make none until it is resumed."""
        return self._fire(SeriesMove.PAUSE, now)

    def resume(self, zone: tzinfo, now: datetime) -> "tuple[Series, list[Event]]":
        """Go on with the next start that still lies ahead; what was missed is not made up for."""
        after, happened = self._fire(SeriesMove.RESUME, now)
        return evolve(after, next_at=self.rhythm.next_after(now, zone)), happened

    def end(self, now: datetime) -> "tuple[Series, list[Event]]":
        """Make no more, for good; campaigns that were made go on."""
        return self._fire(SeriesMove.END, now)

    def _fire(
        self, move: SeriesMove, now: datetime, **more: object
    ) -> "tuple[Series, list[Event]]":
        edge = SERIES.fire(self.state, move, None)
        return evolve(self, state=edge.target), [Event(edge.event, self.id, now, more)]
