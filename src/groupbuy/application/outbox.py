"""The outbox for operators: what waits, what failed, and sending it again."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.application.ports import Query, Task
from groupbuy.application.write_path import OUTBOX, Work
from groupbuy.domain.kernel import Busy, NotFound, Refused
from groupbuy.domain.membership import Role

PENDING = "pending"
DONE = "done"
PARKED = "parked"
STATES = (PENDING, PARKED, DONE)
"""Where an effect can be: it waits, it needs an operator, or it has happened."""


@frozen
class ListTasks:
    """Ask for effects, state by state, those due first at the front."""

    states: tuple[str, ...] = (PARKED, PENDING)
    topic: str = ""
    limit: int = 50
    since: datetime | None = None
    """Only those due at this instant or later."""


@frozen
class Replay:
    """Send effects again now. Their keys stay, so that a provider knows them as repeats."""

    ids: tuple[str, ...]
    reason: str


@frozen
class Replayed:
    """An effect that was to be sent again."""

    task: Task
    again: bool
    """False if it was due already and nobody has tried it yet: nothing changed."""


@frozen
class Backlog:
    """How the outbox is doing."""

    parked: int
    """Effects that need an operator; counted up to `most`."""
    oldest_due_at: datetime | None
    """Since when the oldest due effect waits; None if nothing is due."""


def list_tasks(work: Work, ask: ListTasks) -> list[Task]:
    """Return effects. Raises Forbidden."""
    work.caller.require(Role.OPERATOR)
    found = list[Task]()
    # One state at a time: each has an index of its own.
    for state in ask.states:
        query = Query().where(state=state, **({"topic": ask.topic} if ask.topic else {}))
        query = query if ask.since is None else query.since("due_at", ask.since)
        room = ask.limit - len(found)
        found += work.of(Task).select(query.sorted("due_at").page(room)) if room > 0 else []
    return found


def replay(work: Work, cmd: Replay) -> list[Replayed]:
    """Make effects due now, as if never tried.

    Raises NotFound; Refused for one that has happened; Busy for one that is being tried.
    """
    work.caller.require(Role.OPERATOR)
    tasks = work.of(Task).lock(cmd.ids)
    now = work.now()
    done = [_again(tasks, key, now) for key in dict.fromkeys(cmd.ids)]
    for task in [each.task for each in done if each.again]:
        work.of(Task).save(task)
        work.audit("outbox.replay", task.id, cmd.reason, was=tasks[task.id].state)
    work.touched.append(OUTBOX)
    return done


def due_now(work: Work, *, most: int) -> int:
    """Return how many effects are due at this instant, counted up to `most`. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    due = Query().where(state=PENDING).before("due_at", work.now()).sorted("due_at")
    return len(work.of(Task).select(due.page(most)))


def backlog(work: Work, *, most: int = 1000) -> Backlog:
    """Return how the outbox is doing."""
    now = work.now()
    store = work.of(Task)
    due = Query().where(state=PENDING).before("due_at", now).sorted("due_at").page(1)
    oldest = store.select(due)
    parked = store.select(Query().where(state=PARKED).page(most))
    return Backlog(parked=len(parked), oldest_due_at=oldest[0].due_at if oldest else None)


def _again(tasks: dict[str, Task], key: str, now: datetime) -> Replayed:
    task = tasks.get(key)
    if task is None:
        raise NotFound(kind="task", key=key)
    if task.state == DONE:
        raise Refused(rule="what_has_happened_is_not_sent_again", about=key)
    if task.claimed_until is not None and task.claimed_until > now:
        raise Busy(kind="task", key=key, by="worker")
    if task.state == PENDING and task.due_at <= now and not task.attempts:
        return Replayed(task, again=False)
    fresh = evolve(task, state=PENDING, attempts=0, due_at=now, claimed_until=None, token="")
    return Replayed(fresh, again=True)
