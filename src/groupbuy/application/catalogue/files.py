"""Product files as streams: JSON lines and CSV, one row at a time, whatever the bytes."""

import csv
import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, Protocol

from attrs import define, evolve, field, frozen

from groupbuy.application.catalogue.facts import VARIANTS_AT_MOST
from groupbuy.application.catalogue.rows import (
    COLUMNS,
    REQUIRED,
    Parsed,
    ProductRow,
    Reject,
    row_from_cells,
    row_from_json,
    unguarded,
)
from groupbuy.domain.catalogue import options_disagree
from groupbuy.domain.kernel import Invalid

ROW_AT_MOST = 256 * 1024
"""Bytes of one row."""
LINES_AT_MOST = 100
"""Lines a quoted CSV cell may run over before its quote counts as forgotten."""
ROWS_AT_MOST = 1_000_000
"""Products of one file."""
DEPTH_AT_MOST = 16
"""Nesting of one JSON row."""

_BOM = b"\xef\xbb\xbf"


class Bytes(Protocol):
    """An open binary file."""

    def readline(self, limit: int = -1, /) -> bytes:
        """Return the next line, or its next part of at most `limit` bytes."""
        ...


@frozen
class Line:
    """One physical line of a file."""

    number: int
    raw: bytes
    too_long: bool = False


@define(eq=False)
class Reader:
    """Reads lines of bounded length, takes back what was read too far, and sums the file up."""

    _file: Bytes
    bytes_read: int = field(default=0, init=False)
    _lines: int = field(default=0, init=False)
    _back: deque[Line] = field(factory=deque, init=False)
    _sum: Any = field(factory=hashlib.sha256, init=False)

    @property
    def sha256(self) -> str:
        """The digest of everything read so far, in hexadecimal."""
        return str(self._sum.hexdigest())

    def next(self) -> Line | None:
        """Return the next line, or None at the end. A line that is too long loses its tail."""
        if self._back:
            return self._back.popleft()
        raw = part = self._part()
        if not raw:
            return None
        self._lines += 1
        if self._lines == 1:
            raw = raw.removeprefix(_BOM)
        while part and not part.endswith(b"\n"):
            part = self._part()
            if len(raw) <= ROW_AT_MOST:
                raw += part
        return Line(self._lines, raw, too_long=len(raw) > ROW_AT_MOST)

    def take_back(self, lines: Iterable[Line]) -> None:
        """Put lines back, to be read again in the same order."""
        self._back.extendleft(reversed(list(lines)))

    def _part(self) -> bytes:
        part = self._file.readline(ROW_AT_MOST + 1)
        self._sum.update(part)
        self.bytes_read += len(part)
        return part


def read_rows(
    reader: Reader, *, csv_file: bool, currency: str = "CNY", encoding: str = "utf-8"
) -> Iterator[Parsed]:
    """Yield what becomes of every row, in order; nothing is skipped silently but blank lines.

    Raises Invalid for a CSV header that cannot be used: no row could be understood then.
    """
    rows = (
        _csv_rows(reader, currency, encoding)
        if csv_file
        else _json_rows(reader, currency, encoding)
    )
    return _unique(rows)


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
    while (line := reader.next()) is not None:
        if not line.raw.strip():
            continue
        code = ""
        try:
            value = _json(_decoded(line, encoding))
            if isinstance(value, Mapping) and isinstance(value.get("code"), str):
                code = value["code"]
            yield row_from_json(line.number, value, currency, len(line.raw))
        except Invalid as error:
            yield Reject(line.number, error.field, error.reason, _shown(code))


def _decoded(line: Line, encoding: str) -> str:
    if line.too_long:
        raise Invalid("row", f"must have at most {ROW_AT_MOST} bytes")
    if b"\0" in line.raw:
        raise Invalid("row", "must not hold NUL")
    try:
        return line.raw.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid("row", f"is not {encoding.upper()} text") from None


def _json(text: str) -> object:
    """Read JSON without ever making a float: a number with a point stays the text it was."""
    if max(text.count("["), text.count("{")) > DEPTH_AT_MOST and _depth(text) > DEPTH_AT_MOST:
        raise Invalid("row", "is nested too deep")
    try:
        return json.loads(
            text, parse_float=str, parse_constant=_no_number, object_pairs_hook=_once_each
        )
    except Invalid:
        raise
    except (ValueError, RecursionError):
        raise Invalid("row", "is not JSON") from None


def _depth(text: str) -> int:
    """Count nesting roughly: brackets inside texts count too, which real rows never reach."""
    deepest = depth = 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    return deepest


def _no_number(word: str) -> NoReturn:
    raise Invalid("row", f"holds {word}, which is no number")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Invalid("row", "names a field twice")
    return made


@frozen
class _Record:
    """One CSV line that may run over several physical ones."""

    number: int
    text: str
    size: int


def _csv_rows(reader: Reader, currency: str, encoding: str) -> Iterator[Parsed]:
    header = _header(reader, encoding)
    waiting: ProductRow | None = None
    for record in _records(reader, encoding):
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


def _header(reader: Reader, encoding: str) -> tuple[str, ...]:
    first = next(_records(reader, encoding), None)
    if first is None:
        raise Invalid("header", "is missing: the file is empty")
    if isinstance(first, Reject):
        raise Invalid("header", first.reason)
    names = tuple(name.strip().lower() for name in _cells(first.text))
    for name in names:
        if name not in COLUMNS:
            raise Invalid("header", f"has an unknown column {_shown(name)!r}")
    if len(set(names)) < len(names):
        raise Invalid("header", "names a column twice")
    if missing := [name for name in REQUIRED if name not in names]:
        raise Invalid("header", "lacks " + ", ".join(missing))
    return names


def _variant(record: _Record, header: tuple[str, ...], currency: str) -> Parsed:
    code = ""
    try:
        cells = _named(record.text, header)
        code = cells["code"]
        return row_from_cells(record.number, cells, currency, record.size)
    except Invalid as error:
        return Reject(record.number, error.field, error.reason, _shown(code))


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


def _named(text: str, header: tuple[str, ...]) -> dict[str, str]:
    values = [unguarded(cell) for cell in _cells(text)]
    if len(values) != len(header):
        raise Invalid("row", f"has {len(values)} cells instead of {len(header)}")
    return dict(zip(header, values, strict=True))


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        raise Invalid("row", "is not CSV: a quote is out of place or a cell too long") from None


def _records(reader: Reader, encoding: str) -> Iterator[_Record | Reject]:
    """Yield records; where a quote never closes, only the line that opened it is lost."""
    while (line := reader.next()) is not None:
        if not line.raw.strip():
            continue
        lines, size, quotes = [line], len(line.raw), line.raw.count(b'"')
        while quotes % 2 and len(lines) < LINES_AT_MOST and size <= ROW_AT_MOST:
            more = reader.next()
            if more is None:
                break
            lines.append(more)
            size += len(more.raw)
            quotes += more.raw.count(b'"')
        if quotes % 2:
            reader.take_back(lines[1:])
            yield Reject(line.number, "row", "opens a quote that is never closed")
        else:
            yield _record(lines, size, encoding)


def _record(lines: list[Line], size: int, encoding: str) -> _Record | Reject:
    try:
        text = "".join(_decoded(line, encoding) for line in lines)
    except Invalid as error:
        return Reject(lines[0].number, error.field, error.reason)
    return _Record(lines[0].number, text.rstrip("\r\n"), size)


def _shown(text: str) -> str:
    """Return a text fit for a report: short and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:64])
