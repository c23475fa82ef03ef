"""What an operator may set about feedback, and when an answer is due."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from attrs import frozen

TEXT_AT_MOST = 2_000
PICTURES_AT_MOST = 3
_DAY = timedelta(days=1)


@frozen
class FeedbackRules:
    """What an operator may set about feedback and complaints."""

    answer_workdays: int = 2
    """An answer is due by the end of so many workdays after the day it came."""
    close_after_days: int = 7
    """An answer that nobody doubts closes the case after so many days."""
    reopen_days: int = 30
    """An answer may be doubted for so many days."""
    cases_a_day: int = 10
    """Of one person."""
    messages_a_day: int = 50
    """Of one person."""


def answer_due(
    now: datetime, workdays: int, zone: tzinfo, works_on: Callable[[date], bool]
) -> datetime:
    """Return the end of the last workday on which an answer is in time, in UTC.

    The day it came does not count: on Friday evening, two workdays end with Tuesday.
    """
    day, left = now.astimezone(zone).date(), workdays
    while left > 0:
        day += _DAY
        left -= works_on(day)
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
