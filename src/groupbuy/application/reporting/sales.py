"""Sales by day and by month, and campaigns side by side with what they earned."""

from collections import Counter
from collections.abc import Iterable

from attrs import evolve

from groupbuy.application.report_facts import Grain, Key, Rollup
from groupbuy.application.reporting.counting import campaign_of
from groupbuy.application.reporting.reading import names_of, sums_in
from groupbuy.application.reporting.tables import (
    Ask,
    Dimension,
    Figures,
    Report,
    month_of,
    table,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.catalogue import Variant

_SALES = (
    "begun",
    "paid_orders",
    "paid",
    "orders",
    "units",
    "gross",
    "discounts",
    "sales",
    "subsidy",
    "refunds",
    "refund_count",
    "net_sales",
    "returned",
    "unusable",
    "commission",
    "fees",
    "merchant",
)
_PAST = ("past_orders", "past_units", "past_sales")
_GOODS = ("units", "gross", "sales", "units_back", "back", "kept")
_CAMPAIGN = (
    "participants",
    "begun",
    "begun_and_paid",
    "conversion",
    "orders",
    "units",
    "gross",
    "discounts",
    "sales",
    "subsidy",
    "refunds",
    "commission",
    "fees",
    "merchant",
    "cost",
    "uncosted",
    "profit",
)
_DAY = (Dimension("day", "日期", "day"),)
_MONTH = (Dimension("month", "月份", "month"),)
_CAMPAIGNS = (Dimension("campaign_id", "活动编号", "id"), Dimension("campaign", "活动", "campaign"))
_OF_GOODS = (
    "按类目筛选：只含该类目的商品，退款记在卖出那天。",
    "One category only: its goods alone, and what was refunded of them on the day of the sale.",
)
UNKNOWN_COST = (
    "有商品没有进价，相关利润不显示。",
    "Some goods have no cost: no profit is given where they are.",
)
"""A note on a report with profits."""
_WITH_HISTORY = (
    "以前系统的购买单独成列；它们不在账本里。",
    "Purchases of earlier systems stand in columns of their own; they are in no ledger.",
)


def daily(work: Work, ask: Ask) -> Report:
    """Return sales day by day; a day on which nothing happened has a row as well."""
    days = [day.isoformat() for day in ask.days.each()]
    figures = _by(work, ask, days, 10)
    notes = _notes(ask)
    head = ("daily", "每日销售", "Daily sales")
    return table(head, ask, work.kit.policy.zone, _DAY, figures, chart=_chart(ask), notes=notes)


def monthly(work: Work, ask: Ask) -> Report:
    """Return sales month by month; months at the ends may not be whole."""
    months = list(dict.fromkeys(month_of(day) for day in ask.days.each()))
    figures = _by(work, ask, months, 7)
    notes = _notes(ask)
    head = ("monthly", "每月销售", "Monthly sales")
    return table(head, ask, work.kit.policy.zone, _MONTH, figures, chart=_chart(ask), notes=notes)


def campaign(work: Work, ask: Ask) -> Report:
    """Return campaigns side by side, those with the most sales first."""
    figures = Figures(_CAMPAIGN)
    rows = list(sums_in(work, ask, Grain.SALES))
    goods = sums_in(work, ask, Grain.GOODS)
    names = names_of(work, {row.parts[0] for row in rows})
    for name, title in _asked_for(work, ask).items():
        names.setdefault(name, title)
        figures.add((name, names[name]), {})
    for row in rows:
        figures.add((row.parts[0], names[row.parts[0]]), row.counts)
    for member, people in _participants(work, rows).items():
        figures.add((member, names[member]), {"participants": people})
    uncosted = False
    for name, counts in costs(work, goods).items():
        figures.add((name, names.get(name, name)), counts)
        uncosted = uncosted or counts["uncosted"] > 0
    ordered = evolve(figures, by_key=dict(sorted(figures.by_key.items(), key=_most_sold)))
    notes = (UNKNOWN_COST,) if uncosted else ()
    head = ("campaign", "活动报表", "Campaigns")
    zone = work.kit.policy.zone
    return table(head, ask, zone, _CAMPAIGNS, ordered, chart=("sales", "profit"), notes=notes)


def costs(work: Work, goods: Iterable[Rollup], place: int = 0) -> dict[str, Counter[str]]:
    """Return what the kept units cost, by one of the parts of goods (campaign first).

    A cost in another currency is as good as none.
    """
    kept = Counter[tuple[str, str, str]]()
    for row in goods:
        units = row.counts.get("units", 0) - row.counts.get("units_back", 0)
        kept[row.parts[place], row.parts[3], row.currency] += units
    variants = work.of(Variant).find({sku for _, sku, _ in kept})
    found = dict[str, Counter[str]]()
    for (name, sku, currency), units in kept.items():
        own = found.setdefault(name, Counter(cost=0, uncosted=0))
        cost = variants[sku].cost if sku in variants else None
        if cost is None or cost.currency != currency:
            own["uncosted"] += units
        else:
            own["cost"] += units * cost.minor
    return found


def _most_sold(item: tuple[tuple[str, ...], Counter[str]]) -> tuple[int, tuple[str, ...]]:
    keys, counts = item
    return -counts["sales"], keys


def _asked_for(work: Work, ask: Ask) -> dict[str, str]:
    """Return the titles of the campaigns asked for, unless they are somebody else's."""
    found = work.of(Campaign).find(ask.campaigns)
    titles = dict[str, str]()
    for key in ask.campaigns:
        one = found.get(key)
        mine = one is not None and ask.merchant_id in {"", one.merchant_id}
        led = one is not None and ask.leader_id in {"", one.leader_id}
        titles[key] = one.title if one is not None and mine and led else key
    return titles


def _participants(work: Work, rows: Iterable[Rollup]) -> dict[str, int]:
    keys = {
        campaign_of(Key(Grain.MEMBERS, row.merchant_id, "", row.currency, row.parts))
        for row in rows
    }
    found = work.of(Rollup).find({key.id for key in keys})
    return {row.parts[0]: row.counts.get("participants", 0) for row in found.values()}


def _by(work: Work, ask: Ask, names: list[str], length: int) -> Figures:
    """Add up by the first letters of the day."""
    grain = Grain.GOODS if ask.category_id else Grain.SALES
    codes = _GOODS if ask.category_id else _SALES
    figures = Figures(codes + _PAST if ask.history else codes)
    for name in names:
        figures.add((name,), {})
    rows = sums_in(work, ask, grain)
    for row in rows:
        figures.add((row.day[:length],), row.counts)
    if ask.history:
        for row in sums_in(work, ask, Grain.HISTORY):
            figures.add((row.day[:length],), row.counts)
    return figures


def _notes(ask: Ask) -> tuple[tuple[str, str], ...]:
    of_goods = (_OF_GOODS,) if ask.category_id else ()
    return of_goods + ((_WITH_HISTORY,) if ask.history else ())


def _chart(ask: Ask) -> tuple[str, ...]:
    return ("sales", "past_sales") if ask.history else ("sales",)
