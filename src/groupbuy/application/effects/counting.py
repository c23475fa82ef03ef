"""Counting a segment: many customers are looked at outside of any one transaction."""

from groupbuy.application import segments
from groupbuy.application.effects.errands import Errand


def count_segment(errand: Errand) -> None:
    """Find out who belongs to a segment that was made or changed."""
    segments.count_segment(errand.desk, errand.caller, errand.task.subject)
    errand.done()
