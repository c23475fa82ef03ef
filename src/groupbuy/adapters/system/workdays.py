"""Chinese workdays, from the yearly announcements of the State Council."""

from datetime import date

import chinese_calendar  # type: ignore[import-untyped]
from attrs import frozen

from groupbuy.domain.commission import weekdays


@frozen
class ChineseWorkdays:
    """Knows the years that were announced when its library was released."""

    def works_on(self, day: date) -> bool:
        """Tell whether people work that day; Monday to Friday in a year nobody knows yet."""
        if not self.knows(day.year):
            return weekdays(day)
        return bool(chinese_calendar.is_workday(day))

    def knows(self, year: int) -> bool:
        """Tell whether the holidays of a year have been announced."""
        try:
            chinese_calendar.is_workday(date(year, 1, 1))
        except NotImplementedError:
            return False
        return True
