"""Settlement month by month: preview, then run exactly what was previewed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available, calling_leader
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    DIGEST_SHOWN,
    ChangedSincePreview,
    Entry,
    EntryState,
    Purse,
    Statement,
    Totals,
    cut_of,
    digest_of_all,
    is_due,
    last_period,
    same_digest,
    settle,
    totals_of,
)
from groupbuy.domain.kernel import Conflict, Invalid, Money, NotFound, Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Leader, Role

PAGE = 50


@frozen
class Portion:
    """What a settlement does for one leader."""

    leader_id: str
    name: str
    totals: Totals
    statement_id: str = ""
    """Set once it is done."""
    attention: tuple[str, ...] = ()
    """`no_payout_account`, `balance_below_zero` (before the run), `deducted`."""


@frozen
class Preview:
    """What a settlement of one month would do, and has done so far."""

    period: str
    cut: datetime
    """The end of the month in the operator's zone; entries vested before it are taken."""
    portions: tuple[Portion, ...]
    digest: str
    currency: str

    @property
    def name(self) -> str:
        """`stl_YYYY-MM`."""
        return f"stl_{self.period}"

    @property
    def key(self) -> str:
        """What a run asks for: name and digest."""
        return f"{self.name}@{self.digest[:DIGEST_SHOWN]}"

    def total(self, what: str) -> Money:
        """Sum one column of the totals: accrued, reversals, deducted or settled."""
        minor = sum(getattr(portion.totals, what).minor for portion in self.portions)
        return Money(minor, self.currency)


@frozen
class Run:
    """What a settlement has done."""

    period: str
    settled: tuple[Statement, ...] = ()
    skipped: int = 0
    """Leaders whose statement of that month was settled before."""


@frozen
class Earnings:
    """What a leader has, by account, in minor units."""

    pending: int
    vested: int
    available: int
    currency: str


@frozen
class StatementPage:
    """A statement with some of its lines."""

    statement: Statement
    lines: tuple[Entry, ...] = field(factory=tuple)


def parse_key(key: str) -> tuple[str, str]:
    """Split `stl_YYYY-MM@digest` into period and digest. Raises Invalid."""
    name, _, digest = key.partition("@")
    if not name.startswith("stl_") or not digest:
        raise Invalid(field="preview", reason="must read stl_YYYY-MM@digest")
    return name.removeprefix("stl_"), digest


def preview(work: Work, period: str) -> Preview:
    """Compute the settlement of a month without writing anything."""
    work.caller.require(Role.FINANCE)
    cut, currency = _cut(work, period), work.kit.policy.currency
    entries = list(every(work.of(Entry), _due(cut), order="leader_id"))
    # In this order: whoever is settled meanwhile is seen in both, never in neither.
    done = {
        statement.leader_id: statement
        for statement in every(work.of(Statement), Query().where(period=period))
    }
    due: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.leader_id not in done:
            due.setdefault(entry.leader_id, []).append(entry)
    leaders = work.of(Leader).find({*done, *due})
    balances = work.of(Balance).find(available(leader_id) for leader_id in due)
    portions = [_done(statement, leaders.get(leader_id)) for leader_id, statement in done.items()]
    for leader_id, mine in due.items():
        totals = totals_of(mine, currency)
        portions.append(_portion(leader_id, totals, leaders.get(leader_id), balances))
    portions.sort(key=lambda portion: portion.leader_id)
    digest = digest_of_all({p.leader_id: p.totals.digest for p in portions})
    return Preview(period, cut, tuple(portions), digest, currency)


def run(desk: Desk, caller: Caller, period: str, digest: str, reason: str) -> Run:
    """Settle a month exactly as previewed, one leader after the other.

    May be repeated after an interruption with the same digest: what is done is skipped. Raises
    ChangedSincePreview if anything differs from the preview, Refused before the month is over.
    """
    caller.require(Role.FINANCE)
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")
    planned = compare(desk, caller, period, digest)
    todo = [portion for portion in planned.portions if not portion.statement_id]
    settled = [_settle_as_planned(desk, caller, planned, portion, reason) for portion in todo]
    made = tuple(statement for statement in settled if statement is not None)
    return Run(period, made, len(planned.portions) - len(made))


