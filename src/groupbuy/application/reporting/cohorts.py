"""Buyers by the month of their first purchase, and how many came back when."""

from collections import Counter

from attrs import evolve

from groupbuy.application.report_facts import Grain, Rollup
from groupbuy.application.reporting.counting import PAST
from groupbuy.application.reporting.reading import sums_of_all_time
from groupbuy.application.reporting.tables import (
    Ask,
    Dimension,
    Figures,
    Report,
    Row,
    table,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid

_CODES = ("buyers", "orders", "sales", "repeat")
_DIMENSIONS = (
    Dimension("cohort", "首购月份", "first bought"),
    Dimension("month", "第几个月", "month"),
)
_WHO = (
    "首购在这段时间内的买家，连同他们以后各月的购买；退款不减。首购按在本店（或所选以前系统）全部记录判断。",
    (
        "Buyers whose first purchase lies in the period, with what they bought in all later "
        "months, before refunds. First means of all that is known of them here."
    ),
)


def cohorts(work: Work, ask: Ask) -> Report:
    """Return, for each month of first purchases, buyers, orders and sales of the months after it.

    Raises Invalid for filters: a buyer is a buyer of the whole shop.
    """
    if ask.campaigns or ask.leader_id or ask.category_id:
        raise Invalid(field="campaign", reason="does not filter this report")
    first, end = ask.days.first.isoformat()[:7], ask.days.last.isoformat()[:7]
    found = dict[tuple[str, str], Counter[str]]()
    for row in sums_of_all_time(work, ask, Grain.BUYERS):
        months = _months(row)
        if not months or (row.parts[0] == PAST and not ask.history):
            continue
        cohort = min(months)
        if first <= cohort <= end:
            for month, counts in months.items():
                own = found.setdefault((cohort, f"{_between(cohort, month):02}"), Counter())
                own.update({**counts, "buyers": 1})
    figures = Figures(_CODES, distinct=frozenset({"repeat"}))
    for (cohort, month), counts in sorted(found.items()):
        figures.add((cohort, month), {**counts, "first": found[cohort, "00"]["buyers"]})
    head = ("cohorts", "复购分析", "Repeat purchases")
    zone, rows = work.kit.policy.zone, figures.rows()
    made = table(head, ask, zone, _DIMENSIONS, figures, rows=rows, chart=("repeat",), notes=(_WHO,))
    return _with_people(made, rows)


def _with_people(report: Report, rows: list[Row]) -> Report:
    """Count each buyer once in the totals: in their month 0."""
    people = sum(row.values[0] or 0 for row in rows if row.keys[1] == "00")
    return evolve(report, totals=(people, *report.totals[1:]))


def _months(row: Rollup) -> dict[str, dict[str, int]]:
    """Return what a buyer bought, by month."""
    months = dict[str, dict[str, int]]()
    for name, amount in row.counts.items():
        what, _, month = name.partition("@")
        months.setdefault(month, {})[what] = amount
    return {month: counts for month, counts in months.items() if counts.get("orders", 0) > 0}


def _between(first: str, later: str) -> int:
    return (int(later[:4]) - int(first[:4])) * 12 + int(later[5:]) - int(first[5:])
