"""Exporting products: the same rows an import reads, a page of products a transaction."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from attrs import frozen

from groupbuy.application.catalogue.facts import CHOICE, yuan
from groupbuy.application.catalogue.rows import (
    COLUMNS,
    STATES,
    attribute_cell,
)
from groupbuy.application.catalogue.shelf import ProductView, views
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import may_act_for, require_trade
from groupbuy.application.steps.records import pack
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.catalogue import Product, Stock, Variant
from groupbuy.domain.kernel import Money, NotFound

PAGE = 200
"""Products read by one transaction."""


@frozen
class ExportProducts:
    """A page of a merchant's products, oldest first; what is retired is left out."""

    merchant_id: str
    limit: int = PAGE
    after: tuple[datetime, str] | None = None


def export_page(work: Work, wish: ExportProducts) -> list[ProductView]:
    """Return a page of products with everything a row tells. Raises Forbidden, NotFound."""
    require_trade(work)
    if not may_act_for(work, wish.merchant_id):
        raise NotFound(kind="merchant", key=wish.merchant_id)
    query = Query().where(merchant_id=wish.merchant_id).among("state", STATES)
    found = work.of(Product).select(query.sorted("created_at").page(wish.limit, wish.after))
    return views(work, found)


def export_products(
    desk: Desk, caller: Caller, merchant_id: str, limit: int | None = None
) -> Iterator[ProductView]:
    """Yield a merchant's products, oldest first, at most `limit`."""
    after: tuple[datetime, str] | None = None
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        wish = ExportProducts(merchant_id, size, after)
        found = desk.read(caller, partial(export_page, wish=wish))
        yield from found
        if len(found) < size:
            return
        after = (found[-1].product.created_at, found[-1].product.id)
        left = None if left is None else left - size


def as_json(view: ProductView) -> str:
    """Write a product as one line of JSON, without its end."""
    product = view.product
    row: dict[str, object] = {
        "code": product.code,
        "name": product.name,
        "category": [step.name for step in view.category],
        "brand": view.brand.name if view.brand else None,
        "unit": product.unit,
        "description": product.description,
        **_more(product),
        "attributes": [{"name": a.name, "value": a.value} for a in product.attributes],
        "pictures": list(product.pictures),
        "return_policy": product.return_policy,
        "state": product.state.value,
        "skus": [_sku(variant, view.stock.get(variant.id)) for variant in view.variants],
    }
    return json.dumps(row, ensure_ascii=False)


def rows_of(view: ProductView) -> Iterator[dict[str, str]]:
    """Yield a product as the rows of a table, one a variant."""
    for variant in view.variants:
        yield dict(zip(COLUMNS, _cells(view, variant), strict=True))


def _sku(variant: Variant, stock: Stock | None) -> dict[str, object]:
    row: dict[str, object] = {
        "code": variant.code,
        "options": variant.options.split(CHOICE) if variant.options else [],
        "price": yuan(variant.price),
        "stock": stock.available if stock else 0,
    }
    if variant.list_price is not None:
        row["list_price"] = yuan(variant.list_price)
    if variant.cost is not None:
        row["cost"] = yuan(variant.cost)
    if variant.named_options:
        row["named_options"] = [{"name": o.name, "value": o.value} for o in variant.named_options]
    if variant.barcode:
        row["barcode"] = variant.barcode
    return row | {
        name: count
        for name, count in (("grams", variant.grams), ("low_stock", variant.low_stock))
        if count
    }


def _more(product: Product) -> dict[str, object]:
    """Return what few products have."""
    more: dict[str, object] = {}
    if product.description_html:
        more["description_html"] = product.description_html
    if product.shelf_life_days:
        more["shelf_life_days"] = product.shelf_life_days
    return more


def _cells(view: ProductView, variant: Variant) -> list[str]:
    product, stock = view.product, view.stock.get(variant.id)
    return [
        product.code,
        product.name,
        pack((step.name for step in view.category), "/"),
        view.brand.name if view.brand else "",
        product.unit,
        "",
        product.description,
        attribute_cell(product.attributes),
        pack(product.pictures, "|"),
        product.return_policy,
        product.state.value,
        variant.code,
        variant.options,
        yuan(variant.price),
        _price(variant.list_price),
        _price(variant.cost),
        str(stock.available if stock else 0),
        product.description_html,
        _number(product.shelf_life_days),
        attribute_cell(variant.named_options),
        variant.barcode,
        _number(variant.grams),
        _number(variant.low_stock),
    ]


def _number(count: int) -> str:
    return str(count) if count else ""


def _price(amount: Money | None) -> str:
    return "" if amount is None else yuan(amount)
