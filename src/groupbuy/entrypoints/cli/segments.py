"""`groupbuy segment`: which customers are meant, counted, previewed and kept."""

from typing import TYPE_CHECKING, Any

import click

from groupbuy.entrypoints.cli.coupons import Arguments
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.domain.segments import Segment

_SEGMENT = (
    Column("id", "编号", "id"),
    Column("name", "名称", "name"),
    Column("merchant_id", "商家", "merchant"),
    Column("sentence", "条件", "who"),
    Column("members", "人数", "members", right=True),
    Column("counted_at", "统计时间", "counted at"),
)
_SAMPLE = (
    Column("initial", "顾客", "customer"),
    Column("orders", "订单", "orders", right=True),
    Column("spent", "消费", "spent", right=True),
    Column("bought_on", "最近购买", "last bought"),
)
_WHO = click.option(
    "--who",
    type=Arguments(),
    required=True,
    metavar="JSON",
    help='{"all": [{"category": "cat_…"}, {"bought_within_days": 90}]}',
)
_NAME = click.option("--name", required=True, metavar="TEXT")
_MERCHANT = click.option(
    "--merchant", "merchant_id", metavar="MERCHANT", help="Only customers of this one."
)


@click.group()
def segment() -> None:
    """Say which customers are meant, count them, preview them."""


@segment.command("list")
@limited
@shared
@pass_shell
def list_segments(shell: Shell, limit: int) -> None:
    """List segments, the newest first."""
    from groupbuy.application import segments

    found = shell.read(lambda work: segments.segments(work, limit))
    shell.out.table("segment.list/1", _SEGMENT, [_item(shell, each) for each in found])


@segment.command()
@click.argument("segment_id", metavar="SEGMENT")
@shared
@pass_shell
def show(shell: Shell, segment_id: str) -> None:
    """Count who belongs to a segment at this moment, and show a few of them."""
    from groupbuy.application import segments

    kept = shell.read(lambda work: segments.segment_of(work, segment_id))
    found = shell.read(lambda work: segments.preview_segment(work, segment_id))
    _show(shell, "segment.show/1", found, **_item(shell, kept))


@segment.command()
@_WHO
@_MERCHANT
@shared
@pass_shell
def preview(shell: Shell, who: dict[str, Any], merchant_id: str | None) -> None:
    """Count who would be meant, and show a few of them; nothing is kept."""
    from groupbuy.application import segments

    found = shell.read(lambda work: segments.preview_who(work, who, merchant_id))
    _show(shell, "segment.preview/1", found)


@segment.command()
@_NAME
@_WHO
@_MERCHANT
@changing
@shared
@pass_shell
def create(shell: Shell, name: str, who: dict[str, Any], merchant_id: str | None) -> None:
    """Keep a segment; the worker counts it soon, and every day."""
    from groupbuy.application import segments

    made = shell.run(lambda work: segments.create_segment(work, name, who, merchant_id))
    shell.out.table("segment.create/1", _SEGMENT, [_item(shell, made)])


@segment.command()
@click.argument("segment_id", metavar="SEGMENT")
@_NAME
@_WHO
@changing
@shared
@pass_shell
def edit(shell: Shell, segment_id: str, name: str, who: dict[str, Any]) -> None:
    """Say anew who is meant."""
    from groupbuy.application import segments

    after = shell.run(lambda work: segments.edit_segment(work, segment_id, name, who))
    shell.out.table("segment.edit/1", _SEGMENT, [_item(shell, after)])


@segment.command()
@click.argument("segment_id", metavar="SEGMENT")
@changing
@shared
@pass_shell
def remove(shell: Shell, segment_id: str) -> None:
    """Forget a segment; nobody belongs to it any more."""
    from groupbuy.application import segments

    after = shell.run(lambda work: segments.remove_segment(work, segment_id))
    shell.out.table("segment.remove/1", _SEGMENT, [_item(shell, after)])


def _show(shell: Shell, schema: str, found: Any, **more: object) -> None:
    from groupbuy.domain.kernel import Money

    currency = shell.settings.policy.currency
    items = [
        {
            "initial": f"{each.initial}**",
            "orders": each.orders,
            "spent": Money(each.spent, currency),
            "bought_on": each.bought_on,
        }
        for each in found.sample
    ]
    said = shell.out.words(found.zh, found.en)
    counts = {"sentence": said, "count": found.count, "out_of": found.out_of}
    shell.out.table(schema, _SAMPLE, items, **{**more, **counts})
    shell.out.note(
        f"{said}：{found.out_of} 位顾客中有 {found.count} 位",
        f"{said}: {found.count} of {found.out_of} customers",
    )


def _item(shell: Shell, kept: "Segment") -> dict[str, object]:
    from groupbuy.domain.segments import sentence

    predicate = kept.predicate
    return {
        "id": kept.id,
        "name": kept.name,
        "merchant_id": kept.merchant_id,
        "sentence": shell.out.words(sentence(predicate), sentence(predicate, english=True)),
        "members": kept.members,
        "counted_at": kept.counted_at,
    }
