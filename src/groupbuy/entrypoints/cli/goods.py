"""`groupbuy product`: looking at goods, putting them on and off sale, changing many at once."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.discovery import hot_products, rebuild_hot
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.search import search_products
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    limited,
    pass_shell,
    reasoned_later,
    shared,
)
from groupbuy.entrypoints.cli.whose import merchant_named

if TYPE_CHECKING:
    from groupbuy.application.catalogue import BulkEdit, BulkPlan, Selection
    from groupbuy.application.catalogue.shelf import ProductView
    from groupbuy.domain.catalogue import Repricing

STATES = click.Choice(["draft", "listed", "delisted", "retired"])
_PRODUCT = (
    Column("id", "编号", "id"),
    Column("code", "编码", "code"),
    Column("name", "名称", "name"),
    Column("state", "状态", "state"),
    Column("category", "分类", "category"),
    Column("brand", "品牌", "brand"),
    Column("variants_count", "规格", "variants", right=True),
    Column("available", "可售", "available", right=True),
    Column("list_at", "定时上架", "goes on sale"),
    Column("delist_at", "定时下架", "goes off sale"),
)
_VARIANT = (
    Column("id", "编号", "id"),
    Column("code", "编码", "code"),
    Column("options", "选项", "options"),
    Column("price", "价格", "price", right=True),
    Column("cost", "成本", "cost", right=True),
    Column("available", "可售", "available", right=True),
    Column("reserved", "占用", "reserved", right=True),
    Column("sold", "已售", "sold", right=True),
    Column("low_stock", "预警", "scarce from", right=True),
    Column("barcode", "条形码", "barcode"),
    Column("grams", "克重", "grams", right=True),
)
_LINE = (
    Column("product_id", "商品", "product"),
    Column("name", "名称", "name"),
    Column("sku_code", "规格", "variant"),
    Column("before", "原来", "before", right=True),
    Column("after", "之后", "after", right=True),
    Column("problem", "问题", "problem"),
)
_merchant = click.option(
    "--merchant", default="", metavar="ID|NAME", help="Whose; may be left out if there is one."
)


@click.group()
def product() -> None:
    """Look at goods, search them, put them on and off sale, change many at once."""


product.add_command(search_products)
product.add_command(hot_products)
product.add_command(rebuild_hot)


@product.command("list")
@_merchant
@click.option("--state", "states", type=STATES, multiple=True, help="May be repeated.")
@limited
@shared
@pass_shell
def list_products(shell: Shell, merchant: str, states: tuple[str, ...], limit: int) -> None:
    """List a merchant's products, newest first."""
    from groupbuy.application.catalogue import OwnProducts, own_products
    from groupbuy.domain.catalogue import ProductState

    chosen = tuple(ProductState(state) for state in states)
    wish = OwnProducts(_whose(shell, merchant), chosen, limit)
    found = shell.report(lambda work: own_products(work, wish))
    shell.out.table("product.list/1", _PRODUCT, [_product(view) for view in found])


@product.command()
@click.argument("product_id")
@shared
@pass_shell
def show(shell: Shell, product_id: str) -> None:
    """Show one product and its variants."""
    from groupbuy.application.catalogue import own_product

    _show(shell, shell.read(lambda work: own_product(work, product_id)))


@product.command("move")
@click.argument("product_id")
@click.argument("move", type=click.Choice(["list", "delist", "retire"]))
@changing
@shared
@pass_shell
def move_one(shell: Shell, product_id: str, move: str) -> None:
    """Put a product on sale, take it off, or give it up for good."""
    from groupbuy.application.catalogue import MoveProduct, move_product
    from groupbuy.domain.catalogue import ProductMove

    if move == "retire":
        shell.confirm(f"永久停用 {product_id}？", f"give {product_id} up for good?")
    cmd = MoveProduct(product_id, ProductMove(move))
    _show(shell, shell.run(lambda work: move_product(work, cmd)))


@product.command()
@click.argument("product_id")
@click.option("--list-at", type=MOMENT, help="When it goes on sale.")
@click.option("--delist-at", type=MOMENT, help="When it goes off sale.")
@changing
@shared
@pass_shell
def schedule(
    shell: Shell,
    product_id: str,
    list_at: datetime | date | None,
    delist_at: datetime | date | None,
) -> None:
    """Choose when a product goes on and off sale by itself, anew each time."""
    from groupbuy.application.catalogue import PlanProduct, plan_product

    zone = shell.settings.policy.zone
    on, off = (None if each is None else instant_of(each, zone) for each in (list_at, delist_at))
    cmd = PlanProduct(product_id, on, off)
    _show(shell, shell.run(lambda work: plan_product(work, cmd)))


