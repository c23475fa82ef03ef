"""Settling a month: many leaders, a few at a time, each exactly once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from attrs import frozen

from groupbuy.application.commission.laddering import apply_ladders
from groupbuy.application.commission.previewing import (
    Moved,
    Portion,
    Preview,
    compare,
    due_before,
    ends_of,
    last_month,
    nobody_watches,
    planned_now,
    waiting,
)
from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    DIGEST_SHOWN,
    ChangedSincePreview,
    Entry,
    Statement,
    is_due,
    settle,
)
from groupbuy.domain.kernel import Conflict, Invalid, Money, Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Leader, Role

ENTRIES, LEADERS = 2_000, 100
"""How much one transaction settles: leaders are added as long as both allow it, but at least one.
Each leader's statement stands or falls as a whole."""


@frozen
class Run:
    """What a settlement has done."""

    period: str
    settled: tuple[Statement, ...] = ()
    skipped: int = 0
    """Leaders whose statement of that month was settled before."""


def run(
    desk: Desk,
    caller: Caller,
    period: str,
    digest: str,
    reason: str,
    moved: Moved = nobody_watches,
) -> Run:
    """Settle a month exactly as previewed, some leaders after the others.

    May be repeated after an interruption with the same digest: what is done is skipped. Raises
    ChangedSincePreview if anything differs from the preview, Refused before the month is over.
    `moved` hears of the entries compared so far, then of those settled so far.
    """
    caller.require(Role.FINANCE)
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")
    planned = compare(desk, caller, period, digest, moved)
    made = list[Statement]()
    done, total = 0, sum(p.totals.lines for p in planned.portions if not p.statement_id)
    for some in _some_at_a_time(planned):
        made += _as_planned(desk, caller, planned, some, reason)
        done += sum(portion.totals.lines for portion in some)
        moved(done, total)
    return Run(period, tuple(made), len(planned.portions) - len(made))


def settle_due(desk: Desk, tenant: str) -> Run:
    """Settle the last month that is over, for everybody who has no statement of it yet.

    The ladder is applied before, so that the bonus of a month stands on its statement. The worker
    may call this at any time and as often as it likes. A statement that was reversed waits for a
    person, and its leader's next one with it.
    """
    caller = Caller.system(tenant)
    apply_ladders(desk, caller)
    period = desk.read(caller, last_month)
    planned = planned_now(desk, caller, period)
    made = list[Statement]()
    for some in _some_at_a_time(planned):
        ids = [portion.leader_id for portion in some if not portion.waits_for]
        settle = partial(settle_leaders, leader_ids=ids, reason="regular run", anew=False)
        made += desk.run(caller, partial(settle, period=period))
    return Run(period, tuple(made), len(planned.portions) - len(made))


def settle_leader(work: Work, period: str, leader_id: str, reason: str) -> Statement | None:
    """Settle one leader's month; None if it was done before or nothing is due."""
    return next(iter(settle_leaders(work, period, [leader_id], reason)), None)


def settle_leaders(
    work: Work, period: str, leader_ids: Sequence[str], reason: str, *, anew: bool = True
) -> list[Statement]:
    """Settle the month of some leaders; those done before, or to whom nothing is due, are left out.

    A reversed statement is settled `anew`; before that none of another month is. Raises
    Forbidden, Refused before the month is over, Conflict if more fell due meanwhile.
    """
    work.caller.require(Role.FINANCE)
    cut, ready = ends_of(work.kit, period)
    if work.now() < ready:
        raise Refused(rule="period_is_over", about=period)
    made = every(work.of(Statement), Query().where(period=period).among("leader_id", leader_ids))
    done = {statement.leader_id for statement in made if not statement.waits}
    first = waiting(work, [key for key in leader_ids if key not in done])
    done |= {key for key, other in first.items() if other.period != period or not anew}
    due = _locked(work, [key for key in leader_ids if key not in done], cut)
    leaders = work.of(Leader).find(due)
    again = _locked_again(work, [first[key] for key in due if key in first])
    balances = work.of(Balance).lock([available(key) for key in due], create=Balance)
    return [
        _settled(
            work,
            due[key],
            period,
            reason,
            leaders.get(key),
            balances[available(key)],
            again.get(key),
        )
        for key in sorted(due)
    ]