def compare(desk: Desk, caller: Caller, period: str, digest: str) -> Preview:
    """Return what a run would do. Raises ChangedSincePreview, Refused before the month is over."""
    planned = desk.read(caller, lambda work: _planned(work, period))
    if not same_digest(digest, planned.digest):
        raise ChangedSincePreview(settlement=planned.name, digest=planned.digest[:DIGEST_SHOWN])
    return planned


def settle_due(desk: Desk, tenant: str) -> Run:
    """Settle the last month that is over, for everybody who has no statement of it yet.

    The worker may call this at any time and as often as it likes.
    """
    caller = Caller.system(tenant)
    planned = desk.read(caller, lambda work: _planned(work, last_month(work)))
    todo = [portion.leader_id for portion in planned.portions if not portion.statement_id]
    made = [
        statement
        for leader_id in todo
        if (statement := _settle(desk, caller, planned.period, leader_id, "monthly run"))
    ]
    return Run(planned.period, tuple(made), len(planned.portions) - len(made))


def settle_leader(work: Work, period: str, leader_id: str, reason: str) -> Statement | None:
    """Settle one leader's month; None if it was done before or nothing is due."""
    work.caller.require(Role.FINANCE)
    cut = _cut(work, period)
    if work.now() < cut:
        raise Refused(rule="period_is_over", about=period)
    if work.of(Statement).select(Query().where(leader_id=leader_id, period=period).page(1)):
        return None
    entries = _locked(work, leader_id, cut)
    if not entries:
        return None
    statement, paid, happened = settle(
        entries,
        statement_id=work.new_id("stm", near=leader_id),
        period=period,
        currency=work.kit.policy.currency,
        now=work.now(),
    )
    work.of(Statement).add(statement)
    for entry in paid:
        work.of(Entry).save(entry)
    work.emit(happened)
    _post(work, statement)
    work.audit(
        "settlement.run",
        statement.id,
        reason,
        period=period,
        settled=str(statement.settled.minor),
        digest=statement.digest,
    )
    leader = work.of(Leader).find([leader_id]).get(leader_id)
    if leader is not None:
        work.tell(leader.user_id, "statement.settled", statement.id, period=period)
    return statement


def show(work: Work, leader_id: str, period: str) -> StatementPage:
    """Return one leader's statement of a month with all its lines. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    query = Query().where(leader_id=leader_id, period=period).page(1)
    found = work.of(Statement).select(query)
    if not found:
        raise NotFound(kind="statement", key=f"{leader_id}/{period}")
    return StatementPage(found[0], tuple(_lines(work, found[0])))


def my_statement(work: Work, statement_id: str) -> StatementPage:
    """Return one of the calling leader's statements with all its lines. Raises NotFound."""
    leader = calling_leader(work)
    found = work.of(Statement).find([statement_id]).get(statement_id)
    if found is None or found.leader_id != leader.id:
        raise NotFound(kind="statement", key=statement_id)
    return StatementPage(found, tuple(_lines(work, found)))


