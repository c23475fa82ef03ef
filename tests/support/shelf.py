"""Goods put on the shelf of a shop in memory."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import evolve

from groupbuy.application import catalogue
from groupbuy.application.catalogue.export import rows_of
from groupbuy.application.catalogue.facts import ProductFacts, SkuFacts
from groupbuy.application.catalogue.files import rows_of_lines, rows_of_table
from groupbuy.application.catalogue.product_columns import PRODUCT_COLUMNS
from groupbuy.application.catalogue.shelf import Browse, ProductView
from groupbuy.application.steps.records import Reader, csv_records
from groupbuy.application.write_path import Caller
from groupbuy.domain.catalogue import Category, ProductMove
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.row_files import write_rows


def operator(shop: Any) -> Any:
    """Return somebody who runs the office."""
    return shop.caller("usr_op", Role.OPERATOR)


def read_rows(
    reader: Reader, *, csv_file: bool, currency: str = "CNY", encoding: str = "utf-8"
) -> Any:
    """Return what becomes of every row of a product file."""
    if csv_file:
        return rows_of_table(csv_records(reader, encoding), currency)
    return rows_of_lines(reader, currency, encoding)


def as_csv(views: list[ProductView]) -> str:
    """Return products as the CSV file that is exported."""
    rows = (row for view in views for row in rows_of(view))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "goods.csv"
        write_rows(path, "csv", PRODUCT_COLUMNS, rows)
        return path.read_text("utf-8-sig")


def put_category(shop: Any, name: str, parent: Category | None = None, **more: Any) -> Any:
    cmd = catalogue.PutCategory(name, parent.id if parent else None, **more)
    return shop.desk.run(operator(shop), lambda w: catalogue.put_category(w, cmd))


def create(
    shop: Any,
    category: Category,
    number: int = 1,
    *,
    by: Caller | None = None,
    price: int = 3990,
    list_it: bool = True,
    brand: str = "",
    **said: Any,
) -> Any:
    """Make a product of one variant, a minute after the one before, and list it."""
    shop.clock.forward(minutes=1)
    cmd = catalogue.CreateProduct(
        ProductFacts(**{"code": f"P{number}", "name": f"脐橙 {number}", **said}),
        category.id,
        (SkuFacts(f"S{number}", "5 斤", Money(price), stock=7),),
        brand=brand,
    )
    by = by or shop.merchant_caller()
    made = shop.desk.run(by, lambda w: catalogue.create_product(w, cmd))
    return move(shop, made, ProductMove.LIST, by=by) if list_it else made


def move(shop: Any, view: ProductView, move: ProductMove, *, by: Caller | None = None) -> Any:
    cmd = catalogue.MoveProduct(view.product.id, move)
    return shop.desk.run(by or shop.merchant_caller(), lambda w: catalogue.move_product(w, cmd))


def edit(shop: Any, view: ProductView, *, by: Caller | None = None, **changes: Any) -> Any:
    cmd = catalogue.EditProduct(view.product.id, **changes)
    return shop.desk.run(by or shop.merchant_caller(), lambda w: catalogue.edit_product(w, cmd))


def edit_variant(shop: Any, view: ProductView, **changes: Any) -> Any:
    cmd = catalogue.EditVariant(view.variants[0].id, **changes)
    return shop.desk.run(shop.merchant_caller(), lambda w: catalogue.edit_variant(w, cmd))


def adjust(
    shop: Any,
    view: ProductView,
    units: int,
    reason: str = "盘点",
    *,
    by: Caller | None = None,
) -> Any:
    cmd = catalogue.AdjustStock(view.variants[0].id, units, reason)
    return shop.desk.run(by or shop.merchant_caller(), lambda w: catalogue.adjust_stock(w, cmd))


def browse(shop: Any, **wish: Any) -> Any:
    nobody = evolve(shop.system(), user_id="", roles=frozenset())
    return shop.desk.read(nobody, lambda w: catalogue.browse(w, Browse(**wish)))


def names(shop: Any, **wish: Any) -> list[str]:
    return [each.item.name for each in browse(shop, **wish)]
