"""`groupbuy outbox`: effects that wait, what got stuck, and sending it again."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import DONE, SKIPPED, each
from groupbuy.entrypoints.cli.moments import instant_of, since_option
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.ports import Task

_TASK = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("due_at", "到期", "due"),
    Column("attempts", "次数", "attempts", right=True),
    Column("last_error", "最近错误", "last error"),
)


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
@since_option
@limited
@shared
@pass_shell
def list_outbox(
    shell: Shell, states: tuple[str, ...], topic: str, since: datetime | date | None, limit: int
) -> None:
    """List effects by when they are due; parked ones need an operator."""
    from groupbuy.application.outbox import ListTasks, list_tasks

    due = None if since is None else instant_of(since, shell.settings.policy.zone)
    ask = ListTasks(states or ("parked", "pending"), topic, limit, due)
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
    """Send effects again now; a provider knows them as repeats by their number.

    Each by itself: one that is due already is skipped, one that a worker tries is left to it.
    """
    from groupbuy.application.outbox import ListTasks, Replay, list_tasks, replay

    if bool(ids) == parked:
        raise click.UsageError(shell.out.words("给出编号或 --parked", "give ids, or --parked"))
    if parked:
        ask = ListTasks(("parked",), "", limit)
        ids = tuple(task.id for task in shell.read(lambda work: list_tasks(work, ask)))
    shell.confirm(f"重新执行 {len(ids)} 个任务？", f"send {len(ids)} effects again?")

    def do(key: str) -> dict[str, object]:
        (done,) = shell.run(lambda work: replay(work, Replay((key,), shell.reason)))
        due = shell.out.words("已在等待执行", "is due already")
        return {
            **_task(done.task),
            "result": DONE if done.again else SKIPPED,
            "message": "" if done.again else due,
        }

    each(shell, "outbox.replay/2", ids, do)


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
