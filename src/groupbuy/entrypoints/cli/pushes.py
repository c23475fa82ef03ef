"""`groupbuy push`: write to a segment, preview, send as previewed, see what came of it."""

from typing import TYPE_CHECKING, Any

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.domain.segments import Push

_PUSH = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("segment_id", "人群", "segment"),
    Column("subject", "关于", "about"),
    Column("title", "标题", "title"),
    Column("sent_at", "发送时间", "sent at"),
)
_HEARD = (
    Column("hearing", "结果", "result"),
    Column("people", "人数", "people", right=True),
)


@click.group()
def push() -> None:
    """Write to a segment, send it as previewed, see what came of it."""


@push.command("list")
@limited
@shared
@pass_shell
def list_pushes(shell: Shell, limit: int) -> None:
    """List pushes, the newest first."""
    from groupbuy.application import segments

    found = shell.read(lambda work: segments.pushes(work, limit))
    shell.out.table("push.list/1", _PUSH, [_item(each) for each in found])


@push.command()
@click.argument("segment_id", metavar="SEGMENT")
@click.argument("subject", metavar="CAMPAIGN|PRODUCT")
@click.option("--title", required=True, metavar="TEXT", help="In Chinese; {subject}, {merchant}.")
@click.option("--body", required=True, metavar="TEXT")
@click.option("--title-en", required=True, metavar="TEXT")
@click.option("--body-en", required=True, metavar="TEXT")
@changing
@shared
@pass_shell
def write(shell: Shell, /, segment_id: str, subject: str, **words: str) -> None:
    """Write a push; nothing is sent yet."""
    from groupbuy.application import segments
    from groupbuy.domain.segments import PushText

    new = segments.NewPush(segment_id, subject, PushText(**words))
    made = shell.run(lambda work: segments.write_push(work, new))
    shell.out.table("push.write/1", _PUSH, [_item(made)])


@push.command()
@click.argument("push_id", metavar="PUSH")
@shared
@pass_shell
def preview(shell: Shell, push_id: str) -> None:
    """Tell whom it would reach at this moment, and the digest that sending asks for."""
    from groupbuy.application import segments

    found = shell.read(lambda work: segments.preview_push(work, push_id))
    more = {**_item(found.push), "members": found.members, "digest": found.digest}
    shell.out.table("push.preview/1", _HEARD, _heard(found.by_hearing), **more)
    shell.out.note(
        f"摘要 {found.digest[:12]}，发送时填写", f"digest {found.digest[:12]}, give it to send"
    )


@push.command()
@click.argument("push_id", metavar="PUSH")
@click.argument("digest")
@changing
@shared
@pass_shell
def send(shell: Shell, push_id: str, digest: str) -> None:
    """Send a push as it was previewed; in quiet hours it waits for the morning."""
    from groupbuy.application import segments

    shell.confirm("发送这条推送？", "Send this push?")
    after = shell.run(lambda work: segments.send_push(work, push_id, digest))
    shell.out.table("push.send/1", _PUSH, [_item(after)])


@push.command()
@click.argument("push_id", metavar="PUSH")
@changing
@shared
@pass_shell
def cancel(shell: Shell, push_id: str) -> None:
    """Send it to nobody else."""
    from groupbuy.application import segments

    after = shell.run(lambda work: segments.cancel_push(work, push_id))
    shell.out.table("push.cancel/1", _PUSH, [_item(after)])


@push.command()
@click.argument("push_id", metavar="PUSH")
@shared
@pass_shell
def report(shell: Shell, push_id: str) -> None:
    """Tell whom it reached, who read it, who ordered within the days that count."""
    from groupbuy.application import segments

    found = shell.read(lambda work: segments.report_push(work, push_id))
    counts = {"opened": found.opened, "joined": found.joined, "sales": found.sales}
    shell.out.table(
        "push.report/1", _HEARD, _heard(found.by_hearing), **_item(found.push), **counts
    )
    shell.out.note(
        f"已读 {found.opened} 人，下单 {found.joined} 人，成交 {found.sales} 分",
        f"{found.opened} read it, {found.joined} ordered, for {found.sales} fen",
    )


def _heard(counts: Any) -> list[dict[str, object]]:
    return [{"hearing": name, "people": number} for name, number in counts.items()]


def _item(push: "Push") -> dict[str, object]:
    return {
        "id": push.id,
        "state": push.state.value,
        "segment_id": push.segment_id,
        "subject": push.subject,
        "title": push.title,
        "sent_at": push.sent_at,
    }
