"""Which orders of a list are wanted: by status, by when they were made."""

from datetime import UTC, datetime
from typing import Annotated

from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from groupbuy.application.ports import Query
from groupbuy.domain.ordering import OrderState
from groupbuy.entrypoints.http.paging import Page
from groupbuy.entrypoints.http.problems import malformed

STATES = ", ".join(OrderState)
Statuses = Annotated[
    str, QueryParameter(max_length=300, description=f"One or more of {STATES}, parted by commas")
]
From = Annotated[
    datetime | None, QueryParameter(description="Made at this instant or later, e.g. …T00:00:00Z")
]
Until = Annotated[datetime | None, QueryParameter(description="Made before this instant")]

Wanted = SkipValidation[Query]
"""The type to ask for, as `wanted: NamedDependency[Wanted]`: a page of orders, newest first."""


def _wanted(
    page: NamedDependency[Page],
    status: Statuses = "",
    created_gte: From = None,
    created_lt: Until = None,
) -> Wanted:
    query = Query().sorted("-created_at").page(page.fetch, page.after)
    if status:
        query = query.among("state", _states(status))
    if created_gte is not None:
        query = query.since("created_at", _instant("created_gte", created_gte))
    if created_lt is not None:
        query = query.before("created_at", _instant("created_lt", created_lt))
    return query


ORDER_FILTERS = {"wanted": Provide(_wanted, sync_to_thread=False)}
"""Dependencies of a controller that lists orders."""


def _states(text: str) -> list[OrderState]:
    try:
        return [OrderState(name) for part in text.split(",") if (name := part.strip())]
    except ValueError as error:
        raise malformed("status", "unknown") from error


def _instant(name: str, given: datetime) -> datetime:
    if given.tzinfo is None:
        raise malformed(name, "pattern")
    return given.astimezone(UTC)
