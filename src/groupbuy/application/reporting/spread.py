"""How orders are spread over hours, regions, communities and states, and why money went back."""

from collections.abc import Callable, Mapping

from groupbuy.application.report_facts import Grain, Rollup
from groupbuy.application.reporting.reading import names_of, sums_in
from groupbuy.application.reporting.tables import (
    Ask,
    Dimension,
    Figures,
    Report,
    Row,
    ranked,
    table,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.membership import Leader

_SOLD = ("orders", "units", "sales", "share")
_HOUR = (Dimension("hour", "时段", "hour"),)
_REGION = (Dimension("region", "地区", "region"),)
_COMMUNITY = (
    Dimension("leader_id", "团长编号", "leader"),
    Dimension("communities", "社区", "communities"),
    Dimension("point_id", "自提点编号", "point"),
    Dimension("point", "自提点", "pickup point"),
)
_STATE = (
    Dimension("state", "状态", "state"),
    Dimension("close_reason", "关闭原因", "close reason"),
)
_REFUND = (
    Dimension("what", "种类", "kind"),
    Dimension("cause", "起因", "cause"),
    Dimension("reason", "买家理由", "buyer's reason"),
)
_STATE_NOW = (
    "状态是现在的；日期是下单那天。",
    "States are those of now; the day is that on which the order was begun.",
)
_HOURS_LOCAL = (
    "时段是下单时的当地时间。",
    "Hours are those of the clock on the wall when the order was begun.",
)
_WHICH = (
    "社区是团长登记的；一个团长服务多个社区时无法再分，自提点可以分开。",
    (
        "Communities are those their leader has named. Where a leader serves several, orders "
        "cannot be told apart further than by pickup point."
    ),
)
_KINDS = (
    "成交后退款、成交前退回、无效付款退回三者合计等于账上同意的退款。",
    (
        "refunds: after binding; returned: before; unusable: payments that paid nothing. Together "
        "they are all refunds granted in the ledger."
    ),
)


def distribution(work: Work, ask: Ask) -> Report:
    """Tell how orders are spread over what `by` names: hour, region, community or state."""
    chosen = _BY.get(ask.by or "hour")
    if chosen is None:
        raise Invalid(field="by", reason="must be one of " + ", ".join(_BY))
    return chosen(work, ask)


def refunds(work: Work, ask: Ask) -> Report:
    """Tell why money was given back, the most money first."""
    figures = Figures(("count", "amount"))
    for row in sums_in(work, ask, Grain.REFUNDS):
        what, why, _ = row.parts
        cause, _, reason = why.partition(":")
        figures.add((what, cause, reason), row.counts)
    rows = ranked(figures.rows(), figures.codes, "amount")
    head = ("refunds", "退款原因", "Refund reasons")
    zone = work.kit.policy.zone
    return table(head, ask, zone, _REFUND, figures, rows=rows, chart=("amount",), notes=(_KINDS,))


def _hours(work: Work, ask: Ask) -> Report:
    figures = Figures(("begun", "begun_and_paid", "conversion"))
    for hour in range(24):
        figures.add((f"{hour:02}",), {})
    for row in sums_in(work, ask, Grain.HOURS):
        counts = row.counts
        figures.add(
            row.parts,
            {"begun": counts.get("begun", 0), "begun_and_paid": counts.get("paid", 0)},
        )
    return _spread(work, ask, _HOUR, figures, figures.rows(), (_HOURS_LOCAL,))


def _regions(work: Work, ask: Ask) -> Report:
    figures = Figures(_SOLD)
    for row in sums_in(work, ask, Grain.REGIONS):
        figures.add(row.parts, row.counts)
    return _spread(work, ask, _REGION, figures, ranked(figures.rows(), _SOLD, "sales"))


def _communities(work: Work, ask: Ask) -> Report:
    figures = Figures(_SOLD)
    rows = list(sums_in(work, ask, Grain.PLACES))
    leaders = work.of(Leader).find({row.parts[0] for row in rows if row.parts[0]})
    points = names_of(work, {row.parts[1] for row in rows if row.parts[1]})
    for row in rows:
        figures.add(_place(row, leaders, points), row.counts)
    shown = ranked(figures.rows(), _SOLD, "sales")
    return _spread(work, ask, _COMMUNITY, figures, shown, (_WHICH,))


def _place(
    row: Rollup, leaders: Mapping[str, Leader], points: Mapping[str, str]
) -> tuple[str, ...]:
    leader, point = row.parts
    known = leaders.get(leader)
    return leader, "、".join(known.communities) if known else "", point, points.get(point, "")


def _states(work: Work, ask: Ask) -> Report:
    figures = Figures(("count",))
    for row in sums_in(work, ask, Grain.STATES):
        figures.add(row.parts, {"count": row.counts.get("orders", 0)})
    kept = {keys: counts for keys, counts in figures.by_key.items() if counts["count"]}
    figures = Figures(("count",), kept)
    shown = ranked(figures.rows(), figures.codes, "count")
    return _spread(work, ask, _STATE, figures, shown, (_STATE_NOW,))


def _spread(
    work: Work,
    ask: Ask,
    dimensions: tuple[Dimension, ...],
    figures: Figures,
    rows: list[Row],
    notes: tuple[tuple[str, str], ...] = (),
) -> Report:
    head = ("distribution", "订单分布", "Orders")
    chart = ("sales",) if "sales" in figures.codes else figures.codes[:1]
    zone = work.kit.policy.zone
    return table(head, ask, zone, dimensions, figures, rows=rows, chart=chart, notes=notes)


_BY: Mapping[str, Callable[[Work, Ask], Report]] = {
    "hour": _hours,
    "region": _regions,
    "community": _communities,
    "state": _states,
}
