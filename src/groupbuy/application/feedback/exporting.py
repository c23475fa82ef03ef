"""Cases as a table for operators: what, when and how late; never what was said."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import pages
from groupbuy.application.write_path import Caller, Desk
from groupbuy.domain.feedback import Feedback
from groupbuy.domain.membership import Role

COLUMNS = (
    "id", "kind", "state", "created_at", "answer_by", "overdue_at", "answered_at", "closed_at",
    "assignee_id", "order_id", "merchant_id", "about", "messages", "answers", "reopened",
    "satisfaction",
)  # fmt: skip


def export_rows(
    desk: Desk, caller: Caller, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Feedback]:
    """Yield every case that came within an interval, oldest first, a page in memory at a time."""
    caller.require(Role.OPERATOR)
    query = Query().sorted("created_at")
    if since is not None:
        query = query.since("created_at", since)
    if until is not None:
        query = query.before("created_at", until)
    for page in pages(desk, caller, Feedback, query):
        yield from page


def written(cases: Iterable[Feedback]) -> str:
    """Write cases as CSV with a heading; instants in UTC."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for case in cases:
        table.writerow([_cell(getattr(case, name)) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
