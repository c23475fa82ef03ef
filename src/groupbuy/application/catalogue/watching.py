"""Looking at the goods that are left: telling of scarce ones, delisting what is sold out.

A join and a payment know nothing of it. Whoever counts goods by hand has the product looked at at
once; everything that sells is seen by a walk along the shelf, so many pages a minute.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from attrs import frozen

from groupbuy.application.catalogue.indexing import index_products
from groupbuy.application.catalogue.moving import carry_out
from groupbuy.application.catalogue.shelf import ShelfItem, variants_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import require_trade
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.campaigns import Campaign, CampaignState, StockPolicy
from groupbuy.domain.catalogue import (
    Product,
    ProductMove,
    ProductState,
    Stock,
    StockAlert,
    StockMove,
    Variant,
)
from groupbuy.domain.kernel import Forbidden
from groupbuy.domain.membership import Role

PAGE = 200
"""Products looked at by one transaction."""
PAGES = 20
"""Transactions of one walk; a longer shelf is gone along in several minutes."""
_SELLING = (CampaignState.SCHEDULED, CampaignState.OPEN)

Mark = tuple[datetime, str]
"""The last product that was looked at: when it was made, and its id."""


@frozen
class Scarce:
    """A page of the variants that are scarce, those that became so last at the front."""

    merchant_id: str = ""
    """For operators; a merchant's people always ask for their own."""
    limit: int = 50
    after: tuple[datetime, str] | None = None


def scarce(work: Work, wish: Scarce) -> list[StockAlert]:
    """Return what is scarce. Raises Forbidden."""
    require_trade(work)
    operates = Role.OPERATOR in work.caller.roles
    merchant_id = wish.merchant_id if operates else work.caller.merchant_id
    if not merchant_id:
        raise Forbidden(needs="a merchant")
    query = Query().where(merchant_id=merchant_id, low=True).sorted("-since")
    return work.of(StockAlert).select(query.page(wish.limit, wish.after))


def watch_stock(work: Work, product_id: str) -> datetime | None:
    """Look at the goods of one product."""
    _look(work, [product_id])
    return None


def watch_shelf(
    desk: Desk, tenant: str, after: Mark | None = None, pages: int = PAGES
) -> tuple[Mark | None, int]:
    """Look at the next pages of the shelf; return where it ended, and how much has changed.

    None once the end is reached.
    """
    changed = 0
    for _ in range(pages):
        after, count = desk.run(Caller.system(tenant), partial(_watch_page, after=after))
        changed += count
        if after is None:
            break
    return after, changed


def _watch_page(work: Work, after: Mark | None) -> tuple[Mark | None, int]:
    query = Query().where(listed=True).sorted("created_at").page(PAGE, after)
    items = work.of(ShelfItem).select(query)
    changed = _look(work, [item.id for item in items])
    last = items[-1] if len(items) == PAGE else None
    return (None if last is None else (last.created_at, last.id)), changed


def _look(work: Work, product_ids: Sequence[str]) -> int:
    """Tell of what became scarce, take off sale what is sold out; return how much changed."""
    products = work.of(Product).find(product_ids)
    variants = variants_of(work, list(products))
    every = [variant for mine in variants.values() for variant in mine]
    stock = work.of(Stock).find(variant.id for variant in every)
    changed = _tell_of_scarce(work, every, stock)
    if not work.kit.policy.delist_when_sold_out:
        return changed
    for key, product in products.items():
        if _is_sold_out(work, product, variants[key], stock):
            after = carry_out(work, product, variants[key], ProductMove.DELIST)
            index_products(work, [after], variants)
            merchant = f"merchant:{product.merchant_id}"
            work.tell(merchant, "product.sold_out", key, time=product.version + 1)
            changed += 1
    return changed


def _tell_of_scarce(work: Work, variants: Sequence[Variant], stock: Mapping[str, Stock]) -> int:
    known = work.of(StockAlert).find(variant.id for variant in variants)
    now, changed = work.now(), 0
    for variant in variants:
        left = stock[variant.id].available if variant.id in stock else 0
        fresh = StockAlert(variant.id, variant.product_id, variant.merchant_id, now)
        before = known.get(variant.id, fresh)
        after = before.crossed(low=0 < variant.low_stock >= left, now=now)
        if after is before:
            continue
        (work.of(StockAlert).save if variant.id in known else work.of(StockAlert).add)(after)
        changed += 1
        if after.low:
            work.tell(
                f"merchant:{variant.merchant_id}", "stock.low", variant.id, time=after.times,
                product=variant.product_id, code=variant.code, left=str(left),
            )  # fmt: skip
    return changed


def _is_sold_out(
    work: Work, product: Product, variants: Sequence[Variant], stock: Mapping[str, Stock]
) -> bool:
    """Tell whether there were goods, none is left or held, and nobody sells them ahead."""
    if product.state is not ProductState.LISTED:
        return False
    mine = [stock[variant.id] for variant in variants if variant.id in stock]
    if any(each.available or each.reserved for each in mine):
        return False
    # Somebody may just have given goods back: from here on nobody does.
    mine = list(work.of(Stock).lock(each.id for each in mine).values())
    if any(each.available or each.reserved for each in mine):
        return False
    counted = any(each.sold for each in mine) or any(
        work.of(StockMove).select(Query().where(sku_id=each.id).sorted("-at").page(1))
        for each in mine
    )
    return counted and not _is_sold_ahead(work, product, {variant.id for variant in variants})


def _is_sold_ahead(work: Work, product: Product, skus: set[str]) -> bool:
    query = Query().where(merchant_id=product.merchant_id).among("state", _SELLING)
    after: tuple[datetime, str] | None = None
    while page := work.of(Campaign).select(query.sorted("created_at").page(PAGE, after)):
        for campaign in page:
            ahead = (o for o in campaign.offers if o.stock_policy is StockPolicy.PRESALE)
            if any(offer.sku_id in skus for offer in ahead):
                return True
        after = (page[-1].created_at, page[-1].id)
    return False
