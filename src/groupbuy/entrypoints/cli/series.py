"""`groupbuy series`: campaigns that come again by themselves."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.domain.campaigns import Series

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SERIES = (
    Column("id", "编号", "id"),
    Column("campaign_id", "团购", "campaign"),
    Column("state", "状态", "state"),
    Column("weekdays", "星期", "weekdays"),
    Column("at", "开团时刻", "starts at"),
    Column("lasts_minutes", "时长（分钟）", "lasts minutes", right=True),
    Column("publish", "自动发布", "publishes"),
    Column("next_at", "下次开团", "next"),
    Column("made", "已开", "made", right=True),
    Column("left", "剩余次数", "left", right=True),
)


@click.group()
def series() -> None:
    """Let campaigns come again by themselves."""


@series.command("list")
@limited
@shared
@pass_shell
def list_series(shell: Shell, limit: int) -> None:
    """List series, the newest first."""
    from groupbuy.application import campaigns

    found = shell.read(lambda work: campaigns.list_series(work, limit))
    shell.out.table("series.list/1", _SERIES, [_item(each) for each in found])


@series.command()
@click.argument("campaign_id")
@click.option(
    "--on",
    "weekdays",
    type=click.Choice(DAYS),
    multiple=True,
    required=True,
    help="A day of the week; may be repeated.",
)
@click.option("--at", type=click.DateTime(["%H:%M"]), required=True, help="In the campaign's zone.")
@click.option("--lasts-minutes", type=click.IntRange(1, 43_200), required=True)
@click.option("--lead-minutes", type=click.IntRange(0, 10_080), default=0, show_default=True)
@click.option("--times", type=click.IntRange(1, 1_000), help="How many are made.")
@click.option("--publish", is_flag=True, help="At once; otherwise each one waits as a draft.")
@changing
@shared
@pass_shell
def start(
    shell: Shell,
    campaign_id: str,
    weekdays: tuple[str, ...],
    at: datetime,
    lasts_minutes: int,
    lead_minutes: int,
    times: int | None,
    *,
    publish: bool,
) -> None:
    """Let a campaign come again, each time as a copy with a window of its own."""
    from groupbuy.application import campaigns
    from groupbuy.domain.campaigns import Rhythm

    days = frozenset(DAYS.index(day) for day in weekdays)
    rhythm = Rhythm(days, at.hour * 60 + at.minute, lasts_minutes, lead_minutes)
    wish = campaigns.Repeat(campaign_id, rhythm, times, publish)
    made = shell.run(lambda work: campaigns.repeat_campaign(work, wish))
    shell.out.record("series.start/1", _SERIES, _item(made))


@series.command()
@click.argument("series_id")
@changing
@shared
@pass_shell
def pause(shell: Shell, series_id: str) -> None:
    """Make none until it is resumed."""
    _move(shell, series_id, "pause")


@series.command()
@click.argument("series_id")
@changing
@shared
@pass_shell
def resume(shell: Shell, series_id: str) -> None:
    """Go on with the next start that lies ahead."""
    _move(shell, series_id, "resume")


@series.command()
@click.argument("series_id")
@changing
@shared
@pass_shell
def end(shell: Shell, series_id: str) -> None:
    """Make no more, for good; campaigns that were made go on."""
    _move(shell, series_id, "end")


def _move(shell: Shell, series_id: str, word: str) -> None:
    from groupbuy.application import campaigns
    from groupbuy.domain.campaigns import SeriesMove

    after = shell.run(lambda work: campaigns.move_series(work, series_id, SeriesMove(word)))
    shell.out.record(f"series.{word}/1", _SERIES, _item(after))


def _item(found: "Series") -> dict[str, object]:
    hours, minutes = divmod(found.rhythm.minute, 60)
    return {
        "id": found.id,
        "campaign_id": found.campaign_id,
        "state": found.state,
        "weekdays": [DAYS[day] for day in sorted(found.rhythm.weekdays)],
        "at": f"{hours:02}:{minutes:02}",
        "lasts_minutes": found.rhythm.lasts,
        "lead_minutes": found.rhythm.lead,
        "publish": found.publish,
        "next_at": found.next_at,
        "made": found.made,
        "left": found.left,
        "last_campaign_id": found.last_campaign_id or None,
    }