def _some_at_a_time(planned: Preview) -> Iterator[list[Portion]]:
    """Yield what is to be done, in parts that are one transaction each."""
    some, entries = list[Portion](), 0
    for portion in planned.portions:
        if portion.statement_id or portion.waits_for not in ("", planned.period):
            continue
        if some and (entries + portion.totals.lines > ENTRIES or len(some) == LEADERS):
            yield some
            some, entries = [], 0
        some.append(portion)
        entries += portion.totals.lines
    if some:
        yield some


def _as_planned(
    desk: Desk, caller: Caller, planned: Preview, some: Sequence[Portion], reason: str
) -> list[Statement]:
    """Settle some leaders unless something changed after the whole was compared.

    If it did, those before the changed one are settled all the same: each stands for itself.
    """
    wanted = {portion.leader_id: portion.totals.digest for portion in some}

    def use_case(work: Work) -> list[Statement]:
        made = settle_leaders(work, planned.period, list(wanted), reason)
        for statement in made:
            if statement.digest != wanted[statement.leader_id]:
                raise ChangedSincePreview(
                    settlement=f"{planned.name}/{statement.leader_id}",
                    digest=statement.digest[:DIGEST_SHOWN],
                )
        return made

    try:
        return desk.run(caller, use_case)
    except ChangedSincePreview:
        if len(some) == 1:
            raise
    alone = [_as_planned(desk, caller, planned, [portion], reason) for portion in some]
    return [statement for made in alone for statement in made]


def _locked(work: Work, leader_ids: Sequence[str], cut: datetime) -> Mapping[str, list[Entry]]:
    """Lock what is due to some leaders. Raises Conflict if the set grew while waiting."""
    query = due_before(cut).among("leader_id", leader_ids)
    found = {entry.id for entry in every(work.of(Entry), query, order="leader_id")}
    locked = work.of(Entry).lock(found)
    again = {entry.id for entry in every(work.of(Entry), query, order="leader_id")}
    if again != found or not all(is_due(entry, cut) for entry in locked.values()):
        raise Conflict(kind="commission_entry", key="/".join(leader_ids[:1]))
    due: dict[str, list[Entry]] = {}
    for entry in locked.values():
        due.setdefault(entry.leader_id, []).append(entry)
    return due


def _locked_again(work: Work, reversed_before: Sequence[Statement]) -> dict[str, Statement]:
    """Lock reversed statements. Raises Conflict if somebody settled one meanwhile."""
    locked = work.of(Statement).lock([statement.id for statement in reversed_before])
    for statement in locked.values():
        if not statement.waits:
            raise Conflict(kind="statement", key=statement.id)
    return {statement.leader_id: statement for statement in locked.values()}


def _settled(
    work: Work,
    entries: Sequence[Entry],
    period: str,
    reason: str,
    leader: Leader | None,
    balance: Balance,
    again: Statement | None,
) -> Statement:
    leader_id, currency = entries[0].leader_id, work.kit.policy.currency
    statement, paid, happened = settle(
        entries,
        statement_id=work.new_id("stm", near=leader_id),
        period=period,
        currency=currency,
        now=work.now(),
        carried=Money(balance.amount, currency),
        again=again,
    )
    if again is None:
        work.of(Statement).add(statement)
    else:
        work.of(Statement).save(statement)
    for entry in paid:
        work.of(Entry).save(entry)
    work.emit(happened)
    _book(work, statement)
    work.audit(
        "settlement.run",
        statement.id,
        reason,
        period=period,
        settled=str(statement.settled.minor),
        digest=statement.digest,
    )
    if statement.settled:
        work.of(Balance).save(balance.put(statement.settled.minor))
    if leader is not None:
        time = statement.reopened + 1
        work.tell(leader.user_id, "statement.settled", statement.id, period=period, time=time)
    return statement


def _book(work: Work, statement: Statement) -> None:
    amount = statement.settled
    if amount:
        names, amounts = {"leader": statement.leader_id}, {"S": amount.minor}
        work.book("settle", statement.id, names, amounts, amount.currency)
