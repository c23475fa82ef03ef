"""Files of stock: what was counted in the warehouse, variant by variant.

A count is set once: the journal keeps which file it came from, so that the same file applied again
later does not bring back goods that were sold since.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import (
    enter_in_journal,
    may_act_for,
    require_trade,
)
from groupbuy.application.steps.filing import (
    Column,
    Facts,
    File,
    Filed,
    FileKind,
    Outcome,
    Row,
    Verdict,
    one_by_one,
    whole,
)
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.catalogue import Product, Stock, StockMove, Variant
from groupbuy.domain.kernel import Event, Invalid, NotFound
from groupbuy.domain.membership import Merchant

REASON = "import"
"""The reason of a row that gives none."""
REASON_AT_MOST = 120
_MARK = 12
"""Digits of a file's digest that its lines in the journal carry."""
_PAGE = 500


@frozen
class _Counted:
    """What one row says about one variant, beside what the shop says."""

    row: Row
    variant: Variant
    stock: Stock
    available: int
    low_stock: int
    reason: str
    """For the journal; empty if this very file was counted before."""


def take_stock(work: Work, file: File, rows: Sequence[Row]) -> Sequence[Outcome]:
    """Set the goods in hand to what was counted, each once a file. Raises Forbidden, NotFound."""
    require_trade(work)
    if not may_act_for(work, file.merchant_id):
        raise NotFound(kind="merchant", key=file.merchant_id)
    work.of(Merchant).get(file.merchant_id)
    variants = _variants(work, file, [row.said("sku_code") for row in rows])
    stocks = work.of(Stock).lock([each.id for each in variants.values()], create=Stock)
    done = _done_before(work, file, rows, stocks)

    def take(row: Row) -> Filed:
        variant = variants.get(row.said("sku_code"))
        if variant is None:
            reason = "is no variant of this merchant: see groupbuy export stock"
            raise Invalid(field="sku_code", reason=reason)
        stock = stocks[variant.id]
        counted = _counted(row, variant, stock, file, counted=variant.id in done)
        return _apply(work, counted)

    return one_by_one(rows, "sku_code", take)


def tell_stock(work: Work, file: File, keys: Collection[str]) -> Mapping[str, Facts]:
    """Return what stands under those codes, sold goods included: sales do not change it."""
    variants = _variants(work, file, keys)
    stocks = work.of(Stock).find(each.id for each in variants.values())
    return {
        code: _stands(stocks.get(each.id, Stock(each.id)), each.low_stock)
        for code, each in variants.items()
    }


def export_stock(desk: Desk, caller: Caller, merchant_id: str) -> Iterator[Mapping[str, str]]:
    """Yield a merchant's variants with their goods, by id; a page a transaction."""
    for page in pages(desk, caller, Variant, Query().where(merchant_id=merchant_id), _PAGE):
        yield from desk.read(caller, lambda work, page=page: _rows(work, page))  # type: ignore[misc]


def _rows(work: Work, variants: Sequence[Variant]) -> list[Mapping[str, str]]:
    require_trade(work)
    stocks = work.of(Stock).find(each.id for each in variants)
    products = work.of(Product).find({each.product_id for each in variants})
    return [
        _row(each, stocks.get(each.id, Stock(each.id)), products[each.product_id])
        for each in variants
        if may_act_for(work, each.merchant_id)
    ]


def _row(variant: Variant, stock: Stock, product: Product) -> Mapping[str, str]:
    return {
        "sku_code": variant.code,
        "available": str(stock.available),
        "seen": str(stock.available),
        "low_stock": str(variant.low_stock),
        "reason": "",
        "product": product.name,
        "options": variant.options,
        "reserved": str(stock.reserved),
        "sold": str(stock.sold),
    }