def my_statements(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[Statement]:
    """Return the calling leader's statements, the newest month first."""
    query = Query().where(leader_id=calling_leader(work).id).sorted("-period").page(limit, after)
    return work.of(Statement).select(query)


def my_entries(
    work: Work,
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
    state: EntryState | None = None,
) -> list[Entry]:
    """Return what the calling leader earned, the newest first."""
    query = Query().where(leader_id=calling_leader(work).id)
    query = query if state is None else query.where(state=state)
    return work.of(Entry).select(query.sorted("-created_at").page(limit, after))


def my_earnings(work: Work) -> Earnings:
    """Return what the calling leader will get, has earned, and may withdraw."""
    leader = calling_leader(work)
    sums = {Purse.PENDING: 0, Purse.VESTED: 0}
    # Settled entries are in the balance row; only unsettled ones have to be added up.
    for purse in sums:
        query = Query().where(leader_id=leader.id, purse=purse, statement_id=None)
        sums[purse] = sum(entry.amount.minor for entry in every(work.of(Entry), query))
    account = available(leader.id)
    balance = work.of(Balance).find([account]).get(account, Balance(account))
    return Earnings(
        sums[Purse.PENDING], sums[Purse.VESTED], balance.amount, work.kit.policy.currency
    )


def _planned(work: Work, period: str) -> Preview:
    planned = preview(work, period)
    if work.now() < planned.cut:
        raise Refused(rule="period_is_over", about=period)
    return planned


def _settle_as_planned(
    desk: Desk, caller: Caller, planned: Preview, portion: Portion, reason: str
) -> Statement | None:
    """Settle one leader unless something changed after the whole was compared."""

    def use_case(work: Work) -> Statement | None:
        statement = settle_leader(work, planned.period, portion.leader_id, reason)
        if statement is not None and statement.digest != portion.totals.digest:
            raise ChangedSincePreview(
                settlement=f"{planned.name}/{portion.leader_id}",
                digest=statement.digest[:DIGEST_SHOWN],
            )
        return statement

    return desk.run(caller, use_case)


def _settle(
    desk: Desk, caller: Caller, period: str, leader_id: str, reason: str
) -> Statement | None:
    return desk.run(caller, lambda work: settle_leader(work, period, leader_id, reason))


def _locked(work: Work, leader_id: str, cut: datetime) -> list[Entry]:
    """Lock what is due to a leader. Raises Conflict if the set grew while waiting."""
    query = _due(cut).where(leader_id=leader_id)
    found = {entry.id for entry in every(work.of(Entry), query)}
    locked = work.of(Entry).lock(found)
    again = {entry.id for entry in every(work.of(Entry), query)}
    if again != found or not all(is_due(entry, cut) for entry in locked.values()):
        raise Conflict(kind="commission_entry", key=leader_id)
    return list(locked.values())


def _post(work: Work, statement: Statement) -> None:
    amount = statement.settled
    if not amount:
        return
    work.book(
        "settle",
        statement.id,
        {"leader": statement.leader_id},
        {"S": amount.minor},
        amount.currency,
    )
    work.put_balance(available(statement.leader_id), amount.minor)


def _due(cut: datetime) -> Query:
    return Query().where(state=EntryState.VESTED, statement_id=None).before("vested_at", cut)


def _lines(work: Work, statement: Statement) -> Sequence[Entry]:
    return list(every(work.of(Entry), Query().where(statement_id=statement.id)))


def _cut(work: Work, period: str) -> datetime:
    return cut_of(period, ZoneInfo(work.kit.policy.zone))


def last_month(work: Work) -> str:
    """Return the last month (YYYY-MM) that is over in the operator's zone."""
    return last_period(work.now(), ZoneInfo(work.kit.policy.zone))


def _done(statement: Statement, leader: Leader | None) -> Portion:
    totals = Totals(
        accrued=statement.accrued,
        reversals=statement.reversals,
        deducted=statement.deducted,
        settled=statement.settled,
        lines=statement.lines,
        orders=0,
        digest=statement.digest,
    )
    return Portion(statement.leader_id, leader.name if leader else "", totals, statement.id)


def _portion(
    leader_id: str, totals: Totals, leader: Leader | None, balances: Mapping[str, Balance]
) -> Portion:
    attention = []
    if leader is None or not leader.payout_account_sealed:
        attention.append("no_payout_account")
    balance = balances.get(available(leader_id))
    if balance is not None and balance.amount < 0:
        attention.append("balance_below_zero")
    if totals.deducted:
        attention.append("deducted")
    name = leader.name if leader else ""
    return Portion(leader_id, name, totals, attention=tuple(attention))
