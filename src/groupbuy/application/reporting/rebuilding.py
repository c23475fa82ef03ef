"""Counting everything anew, and putting the sums right where they differ."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from attrs import define, evolve, field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.report_facts import (
    POSITION,
    RULES,
    Grain,
    Key,
    OrderFact,
    PastPurchase,
    ReportPosition,
    Rollup,
)
from groupbuy.application.reporting.counting import (
    Sums,
    campaign_of,
    joined,
    sums_of,
    sums_of_past,
)
from groupbuy.application.reporting.gathering import facts_of
from groupbuy.application.steps.following import lock_position, settled_until
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Conflict
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order

LEASE = timedelta(hours=2)
"""So long nothing is read while somebody counts anew; a crash holds it up no longer."""
AT_ONCE = 500


@frozen
class Rebuilt:
    """What counting anew came to."""

    orders: int
    purchases: int
    rows: int
    """Sums that are not empty."""
    changed: int
    """Facts and sums that differed and were put right."""
    digest: str
    """SHA-256 over all sums, as `dump` writes them."""


def rebuild(desk: Desk, horizon: Horizon, caller: Caller) -> Rebuilt:
    """Count everything anew and put right what differs; what is right is not written again.

    Reading goes on afterwards from where this began. Raises Forbidden; Conflict while another one
    counts.
    """
    caller.require(Role.FINANCE, Role.OPERATOR)
    since = settled_until(desk, horizon)
    held = desk.run(caller, _hold)
    anew = _counted_anew(desk, caller)
    return desk.run(caller, lambda work: _write(work, held, since, anew))


def rehearse(desk: Desk, caller: Caller) -> Rebuilt:
    """Count everything anew and tell what would be put right; nothing is written or held up.

    What happened since the sums were last read on counts as different. Raises Forbidden.
    """
    caller.require(Role.FINANCE, Role.OPERATOR)
    anew = _counted_anew(desk, caller)
    return desk.preview(caller, lambda work: _put_right(work, anew))


@define
class _Anew:
    """What counting anew has come to so far. Only the facts that differ are held."""

    orders: int = 0
    purchases: int = 0
    sums: Sums = field(factory=Sums)
    differing: dict[str, OrderFact] = field(factory=dict)

    def count(self, work: Work, order_ids: list[str]) -> None:
        """Count some orders; nobody else changes their facts meanwhile."""
        now, before = facts_of(work, order_ids), work.of(OrderFact).find(order_ids)
        self.sums.take(sums_of(now.values(), work.kit.policy.zone))
        for key, fact in now.items():
            old = before.get(key)
            if old is None or evolve(fact, version=old.version) != old:
                self.differing[key] = fact


def dump(work: Work) -> bytes:
    """Write every sum that is not empty, one JSON line each, sorted: the same sums, the same bytes.

    Raises Forbidden.
    """
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    rows = (row for row in every(work.of(Rollup), Query()) if row.counts)
    return b"".join(sorted(_line(row) for row in rows))


def _line(row: Rollup) -> bytes:
    said = [row.id, dict(sorted(row.counts.items()))]
    return (json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _counted_anew(desk: Desk, caller: Caller) -> _Anew:
    anew = _Anew()
    for page in pages(desk, caller, Order, Query().sorted("id"), AT_ONCE):
        anew.orders += len(page)
        desk.read(caller, partial(anew.count, order_ids=[order.id for order in page]))
    for found in pages(desk, caller, PastPurchase, Query().sorted("id"), AT_ONCE):
        anew.purchases += len(found)
        anew.sums.take(sums_of_past(found))
    _follow(anew.sums)
    return anew


def _hold(work: Work) -> datetime:
    """Keep others from reading on; return until when."""
    position, now = lock_position(work, POSITION, RULES), work.now()
    if position.held_until is not None and position.held_until > now:
        raise Conflict(kind="report_rebuild", key=position.held_until.isoformat())
    until = now + LEASE
    work.of(ReportPosition).save(evolve(position, held_until=until))
    return until


def _write(work: Work, held: datetime, since: datetime, anew: _Anew) -> Rebuilt:
    position = lock_position(work, POSITION, RULES)
    if position.held_until != held:
        raise Conflict(kind="report_rebuild", key="lease")
    rebuilt = _put_right(work, anew)
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
    return rebuilt


def _put_right(work: Work, anew: _Anew) -> Rebuilt:
    changed = _put_facts(work, anew.differing) + _put_sums(work, anew.sums)
    wanted = anew.sums.changes()
    lines = sorted(_line(evolve(Rollup.of(key), counts=c)) for key, c in wanted.items())
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    return Rebuilt(anew.orders, anew.purchases, len(wanted), changed, digest)


def _put_facts(work: Work, facts: dict[str, OrderFact]) -> int:
    for some in _parts(sorted(facts)):
        before = work.of(OrderFact).lock(some)
        for key in some:
            if key in before:
                work.of(OrderFact).save(evolve(facts[key], version=before[key].version))
            else:
                work.of(OrderFact).add(facts[key])
    return len(facts)


def _put_sums(work: Work, sums: Sums) -> int:
    wanted = sums.changes()
    by_id: dict[str, Key] = {key.id: key for key in wanted}
    there = {row.id: row for row in every(work.of(Rollup), Query())}
    changed = [name for name, row in there.items() if dict(row.counts) != _want(row.key, wanted)]
    changed += [name for name in by_id if name not in there]
    for some in _parts(sorted(changed)):
        rows = work.of(Rollup).lock(some, create=lambda name: Rollup.of(by_id[name]))
        for row in rows.values():
            work.of(Rollup).save(evolve(row, counts=_want(row.key, wanted)))
    return len(changed)


def _want(key: Key, wanted: dict[Key, dict[str, int]]) -> dict[str, int]:
    return wanted.get(key, {})


def _follow(sums: Sums) -> None:
    """Add what follows from the members of campaigns."""
    for key, counts in list(sums.by_key.items()):
        if key.grain is Grain.MEMBERS:
            sums.add(campaign_of(key), participants=joined({}, counts))


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
