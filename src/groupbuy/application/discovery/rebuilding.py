"""Counting habits and heats anew, and putting right what differs."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from attrs import evolve, frozen

from groupbuy.application.discovery.following import (
    FOLLOWER,
    RULES,
    Buys,
    buys_of,
    heat_key,
    judged,
)
from groupbuy.application.ports import Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.report_facts import ReportPosition
from groupbuy.application.steps.following import lock_position, settled_until
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.discovery import NOTHING, Habit, Heat, Share, change
from groupbuy.domain.kernel import Conflict
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order

LEASE = timedelta(hours=2)
"""So long nothing is read while somebody counts anew; a crash holds it up no longer."""
AT_ONCE = 500

T = TypeVar("T", Habit, Heat)


@frozen
class Rebuilt:
    """What counting anew came to."""

    orders: int
    habits: int
    """Pairs of a buyer and a product."""
    heats: int
    changed: int
    """Rows that differed and were put right."""
    digest: str
    """SHA-256 over all rows, as `dump` writes them."""


def rebuild(desk: Desk, horizon: Horizon, caller: Caller) -> Rebuilt:
    """Count everything anew and put right what differs; what is right is not written again.

    Reading goes on afterwards from where this began. Holds all habits in memory. Raises
    Forbidden; Conflict while another one counts.
    """
    caller.require(Role.OPERATOR)
    since = settled_until(desk, horizon)
    held = desk.run(caller, _hold)
    buys, orders, zone = Buys(), 0, desk.kit.policy.zone
    for page in pages(desk, caller, Order, Query().sorted("id"), AT_ONCE):
        orders += len(page)
        for key, more in buys_of(page, zone).items():
            buys.setdefault(key, []).extend(more)
    habits = {key: Habit.of(key).with_buys(found) for key, found in buys.items()}
    return desk.run(caller, lambda work: _write(work, (held, since), habits, orders))


def dump(work: Work) -> bytes:
    """Write every habit and heat that is not empty, one JSON line each, sorted.

    The same orders give the same bytes. Raises Forbidden.
    """
    work.caller.require(Role.OPERATOR)
    return _lines(every(work.of(Habit), Query()), every(work.of(Heat), Query()))


def _lines(habits: Iterator[Habit], heats: Iterator[Heat]) -> bytes:
    said = [_habit(each) for each in habits if each.buys]
    said += [_heat(each) for each in heats if each.share != NOTHING]
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in said)
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def _habit(habit: Habit) -> list[object]:
    buys = [
        [buy.order_id, buy.day.isoformat(), buy.communities, buy.units, buy.back]
        for buy in habit.buys
    ]
    return ["habit", habit.id, buys]


def _heat(heat: Heat) -> list[object]:
    counts = [heat.warmth, heat.buyers, heat.units, heat.back, heat.stars, heat.reviews]
    return ["heat", heat.id, heat.category_id, *counts, heat.rank]


def _hold(work: Work) -> datetime:
    """Keep others from reading on; return until when."""
    position, now = lock_position(work, FOLLOWER, RULES), work.now()
    if position.held_until is not None and position.held_until > now:
        raise Conflict(kind="discovery_rebuild", key=position.held_until.isoformat())
    work.of(ReportPosition).save(evolve(position, held_until=now + LEASE))
    return now + LEASE


def _write(
    work: Work, lease: tuple[datetime, datetime], habits: Mapping[str, Habit], orders: int
) -> Rebuilt:
    held, since = lease
    position = lock_position(work, FOLLOWER, RULES)
    if position.held_until != held:
        raise Conflict(kind="discovery_rebuild", key="lease")
    heats = _heats(work, habits)
    changed = _put(work, Habit, habits, Habit.of) + _put(work, Heat, heats, Heat.of)
    fresh = evolve(
        position,
        since=since,
        after="",
        next_since=None,
        zone=work.kit.policy.zone,
        rules=RULES,
        held_until=None,
    )
    work.of(ReportPosition).save(fresh)
    digest = hashlib.sha256(_lines(iter(habits.values()), iter(heats.values()))).hexdigest()
    return Rebuilt(orders, len(habits), len(heats), changed, digest)


def _heats(work: Work, habits: Mapping[str, Habit]) -> dict[str, Heat]:
    """Return what all habits together make hot, judged as things stand now."""
    shares = defaultdict[str, Share](lambda: NOTHING)
    for habit in habits.values():
        for community, share in change(None, habit).items():
            key = heat_key(habit.product_id, community)
            shares[key] = shares[key].plus(share)
    counted = {key: Heat.of(key).counting(share) for key, share in shares.items()}
    return {
        key: heat for some in _parts(sorted(counted)) for key, heat in _judged(work, counted, some)
    }


def _judged(work: Work, counted: Mapping[str, Heat], some: list[str]) -> list[tuple[str, Heat]]:
    return list(judged(work, {key: counted[key] for key in some}).items())


def _put(work: Work, kind: type[T], wanted: Mapping[str, T], empty: Callable[[str], T]) -> int:
    """Write what differs from what is wanted; what is not wanted any more becomes empty."""
    there = {thing.id: thing for thing in every(work.of(kind), Query())}
    right = {**{key: empty(key) for key in there}, **wanted}
    differing = [
        key for key, thing in right.items() if key not in there or not _same(there[key], thing)
    ]
    for some in _parts(sorted(differing)):
        for key, thing in work.of(kind).lock(some, create=empty).items():
            work.of(kind).save(evolve(right[key], version=thing.version))
    return len(differing)


def _same(there: T, wanted: T) -> bool:
    return evolve(there, version=wanted.version) == wanted


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
