"""Reading sums for a report: the rows of a grain, filtered, and the names behind ids."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from groupbuy.application.ports import Query
from groupbuy.application.report_facts import CAMPAIGN, CATEGORY, LEADER, PLACES, Grain, Rollup
from groupbuy.application.reporting.days import Days
from groupbuy.application.reporting.tables import Ask
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.catalogue import Category, Product, Variant
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.membership import Leader, PickupPoint

_FOUND_BY = {CAMPAIGN: "campaign_id", LEADER: "leader_id"}
"""Filters that the storage answers, so that a report costs what it shows."""
_NAMES: Mapping[str, tuple[type, str]] = {
    "cmp": (Campaign, "title"),
    "prd": (Product, "name"),
    "sku": (Variant, "options"),
    "cat": (Category, "name"),
    "ldr": (Leader, "name"),
    "pup": (PickupPoint, "name"),
}


def sums_in(work: Work, ask: Ask, grain: Grain) -> Iterator[Rollup]:
    """Yield the sums of the days of a report, by day.

    Raises Invalid for a filter that the grain cannot answer: nothing is quietly left unfiltered.
    """
    wanted = _filters(ask, grain)
    days: Days = ask.days
    at = PLACES.get(grain, {})
    query = Query().where(grain=grain)
    query = query.since("day", days.first.isoformat()).before("day", days.end.isoformat())
    if ask.merchant_id:
        query = query.where(merchant_id=ask.merchant_id)
    for name, said in wanted.items():
        if name in _FOUND_BY:
            query = _found_by(query, _FOUND_BY[name], said)
    for row in every(work.of(Rollup), query, order="day"):
        if row.currency == ask.currency and all(row.parts[at[n]] in wanted[n] for n in wanted):
            yield row


def sums_of_all_time(work: Work, ask: Ask, grain: Grain) -> Iterator[Rollup]:
    """Yield the sums of a grain that has no days."""
    query = Query().where(grain=grain, day="")
    if ask.merchant_id:
        query = query.where(merchant_id=ask.merchant_id)
    return (row for row in every(work.of(Rollup), query) if row.currency == ask.currency)


def names_of(work: Work, ids: Iterable[str]) -> dict[str, str]:
    """Return the names behind some ids; an id nobody knows any more names itself."""
    names = {key: key for key in ids}
    for prefix, (kind, attribute) in _NAMES.items():
        mine = [key for key in names if key.startswith(f"{prefix}_")]
        found: dict[str, Any] = work.of(kind).find(mine) if mine else {}
        names |= {key: getattr(thing, attribute) or key for key, thing in found.items()}
    return names


def _filters(ask: Ask, grain: Grain) -> dict[str, tuple[str, ...]]:
    asked = {
        CAMPAIGN: ask.campaigns,
        LEADER: (ask.leader_id,) if ask.leader_id else (),
        CATEGORY: (ask.category_id,) if ask.category_id else (),
    }
    for name, values in asked.items():
        if values and name not in PLACES.get(grain, {}):
            raise Invalid(field=name, reason="does not filter this report")
    return {name: values for name, values in asked.items() if values}


def _found_by(query: Query, name: str, values: tuple[str, ...]) -> Query:
    return query.where(**{name: values[0]}) if len(values) == 1 else query.among(name, values)
