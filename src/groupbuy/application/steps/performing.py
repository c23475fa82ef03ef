"""Counting what a leader sold in a month, in the transaction that vests or refunds it."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from groupbuy.application.write_path import Work
from groupbuy.domain.commission import (
    CAP_BP,
    CommissionRole,
    Entry,
    Performance,
    performance_id,
)
from groupbuy.domain.ordering import Order

Counted = dict[str, dict[int, int]]
"""Changes of sales in minor units, by performance and by room below the ceiling."""


def lock_performances(work: Work, orders: Iterable[Order]) -> None:
    """Lock the months that orders which have vested count to; their entries are locked after."""
    keys = {key for key in (_key(work, order) for order in orders) if key}
    if keys:
        work.of(Performance).lock(keys, create=Performance.blank)


def count_sales(
    work: Work,
    orders: Iterable[tuple[Order | None, Order]],
    entries: Mapping[str, Sequence[Entry]],
) -> None:
    """Stage what orders (before, after) change in their leaders' sales; `None` for just vested.

    A line counts if the leader earned on it when the order was confirmed, with what is left of
    it, so that the sum does not depend on when something was refunded.
    """
    changes: Counted = {}
    for before, after in orders:
        key = _key(work, after)
        if key:
            _add(changes.setdefault(key, {}), before, after, entries.get(after.id, ()))
    kept = work.of(Performance).lock([key for key, change in changes.items() if change])
    for key, performance in kept.items():
        work.of(Performance).save(performance.sold(changes[key]))


def move_sales(work: Work, order: Order, entries: Sequence[Entry], adjustment: Entry) -> None:
    """Stage that a line has another room below the ceiling, as an answered dispute changed a rate.

    `entries` are those of the order without the adjustment.
    """
    line = next(each for each in order.lines if each.line_no == adjustment.line_no)
    key = _key(work, order)
    if key and line.line_no in _counted(entries):
        room = _room(entries, line.line_no)
        change = {room: -line.base.minor, room - adjustment.bp: line.base.minor}
        work.of(Performance).save(work.of(Performance).lock([key])[key].sold(change))


def _add(
    change: dict[int, int], before: Order | None, after: Order, entries: Sequence[Entry]
) -> None:
    counted = _counted(entries)
    old = {line.line_no: line.base.minor for line in before.lines} if before else {}
    for line in after.lines:
        moved = line.base.minor - old.get(line.line_no, 0)
        if moved and line.line_no in counted:
            room = _room(entries, line.line_no)
            change[room] = change.get(room, 0) + moved


def _counted(entries: Sequence[Entry]) -> set[int]:
    leaders = (entry for entry in entries if entry.role is CommissionRole.LEADER)
    return {entry.line_no for entry in leaders if entry.reverses is None}


def _room(entries: Sequence[Entry], line_no: int) -> int:
    on_line = (entry for entry in entries if entry.line_no == line_no)
    return CAP_BP - sum(entry.bp for entry in on_line if entry.reverses is None)


def _key(work: Work, order: Order) -> str:
    if order.leader_id is None or order.vested_at is None:
        return ""
    return performance_id(order.leader_id, order.vested_at, ZoneInfo(work.kit.policy.zone))
