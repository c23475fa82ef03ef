"""The relay: claims due rows of the outbox and does what they ask for.

Claiming pushes a task's due time forward by a lease and gives it a token: a worker that dies or
stalls loses the task to another one, and its late writes are refused because the token differs.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.application import effects
from groupbuy.application.outside import Outside
from groupbuy.application.ports import Query, Task
from groupbuy.application.reactions import REACTIONS
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import DomainError, TooMany, Unavailable

CLAIM = 100
"""How many tasks one tick takes."""
LEASE = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)
_TICK = timedelta(microseconds=1)

Job = Callable[[], None]


def one_after_another(jobs: Sequence[Job]) -> None:
    """Run jobs in this thread."""
    for job in jobs:
        job()


def nobody_listens(_task: Task, _error: Exception) -> None:
    """Say nothing about a failed task; its row says it."""


@frozen
class Relay:
    """Handles due tasks; any number of relays may work at once."""

    desk: Desk
    outside: Outside
    each: Callable[[Sequence[Job]], None] = one_after_another
    """How the jobs of one tick are run; a worker may use threads."""
    failed: Callable[[Task, Exception], None] = nobody_listens

    def tick(self, tenant: str, limit: int = CLAIM) -> int:
        """Handle what is due now; return how many tasks were taken."""
        caller = Caller.system(tenant)
        tasks = self.desk.run(caller, lambda work: claim(work, limit))
        self.each([self._job(caller, errand) for errand in _errands(tasks)])
        return len(tasks)

    def _job(self, caller: Caller, tasks: Sequence[Task]) -> Job:
        def run() -> None:
            try:
                self._handle(caller, tasks)
            except Exception as error:  # noqa: BLE001  a failed task waits, it never stops others
                if len(tasks) > 1 and not isinstance(error, Unavailable):
                    # One of them is to blame; those that are done already are passed over.
                    for task in tasks:
                        self._job(caller, [task])()
                    return
                for task in tasks:
                    self.failed(task, error)
                    self._postpone(caller, task, error)

        return run

    def _handle(self, caller: Caller, tasks: Sequence[Task]) -> None:
        effect = effects.EFFECTS.get(tasks[0].topic)
        if effect is None:
            self._react(caller, tasks[0])
            return
        effect(effects.Errand(self.desk, self.outside, caller, tasks, take, finish))

    def _react(self, caller: Caller, task: Task) -> None:
        reaction = REACTIONS[task.topic]

        def run(work: Work) -> None:
            if held := take(work, task):
                again = reaction(work, task.subject)
                work.of(Task).save(_finished(held, again, work.now()))

        self.desk.run(caller, run)

    def _postpone(self, caller: Caller, task: Task, error: Exception) -> None:
        most = self.desk.kit.policy.max_attempts

        def write(work: Work) -> None:
            if held := take(work, task):
                work.of(Task).save(_postponed(held, error, most, work.now()))

        self.desk.run(caller, write)


def _errands(tasks: Sequence[Task]) -> list[list[Task]]:
    """Put tasks together that share their transactions; messages come last."""
    errands, shared = list[list[Task]](), dict[str, list[Task]]()
    for task in tasks:
        if task.topic in effects.TOGETHER:
            shared.setdefault(task.topic, []).append(task)
        else:
            errands.append([task])
    for topic, mine in sorted(shared.items(), key=lambda each: each[0] == effects.NOTIFY):
        most = effects.TOGETHER[topic]
        errands += [mine[i : i + most] for i in range(0, len(mine), most)]
    return errands


def claim(work: Work, limit: int) -> list[Task]:
    """Take due tasks for a while; others skip them."""
    now = work.now()
    due = Query().where(state="pending").before("due_at", now + _TICK)
    claimed = list[Task]()
    for task in work.of(Task).select(due.sorted("due_at").page(limit).claiming()):
        taken = evolve(
            task,
            due_at=now + LEASE,
            claimed_until=now + LEASE,
            token=work.kit.ids.token(),
        )
        work.of(Task).save(taken)
        claimed.append(taken)
    return claimed


def take(work: Work, task: Task) -> Task | None:
    """Lock a claimed task; None if this worker has lost it meanwhile."""
    held = work.of(Task).lock([task.id]).get(task.id)
    if held is None or held.state != "pending" or held.token != task.token:
        return None
    return held


def finish(
    work: Work,
    task: Task,
    again: datetime | None = None,
    *,
    data: Mapping[str, str] | None = None,
    trouble: str = "",
) -> bool:
    """Mark a task as done, or due again, in the transaction that did it; False if it was lost.

    `data` is what it has to remember until then, `trouble` what could not be done so far.
    """
    held = take(work, task)
    if held is None:
        return False
    kept = held if data is None else evolve(held, data=data)
    work.of(Task).save(evolve(_finished(kept, again, work.now()), last_error=trouble))
    return True


def _finished(task: Task, again: datetime | None, now: datetime) -> Task:
    if again is None:
        return evolve(task, state="done", done_at=now, claimed_until=None, token="", last_error="")
    return evolve(task, due_at=again, attempts=0, claimed_until=None, token="", last_error="")


def _postponed(task: Task, error: Exception, most: int, now: datetime) -> Task:
    if isinstance(error, TooMany):
        # Somebody asked us to wait: that is no failed try.
        wait = timedelta(seconds=error.retry_after_seconds)
        return evolve(task, due_at=now + wait, claimed_until=None, token="", last_error=error.code)
    word = error.code if isinstance(error, DomainError) else type(error).__name__
    # A worker that dies claims a hundred tasks and tries a few: its death is nobody's failed try.
    attempts = task.attempts + 1
    wait = min(timedelta(seconds=2 ** min(attempts, 12)), _LONGEST_WAIT)
    return evolve(
        task,
        due_at=now + wait,
        attempts=attempts,
        state="parked" if attempts >= most else "pending",
        claimed_until=None,
        token="",
        last_error=word,
    )
