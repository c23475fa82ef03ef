"""A settled statement is taken back only by a reversal; a frozen one keeps its leader waiting."""

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import (
    DIGEST_SHOWN,
    ChangedSincePreview,
    Entry,
    Statement,
    StatementMove,
    StatementState,
    reversal_digest,
    same_digest,
)
from groupbuy.domain.kernel import Conflict, IllegalMove, Invalid, NotFound, Refused
from groupbuy.domain.ledger import Balance, Journal, reverse
from groupbuy.domain.membership import Leader, Role


@frozen
class Reopening:
    """What the reversal of a statement would do."""

    statement: Statement
    available: int
    """Minor units its leader may withdraw now."""
    digest: str

    @property
    def after(self) -> int:
        """Minor units that would be left; below zero is a debt that the next statement nets."""
        return self.available - self.statement.settled.minor


def preview_reopening(work: Work, statement_id: str) -> Reopening:
    """Return what a reversal would do. Raises NotFound, IllegalMove unless it is settled."""
    work.caller.require(Role.FINANCE)
    statement = statement_of(work, statement_id)
    if statement.state is not StatementState.SETTLED:
        move = StatementMove.REOPEN.value
        raise IllegalMove(machine="statement", state=statement.state.value, move=move)
    account = available(statement.leader_id)
    balance = work.of(Balance).find([account]).get(account, Balance(account))
    return Reopening(statement, balance.amount, reversal_digest(statement))


def reopen(work: Work, statement_id: str, digest: str, reason: str) -> Statement:
    """Undo a settled statement by an exact opposite in the books; its lines are due again.

    The worker does not settle it anew, a run of its period by a person does. Raises NotFound,
    Invalid without a reason, ChangedSincePreview if it is not as it was seen, so that two who do
    it at once undo it once.
    """
    work.caller.require(Role.FINANCE)
    check_reason(reason)
    statement_of(work, statement_id)
    entries = _locked_lines(work, statement_id)
    statement = work.of(Statement).lock([statement_id])[statement_id]
    now_digest = reversal_digest(statement)
    if not same_digest(digest, now_digest):
        raise ChangedSincePreview(settlement=statement_id, digest=now_digest[:DIGEST_SHOWN])
    after, happened = statement.reopen(work.now())
    work.put_balance(available(statement.leader_id), -statement.settled.minor)
    for entry in entries.values():
        work.of(Entry).save(entry.reopen(work.now())[0])
    work.of(Statement).save(after)
    work.emit(happened)
    _undo(work, statement)
    work.audit(
        "settlement.reverse",
        statement_id,
        reason,
        period=statement.period,
        settled=str(statement.settled.minor),
        digest=statement.digest,
    )
    _tell(work, statement, "statement.reopened", after.reopened)
    return after


def freeze_statement(work: Work, statement_id: str, reason: str) -> Statement:
    """Let its leader withdraw nothing for now. Repeating it changes the reason only."""
    work.caller.require(Role.FINANCE)
    check_reason(reason)
    statement_of(work, statement_id)
    statement = work.of(Statement).lock([statement_id])[statement_id]
    after = evolve(statement, frozen_because=reason.strip())
    work.of(Statement).save(after)
    _hold(work, statement.leader_id, statement_id, free=False)
    work.audit("settlement.freeze", statement_id, reason, leader=statement.leader_id)
    return after


def unfreeze_statement(work: Work, statement_id: str, reason: str) -> Statement:
    """Let go of a frozen statement. Raises NotFound, Refused if it is not frozen."""
    work.caller.require(Role.FINANCE)
    check_reason(reason)
    statement_of(work, statement_id)
    statement = work.of(Statement).lock([statement_id])[statement_id]
    if not statement.frozen_because:
        raise Refused(rule="something_is_frozen", about=statement_id)
    after = evolve(statement, frozen_because="")
    work.of(Statement).save(after)
    _hold(work, statement.leader_id, statement_id, free=True)
    work.audit("settlement.unfreeze", statement_id, reason, leader=statement.leader_id)
    return after


def freeze_leader(work: Work, leader_id: str, reason: str) -> Balance:
    """Let a leader withdraw nothing for now; statements are settled all the same."""
    return _froze_leader(work, leader_id, reason, free=False)


def unfreeze_leader(work: Work, leader_id: str, reason: str) -> Balance:
    """Let a leader withdraw again, unless a statement is frozen. Raises Refused if they may."""
    return _froze_leader(work, leader_id, reason, free=True)


def statement_of(work: Work, statement_id: str) -> Statement:
    """Return one statement. Raises NotFound."""
    found = work.of(Statement).find([statement_id]).get(statement_id)
    if found is None:
        raise NotFound(kind="statement", key=statement_id)
    return found


def check_reason(reason: str) -> None:
    """Refuse to move money or its state without saying why."""
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")


def _froze_leader(work: Work, leader_id: str, reason: str, *, free: bool) -> Balance:
    work.caller.require(Role.FINANCE)
    check_reason(reason)
    if leader_id not in work.of(Leader).find([leader_id]):
        raise NotFound(kind="leader", key=leader_id)
    after = _hold(work, leader_id, leader_id, free=free)
    work.audit(f"leader.{'unfreeze' if free else 'freeze'}", leader_id, reason)
    return after


def _hold(work: Work, leader_id: str, subject: str, *, free: bool) -> Balance:
    """Freeze the balance because of something, or take that cause away."""
    account = available(leader_id)
    balance = work.of(Balance).lock([account], create=Balance)[account]
    if free and subject not in balance.frozen_by:
        raise Refused(rule="something_is_frozen", about=subject)
    after = balance.unfreeze(subject) if free else balance.freeze(subject)
    if after != balance:
        work.of(Balance).save(after)
    return after


def _locked_lines(work: Work, statement_id: str) -> dict[str, Entry]:
    query = Query().where(statement_id=statement_id)
    locked = work.of(Entry).lock([entry.id for entry in every(work.of(Entry), query)])
    if any(entry.statement_id != statement_id for entry in locked.values()):
        raise Conflict(kind="statement", key=statement_id)
    return locked


def _undo(work: Work, statement: Statement) -> None:
    """Book the opposite of what settled it last; nothing was booked where nothing moved."""
    if not statement.settled:
        return
    journals = list(every(work.of(Journal), Query().where(subject=statement.id)))
    undone = {journal.reverses for journal in journals}
    booked = [j for j in journals if j.moment == "settle" and j.id not in undone]
    if len(booked) != 1:
        raise Conflict(kind="journal", key=statement.id)
    key = work.new_id("jrn", near=statement.id)
    work.of(Journal).add(reverse(booked[0], journal_id=key, at=work.now()))


def _tell(work: Work, statement: Statement, what: str, time: int) -> None:
    leader = work.of(Leader).find([statement.leader_id]).get(statement.leader_id)
    if leader is not None:
        work.tell(leader.user_id, what, statement.id, period=statement.period, time=time)
