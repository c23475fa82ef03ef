"""`groupbuy import` and `groupbuy export`: what a shop holds as files."""

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.exports import export_orders, export_reports
from groupbuy.entrypoints.cli.history import import_orders
from groupbuy.entrypoints.cli.ledger_export import export as export_ledger
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared
from groupbuy.entrypoints.cli.shipments import import_shipments

if TYPE_CHECKING:
    from groupbuy.domain.membership import Merchant

DEFAULT_MERCHANT = "默认商户"
"""The name of the merchant that an import opens in a shop without any."""

_RESULT = (
    Column("products", "商品", "products", right=True),
    Column("variants", "规格", "variants", right=True),
    Column("created", "新建", "created", right=True),
    Column("updated", "更新", "updated", right=True),
    Column("unchanged", "未变", "unchanged", right=True),
    Column("rejected", "拒收", "rejected", right=True),
    Column("merchant", "商户", "merchant"),
    Column("sha256", "文件摘要", "sha256"),
    Column("reject_file", "拒收清单", "reject file"),
)
_merchant = click.option(
    "--merchant", default="", metavar="ID|NAME", help="Whose; may be left out if there is one."
)


@click.group()
def import_() -> None:
    """Import what the shop sells, the parcels it sends, and purchases of earlier systems."""


import_.add_command(import_shipments)
import_.add_command(import_orders)


@click.group()
def export() -> None:
    """Export products, orders, the ledger and reports."""


export.add_command(export_orders)
export.add_command(export_ledger, "ledger")
export.add_command(export_reports)


@import_.command("products")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_merchant
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "jsonl", "csv"]),
    default="auto",
    help="By the file's name unless given.",
)
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    help="gb18030 for spreadsheets of a Chinese office.",
)
@click.option("--set-stock", is_flag=True, help="Also set the goods in hand of what is known.")
@click.option("--list/--draft", "list_new", default=True, help="Sell new products at once, or not.")
@click.option("--sha256", default="", metavar="HEX", help="Refuse a file with another digest.")
@click.option("--limit", type=click.IntRange(min=1), help="Take only so many rows.")
@click.option(
    "--reject-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rows that cannot be taken are listed. [default: NAME.rejects.csv]",
)
@changing
@shared
@pass_shell
def import_products(
    shell: Shell,
    file: Path,
    merchant: str,
    form: str,
    encoding: str,
    set_stock: bool,
    list_new: bool,
    sha256: str,
    limit: int | None,
    reject_file: Path | None,
) -> None:
    """Import products from JSON lines or CSV; doing it again changes nothing.

    What is known by its code is updated, the rest is created, categories and brands too.
    """
    from groupbuy.entrypoints.cli.catalogue_run import Run, Source

    csv_file = form == "csv" or (form == "auto" and file.suffix.lower() == ".csv")
    source = Source(file, csv_file, encoding, shell.settings.policy.currency, limit)
    run = Run(shell, source, reject_file, set_stock=set_stock, list_new=list_new)
    run.look_through(sha256.lower())
    ask_first(shell, run.question())
    chosen = merchant_named(shell, merchant) or _open_merchant(shell)
    run.apply(chosen)
    shell.out.record("import.products/1", _RESULT, run.result())
    shell.leave(run.verdict())


@export.command("products")
@_merchant
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many products.")
@click.option(
    "--out",
    type=click.File("w", encoding="utf-8", lazy=True, atomic=True),
    default="-",
    help="A file instead of stdout.",
)
@shared
@pass_shell
def export_products(
    shell: Shell, merchant: str, form: str, limit: int | None, out: IO[str]
) -> None:
    """Export products as a file that can be imported again."""
    from groupbuy.application.catalogue.export import WRITERS, export_products, header

    chosen = merchant_named(shell, merchant)
    if chosen is None:
        raise NotFound(kind="merchant", key="")
    views = export_products(shell.app.desk, shell.caller, chosen.id, limit)
    write = WRITERS[form]
    if shell.out.json:
        import json

        items = [json.loads(WRITERS["jsonl"](view)) for view in views]
        shell.out.document("export.products/1", {"merchant": chosen.id, "items": items})
        return
    if form == "csv":
        click.echo(header(), file=out)
    for view in views:
        click.echo(write(view), file=out)


def ask_first(shell: Shell, question: tuple[str, str]) -> None:
    """Ask a person at a terminal; a script has said what it wants by running this."""
    if not shell.no_input and sys.stdin.isatty():
        shell.confirm(*question)


def merchant_named(shell: Shell, wanted: str) -> "Merchant | None":
    """Return the merchant that is meant; None in a shop without any. Raises NotFound."""
    from groupbuy.application.catalogue.intake import merchants_named

    found = shell.read(lambda work: merchants_named(work, wanted))
    if len(found) > 1:
        names = ", ".join(f"{each.name} ({each.id})" for each in found[:5])
        words = shell.out.words("请用 --merchant 指定其中之一", "choose one with --merchant")
        raise click.UsageError(f"{words}: {names}")
    if not found and wanted:
        raise NotFound(kind="merchant", key=wanted)
    return found[0] if found else None


def _open_merchant(shell: Shell) -> "Merchant | None":
    from groupbuy.application.catalogue.intake import open_first_merchant

    zh, en = (
        f"商城还没有商户：开设{DEFAULT_MERCHANT}",
        f"no merchant yet: opening {DEFAULT_MERCHANT}",
    )
    shell.out.note(zh, en)
    if shell.dry_run:
        return None
    return shell.app.desk.run(
        shell.caller, lambda work: open_first_merchant(work, DEFAULT_MERCHANT)
    )
