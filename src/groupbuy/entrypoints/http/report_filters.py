"""What a report is to be about, from the parameters of a request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from groupbuy.application.reporting import Ask, days
from groupbuy.application.reporting.days import Days
from groupbuy.entrypoints.http.amounts import END
from groupbuy.entrypoints.http.problems import malformed
from groupbuy.entrypoints.http.visit import Visit
from groupbuy.entrypoints.report_files import FORMS, MEDIA_TYPES, Form

JSON = "application/json"
_ID_OR_NONE = "^(|[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26})" + END
_MOST = 50
Period = Annotated[
    str,
    QueryParameter(
        pattern="^(day|month|range)" + END,
        description="`day` with `day`, `month` with `month`, `range` with `since` and `until`",
    ),
]
Day = Annotated[str, QueryParameter(max_length=10, description="YYYY-MM-DD; yesterday by default")]
Month = Annotated[str, QueryParameter(max_length=7, description="YYYY-MM; this one by default")]
Since = Annotated[str, QueryParameter(max_length=10, description="First day of a range")]
Until = Annotated[str, QueryParameter(max_length=10, description="Last day of a range")]
Compare = Annotated[
    str,
    QueryParameter(
        pattern="^(|previous)" + END, description="`previous` adds the totals of the period before"
    ),
]
Campaigns = Annotated[
    str, QueryParameter(max_length=31 * _MOST, description="Campaign ids, parted by commas")
]
LeaderText = Annotated[str, QueryParameter(pattern=_ID_OR_NONE, description="A leader's id")]
CategoryText = Annotated[str, QueryParameter(pattern=_ID_OR_NONE, description="A category's id")]
By = Annotated[
    str,
    QueryParameter(
        pattern="^[a-z]{0,20}" + END,
        description="Distribution: hour, region, community, state; products: product, sku",
    ),
]
History = Annotated[
    bool, QueryParameter(description="Purchases of earlier systems count too, where they can")
]
Currency = Annotated[
    str, QueryParameter(pattern="^(|[A-Z]{3})" + END, description="The shop's by default")
]
Format = Annotated[
    str,
    QueryParameter(
        pattern="^(|json|csv|xlsx|svg)" + END,
        description="Instead of the header Accept; JSON by default",
    ),
]
Most = Annotated[int, QueryParameter(ge=1, le=5_000, description="Rows at most")]


Filtered = SkipValidation[Ask]
"""The type to ask for, as `ask: NamedDependency[Filtered]`."""
Spanned = SkipValidation[Days]


def _span(
    visit: NamedDependency[Visit],
    period: Period = "month",
    day: Day = "",
    month: Month = "",
    since: Since = "",
    until: Until = "",
) -> Spanned:
    given = {"day": day, "month": month, "since": since, "until": until}
    belongs = {"day": {"day"}, "month": {"month"}, "range": {"since", "until"}}[period]
    for name, value in given.items():
        if value and name not in belongs:
            raise malformed(name, "unknown")
    today = visit.app.kit.clock.now().astimezone(ZoneInfo(visit.app.kit.policy.zone)).date()
    usual: dict[str, Callable[[], Days]] = {
        "day": lambda: days.day(day or (today - timedelta(days=1)).isoformat()),
        "month": lambda: days.month(month or today.isoformat()[:7]),
        "range": lambda: days.days(since, until),
    }
    return usual[period]()


def _filters(
    visit: NamedDependency[Visit],
    span: NamedDependency[Spanned],
    compare: Compare = "",
    campaign: Campaigns = "",
    leader: LeaderText = "",
    category: CategoryText = "",
    by: By = "",
    history: History = False,  # noqa: FBT002  a query parameter
    currency: Currency = "",
    limit: Most = 1_000,
) -> Filtered:
    ask = Ask(
        days=span,
        currency=currency or visit.app.kit.policy.currency,
        campaigns=tuple(filter(None, campaign.split(","))),
        leader_id=leader,
        category_id=category,
        by=by,
        compare=compare == "previous",
        history=history,
        limit=limit,
    )
    if len(ask.campaigns) > _MOST:
        raise malformed("campaign", "too_large")
    return ask


def form_of(wanted: str, accept: str) -> Form | None:
    """Return the file that is asked for, by name or by what the caller accepts; None is JSON."""
    if wanted:
        return next((form for form in FORMS if form == wanted), None)
    by_type = {kind.partition(";")[0]: form for form, kind in MEDIA_TYPES.items()}
    known = {**by_type, JSON: None, "*/*": None}
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")[:20]]
    return next((known[kind] for kind in kinds if kind in known), None)


REPORT_FILTERS = {
    "span": Provide(_span, sync_to_thread=False),
    "ask": Provide(_filters, sync_to_thread=False),
}
"""Dependencies of a controller that shows reports."""
