"""`groupbuy jobs`: what the worker does by itself, when it last did it, and doing one by hand."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.jobs import JobRun
    from groupbuy.entrypoints.recurring import Job

MOST = 1000
"""How many due effects are counted."""
_JOB = (
    Column("name", "任务", "job"),
    Column("what", "说明", "what it does"),
    Column("last_at", "上次运行", "last run"),
    Column("by", "运行者", "by"),
    Column("handled", "处理数", "handled", right=True),
    Column("error", "错误", "error"),
    Column("next_at", "下次最迟", "next at the latest"),
    Column("due", "待处理", "due", right=True),
)
_RUN = (
    Column("name", "任务", "job"),
    Column("tenant", "租户", "tenant"),
    Column("handled", "处理数", "handled", right=True),
    Column("began_at", "开始", "began"),
    Column("ended_at", "结束", "ended"),
)


@click.group()
def jobs() -> None:
    """List and run the recurring jobs."""


@jobs.command("list")
@shared
@pass_shell
def list_jobs(shell: Shell) -> None:
    """List the jobs the worker does, when each last ran, and what waits for it.

    The relay and the seals run all the time: they are noted only when they have done something.
    """
    from groupbuy.application import outbox
    from groupbuy.application.jobs import last_runs
    from groupbuy.entrypoints.recurring import JOBS

    runs = shell.read(last_runs)
    due = shell.read(lambda work: outbox.due_now(work, most=MOST))
    items = [_item(shell, job, runs.get(job.name), due) for job in JOBS]
    shell.out.table("jobs.list/2", _JOB, items)


@jobs.command("run")
@click.argument("name")
@reasoned
@changing
@shared
@pass_shell
def run_job(shell: Shell, name: str) -> None:
    """Run one job now until nothing is due; safe beside a running worker.

    One person at a time: whoever comes second is told who runs it.
    """
    from groupbuy.application import jobs as application
    from groupbuy.entrypoints.recurring import JOBS

    job = next((job for job in JOBS if job.name == name), None)
    if job is None:
        raise NotFound(kind="job", key=name)
    if shell.dry_run:
        shell.noting_dry_run()
        shell.read(lambda work: application.free_or_busy(work, [name]))
        shell.out.record("jobs.run/2", _RUN[:2], {"name": name, "tenant": shell.whose})
        return
    done = application.run_by_hand(
        shell.app.desk,
        shell.caller,
        name,
        lambda: job.run(shell.app, shell.whose),
        shell.reason,
    )
    data = {
        "name": name,
        "tenant": shell.whose,
        "handled": done.handled,
        "began_at": done.began_at,
        "ended_at": done.ended_at,
    }
    shell.out.record("jobs.run/2", _RUN, data)


def _item(shell: Shell, job: "Job", last: "JobRun | None", due: int) -> dict[str, object]:
    now = shell.app.kit.clock.now()
    return {
        "name": job.name,
        "what": shell.out.words(job.zh, job.en),
        "last_at": last.ended_at if last else None,
        "by": last.by if last else "",
        "running": last is not None and last.claimed_until is not None and last.claimed_until > now,
        "handled": last.handled if last else None,
        "error": last.error if last else "",
        "next_at": _next(job, last, now, ZoneInfo(shell.app.kit.policy.zone)),
        "due": due if job.name == "relay" else None,
    }


def _next(job: "Job", last: "JobRun | None", now: datetime, zone: ZoneInfo) -> datetime:
    """Return when a worker that runs does it at the latest: a daily one when the day changes."""
    day = now.astimezone(zone).date()
    done = last.ended_at if last and not last.error else None
    if not job.daily or done is None or done.astimezone(zone).date() != day:
        return now
    return datetime.combine(day + timedelta(days=1), time(0), zone)
