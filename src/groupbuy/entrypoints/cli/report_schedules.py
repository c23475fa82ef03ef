"""`groupbuy report schedule`: reports that are delivered by themselves."""

from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.report_facts import ReportSchedule

_SCHEDULE = (
    Column("id", "编号", "id"),
    Column("report", "报表", "report"),
    Column("every", "每", "every"),
    Column("hour", "几点", "hour", right=True),
    Column("form", "格式", "form"),
    Column("to", "送达", "to"),
    Column("merchant_id", "商户", "merchant"),
    Column("next_at", "下次", "next"),
    Column("stopped_at", "停止", "stopped"),
)


@click.group()
def schedule() -> None:
    """Plan, list and stop reports that are delivered by themselves."""


@schedule.command()
@click.argument("name")
@click.option("--every", "often", type=click.Choice(["day", "week", "month"]), default="day")
@click.option("--hour", type=click.IntRange(0, 23), default=6, help="In the shop's zone.")
@click.option("--form", type=click.Choice(["csv", "xlsx", "svg"]), default="xlsx")
@click.option("--to", required=True, metavar="WAY:ADDRESS", help="mail:ADDRESS or folder:NAME.")
@click.option("--merchant", "merchant_id", default="", metavar="ID", help="One merchant only.")
@click.option("--by", default="", metavar="WHAT", help="What tells the rows apart.")
@reasoned
@changing
@shared
@pass_shell
def add(
    shell: Shell,
    name: str,
    often: str,
    hour: int,
    form: str,
    to: str,
    merchant_id: str,
    by: str,
) -> None:
    """Plan a report: each time about the day, week or month that is over."""
    from groupbuy.application import reporting
    from groupbuy.application.report_facts import Every

    way, _, address = to.partition(":")
    delivery = shell.app.outside.deliveries.get(way)
    if delivery is None:
        raise Invalid(field="to", reason="is no delivery of this installation")
    delivery.check(address)
    language = "en" if shell.out.lang == "en" else "zh-CN"
    planned = reporting.Planned(name, Every(often), hour, form, to, merchant_id, by, language)
    made = shell.run(lambda work: reporting.add_schedule(work, planned, shell.reason))
    shell.out.record("report.schedule/1", _SCHEDULE, _item(made))


@schedule.command("list")
@shared
@pass_shell
def list_schedules(shell: Shell) -> None:
    """List those that run, the one due first at the front."""
    from groupbuy.application import reporting

    found = shell.read(reporting.list_schedules)
    shell.out.table("report.schedules/1", _SCHEDULE, [_item(each) for each in found])


@schedule.command()
@click.argument("key", metavar="ID")
@reasoned
@changing
@shared
@pass_shell
def stop(shell: Shell, key: str) -> None:
    """Deliver a report no more."""
    from groupbuy.application import reporting

    found = shell.run(lambda work: reporting.stop_schedule(work, key, shell.reason))
    shell.out.record("report.schedule/1", _SCHEDULE, _item(found))


def _item(found: "ReportSchedule") -> dict[str, object]:
    return {
        "id": found.id,
        "report": found.name,
        "every": found.every,
        "hour": found.hour,
        "form": found.form,
        "to": found.to,
        "merchant_id": found.merchant_id,
        "next_at": found.next_at,
        "stopped_at": found.stopped_at,
    }
