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
from groupbuy.application.reporting.rebuilding import Rebuilt, dump, rebuild, rehearse
from groupbuy.application.reporting.scheduling import (
    Planned,
    add_schedule,
    due_reports,
    list_schedules,
    span_of,
    stop_schedule,
)
from groupbuy.application.reporting.showing import (
    OF_LEADERS,
    REPORTS,
    Wanted,
    made,
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
    "Planned",
    "Rebuilt",
    "Report",
    "Row",
    "Unfit",
    "Unit",
    "Wanted",
    "add_schedule",
    "days",
    "due_reports",
    "dump",
    "feed",
    "in_parts",
    "keep",
    "list_schedules",
    "made",
    "note_history",
    "past_of",
    "read_history",
    "rebuild",
    "rehearse",
    "said",
    "show",
    "show_led",
    "show_mine",
    "span_of",
    "stop_schedule",
    "take_history",
]
