"""`groupbuy product hot` and `groupbuy product rebuild-hot`."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.discovery import HotSlot

_HOT = (
    Column("place", "名次", "place", right=True),
    Column("id", "编号", "id"),
    Column("name", "名称", "name"),
    Column("price", "价格", "price", right=True),
    Column("why", "理由", "why"),
)
_REBUILT = (
    Column("orders", "订单", "orders", right=True),
    Column("habits", "买家与商品", "buyers and products", right=True),
    Column("heats", "热度", "heats", right=True),
    Column("changed", "更正", "changed", right=True),
    Column("digest", "摘要", "digest"),
)


@click.command("hot")
@click.option("--category", default="", metavar="ID", help="With everything below it.")
@click.option("--community", default="", metavar="ID", help="A pickup point or a leader.")
@click.option("--limit", type=click.IntRange(1, 100), default=50, show_default=True)
@shared
@pass_shell
def hot_products(shell: Shell, category: str, community: str, limit: int) -> None:
    """List what is hot, everywhere, in a category or in a community, and why."""
    from groupbuy.application.discovery import HotWish, hot

    wish = HotWish(category, community, limit)
    found = shell.read(lambda work: hot(work, wish))
    items = [_item(shell, slot) for slot in found.slots]
    shell.out.table("product.hot/1", _HOT, items, as_of=found.as_of)
    if not items:
        shell.out.note(
            "还没有商品上榜：有订单成团后，一分钟内计入。",
            "nothing is hot yet: an order counts within a minute of its group forming",
        )


@click.command("rebuild-hot")
@changing
@shared
@pass_shell
def rebuild_hot(shell: Shell) -> None:
    """Count anew what is hot and what people buy, and put right what differs.

    Nothing does unless it was tampered with. The digest is that of all rows: the same orders give
    the same one.
    """
    from groupbuy.application.discovery import rebuild

    shell.confirm("重新统计热卖和推荐？", "Count hot lists and habits anew?")
    if shell.dry_run:
        shell.noting_dry_run()
        shell.out.record("product.rebuild-hot/1", _REBUILT, {})
        return
    done = rebuild(shell.app.desk, shell.app.database, shell.caller)
    counts = {column.key: getattr(done, column.key) for column in _REBUILT}
    shell.out.record("product.rebuild-hot/1", _REBUILT, counts)


def _item(shell: Shell, slot: "HotSlot") -> dict[str, object]:
    return {
        "place": slot.place,
        "id": slot.shelved.id,
        "name": slot.shelved.item.name,
        "price": slot.shelved.item.price,
        "buyers": slot.buyers,
        "score": slot.score,
        "why": shell.out.words(slot.why.zh, slot.why.en),
    }
