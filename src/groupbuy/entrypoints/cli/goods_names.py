"""`groupbuy category`, `brand`, `stock` and `picture`: what goods are called, counted, shown by."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    limited,
    pass_shell,
    reasoned,
    shared,
)
from groupbuy.entrypoints.cli.whose import merchant_named

if TYPE_CHECKING:
    from groupbuy.domain.catalogue import Category

_CATEGORY = (
    Column("id", "编号", "id"),
    Column("path", "分类", "category"),
    Column("commission_bp", "佣金(万分之)", "commission (bp)", right=True),
)
_BRAND = (Column("id", "编号", "id"), Column("name", "名称", "name"))
_SCARCE = (
    Column("id", "规格", "variant"),
    Column("product_id", "商品", "product"),
    Column("since", "自", "since"),
)
_STOCK = (
    Column("variant", "规格", "variant"),
    Column("available", "可售", "available", right=True),
    Column("reserved", "占用", "reserved", right=True),
    Column("sold", "已售", "sold", right=True),
)
_MOVE = (
    Column("at", "时间", "at"),
    Column("by", "经手", "by"),
    Column("units", "数量", "units", right=True),
    Column("available_after", "之后", "after", right=True),
    Column("reason", "原因", "reason"),
)
_PICTURE = (
    Column("id", "编号", "id"),
    Column("file", "文件", "file"),
    Column("address", "地址", "address"),
)
_merchant = click.option(
    "--merchant", default="", metavar="ID|NAME", help="Whose; may be left out if there is one."
)


@click.group()
def category() -> None:
    """Show, move and merge categories."""


@category.command()
@shared
@pass_shell
def tree(shell: Shell) -> None:
    """Show the category tree."""
    from groupbuy.application.catalogue import shown_tree

    found = shell.read(shown_tree)
    names = {each.id: each for each in found}
    items = sorted((_category(each, names) for each in found), key=lambda each: str(each["path"]))
    shell.out.table("category.tree/1", _CATEGORY, items)


@category.command()
@click.argument("category_id")
@click.option("--under", default="", metavar="ID", help="Its new parent; the root without one.")
@changing
@shared
@pass_shell
def move(shell: Shell, category_id: str, under: str) -> None:
    """Move a category, with everything below it, to another place in the tree."""
    from groupbuy.application.catalogue import PutCategory, put_category, shown_tree

    tree = {each.id: each for each in shell.read(shown_tree)}
    if category_id not in tree:
        raise NotFound(kind="category", key=category_id)
    here = tree[category_id]
    cmd = PutCategory(here.name, under or None, here.commission_bp, category_id)
    after = shell.run(lambda work: put_category(work, cmd))
    shell.out.record("category.move/1", _CATEGORY, _category(after, {**tree, after.id: after}))


@category.command("merge")
@click.argument("category_id")
@click.argument("into")
@reasoned
@changing
@shared
@pass_shell
def merge_category(shell: Shell, category_id: str, into: str) -> None:
    """Make a category a part of another one; its goods and what is below it go along."""
    from groupbuy.application.catalogue import Merge, merge_categories, shown_tree

    shell.confirm(f"把 {category_id} 并入 {into}？", f"merge {category_id} into {into}?")
    tree = {each.id: each for each in shell.read(shown_tree)}
    cmd = Merge(category_id, into, shell.reason)
    after = shell.run(lambda work: merge_categories(work, cmd))
    shell.out.record("category.merge/1", _CATEGORY, _category(after, tree))


@click.group()
def brand() -> None:
    """List, rename and merge brands."""


@brand.command("list")
@shared
@pass_shell
def list_brands(shell: Shell) -> None:
    """List all brands."""
    from groupbuy.application.catalogue import shown_brands

    found = shell.read(shown_brands)
    shell.out.table("brand.list/1", _BRAND, [{"id": b.id, "name": b.name} for b in found])


@brand.command()
@click.argument("brand_id")
@click.argument("name")
@changing
@shared
@pass_shell
def rename(shell: Shell, brand_id: str, name: str) -> None:
    """Give a brand another name."""
    from groupbuy.application.catalogue import RenameBrand, rename_brand

    after = shell.run(lambda work: rename_brand(work, RenameBrand(brand_id, name)))
    shell.out.record("brand.rename/1", _BRAND, {"id": after.id, "name": after.name})


@brand.command("merge")
@click.argument("brand_id")
@click.argument("into")
@reasoned
@changing
@shared
@pass_shell
def merge_brand(shell: Shell, brand_id: str, into: str) -> None:
    """Make a brand a part of another one; its goods go along."""
    from groupbuy.application.catalogue import Merge, merge_brands

    shell.confirm(f"把 {brand_id} 并入 {into}？", f"merge {brand_id} into {into}?")
    after = shell.run(lambda work: merge_brands(work, Merge(brand_id, into, shell.reason)))
    shell.out.record("brand.merge/1", _BRAND, {"id": after.id, "name": after.name})


@click.group()
def stock() -> None:
    """Count goods, read their journal, see what is scarce."""


@stock.command()
@_merchant
@limited
@shared
@pass_shell
def low(shell: Shell, merchant: str, limit: int) -> None:
    """List variants of which no more are left than their merchant wants to be told of."""
    from groupbuy.application.catalogue import Scarce, scarce

    chosen = merchant_named(shell, merchant)
    if chosen is None:
        raise NotFound(kind="merchant", key=merchant)
    found = shell.report(lambda work: scarce(work, Scarce(chosen.id, limit)))
    items = [{"id": a.id, "product_id": a.product_id, "since": a.since} for a in found]
    shell.out.table("stock.low/1", _SCARCE, items)


@stock.command()
@click.argument("variant_id")
@click.argument("units", type=int)
@reasoned
@changing
@shared
@pass_shell
def adjust(shell: Shell, variant_id: str, units: int) -> None:
    """Count goods in, or write them off with a number below zero (put -- in front of it)."""
    from groupbuy.application.catalogue import AdjustStock, adjust_stock

    cmd = AdjustStock(variant_id, units, shell.reason)
    after = shell.run(lambda work: adjust_stock(work, cmd))
    counts = {"available": after.available, "reserved": after.reserved, "sold": after.sold}
    shell.out.record("stock.adjust/1", _STOCK, {"variant": variant_id, **counts})


@stock.command()
@click.argument("variant_id")
@limited
@shared
@pass_shell
def journal(shell: Shell, variant_id: str, limit: int) -> None:
    """List who changed the goods of a variant, why and by how many, newest first."""
    from groupbuy.application.catalogue import stock_journal

    found = shell.report(lambda work: stock_journal(work, variant_id, limit))
    names = [column.key for column in _MOVE]
    items = [{name: getattr(move, name) for name in names} for move in found]
    shell.out.table("stock.journal/1", _MOVE, items)


@click.group()
def picture() -> None:
    """Upload pictures of goods, remove files nobody knows."""


@picture.command("add")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@_merchant
@changing
@shared
@pass_shell
def add_pictures(shell: Shell, files: tuple[Path, ...], merchant: str) -> None:
    """Upload pictures for products; a file of products names them by the ids printed here.

    A picture that no product shows within a day is removed.
    """
    from groupbuy.application.pictures import Upload, upload
    from groupbuy.domain.pictures import Purpose, address_of

    chosen = merchant_named(shell, merchant)
    if chosen is None:
        raise NotFound(kind="merchant", key=merchant)
    app, items = shell.app, list[dict[str, object]]()
    shell.noting_dry_run()
    for file in files:
        cmd = Upload(Purpose.PRODUCT, file.read_bytes(), merchant_id=chosen.id)
        if shell.dry_run:
            app.pictures.studio.make(cmd.data)
            items.append({"id": None, "file": file.name, "address": None})
            continue
        made = upload(app.desk, shell.caller, app.pictures, cmd)
        items.append({"id": made.id, "file": file.name, "address": address_of(made.id)})
    shell.out.table("picture.add/1", _PICTURE, items)


@picture.command("sweep")
@changing
@shared
@pass_shell
def sweep_pictures(shell: Shell) -> None:
    """Remove files that belong to no picture; the worker does it each day."""
    from groupbuy.application.pictures import sweep

    shell.noting_dry_run()
    app = shell.app
    removed = sweep(app.desk, app.pictures.store, shell.whose, dry_run=shell.dry_run)
    columns = (Column("removed", "删除文件", "files removed", right=True),)
    shell.out.record("picture.sweep/1", columns, {"removed": removed})


def _category(found: "Category", tree: "dict[str, Category]") -> dict[str, object]:
    names, here = [found.name], tree.get(found.parent_id or "")
    while here is not None:
        names.append(here.name)
        here = tree.get(here.parent_id or "")
    return {
        "id": found.id,
        "path": "/".join(reversed(names)),
        "commission_bp": found.commission_bp,
    }
