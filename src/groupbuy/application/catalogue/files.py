"""Product files as streams: JSON lines, CSV and workbooks, one row at a time."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from groupbuy.application.catalogue.facts import VARIANTS_AT_MOST
from groupbuy.application.catalogue.rows import (
    COLUMNS,
    REQUIRED,
    Parsed,
    ProductRow,
    row_from_cells,
    row_from_json,
)
from groupbuy.application.steps.records import (
    Reader,
    Record,
    Reject,
    header_of,
    json_lines,
    named_cells,
    shown,
)
from groupbuy.domain.catalogue import options_disagree
from groupbuy.domain.kernel import Invalid

ROWS_AT_MOST = 1_000_000
"""Products of one file."""


def rows_of_lines(
    reader: Reader, currency: str = "CNY", encoding: str = "utf-8"
) -> Iterator[Parsed]:
    """Yield what becomes of every line of JSON, in order; only blank lines are passed over."""
    return _unique(_json_rows(reader, currency, encoding))


def rows_of_table(records: Iterator[Record | Reject], currency: str = "CNY") -> Iterator[Parsed]:
    """Yield what becomes of every record of a table, its header first. Raises Invalid."""
    return _unique(_table_rows(records, currency))


def _unique(rows: Iterable[Parsed]) -> Iterator[Parsed]:
    """Reject a product or a variant the file has named before: the two would undo each other."""
    products, variants = dict[str, int](), dict[str, int]()
    for row in rows:
        if isinstance(row, Reject):
            yield row
        elif len(products) >= ROWS_AT_MOST:
            yield Reject(row.row, "row", f"a file holds at most {ROWS_AT_MOST} products")
        elif row.facts.code in products:
            where = products[row.facts.code]
            yield Reject(row.row, "code", f"is in row {where} already", row.facts.code)
        elif twice := [sku.code for sku in row.skus if sku.code in variants]:
            where = variants[twice[0]]
            yield Reject(row.row, "skus.code", f"is in row {where} already", row.facts.code)
        else:
            products[row.facts.code] = row.row
            variants.update((sku.code, row.row) for sku in row.skus)
            yield row


def _json_rows(reader: Reader, currency: str, encoding: str) -> Iterator[Parsed]:
    for line, value in json_lines(reader, encoding):
        code = ""
        try:
            if isinstance(value, Invalid):
                raise value
            if isinstance(value, Mapping) and isinstance(value.get("code"), str):
                code = value["code"]
            yield row_from_json(line.number, value, currency, len(line.raw))
        except Invalid as error:
            yield Reject(line.number, error.field, error.reason, shown(code))


def _table_rows(records: Iterator[Record | Reject], currency: str) -> Iterator[Parsed]:
    header = header_of(records, COLUMNS, REQUIRED)
    waiting: ProductRow | None = None
    for record in records:
        found = record if isinstance(record, Reject) else _variant(record, header, currency)
        if isinstance(found, Reject):
            yield found
            continue
        if waiting is None or waiting.facts.code != found.facts.code:
            if waiting is not None:
                yield waiting
            waiting = found
            continue
        joined = _joined(waiting, found)
        if isinstance(joined, Reject):
            yield joined
        else:
            waiting = joined
    if waiting is not None:
        yield waiting


def _variant(record: Record, header: tuple[str, ...], currency: str) -> Parsed:
    code = ""
    try:
        cells = named_cells(record, header)
        code = cells["code"]
        return row_from_cells(record.number, cells, currency, record.size)
    except Invalid as error:
        return Reject(record.number, error.field, error.reason, shown(code))


def _joined(first: ProductRow, other: ProductRow) -> Parsed:
    """Add a variant to the product of the lines before; they must say the same about it."""
    for name, one, two in (
        ("category", first.category, other.category),
        ("brand", first.brand, other.brand),
        ("state", first.state, other.state),
        *((name, getattr(first.facts, name), getattr(other.facts, name)) for name in _SHARED),
    ):
        if one != two:
            reason = f"differs from row {first.row} of the same product"
            return Reject(other.row, name, reason, first.facts.code)
    sku = other.skus[0]
    if any(sku.code == known.code for known in first.skus):
        return Reject(other.row, "sku_code", "is in this product already", first.facts.code)
    if why := options_disagree(each.named_options or () for each in (*first.skus, sku)):
        return Reject(other.row, "named_options", why, first.facts.code)
    if len(first.skus) >= VARIANTS_AT_MOST:
        reason = f"a product has at most {VARIANTS_AT_MOST} variants"
        return Reject(other.row, "sku_code", reason, first.facts.code)
    return evolve(first, skus=(*first.skus, sku), size=first.size + other.size)


_SHARED = (
    "name",
    "unit",
    "description",
    "attributes",
    "pictures",
    "return_policy",
    "description_html",
    "shelf_life_days",
)
