"""The periods of settlement: each day belongs to exactly one period of each cycle.

A period is a half-open range of local days. Its name is text that sorts like time within its
cycle and says by its shape which cycle it belongs to.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import Invalid

IsWorkday = Callable[[date], bool]
"""Tells whether people work on a day; calendars of whole years, make-up days included."""
_DAY = timedelta(days=1)
_SHAPE = re.compile(
    r"(?P<year>20[0-9]{2})-"
    r"(?:W(?P<week>0[1-9]|[1-4][0-9]|5[0-3])"
    r"|(?P<month>0[1-9]|1[0-2])(?:-(?:H(?P<half>[12])|(?P<day>0[1-9]|[12][0-9]|3[01])))?)"
)


class Cycle(StrEnum):
    """How often commission is settled."""

    MONTHLY = "monthly"
    """2026-11."""
    HALF_MONTHLY = "half_monthly"
    """2026-11-H1 is the 1st to the 15th, 2026-11-H2 the rest."""
    WEEKLY = "weekly"
    """2026-W47, Monday to Sunday; weeks and their years as ISO 8601 counts them."""
    DAILY = "daily"
    """2026-11-25, settled a number of workdays later (T+N)."""


def weekdays(day: date) -> bool:
    """Tell whether a day is Monday to Friday: all that is known without a calendar."""
    return day.isoweekday() <= 5


@frozen
class SettlementRules:
    """When commission is settled."""

    cycle: Cycle = Cycle.MONTHLY
    """`monthly`, `half_monthly`, `weekly`, or `daily` for T+N."""
    workdays_after: int = 1
    """N of T+N: a day is settled from the start of the Nth workday after it."""


MONTHLY = SettlementRules()


@frozen
class Period:
    """The local days `[first, after)` that one statement is about."""

    name: str
    cycle: Cycle
    first: date
    after: date
    """The first day that no longer belongs to it."""

    def cut(self, zone: tzinfo) -> datetime:
        """Return the instant at which it ends in a zone."""
        return _midnight(self.after, zone)

    def ready(self, zone: tzinfo, rules: SettlementRules, is_workday: IsWorkday) -> datetime:
        """Return the instant from which it may be settled; for T+N not before workday N."""
        if self.cycle is not Cycle.DAILY or not rules.workdays_after:
            return self.cut(zone)
        return _midnight(workday_after(self.first, rules.workdays_after, is_workday), zone)


def period_named(name: str) -> Period:
    """Return the period of a name. Raises Invalid for a name that is none."""
    found = _SHAPE.fullmatch(name)
    try:
        if found is None:
            raise ValueError(name)  # noqa: TRY301  one answer for every way to be wrong
        year = int(found["year"])
        if found["week"]:
            return period_on(date.fromisocalendar(year, int(found["week"]), 1), Cycle.WEEKLY)
        month = int(found["month"])
        if found["half"]:
            return period_on(date(year, month, 1 if found["half"] == "1" else 16), _HALF)
        if found["day"]:
            return period_on(date(year, month, int(found["day"])), Cycle.DAILY)
        return period_on(date(year, month, 1), Cycle.MONTHLY)
    except ValueError:
        raise Invalid(
            field="period", reason="must read YYYY-MM, YYYY-MM-H1, YYYY-Www or YYYY-MM-DD"
        ) from None


def period_on(day: date, cycle: Cycle) -> Period:
    """Return the one period of a cycle that a local day belongs to."""
    if cycle is Cycle.DAILY:
        return Period(day.isoformat(), cycle, day, day + _DAY)
    if cycle is Cycle.WEEKLY:
        year, week, weekday = day.isocalendar()
        first = day - (weekday - 1) * _DAY
        return Period(f"{year:04}-W{week:02}", cycle, first, first + 7 * _DAY)
    month, following = day.replace(day=1), (day.replace(day=1) + 31 * _DAY).replace(day=1)
    name = f"{day.year:04}-{day.month:02}"
    if cycle is Cycle.MONTHLY:
        return Period(name, cycle, month, following)
    middle = day.replace(day=16)
    if day < middle:
        return Period(f"{name}-H1", cycle, month, middle)
    return Period(f"{name}-H2", cycle, middle, following)


def workday_after(day: date, number: int, is_workday: IsWorkday) -> date:
    """Return the workday of that number after a day; 1 is the first workday after it."""
    while number:
        day += _DAY
        number -= is_workday(day)
    return day


def last_ready(
    now: datetime,
    zone: tzinfo,
    rules: SettlementRules = MONTHLY,
    is_workday: IsWorkday = weekdays,
) -> Period:
    """Return the last period that may be settled."""
    period = period_on(now.astimezone(zone).date(), rules.cycle)
    while now < period.ready(zone, rules, is_workday):
        period = period_on(period.first - _DAY, rules.cycle)
    return period


def cut_of(period: str, zone: tzinfo) -> datetime:
    """Return the instant at which a period ends in a zone. Raises Invalid."""
    return period_named(period).cut(zone)


_HALF = Cycle.HALF_MONTHLY


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
