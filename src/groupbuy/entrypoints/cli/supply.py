"""`groupbuy supply`: sheets of a campaign, goods that came in, sharing them out when short."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupbuy.domain.logistics import Share

_KINDS = ("supplier", "allocation", "pick", "packing", "payment")
_SHARE = (
    Column("order_id", "订单", "order"),
    Column("line_no", "行", "line", right=True),
    Column("wanted", "应得", "wanted", right=True),
    Column("given", "分得", "given", right=True),
    Column("short", "缺", "short", right=True),
)
_RECEIPT = (
    Column("id", "到货单", "receipt"),
    Column("campaign_id", "团购", "campaign"),
    Column("sku_id", "规格", "variant"),
    Column("units", "数量", "units", right=True),
)
_SHARED = (
    Column("campaign_id", "团购", "campaign"),
    Column("sku_id", "规格", "variant"),
    Column("supply", "供货", "supply", right=True),
    Column("given", "分出", "given", right=True),
    Column("short", "缺", "short", right=True),
)


@click.group()
def supply() -> None:
    """Print sheets of a campaign, receive goods, share them out."""


@supply.command()
@click.argument("campaign_id")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option(
    "--form", type=click.Choice(["csv", "html", "pdf"]), help="A file; needs --output for PDF."
)
@click.option("--output", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where to.")
@shared
@pass_shell
def sheet(shell: Shell, campaign_id: str, kind: str, form: str | None, path: Path | None) -> None:
    """Show a sheet of a campaign, or write it as a file; nobody's name is on it."""
    from groupbuy.application import logistics
    from groupbuy.application.logistics import SheetKind
    from groupbuy.entrypoints.sheet_files import FORMS, written

    found = shell.read(lambda work: logistics.sheet_of(work, campaign_id, SheetKind(kind)))
    wanted = next((each for each in FORMS if each == form), None)
    if wanted is not None:
        content = written(found, wanted, shell.out.lang)
        if path is None:
            sys.stdout.buffer.write(content)
        else:
            path.write_bytes(content)
            shell.out.note(f"已写入 {path}", f"written to {path}")
        return
    columns = [Column("section", "分组", "section"), *(Column(c, c, c) for c in found.columns)]
    rows = [
        {"section": section.name, **dict(zip(found.columns, row, strict=True))}
        for section in found.sections
        for row in section.rows
    ]
    shell.out.table(f"supply.sheet.{kind}/1", columns, rows)


@supply.command()
@click.argument("campaign_id")
@click.argument("sku_id")
@click.argument("units", type=click.IntRange(1, 1_000_000))
@click.option("--remark", default="", help="Such as the number of the delivery note.")
@changing
@shared
@pass_shell
def receive(shell: Shell, campaign_id: str, sku_id: str, units: int, remark: str) -> None:
    """Count in what came for a presale; the stock journal names the campaign."""
    from groupbuy.application import logistics

    cmd = logistics.Receive(campaign_id, sku_id, units, remark)
    made = shell.run(lambda work: logistics.receive_goods(work, cmd))
    data = {"id": made.id, "campaign_id": campaign_id, "sku_id": sku_id, "units": made.units}
    shell.out.record("supply.receive/1", _RECEIPT, data)


@supply.command()
@click.argument("campaign_id")
@click.argument("sku_id")
@click.option("--units", type=click.IntRange(0, 1_000_000), help="[default: all goods in hand]")
@shared
@pass_shell
def preview(shell: Shell, campaign_id: str, sku_id: str, units: int | None) -> None:
    """Show who would get what: who paid first gets theirs first. Writes nothing."""
    from groupbuy.application import logistics

    found = shell.read(lambda work: logistics.preview_sharing(work, campaign_id, sku_id, units))
    items = _items(found.shares)
    more = {"digest": found.digest, "supply": found.supply, "short": found.short}
    shell.out.table("supply.preview/1", _SHARE, items, **more)
    run = f"groupbuy supply share {campaign_id} {sku_id} {found.supply} {found.digest}"
    shell.out.note(f'执行：{run} --reason "…"', f'apply with: {run} --reason "…"')


@supply.command()
@click.argument("campaign_id")
@click.argument("sku_id")
@click.argument("units", type=click.IntRange(0, 1_000_000))
@click.argument("digest")
@reasoned
@changing
@shared
@pass_shell
def share(shell: Shell, campaign_id: str, sku_id: str, units: int, digest: str) -> None:
    """Share goods out as previewed; what buyers do not get is refunded by the worker."""
    from groupbuy.application import logistics

    shell.confirm(f"分配 {units} 件并退还差额？", f"share {units} units out and refund the rest?")
    seen = logistics.Sharing(campaign_id, sku_id, units, ())
    done = shell.run(lambda work: logistics.share_out(work, seen, digest, shell.reason))
    short = sum(each.short for each in done.shares)
    data = {
        "campaign_id": campaign_id,
        "sku_id": sku_id,
        "supply": done.supply,
        "given": done.given,
        "short": short,
    }
    shell.out.record("supply.share/1", _SHARED, data)


def _items(shares: "Sequence[Share]") -> list[dict[str, object]]:
    return [
        {
            "order_id": each.order_id,
            "line_no": each.line_no,
            "wanted": each.wanted,
            "given": each.given,
            "short": each.short,
        }
        for each in shares
    ]
