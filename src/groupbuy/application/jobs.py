"""Recurring jobs: when each was last done, and one person at a time who does one by hand."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Busy, DomainError, Invalid
from groupbuy.domain.membership import Role

LEASE = timedelta(minutes=15)
"""How long a job that is done by hand is kept from others, should its process die."""
_MANY = 100


@frozen
class JobRun:
    """The last run of one job for one tenant; the id is the job's name."""

    id: str
    began_at: datetime | None = None
    ended_at: datetime | None = None
    """None while it runs by hand, and for good if its process died."""
    by: str = ""
    """Who had it done: an actor, or the worker."""
    handled: int = 0
    """How much it did."""
    error: str = ""
    """What it failed with, as a code; empty for a success."""
    claimed_until: datetime | None = None
    token: str = ""
    version: int = 0


def run_by_hand(
    desk: Desk, caller: Caller, name: str, do: Callable[[], int], reason: str
) -> JobRun:
    """Do a job now, as an operator, and note what came of it.

    Raises Busy while somebody else has it in hand; whatever the job raises is noted and raised.
    """
    claim = desk.run(caller, lambda work: _claimed(work, name, reason))
    try:
        handled = do()
    except Exception as error:
        word = error.code if isinstance(error, DomainError) else type(error).__name__
        desk.run(caller, lambda work: _ended(work, claim, 0, word))
        raise
    return desk.run(caller, lambda work: _ended(work, claim, handled, ""))


def note_run(work: Work, name: str, began_at: datetime, handled: int, error: str = "") -> None:
    """Note what the worker has done; a run by hand that goes on keeps its claim."""
    found = work.of(JobRun).lock([name], create=JobRun)[name]
    noted = evolve(
        found,
        began_at=began_at,
        ended_at=work.now(),
        by=work.caller.user_id,
        handled=handled,
        error=error,
    )
    work.of(JobRun).save(noted)


def last_runs(work: Work) -> dict[str, JobRun]:
    """Return the last run of every job that ever ran, by name. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    return {run.id: run for run in work.of(JobRun).select(Query().page(_MANY))}


def free_or_busy(work: Work, names: Iterable[str]) -> None:
    """Raise Busy if somebody has one of these jobs in hand."""
    for run in work.of(JobRun).find(names).values():
        if _is_claimed(run, work.now()):
            raise Busy(kind="job", key=run.id, by=run.by)


def _claimed(work: Work, name: str, reason: str) -> JobRun:
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")
    found, now = work.of(JobRun).lock([name], create=JobRun)[name], work.now()
    if _is_claimed(found, now):
        raise Busy(kind="job", key=name, by=found.by)
    claim = evolve(
        found,
        began_at=now,
        ended_at=None,
        by=work.caller.user_id,
        handled=0,
        error="",
        claimed_until=now + LEASE,
        token=work.kit.ids.token(),
    )
    work.of(JobRun).save(claim)
    work.audit("job.run", name, reason)
    return claim


def _ended(work: Work, claim: JobRun, handled: int, error: str) -> JobRun:
    found = work.of(JobRun).lock([claim.id])[claim.id]
    if found.token != claim.token:
        # It took longer than the claim: whoever has it now says what became of it.
        return evolve(found, handled=handled, error=error)
    ended = evolve(
        found,
        began_at=claim.began_at,
        ended_at=work.now(),
        by=claim.by,
        handled=handled,
        error=error,
        claimed_until=None,
        token="",
    )
    work.of(JobRun).save(ended)
    return ended


def _is_claimed(run: JobRun, now: datetime) -> bool:
    return run.claimed_until is not None and run.claimed_until > now
