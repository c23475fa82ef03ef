"""The month's days and hours: when people sign up, buy, receive, and are paid."""

from datetime import date, datetime, time, timedelta

from groupbuy.entrypoints.demo.clock import ZONE

SIGN_UP = datetime(2026, 8, 29, 8, tzinfo=ZONE)
"""When the story begins: early enough that the ladder is known before its month."""
FIRST_DAY = date(2026, 9, 1)
DAYS = 30
PERIOD = "2026-09"
"""The month that is played and settled."""
NEXT = "2026-10"
"""The month whose statements say what was refunded after the settlement."""
OPENING, ENDING = time(9), time(21, 30)
"""When campaigns begin and end to sell."""
WAVES = (time(12, 30), time(20))
"""When people join, on each day of a campaign."""
LAST_TO_SETTLE = date(2026, 9, 22)
"""What ends later than this day vests in the next month: a day to ship, seven of after-sale."""
REFUNDS_AFTER = (date(2026, 10, 3), date(2026, 10, 6), date(2026, 10, 9))
"""When goods turn out to be bad after the month is settled."""
OVER = datetime(2026, 11, 1, 9, tzinfo=ZONE)
"""When the next month's statements are there."""


def day_of(number: int) -> date:
    """Return the month's day of that number, counted from 1."""
    return FIRST_DAY + timedelta(days=number - 1)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of a day where the neighbourhood lives."""
    return datetime.combine(day, time(hour, minute, second), ZONE)


def moment(day: date, clock: time) -> datetime:
    """Return a time of a day where the neighbourhood lives."""
    return datetime.combine(day, clock, ZONE)
