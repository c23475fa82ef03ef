"""`groupbuy import` and `groupbuy export`: what a shop holds as files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.exports import export_orders, export_reports
from groupbuy.entrypoints.cli.filing import (
    FILINGS,
    export_command,
    form_for,
    import_command,
    import_template,
)
from groupbuy.entrypoints.cli.history import import_orders
from groupbuy.entrypoints.cli.ledger_export import export as export_ledger
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared
from groupbuy.entrypoints.cli.shipments import import_shipments
from groupbuy.entrypoints.cli.whose import ask_first, merchant_named

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
import_.add_command(import_template)
for _filing in FILINGS:
    import_.add_command(import_command(_filing))


@click.group()
def export() -> None:
    """Export products, orders, the ledger and reports."""


export.add_command(export_orders)
export.add_command(export_ledger, "ledger")
export.add_command(export_reports)
for _filing in FILINGS:
    export.add_command(export_command(_filing))


@import_.command("products")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_merchant
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "jsonl", "csv", "xlsx"]),
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
    """Import products from JSON lines, CSV or a workbook; doing it again changes nothing.

    What is known by its code is updated, the rest is created, categories and brands too.
    """
    from groupbuy.entrypoints.cli.catalogue_run import Run, Source
    from groupbuy.entrypoints.row_files import form_of

    source = Source(file, form_of(file, form), encoding, shell.settings.policy.currency, limit)
    run = Run(shell, source, reject_file, set_stock=set_stock, list_new=list_new)
    run.look_through(sha256.lower())
    ask_first(shell, run.question())
    chosen = merchant_named(shell, merchant) or _open_merchant(shell)
    run.apply(chosen)
    shell.out.record("import.products/1", _RESULT, run.result())
    shell.leave(run.verdict())


@export.command("products")
@_merchant
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "xlsx"]))
@click.option("--limit", type=click.IntRange(min=1), help="At most so many products.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout."
)
@shared
@pass_shell
def export_products(
    shell: Shell, merchant: str, form: str | None, limit: int | None, out: Path | None
) -> None:
    """Export products as a file that can be imported again; JSON lines unless told otherwise."""
    from groupbuy.application.catalogue.export import as_json, export_products, rows_of
    from groupbuy.application.catalogue.product_columns import PRODUCT_COLUMNS
    from groupbuy.entrypoints.row_files import write_lines, write_rows

    chosen = merchant_named(shell, merchant)
    if chosen is None:
        raise NotFound(kind="merchant", key="")
    views = export_products(shell.app.desk, shell.caller, chosen.id, limit)
    if shell.out.json:
        import json

        items = [json.loads(as_json(view)) for view in views]
        shell.out.document("export.products/1", {"merchant": chosen.id, "items": items})
        return
    wanted = form_for(out, form, default="jsonl")
    if wanted == "jsonl":
        write_lines(out, map(as_json, views))
    else:
        write_rows(out, wanted, PRODUCT_COLUMNS, (row for view in views for row in rows_of(view)))


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
