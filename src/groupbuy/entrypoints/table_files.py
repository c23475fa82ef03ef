"""Tables as files, CSV or XLSX, written row by row; text stays text, whatever it looks like."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from groupbuy.domain.kernel import Money

Form = Literal["csv", "xlsx"]
_MARK = "\ufeff"
"""Spreadsheets look for it before they read Chinese text."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_table(
    path: Path, form: Form, headings: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Write rows under headings (key, text); return how many. The file appears once it is whole.

    Money becomes an amount with two decimals; its currency needs a column of its own.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        write = _write_csv if form == "csv" else _write_xlsx
        count = write(part, [key for key, _ in headings], [text for _, text in headings], rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _write_csv(
    path: Path, keys: Sequence[str], headings: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_MARK)
        out = csv.writer(file, lineterminator="\n")
        out.writerow(headings)
        for row in rows:
            count += 1
            out.writerow([_csv_cell(row.get(key)) for key in keys])
    return count


def _write_xlsx(
    path: Path, keys: Sequence[str], headings: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> int:
    # The library says nothing about its types.
    import xlsxwriter  # noqa: PLC0415  seldom needed

    count = 0
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        money = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(keys) - 1, 20)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text)
        for count, row in enumerate(rows, 1):
            for column, key in enumerate(keys):
                _put(sheet, count, column, row.get(key), money)
    return count


def _csv_cell(value: Any) -> str:
    """Write one value; text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, Money):
        return str(_major(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = _text(value)
    return "'" + text if text.lstrip().startswith(_FORMULA) else text


def _put(sheet: Any, row: int, column: int, value: Any, money: Any) -> None:
    if isinstance(value, Money):
        # A spreadsheet keeps fifteen digits: exact to the fen up to 9 999 999 999 999.99.
        sheet.write_number(row, column, _major(value), money)
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, _text(value))


def _major(money: Money) -> Decimal:
    return Decimal(money.minor).scaleb(-2)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return str(value)
