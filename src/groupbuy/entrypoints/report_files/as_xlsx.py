"""A report as a workbook: the figures on one sheet, what they mean on another."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from groupbuy.application.reporting import Unit
from groupbuy.entrypoints.report_files.cells import Figure, Line, Sheet

_OPTIONS = {
    "in_memory": True,
    # Text is text, whatever it looks like.
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Written as the date of the file, so that the same report gives the same bytes."""
_FORMATS = {
    Unit.MONEY: "#,##0.00",
    Unit.COUNT: "#,##0",
    Unit.RATE: "0.00%",
    Unit.TENTHS: "#,##0.0",
}
_SCALES = {Unit.MONEY: 2, Unit.COUNT: 0, Unit.RATE: 4, Unit.TENTHS: 1}


def write(sheet: Sheet) -> bytes:
    """Return the file; figures are numbers, one that is not known is an empty cell."""
    out = BytesIO()
    with Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": sheet.title, "created": _MADE})
        bold = book.add_format({"bold": True})
        formats = {unit: book.add_format({"num_format": said}) for unit, said in _FORMATS.items()}
        _figures(book.add_worksheet(sheet.title), sheet, formats, bold)
        _meanings(book.add_worksheet(sheet.definitions_title[1].capitalize()), sheet, bold)
    return out.getvalue()


def _figures(page: Worksheet, sheet: Sheet, formats: dict[Unit, Format], bold: Format) -> None:
    page.freeze_panes(1, 0)
    page.set_column(0, len(sheet.headings) - 1, 16)
    for column, heading in enumerate(sheet.headings):
        page.write_string(0, column, heading, bold)
    for row, line in enumerate((*sheet.lines, *sheet.totals), 1):
        _line(page, row, line, formats)


def _line(page: Worksheet, row: int, line: Line, formats: dict[Unit, Format]) -> None:
    for column, label in enumerate(line.labels):
        page.write_string(row, column, label)
    for column, figure in enumerate(line.figures, len(line.labels)):
        number(page, row, column, figure, formats)


def number(
    page: Worksheet, row: int, column: int, figure: Figure, formats: dict[Unit, Format]
) -> None:
    """Write a figure as a number; a spreadsheet keeps fifteen digits of it."""
    value, unit = figure
    if value is not None:
        page.write_number(row, column, Decimal(value).scaleb(-_SCALES[unit]), formats[unit])


def _meanings(page: Worksheet, sheet: Sheet, bold: Format) -> None:
    page.set_column(0, 0, 24)
    page.set_column(1, 2, 70)
    row = 0
    for name, said in sheet.about:
        page.write_string(row, 0, name)
        page.write_string(row, 1, said)
        row += 1
    for note in sheet.notes:
        page.write_string(row, 1, note)
        row += 1
    for column, heading in enumerate(sheet.definitions_title):
        page.write_string(row + 1, column, heading, bold)
    for place, definition in enumerate(sheet.definitions, row + 2):
        for column, said in enumerate(definition):
            page.write_string(place, column, said)
