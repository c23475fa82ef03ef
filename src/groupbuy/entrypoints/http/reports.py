"""Reports: for operators and finance, for each merchant, for each leader; as JSON or as a file."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from attrs import evolve
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from groupbuy.application import reporting
from groupbuy.application.reporting import Measure, Report, Unit, Wanted
from groupbuy.application.write_path import Caller, Desk
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.report_filters import (
    REPORT_FILTERS,
    Filtered,
    Format,
    form_of,
)
from groupbuy.entrypoints.http.visit import Visit
from groupbuy.entrypoints.report_files import MEDIA_TYPES, file_name, written

OFFICE = only(Role.OPERATOR, Role.FINANCE)
MERCHANT = only(Role.MERCHANT)
LEADER = only(Role.LEADER)
MerchantText = Annotated[
    str,
    QueryParameter(
        pattern="^(|[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26})" + END,
        description="One merchant's id; all together by default",
    ),
]
Show = Callable[[Desk, Caller, Wanted], Report]


class DimensionOut(msgspec.Struct, frozen=True):
    """What tells rows apart."""

    code: str
    name: str


class MeasureOut(msgspec.Struct, frozen=True):
    """A figure and its definition."""

    code: str
    name: str
    unit: Unit
    """`money` is in minor units, `rate` in basis points, `tenths` in tenths of a day."""
    meaning: str
    source: str
    """Where it comes from: accounts and moments of the ledger, or the record it is counted from."""


class ReportRowOut(msgspec.Struct, frozen=True):
    """One row; a figure that is not known is null."""

    keys: dict[str, str]
    figures: dict[str, int | None]


class ReportOut(msgspec.Struct, frozen=True):
    """A report, and what each of its figures means."""

    name: str
    title: str
    since: date
    until: date
    """The last day that belongs to it."""
    zone: str
    """In whose days it is cut."""
    currency: str
    as_of: datetime | None
    """Everything committed before is counted; null while nothing was."""
    dimensions: list[DimensionOut]
    measures: list[MeasureOut]
    rows: list[ReportRowOut]
    totals: dict[str, int | None]
    """Over all rows, those beyond the limit among them."""
    previous: dict[str, int | None] | None
    """The totals of the period before, if asked for."""
    previous_since: date | None
    previous_until: date | None
    left_out: int
    """Rows beyond the limit."""
    notes: list[str]


class ReportDesk(Controller):
    """Reports about the whole shop or one merchant."""

    path = "/ops/reports"
    tags = ("reports",)
    dependencies = REPORT_FILTERS

    @get("/{report:str}", opt=OFFICE, sync_to_thread=True)
    def show(
        self,
        request: Request[Any, Any, Any],
        report: FromPath[str],
        visit: NamedDependency[Visit],
        ask: NamedDependency[Filtered],
        merchant: MerchantText = "",
        format: Format = "",  # noqa: A002  the parameter's name
    ) -> Response[ReportOut]:
        """Show a report: daily, monthly, campaign, products, leaders, categories and others.

        Also distribution, refunds, cohorts and turnover.
        """
        own = evolve(ask, merchant_id=merchant)
        return _answer(request, visit, reporting.show, Wanted(report, own), format)


class MerchantReports(Controller):
    """Reports about the caller's merchant alone."""

    path = "/merchant/reports"
    tags = ("reports",)
    dependencies = REPORT_FILTERS

    @get("/{report:str}", opt=MERCHANT, sync_to_thread=True)
    def mine(
        self,
        request: Request[Any, Any, Any],
        report: FromPath[str],
        visit: NamedDependency[Visit],
        ask: NamedDependency[Filtered],
        format: Format = "",  # noqa: A002  the parameter's name
    ) -> Response[ReportOut]:
        """Show a report about the merchant's own sales."""
        return _answer(request, visit, reporting.show_mine, Wanted(report, ask), format)


class LeaderReports(Controller):
    """What was sold through the calling leader."""

    path = "/leader/reports"
    tags = ("reports",)
    dependencies = REPORT_FILTERS

    @get("/{report:str}", opt=LEADER, sync_to_thread=True)
    def led(
        self,
        request: Request[Any, Any, Any],
        report: FromPath[str],
        visit: NamedDependency[Visit],
        ask: NamedDependency[Filtered],
        format: Format = "",  # noqa: A002  the parameter's name
    ) -> Response[ReportOut]:
        """Show daily, monthly, campaign or products of the leader's own sales.

        What is the merchants' own (costs, fees, profit) is not in it.
        """
        return _answer(request, visit, reporting.show_led, Wanted(report, ask), format)


def _answer(
    request: Request[Any, Any, Any], visit: Visit, show: Show, wanted: Wanted, form: str
) -> Response[Any]:
    """Answer with the report as it was asked for."""
    found = show(visit.app.desk, visit.caller, wanted)
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept, Accept-Language"}
    file = form_of(form, request.headers.get("accept", ""))
    if file is None:
        return Response(report_out(found, visit.language), headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{file_name(found, file)}"'
    content = written(found, file, visit.language)
    return Response(content, media_type=MEDIA_TYPES[file], headers=headers)


def report_out(report: Report, language: str) -> ReportOut:
    """Render a report in a language."""
    english = language == "en"
    codes = [measure.code for measure in report.measures]
    keys = [dimension.code for dimension in report.dimensions]
    before = report.previous_days

    def figures(values: tuple[int | None, ...]) -> dict[str, int | None]:
        return dict(zip(codes, values, strict=True))

    return ReportOut(
        name=report.name,
        title=report.en if english else report.zh,
        since=report.days.first,
        until=report.days.last,
        zone=report.zone,
        currency=report.currency,
        as_of=report.as_of,
        dimensions=[DimensionOut(d.code, d.en if english else d.zh) for d in report.dimensions],
        measures=[_measure(measure, english=english) for measure in report.measures],
        rows=[
            ReportRowOut(dict(zip(keys, row.keys, strict=True)), figures(row.values))
            for row in report.rows
        ],
        totals=figures(report.totals),
        previous=figures(report.previous) if report.previous else None,
        previous_since=before.first if before else None,
        previous_until=before.last if before else None,
        left_out=report.left_out,
        notes=[en if english else zh for zh, en in report.notes],
    )


def _measure(measure: Measure, *, english: bool) -> MeasureOut:
    name = measure.en if english else measure.zh
    meaning = measure.meaning_en if english else measure.meaning_zh
    return MeasureOut(measure.code, name, measure.unit, meaning, measure.source)
