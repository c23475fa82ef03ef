"""What stands on a sheet, whatever its form: headings in a language, cells as text."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.logistics import Cell, Sheet, SheetKind
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.statement_files.facts import decimal_text

TITLES: Mapping[SheetKind, tuple[str, str]] = {
    SheetKind.SUPPLIER: ("采购单", "Supplier sheet"),
    SheetKind.ALLOCATION: ("分配单", "Allocation"),
    SheetKind.PICK: ("拣货单", "Pick list"),
    SheetKind.PACKING: ("装箱单", "Packing list"),
    SheetKind.PAYMENT: ("收款单", "Payment list"),
}
HEADINGS: Mapping[str, tuple[str, str]] = {
    "sku": ("规格编号", "Variant"),
    "title": ("商品", "Goods"),
    "options": ("规格", "Options"),
    "stock_policy": ("库存方式", "Stock"),
    "ordered": ("订购", "Ordered"),
    "received": ("已到货", "Received"),
    "in_hand": ("现有库存", "In hand"),
    "to_buy": ("待采购", "To buy"),
    "order": ("订单", "Order"),
    "line": ("行", "Line"),
    "wanted": ("应得", "Wanted"),
    "given": ("分得", "Given"),
    "short": ("缺", "Short"),
    "units": ("数量", "Units"),
    "phone_tail": ("尾号", "Phone ends"),
    "name": ("收货人", "Name"),
    "phone": ("电话", "Phone"),
    "address": ("地址", "Address"),
    "goods": ("货品", "Goods"),
    "packed": ("已装", "Packed"),
    "payable": ("应付", "Payable"),
    "refunded": ("已退", "Refunded"),
    "paid": ("实收", "Paid"),
}
"""zh, en of every column."""
WORDS: Mapping[str, tuple[str, str]] = {
    "tracked": ("现货", "from stock"),
    "presale": ("预售", "presale"),
}


@frozen
class Part:
    """A section with its heading; no heading where a sheet has but one part."""

    heading: str
    rows: Sequence[Sequence[str]]
    totals: Sequence[str]
    """The sum of every column of counts or amounts; empty elsewhere."""


@frozen
class Printed:
    """A sheet ready to be written."""

    language: str
    title: str
    about: str
    headings: Sequence[str]
    numbers: frozenset[int]
    """Which columns hold counts or amounts."""
    parts: Sequence[Part]


def printed(sheet: Sheet, language: str) -> Printed:
    """Return what stands on a sheet in a language (`en`, else Chinese)."""
    en = language.startswith("en")
    rows = [row for section in sheet.sections for row in section.rows]
    numbers = frozenset(
        column
        for column, name in enumerate(sheet.columns)
        if name != "line" and rows and all(not isinstance(row[column], str) for row in rows)
    )
    at = sheet.made_at.astimezone(ZoneInfo(sheet.zone)).strftime("%Y-%m-%d %H:%M")
    to_send = "By parcel" if en else "快递"
    several = sheet.kind in (SheetKind.PICK, SheetKind.PACKING, SheetKind.PAYMENT)
    return Printed(
        language="en" if en else "zh-CN",
        title=TITLES[sheet.kind][en],
        about=f"{sheet.title} · {sheet.campaign_id} · {at}",
        headings=[HEADINGS[name][en] for name in sheet.columns],
        numbers=numbers,
        parts=[
            Part(
                section.name or (to_send if several else ""),
                [[_text(cell, en=en) for cell in row] for row in section.rows],
                _totals(section.rows, numbers, len(sheet.columns)),
            )
            for section in sheet.sections
        ],
    )


def _totals(rows: Sequence[Sequence[Cell]], numbers: frozenset[int], columns: int) -> Sequence[str]:
    totals = [""] * columns
    for column in numbers if rows else ():
        cells = [row[column] for row in rows]
        counts = [cell for cell in cells if isinstance(cell, int)]
        money = [cell for cell in cells if isinstance(cell, Money)]
        if money:
            totals[column] = _text(sum(money[1:], money[0]), en=False)
        else:
            totals[column] = str(sum(counts))
    return totals


def _text(cell: Cell, *, en: bool) -> str:
    if isinstance(cell, Money):
        return decimal_text(cell)
    return WORDS[cell][en] if isinstance(cell, str) and cell in WORDS else str(cell)
