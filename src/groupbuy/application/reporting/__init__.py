"""Reports: sums kept behind the write path, and what is read off them. Import from here."""

from groupbuy.application.reporting import days
from groupbuy.application.reporting.feeding import feed
from groupbuy.application.reporting.history import (
    Bought,
    Past,
    Unfit,
    in_parts,
    note_history,
    past_of,
    read_history,
    take_history,
)
from groupbuy.application.reporting.keeping import keep
from groupbuy.application.reporting.measures import MEASURES, Measure, Unit
from groupbuy.application.reporting.rebuilding import Rebuilt, dump, rebuild
from groupbuy.application.reporting.showing import (
    OF_LEADERS,
    REPORTS,
    Wanted,
    show,
    show_led,
    show_mine,
)
from groupbuy.application.reporting.tables import Ask, Dimension, Report, Row, said

__all__ = [
    "MEASURES",
    "OF_LEADERS",
    "REPORTS",
    "Ask",
    "Bought",
    "Dimension",
    "Measure",
    "Past",
    "Rebuilt",
    "Report",
    "Row",
    "Unfit",
    "Unit",
    "Wanted",
    "days",
    "dump",
    "feed",
    "in_parts",
    "keep",
    "note_history",
    "past_of",
    "read_history",
    "rebuild",
    "said",
    "show",
    "show_led",
    "show_mine",
    "take_history",
]
