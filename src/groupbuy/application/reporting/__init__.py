"""Reports: sums kept behind the write path, and what is read off them. Import from here."""

from groupbuy.application.reporting import days
from groupbuy.application.reporting.feeding import feed
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
    "Dimension",
    "Measure",
    "Rebuilt",
    "Report",
    "Row",
    "Unit",
    "Wanted",
    "days",
    "dump",
    "feed",
    "rebuild",
    "said",
    "show",
    "show_led",
    "show_mine",
]
