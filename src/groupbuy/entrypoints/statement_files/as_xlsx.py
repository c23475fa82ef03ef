"""A statement as a workbook: the equation on one sheet, the lines on another."""

from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.statement_files.facts import Cell, Facts

_OPTIONS = {
    "in_memory": True,
    # Text is text, whatever it looks like.
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write(facts: Facts) -> bytes:
    """Return the file; amounts are numbers with two decimals."""
    out = BytesIO()
    with Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": facts.title, "created": facts.made_at.replace(tzinfo=None)})
        money, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
        _summary(book.add_worksheet(facts.title), facts, money, bold)
        lines = book.add_worksheet("明细" if facts.title == "佣金结算单" else "Lines")
        lines.freeze_panes(1, 0)
        lines.set_column(0, len(facts.headings) - 1, 18)
        for column, heading in enumerate(facts.headings):
            lines.write_string(0, column, heading, bold)
        for row, cells in enumerate(facts.rows, 1):
            for column, value in enumerate(cells):
                _put(lines, row, column, value, money)
    return out.getvalue()


def _summary(sheet: Worksheet, facts: Facts, money: Format, bold: Format) -> None:
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 2, 34)
    sheet.write_string(0, 1, facts.title, bold)
    row = 1
    for heading, text in facts.about:
        sheet.write_string(row, 1, heading)
        sheet.write_string(row, 2, text)
        row += 1
    for sign, heading, amount in (*facts.equation, ("", *facts.deducted)):
        row += 1
        sheet.write_string(row, 0, sign)
        sheet.write_string(row, 1, heading)
        _put(sheet, row, 2, amount, money)


def _put(sheet: Worksheet, row: int, column: int, value: Cell, money: Format) -> None:
    if isinstance(value, Money):
        # A spreadsheet keeps fifteen digits: exact to the fen up to 9 999 999 999 999.99.
        sheet.write_number(row, column, Decimal(value.minor).scaleb(-2), money)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, value)
