"""`groupbuy jobs` and `groupbuy outbox`: work that happens by itself, and what got stuck."""

from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.ports import Task

_JOB = (
    Column("name", "任务", "job"),
    Column("what", "说明", "what it does"),
)
_RUN = (
    Column("name", "任务", "job"),
    Column("tenant", "租户", "tenant"),
    Column("handled", "处理数", "handled", right=True),
)
_TASK = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("due_at", "到期", "due"),
    Column("attempts", "次数", "attempts", right=True),
    Column("last_error", "最近错误", "last error"),
)


@click.group()
def jobs() -> None:
    """List and run the recurring jobs."""


@jobs.command("list")
@shared
@pass_shell
def list_jobs(shell: Shell) -> None:
    """List the jobs the worker does."""
    from groupbuy.entrypoints.worker import JOBS

    items = [{"name": j.name, "what": shell.out.words(j.zh, j.en)} for j in JOBS]
    shell.out.table("jobs.list/1", _JOB, items)


@jobs.command("run")
@click.argument("name")
@shared
@pass_shell
def run_job(shell: Shell, name: str) -> None:
    """Run one job now until nothing is due; safe beside a running worker."""
    from groupbuy.entrypoints.worker import JOBS

    job = next((job for job in JOBS if job.name == name), None)
    if job is None:
        raise NotFound(kind="job", key=name)
    handled = job.run(shell.app, shell.whose)
    data = {"name": name, "tenant": shell.whose, "handled": handled}
    shell.out.record("jobs.run/1", _RUN, data)


@click.group()
def outbox() -> None:
    """List and replay effects that wait or failed."""


@outbox.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(["pending", "parked", "done"]),
    help="May be repeated; waiting and parked ones by default.",
)
@click.option("--topic", default="", help="Only effects of one kind, such as refund.")
@limited
@shared
@pass_shell
def list_outbox(shell: Shell, states: tuple[str, ...], topic: str, limit: int) -> None:
    """List effects; parked ones need an operator."""
    from groupbuy.application.outbox import ListTasks, list_tasks

    ask = ListTasks(states or ("parked", "pending"), topic, limit)
    found = shell.read(lambda work: list_tasks(work, ask))
    shell.out.table("outbox.list/1", _TASK, [_task(task) for task in found])


@outbox.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--parked", is_flag=True, help="All that are parked, up to --limit.")
@limited
@reasoned
@changing
@shared
@pass_shell
def replay_outbox(shell: Shell, ids: tuple[str, ...], parked: bool, limit: int) -> None:
    """Send effects again now; a provider knows them as repeats by their number."""
    from groupbuy.application.outbox import ListTasks, Replay, list_tasks, replay

    if bool(ids) == parked:
        raise click.UsageError(shell.out.words("给出编号或 --parked", "give ids, or --parked"))
    if parked:
        ask = ListTasks(("parked",), "", limit)
        ids = tuple(task.id for task in shell.read(lambda work: list_tasks(work, ask)))
    shell.confirm(f"重新执行 {len(ids)} 个任务？", f"send {len(ids)} effects again?")
    again = shell.run(lambda work: replay(work, Replay(ids, shell.reason))) if ids else []
    shell.out.table("outbox.replay/1", _TASK, [_task(task) for task in again])


def _task(task: "Task") -> dict[str, object]:
    return {
        "id": task.id,
        "topic": task.topic,
        "subject": task.subject,
        "state": task.state,
        "due_at": task.due_at,
        "attempts": task.attempts,
        "last_error": task.last_error,
    }