@product.command()
@_merchant
@click.option("--product", "products", multiple=True, metavar="ID", help="May be repeated.")
@click.option("--category", default="", metavar="ID", help="With everything below it.")
@click.option("--brand", default="", metavar="ID")
@click.option("--state", "states", type=STATES, multiple=True, help="May be repeated.")
@click.option(
    "--share-bp", type=click.IntRange(1, 100_000), help="Of the price; 9000: a tenth off."
)
@click.option("--by", "by", type=int, help="Minor units more, or less.")
@click.option("--step", type=click.Choice(["1", "10", "100"]), default="1", help="Round to.")
@click.option("--move", type=click.Choice(["list", "delist", "retire"]))
@click.option("--to-category", default="", metavar="ID")
@click.option("--preview", "digest", default="", metavar="DIGEST", help="What a dry run printed.")
@reasoned_later
@changing
@shared
@pass_shell
def bulk(shell: Shell, /, digest: str, **said: object) -> None:
    """Change many products: first with --dry-run, then with the --preview that it printed."""
    from groupbuy.application.catalogue import preview_bulk, run_bulk

    cmd = _bulk(shell, said)
    if not digest or shell.dry_run:
        if not shell.dry_run:
            words = ("先用 --dry-run 预览，再加上 --preview", "preview with --dry-run first")
            raise click.UsageError(shell.out.words(*words))
        shell.noting_dry_run()
        plan = shell.read(lambda work: preview_bulk(work, cmd))
    else:
        if not shell.reason:
            raise click.UsageError(
                shell.out.words("请用 --reason 说明原因", "say why with --reason")
            )
        plan = shell.run(lambda work: run_bulk(work, cmd, digest, shell.reason))
    _plan(shell, plan)


def _bulk(shell: Shell, said: dict[str, object]) -> "BulkEdit":
    from groupbuy.application.catalogue import BulkEdit
    from groupbuy.domain.catalogue import ProductMove

    move = said["move"]
    return BulkEdit(
        selection=_selection(shell, said),
        repricing=_repricing(said),
        move=ProductMove(str(move)) if move else None,
        category_id=str(said["to_category"]),
    )


def _selection(shell: Shell, said: dict[str, object]) -> "Selection":
    from groupbuy.application.catalogue import Selection
    from groupbuy.domain.catalogue import ProductState

    products, states = said["products"], said["states"]
    assert isinstance(products, tuple)  # noqa: S101  click gives no other
    assert isinstance(states, tuple)  # noqa: S101
    return Selection(
        product_ids=products,
        merchant_id="" if products else _whose(shell, str(said["merchant"])),
        category_id=str(said["category"]),
        brand_id=str(said["brand"]),
        states=tuple(ProductState(state) for state in states),
    )


def _repricing(said: dict[str, object]) -> "Repricing | None":
    from groupbuy.domain.catalogue import Repricing

    share, by = said["share_bp"], said["by"]
    if share is None and by is None:
        return None
    return Repricing(
        share_bp=share if isinstance(share, int) else 10_000,
        by=by if isinstance(by, int) else 0,
        step=int(str(said["step"])),
    )


def _plan(shell: Shell, plan: "BulkPlan") -> None:
    lines = [
        {
            "product_id": line.product_id,
            "name": line.name,
            "sku_code": line.sku_code,
            "before": line.before,
            "after": line.after,
            "problem": line.problem,
        }
        for line in plan.lines
    ]
    counts = {"products": plan.products, "unchanged": plan.unchanged}
    shell.out.table("product.bulk/1", _LINE, lines, digest=plan.digest, **counts)
    shell.out.note(f"预览：{plan.digest[:12]}", f"preview: {plan.digest[:12]}")
    if any(line.problem for line in plan.lines):
        shell.leave(Exit.PARTIAL)


def _whose(shell: Shell, merchant: str) -> str:
    found = merchant_named(shell, merchant)
    if found is None:
        raise NotFound(kind="merchant", key=merchant)
    return found.id


def _show(shell: Shell, view: "ProductView") -> None:
    variants = [_variant(view, number) for number in range(len(view.variants))]
    if shell.out.json:
        shell.out.document("product.show/1", {**_product(view), "variants": variants})
        return
    shell.out.record("product.show/1", _PRODUCT, _product(view))
    shell.out.table("product.show/1", _VARIANT, variants)


def _product(view: "ProductView") -> dict[str, object]:
    found = view.product
    return {
        "id": found.id,
        "code": found.code,
        "name": found.name,
        "state": found.state,
        "category": "/".join(step.name for step in view.category),
        "brand": view.brand.name if view.brand else None,
        "variants_count": len(view.variants),
        "available": sum(stock.available for stock in view.stock.values()),
        "list_at": found.list_at,
        "delist_at": found.delist_at,
    }


def _variant(view: "ProductView", number: int) -> dict[str, object]:
    variant = view.variants[number]
    stock = view.stock.get(variant.id)
    return {
        "id": variant.id,
        "code": variant.code,
        "options": variant.options,
        "price": variant.price,
        "cost": variant.cost,
        "available": stock.available if stock else 0,
        "reserved": stock.reserved if stock else 0,
        "sold": stock.sold if stock else 0,
        "low_stock": variant.low_stock or None,
        "barcode": variant.barcode,
        "grams": variant.grams or None,
    }
