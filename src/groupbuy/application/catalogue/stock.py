"""Goods in hand: counted in, written off, and who did it and why."""

from datetime import datetime

from attrs import frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import count_goods, may_act_for, require_trade
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Stock, StockMove, Variant
from groupbuy.domain.kernel import Event, Invalid, NotFound

REASON_AT_MOST = 200


@frozen
class AdjustStock:
    """Count goods in (positive) or write them off (negative)."""

    variant_id: str
    units: int
    reason: str


def adjust_stock(work: Work, cmd: AdjustStock) -> Stock:
    """Change the goods in hand and keep why. Raises NotFound, Invalid, Refused below zero."""
    variant = _own_variant(work, cmd.variant_id)
    reason = facts.line("reason", cmd.reason, REASON_AT_MOST)
    if cmd.units == 0 or abs(cmd.units) > facts.STOCK_AT_MOST:
        raise Invalid("units", f"must be from 1 to {facts.STOCK_AT_MOST}, either way")
    stock = work.of(Stock).lock([variant.id], create=Stock)[variant.id]
    if stock.available + cmd.units > facts.STOCK_AT_MOST:
        raise Invalid("units", f"must leave at most {facts.STOCK_AT_MOST} in stock")
    after = count_goods(work, stock, cmd.units, reason)
    facts_kept = {"variant": variant.id, "units": cmd.units, "available": after.available}
    work.emit([Event("stock.adjusted", variant.product_id, work.now(), facts_kept)])
    again = f"{variant.id}.{after.version + 1}"
    work.later("watch_stock", variant.product_id, work.now(), once=again)
    return after


def stock_journal(
    work: Work, variant_id: str, limit: int = 50, after: tuple[datetime, str] | None = None
) -> list[StockMove]:
    """Return who changed the goods of a variant, why and by how many, newest first."""
    variant = _own_variant(work, variant_id)
    query = Query().where(sku_id=variant.id).sorted("-at").page(limit, after)
    return work.of(StockMove).select(query)


def _own_variant(work: Work, variant_id: str) -> Variant:
    require_trade(work)
    variant = work.of(Variant).get(variant_id)
    if not may_act_for(work, variant.merchant_id):
        raise NotFound(kind="variant", key=variant_id)
    return variant