def _counted(row: Row, variant: Variant, stock: Stock, file: File, *, counted: bool) -> _Counted:
    """Read a row. Raises Invalid, also for goods that moved since the file was written."""
    available = whole("available", row.said("available"), facts.STOCK_AT_MOST)
    low = row.said("low_stock")
    low_stock = whole("low_stock", low, facts.STOCK_AT_MOST) if low else variant.low_stock
    reason = "" if counted else _reason(row, file)
    if counted:
        available = stock.available
    elif seen := row.said("seen"):
        before = whole("seen", seen, facts.STOCK_AT_MOST)
        if stock.available not in (before, available):
            said = f"{stock.available} are there now: export again, or leave this cell empty"
            raise Invalid(field="seen", reason=said)
    return _Counted(row, variant, stock, available, low_stock, reason)


def _apply(work: Work, said: _Counted) -> Filed:
    variant, stock = said.variant, said.stock
    units = said.available - stock.available
    after = stock.adjust(units)
    changes = [f"{stock.available} → {said.available}"] if units else []
    if units:
        work.of(Stock).save(after)
        told = {"variant": variant.id, "units": units, "available": after.available}
        work.emit([Event("stock.adjusted", variant.product_id, work.now(), told)])
        again = f"{variant.id}.{after.version + 1}"
        work.later("watch_stock", variant.product_id, work.now(), once=again)
    if said.reason and (units or after.available):
        # What was found as it should be was counted too: the journal says so.
        enter_in_journal(work, after, units, said.reason)
    if said.low_stock != variant.low_stock:
        work.of(Variant).save(evolve(variant, low_stock=said.low_stock))
        changes.append(f"low_stock {variant.low_stock} → {said.low_stock}")
    verdict = Verdict.UPDATED if changes else Verdict.UNCHANGED
    change = f"{variant.code}: {', '.join(changes)}" if changes else ""
    return Filed(said.row, variant.code, verdict, _stands(after, said.low_stock), change)


def _variants(work: Work, file: File, codes: Collection[str]) -> dict[str, Variant]:
    query = Query().where(merchant_id=file.merchant_id).among("code", set(codes))
    return {each.code: each for each in every(work.of(Variant), query)}


def _done_before(work: Work, file: File, rows: Sequence[Row], stocks: Collection[str]) -> set[str]:
    """Return the variants that this very file was counted for before."""
    reasons = {_marked(row.said("reason") or REASON, file) for row in rows}
    query = Query().among("sku_id", stocks).among("reason", reasons)
    return {move.sku_id for move in every(work.of(StockMove), query)} if stocks else set()


def _reason(row: Row, file: File) -> str:
    reason = facts.line("reason", row.said("reason") or REASON, REASON_AT_MOST)
    return _marked(reason, file)


def _marked(reason: str, file: File) -> str:
    return f"{reason} #{file.sha256[:_MARK]}"


def _stands(stock: Stock, low_stock: int) -> Facts:
    return {"goods": stock.available + stock.reserved + stock.sold, "low_stock": low_stock}


STOCK_FILE = FileKind(
    name="stock",
    columns=(
        Column("sku_code", "规格编码", "the variant's code", "SG001-1", needed=True),
        Column(
            "available",
            "盘点后可售的数量",
            "how many are for sale now",
            "600",
            needed=True,
            number=True,
        ),
        Column(
            "seen",
            "导出时看到的数量；填了的话，期间有变动就不改",
            "how many there were at the export; where they moved since, the row is turned away",
            number=True,
        ),
        Column(
            "low_stock",
            "剩多少件时提醒；空着不改",
            "tell the merchant at so many; empty leaves it",
            "20",
            number=True,
        ),
        Column("reason", "原因，记入库存流水", "why, for the stock journal", "盘点"),
        Column("product", "商品名称，仅供查看", "the product's name, to read only", told=True),
        Column("options", "规格，仅供查看", "the options, to read only", told=True),
        Column("reserved", "占用，仅供查看", "held, to read only", number=True, told=True),
        Column("sold", "已售，仅供查看", "sold, to read only", number=True, told=True),
    ),
    key="sku_code",
    take=take_stock,
    tell=tell_stock,
    export=export_stock,
    of_merchant=True,
)
