"""Days and months in a zone. A period is half-open: its last day ends where the next one begins."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.domain.kernel import Invalid

LONGEST = 3_660
"""Days of the longest period of a report."""
_DAY = timedelta(days=1)


@frozen
class Days:
    """The days `[first, end)`."""

    first: date
    end: date
    """The first day that does not belong to it."""

    def __attrs_post_init__(self) -> None:
        """A period holds a day or more, and not more than ten years."""
        if not self.first < self.end:
            raise Invalid(field="until", reason="must be after since")
        if self.length > LONGEST:
            raise Invalid(field="until", reason="is too far from since")

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.end - self.first).days

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.end - _DAY

    @property
    def months(self) -> bool:
        """Tell whether it is made of whole months."""
        return self.first.day == 1 and self.end.day == 1

    def each(self) -> Iterator[date]:
        """Yield its days."""
        return (self.first + n * _DAY for n in range(self.length))

    def before(self) -> "Days":
        """Return the period just before it: as many months if it is made of months, else days."""
        try:
            if not self.months:
                return Days(self.first - self.length * _DAY, self.first)
            count = (self.end.year - self.first.year) * 12 + self.end.month - self.first.month
            return Days(_months_before(self.first, count), self.first)
        except (OverflowError, ValueError) as error:
            raise Invalid(field="since", reason="has nothing before it") from error

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Return when it begins and when it is over, in UTC."""
        return start_of(self.first, zone), start_of(self.end, zone)


def day_of(at: datetime, zone: str) -> str:
    """Return the day of an instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def hour_of(at: datetime, zone: str) -> str:
    """Return the hour of the clock on the wall; where summer time ends, one hour is two."""
    return f"{at.astimezone(ZoneInfo(zone)).hour:02}"


def start_of(day: date, zone: str) -> datetime:
    """Return the first instant of a day.

    Where a clock skips midnight, the day begins when the skipping ends; where it shows midnight
    twice, with the first.
    """
    # Of a midnight that is skipped, Python reads the time before: the instant of the jump.
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def day(text: str, name: str = "day") -> Days:
    """Read `YYYY-MM-DD`. Raises Invalid."""
    first = _date(text, name)
    return Days(first, _next(first, name))


def month(text: str, name: str = "month") -> Days:
    """Read `YYYY-MM`. Raises Invalid."""
    first = _date(f"{text}-01", name)
    return Days(first, _months_before(first, -1))


def days(since: str, until: str) -> Days:
    """Read a range; `until` is its last day. Raises Invalid."""
    return Days(_date(since, "since"), _next(_date(until, "until"), "until"))


def _date(text: str, name: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field=name, reason="is no date") from error
    # Also read is 2026W471, which nobody means here.
    if found.isoformat() != text or found.year < 1970:
        raise Invalid(field=name, reason="is no date")
    return found


def _next(first: date, name: str) -> date:
    if first == date.max:
        raise Invalid(field=name, reason="is no date")
    return first + _DAY


def _months_before(first: date, count: int) -> date:
    place = first.year * 12 + first.month - 1 - count
    try:
        return date(place // 12, place % 12 + 1, 1)
    except ValueError as error:
        raise Invalid(field="month", reason="is no date") from error
