"""Workbooks (XLSX) as records: what a cell shows becomes the text of a CSV cell."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from groupbuy.application.steps.records import Record, Reject
from groupbuy.domain.kernel import Invalid

PACKED_AT_MOST = 64 * 1024 * 1024
UNPACKED_AT_MOST = 1024 * 1024 * 1024
"""A small file may unpack to any size: what it says of itself is looked at first."""
_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"})
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError, OSError)


def workbook_records(path: Path) -> Iterator[Record | Reject]:
    """Yield the rows of the first sheet that are not blank. Raises Invalid for no workbook.

    Formulas count as what they came to when the workbook was saved.
    """
    try:
        _check_size(path)
        with closing(_opened(path)) as book:
            yield from _records(book)
    except _BROKEN as error:
        reason = "is no workbook that can be read: save it as .xlsx, or as CSV"
        raise Invalid(field="file", reason=reason) from error


def _check_size(path: Path) -> None:
    if path.stat().st_size > PACKED_AT_MOST:
        raise Invalid(field="file", reason="is too large for a workbook: save it as CSV")
    with zipfile.ZipFile(path) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED_AT_MOST:
            raise Invalid(field="file", reason="is too large for a workbook: save it as CSV")


def _opened(path: Path) -> Any:
    # The library says nothing about its types, and much about styles that nobody asked for.
    import openpyxl  # noqa: PLC0415  seldom needed

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)


def _records(book: Any) -> Iterator[Record | Reject]:
    sheet = book.worksheets[0]
    # Programs are known to write a wrong extent; the rows themselves are right.
    sheet.reset_dimensions()
    width = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        width = width or len(cells)
        if wrong := next((cell for cell in cells if cell in _ERRORS), ""):
            yield Reject(number, "row", f"holds the error {wrong}: mend the formula")
        else:
            yield Record(number, tuple(cells + [""] * (width - len(cells))))


def _text(value: Any) -> str:
    """Write a value as people see it; a whole number has no point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # The shortest text that means this number: 39.9, not what the machine keeps of it.
        exact = Decimal(repr(value))
        return str(int(exact)) if exact == exact.to_integral_value() else f"{exact:f}"
    if isinstance(value, datetime) and value == datetime.combine(value.date(), datetime.min.time()):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
