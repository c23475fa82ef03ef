"""What a settlement would do: read in one walk along the leaders, holding one page at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available
from groupbuy.application.steps.reading import PAGE, every, pages
from groupbuy.application.write_path import Caller, Desk, Kit, Work
from groupbuy.domain.commission import (
    DIGEST_SHOWN,
    ChangedSincePreview,
    Cycle,
    Entry,
    EntryState,
    Statement,
    StatementState,
    Totals,
    digest_of_all,
    last_ready,
    period_named,
    same_digest,
    totals_in_order,
)
from groupbuy.domain.kernel import Invalid, Money, Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Leader, Role

Moved = Callable[[int, int], None]
"""Told how many commission entries are dealt with, and of how many; 0 as long as nobody knows."""


def nobody_watches(_done: int, _total: int) -> None:
    """Tell nobody."""


@frozen
class Portion:
    """What a settlement does for one leader."""

    leader_id: str
    name: str
    totals: Totals
    statement_id: str = ""
    """Set once it is done."""
    attention: tuple[str, ...] = ()
    """`no_payout_account`, `balance_below_zero`, `frozen` (before the run), `deducted`,
    `reopened`."""
    waits_for: str = ""
    """The period of a reversed statement that has to be settled first; empty if there is none."""


@frozen
class Preview:
    """What a settlement of one month would do, and has done so far."""

    period: str
    cut: datetime
    """The end of the period in the operator's zone; entries vested before it are taken."""
    portions: tuple[Portion, ...]
    digest: str
    currency: str
    ready: datetime
    """From when it may be run: the end, or for T+N the start of workday N after it."""
    unknown_years: tuple[int, ...] = ()
    """Years whose workdays nobody has announced: they count as plain weeks."""

    @property
    def name(self) -> str:
        """`stl_` and the name of the period."""
        return f"stl_{self.period}"

    @property
    def key(self) -> str:
        """What a run asks for: name and digest."""
        return f"{self.name}@{self.digest[:DIGEST_SHOWN]}"

    def total(self, what: str) -> Money:
        """Sum one column of the totals: accrued, reversals, deducted, adjusted or settled."""
        minor = sum(getattr(portion.totals, what).minor for portion in self.portions)
        return Money(minor, self.currency)


def parse_key(key: str) -> tuple[str, str]:
    """Split `stl_YYYY-MM@digest` into period and digest. Raises Invalid."""
    name, _, digest = key.partition("@")
    if not name.startswith("stl_") or not digest:
        raise Invalid(field="preview", reason="must read stl_YYYY-MM@digest")
    return name.removeprefix("stl_"), digest


def preview(desk: Desk, caller: Caller, period: str, moved: Moved = nobody_watches) -> Preview:
    """Compute the settlement of a month without writing anything. Raises Forbidden, Invalid.

    Every page is read in a unit of work of its own: how much memory it takes depends on the
    number of leaders, never on what they earned.
    """
    caller.require(Role.FINANCE)
    cut, ready = ends_of(desk.kit, period)
    currency = desk.kit.policy.currency
    due = dict(_due_by_leader(desk, caller, cut, moved))
    # In this order: whoever is settled meanwhile is seen in both, never in neither.
    month = Query().where(period=period)
    made = (s for page in pages(desk, caller, Statement, month) for s in page)
    done = {s.leader_id: s for s in made if not s.waits}
    portions = list[Portion]()
    ids = sorted({*done, *due})
    for start in range(0, len(ids), PAGE):
        some = ids[start : start + PAGE]
        portions += desk.read(caller, partial(_portions, ids=some, done=done, due=due))
    digest = digest_of_all({p.leader_id: p.totals.digest for p in portions})
    unsure = unknown_years(desk.kit, period)
    return Preview(period, cut, tuple(portions), digest, currency, ready, unsure)


def compare(
    desk: Desk, caller: Caller, period: str, digest: str, moved: Moved = nobody_watches
) -> Preview:
    """Return what a run would do. Raises ChangedSincePreview, Refused before the month is over."""
    planned = planned_now(desk, caller, period, moved)
    if not same_digest(digest, planned.digest):
        raise ChangedSincePreview(settlement=planned.name, digest=planned.digest[:DIGEST_SHOWN])
    return planned


