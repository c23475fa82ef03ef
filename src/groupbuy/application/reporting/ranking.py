"""Rankings: products, leaders, categories, and how fast goods turn over."""

from collections import Counter

from attrs import evolve

from groupbuy.application.report_facts import Grain
from groupbuy.application.reporting.reading import names_of, sums_in
from groupbuy.application.reporting.tables import (
    Ask,
    Dimension,
    Figures,
    Report,
    ranked,
    table,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Stock, Variant
from groupbuy.domain.kernel import Invalid

_GOODS = ("units", "gross", "sales", "units_back", "back", "kept", "share")
_LEADERS = (
    "begun",
    "orders",
    "units",
    "sales",
    "refunds",
    "net_sales",
    "commission",
    "share",
)
_TURNOVER = ("units", "kept", "on_hand", "turnover", "days_left")
_PRODUCT = (Dimension("product_id", "商品编号", "id"), Dimension("product", "商品", "product"))
_SKU = (*_PRODUCT, Dimension("sku_id", "规格编号", "sku"), Dimension("options", "规格", "options"))
_LEADER = (Dimension("leader_id", "团长编号", "id"), Dimension("leader", "团长", "leader"))
_CATEGORY = (Dimension("category_id", "类目编号", "id"), Dimension("category", "类目", "category"))
_NOBODY = ("无团长", "no leader")
_NONE = ("无类目", "no category")
_FREIGHT = (
    "运费不属于任何商品，不在本表。",
    "Freight belongs to no product and is not in this table.",
)
_STOCK_NOW = (
    "库存是现在的，不是期末的。",
    "What is on hand is that of now, not of the end of the period.",
)


def products(work: Work, ask: Ask) -> Report:
    """Rank products by what was sold of them; `by` sku tells variants apart."""
    by_sku = _choice(ask, "product", ("product", "sku")) == "sku"
    figures, dimensions = Figures(_GOODS), _SKU if by_sku else _PRODUCT
    rows = [row for row in sums_in(work, ask, Grain.GOODS) if row.parts[2]]
    names = names_of(work, [part for row in rows for part in row.parts[2:4]])
    for row in rows:
        _, _, product, sku, _ = row.parts
        keys = (product, names[product])
        figures.add((*keys, sku, names[sku]) if by_sku else keys, row.counts)
    head = ("products", "商品排行", "Products")
    shown = ranked(figures.rows(), _GOODS, "sales")
    zone = work.kit.policy.zone
    return table(
        head, ask, zone, dimensions, figures, rows=shown, chart=("sales",), notes=(_FREIGHT,)
    )


def leaders(work: Work, ask: Ask) -> Report:
    """Rank leaders by what was sold through them."""
    figures = Figures(_LEADERS)
    rows = list(sums_in(work, ask, Grain.SALES))
    names = names_of(work, {row.parts[1] for row in rows if row.parts[1]})
    for row in rows:
        leader = row.parts[1]
        figures.add((leader, names.get(leader, "")), row.counts)
    head = ("leaders", "团长排行", "Leaders")
    shown = ranked(figures.rows(), _LEADERS, "sales")
    notes = (_empty("团长编号", _NOBODY),) if any(not row.keys[0] for row in shown) else ()
    return table(
        head,
        ask,
        work.kit.policy.zone,
        _LEADER,
        figures,
        rows=shown,
        chart=("sales",),
        notes=notes,
    )


def categories(work: Work, ask: Ask) -> Report:
    """Tell what part of the sales each category has."""
    figures = Figures(_GOODS)
    rows = [row for row in sums_in(work, ask, Grain.GOODS) if row.parts[2]]
    names = names_of(work, {row.parts[4] for row in rows if row.parts[4]})
    for row in rows:
        category = row.parts[4]
        figures.add((category, names.get(category, "")), row.counts)
    head = ("categories", "类目构成", "Category mix")
    shown = ranked(figures.rows(), _GOODS, "sales")
    zone = work.kit.policy.zone
    return table(
        head, ask, zone, _CATEGORY, figures, rows=shown, chart=("sales",), notes=(_FREIGHT,)
    )


def turnover(work: Work, ask: Ask) -> Report:
    """Tell how fast variants sell and how long what is on hand will last, the fastest first."""
    figures, units = Figures(_TURNOVER), dict[str, Counter[str]]()
    for row in sums_in(work, ask, Grain.GOODS):
        if row.parts[3]:
            units.setdefault(row.parts[3], Counter()).update(
                {name: row.counts.get(name, 0) for name in ("units", "units_back")}
            )
    stock, variants = work.of(Stock).find(units), work.of(Variant).find(units)
    products = {each.product_id for each in variants.values()}
    names = names_of(work, [*units, *products])
    for sku, counts in units.items():
        there = stock.get(sku)
        hand = there.available + there.reserved if there else 0
        product = variants[sku].product_id if sku in variants else ""
        keys = (product, names.get(product, ""), sku, names[sku])
        figures.add(keys, {**counts, "on_hand": hand, "days": ask.days.length})
    # The days of a period are those of all rows, not their sum.
    alike = evolve(figures, distinct=frozenset({"days_left"}))
    head = ("turnover", "库存周转", "Stock turnover")
    shown = ranked(figures.rows(), _TURNOVER, "kept")
    zone = work.kit.policy.zone
    return table(head, ask, zone, _SKU, alike, rows=shown, chart=("kept",), notes=(_STOCK_NOW,))


def _choice(ask: Ask, usual: str, known: tuple[str, ...]) -> str:
    chosen = ask.by or usual
    if chosen not in known:
        raise Invalid(field="by", reason="must be one of " + ", ".join(known))
    return chosen


def _empty(where: str, means: tuple[str, str]) -> tuple[str, str]:
    return f"{where}为空：{means[0]}。", f"An empty id means {means[1]}."
