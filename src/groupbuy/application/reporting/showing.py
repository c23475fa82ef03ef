"""Every report by its name, and who may see what of it."""

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from groupbuy.application.report_facts import POSITION, ReportPosition
from groupbuy.application.reporting.cohorts import cohorts
from groupbuy.application.reporting.ranking import categories, leaders, products, turnover
from groupbuy.application.reporting.sales import UNKNOWN_COST, campaign, daily, monthly
from groupbuy.application.reporting.spread import distribution, refunds
from groupbuy.application.reporting.tables import Ask, Report
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound
from groupbuy.domain.membership import Role

REPORTS: Mapping[str, Callable[[Work, Ask], Report]] = {
    "daily": daily,
    "monthly": monthly,
    "campaign": campaign,
    "products": products,
    "leaders": leaders,
    "categories": categories,
    "distribution": distribution,
    "refunds": refunds,
    "cohorts": cohorts,
    "turnover": turnover,
}
"""By name, in the order in which they are offered."""
_TOLD_APART = frozenset({"distribution", "products"})
"""Reports that `by` chooses the rows of."""
OF_LEADERS = frozenset({"daily", "monthly", "campaign", "products"})
"""What a leader may see, of what was sold through them."""


@frozen
class Wanted:
    """A report by its name, and what it is to be about."""

    name: str
    ask: Ask


def show(desk: Desk, caller: Caller, wanted: Wanted) -> Report:
    """Return a report, as operators and finance see it. Raises Forbidden, NotFound, Invalid."""
    caller.require(Role.OPERATOR, Role.FINANCE)
    return desk.report(caller, lambda work: made(work, wanted))


def show_mine(desk: Desk, caller: Caller, wanted: Wanted) -> Report:
    """Return a report about the caller's merchant alone. Raises Forbidden, NotFound, Invalid."""
    caller.require(Role.MERCHANT)
    if not caller.merchant_id:
        raise Forbidden(needs="merchant")
    own = evolve(wanted, ask=evolve(wanted.ask, merchant_id=caller.merchant_id))
    return desk.report(caller, lambda work: made(work, own))


def show_led(desk: Desk, caller: Caller, wanted: Wanted) -> Report:
    """Return a report about what was sold through the calling leader, at every merchant.

    Costs and profits are the merchants' own: they are left out. Raises Forbidden, NotFound,
    Invalid.
    """
    caller.require(Role.LEADER)
    if not caller.leader_id:
        raise Forbidden(needs="leader")
    if wanted.name not in OF_LEADERS:
        raise NotFound(kind="report", key=wanted.name)
    own = evolve(wanted, ask=evolve(wanted.ask, leader_id=caller.leader_id, merchant_id=""))
    return desk.report(caller, lambda work: without(made(work, own), _MERCHANTS_OWN))


def made(work: Work, wanted: Wanted) -> Report:
    """Make a report, with the totals of the period before if they are asked for.

    Raises NotFound, Invalid.
    """
    make = REPORTS.get(wanted.name)
    if make is None:
        raise NotFound(kind="report", key=wanted.name)
    if wanted.ask.by and wanted.name not in _TOLD_APART:
        raise Invalid(field="by", reason="chooses the rows of distribution and products only")
    report = make(work, wanted.ask)
    position = work.of(ReportPosition).find([POSITION]).get(POSITION)
    report = evolve(report, as_of=position.read_at if position else None)
    if not wanted.ask.compare:
        return report
    before = wanted.ask.days.before()
    earlier = make(work, evolve(wanted.ask, days=before))
    return evolve(report, previous=earlier.totals, previous_days=before)


def without(report: Report, codes: frozenset[str]) -> Report:
    """Return a report without some of its measures."""
    kept = [n for n, measure in enumerate(report.measures) if measure.code not in codes]

    def of(values: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(values[n] for n in kept) if values else ()

    return evolve(
        report,
        measures=tuple(report.measures[n] for n in kept),
        rows=tuple(evolve(row, values=of(row.values)) for row in report.rows),
        totals=of(report.totals),
        previous=of(report.previous),
        chart=tuple(code for code in report.chart if code not in codes),
        notes=tuple(note for note in report.notes if note is not UNKNOWN_COST),
    )


_MERCHANTS_OWN = frozenset({"cost", "uncosted", "profit", "merchant", "fees", "subsidy"})