def planned_now(desk: Desk, caller: Caller, period: str, moved: Moved = nobody_watches) -> Preview:
    """Preview a month that is over. Raises Refused before."""
    planned = preview(desk, caller, period, moved)
    if desk.kit.clock.now() < planned.ready:
        raise Refused(rule="period_is_over", about=period)
    return planned


def last_month(work: Work) -> str:
    """Return the name of the last period that may be settled; a month unless set otherwise."""
    kit = work.kit
    zone, rules = ZoneInfo(kit.policy.zone), kit.policy.settlement
    return last_ready(work.now(), zone, rules, kit.workdays.works_on).name


def ends_of(kit: Kit, name: str) -> tuple[datetime, datetime]:
    """Return when a period ends for the operator, and from when it may be settled.

    Raises Invalid for what is no period of the operator's cycle.
    """
    period, rules = period_named(name), kit.policy.settlement
    if period.cycle is not rules.cycle:
        raise Invalid(field="period", reason=f"is no period of the cycle {rules.cycle}")
    zone = ZoneInfo(kit.policy.zone)
    return period.cut(zone), period.ready(zone, rules, kit.workdays.works_on)


def unknown_years(kit: Kit, name: str) -> tuple[int, ...]:
    """Return the years whose workdays decide when a period is settled and are not known."""
    period = period_named(name)
    if period.cycle is not Cycle.DAILY:
        return ()
    _, ready = ends_of(kit, name)
    years = {period.first.year, ready.astimezone(ZoneInfo(kit.policy.zone)).year}
    return tuple(sorted(year for year in years if not kit.workdays.knows(year)))


def due_before(cut: datetime) -> Query:
    """Find the entries that a statement which ends at `cut` takes."""
    return Query().where(state=EntryState.VESTED, statement_id=None).before("vested_at", cut)


def _due_by_leader(
    desk: Desk, caller: Caller, cut: datetime, moved: Moved
) -> Iterator[tuple[str, Totals]]:
    entries = _stream(desk, caller, due_before(cut).sorted("leader_id"), moved)
    for leader_id, mine in groupby(entries, key=lambda entry: entry.leader_id):
        yield leader_id, totals_in_order(mine, desk.kit.policy.currency)


def _stream(desk: Desk, caller: Caller, query: Query, moved: Moved) -> Iterator[Entry]:
    seen = 0
    for page in pages(desk, caller, Entry, query):
        yield from page
        seen += len(page)
        moved(seen, 0)


def _portions(
    work: Work, ids: Sequence[str], done: Mapping[str, Statement], due: Mapping[str, Totals]
) -> list[Portion]:
    leaders = work.of(Leader).find(ids)
    balances = work.of(Balance).find(available(key) for key in ids if key not in done)
    open_again = waiting(work, [key for key in ids if key not in done])
    return [
        _done(done[key], leaders.get(key))
        if key in done
        else _portion(due[key], leaders.get(key), balances.get(available(key)), key, open_again)
        for key in ids
    ]


def waiting(work: Work, leader_ids: Sequence[str]) -> dict[str, Statement]:
    """Return the reversed statements that are not settled again, by leader; the oldest of each."""
    query = Query().where(state=StatementState.DRAFT).among("leader_id", leader_ids)
    found = sorted(every(work.of(Statement), query), key=lambda s: s.period, reverse=True)
    return {statement.leader_id: statement for statement in found}


def _done(statement: Statement, leader: Leader | None) -> Portion:
    totals = Totals(
        accrued=statement.accrued,
        reversals=statement.reversals,
        deducted=statement.deducted,
        adjusted=statement.adjusted,
        settled=statement.settled,
        lines=statement.lines,
        orders=0,
        digest=statement.digest,
    )
    return Portion(statement.leader_id, leader.name if leader else "", totals, statement.id)


def _portion(
    totals: Totals,
    leader: Leader | None,
    balance: Balance | None,
    leader_id: str,
    open_again: Mapping[str, Statement],
) -> Portion:
    attention = []
    if leader is None or not leader.payout_account_sealed:
        attention.append("no_payout_account")
    if balance is not None and balance.amount < 0:
        attention.append("balance_below_zero")
    if balance is not None and balance.frozen_by:
        attention.append("frozen")
    if totals.deducted:
        attention.append("deducted")
    name, first = leader.name if leader else "", open_again.get(leader_id)
    if first is not None:
        attention.append("reopened")
    period = first.period if first else ""
    return Portion(leader_id, name, totals, attention=tuple(attention), waits_for=period)
