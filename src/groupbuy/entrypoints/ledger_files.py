"""Files of journals: JSON lines, CSV and XLSX, each written as the journals pass by.

Every file ends with its totals and a checksum, which is the same in all three formats.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from groupbuy.application.bookkeeping import Tally, as_json
from groupbuy.domain.ledger import Journal

COLUMNS = (
    *("row", "at", "journal", "moment", "subject", "reverses"),
    *("account", "currency", "debit", "credit"),
)
"""Of CSV. The rows are `line`, and at the end one `total` a currency with the number of journals
under `journal`, the checksum under `subject` and the number of lines under `account`."""
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "zh": ("时间", "凭证", "事由", "对象", "冲销", "科目", "币种", "借方", "贷方"),
    "en": (
        *("at", "journal", "moment", "subject", "reverses"),
        *("account", "currency", "debit", "credit"),
    ),
}
_WIDTHS = (20, 32, 26, 32, 32, 44, 8, 14, 14)
SHEET_ROWS = 1_000_000
"""Rows of one sheet; a spreadsheet holds 1,048,576."""


def write_jsonl(out: IO[str], journals: Iterable[Journal]) -> Tally:
    """Write a journal a line, amounts in minor units and debit positive, then the totals."""
    tally = Tally()
    for journal in journals:
        tally.add(journal)
        out.write(as_json(journal) + "\n")
    out.write(json.dumps({"total": totals(tally)}, separators=(",", ":")) + "\n")
    return tally


def write_csv(out: IO[str], journals: Iterable[Journal]) -> Tally:
    """Write a row a line of a journal, amounts in major units, then the totals."""
    tally, rows = Tally(), csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for journal in journals:
        tally.add(journal)
        at = journal.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        about = (at, journal.id, journal.moment, journal.subject, journal.reverses or "")
        for line in journal.lines:
            debit, credit = max(line.amount, 0), max(-line.amount, 0)
            sides = [_major(debit) if debit else "", _major(credit) if credit else ""]
            rows.writerow(("line", *about, line.account, journal.currency, *sides))
    for currency, debit, credit in _by_currency(tally):
        counts = ("", tally.journals, "", tally.checksum, "", tally.lines)
        rows.writerow(("total", *counts, currency, _major(debit), _major(credit)))
    return tally


def write_xlsx(path: str, journals: Iterable[Journal], zone: str, lang: str) -> Tally:
    """Write a workbook row by row: sheets of journals with instants in a zone, then the totals."""
    # The library says nothing about its types.
    import xlsxwriter  # noqa: PLC0415  seldom needed

    tally, local = Tally(), ZoneInfo(zone)
    given = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, given) as book:
        money = book.add_format({"num_format": "#,##0.00"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = _Sheets(book, _HEADINGS[lang], _WIDTHS)
        for journal in journals:
            tally.add(journal)
            at = journal.at.astimezone(local).replace(tzinfo=None)
            about = (journal.id, journal.moment, journal.subject, journal.reverses or "")
            for line in journal.lines:
                page, row = sheet.next_row()
                page.write_datetime(row, 0, at, moment)
                for column, text in enumerate((*about, line.account, journal.currency), 1):
                    page.write_string(row, column, text)
                column = 7 if line.amount > 0 else 8
                page.write_number(row, column, Decimal(abs(line.amount)) / 100, money)
        _total_sheet(book, tally, money)
    return tally


def totals(tally: Tally) -> dict[str, Any]:
    """Return the totals as they end a file of JSON lines; amounts in minor units."""
    return {
        "journals": tally.journals,
        "lines": tally.lines,
        "debit": dict(sorted(tally.debit.items())),
        "credit": dict(sorted(tally.credit.items())),
        "checksum": tally.checksum,
    }


def write_text(form: str, out: IO[str], journals: Iterable[Journal]) -> Tally:
    """Write `csv` or `jsonl`."""
    return (write_csv if form == "csv" else write_jsonl)(out, journals)


class _Sheets:
    """Gives rows from the top of a sheet to its end, then from the next one."""

    def __init__(self, book: Any, headings: tuple[str, ...], widths: tuple[int, ...]) -> None:
        self._book, self._headings, self._widths = book, headings, widths
        self._sheet, self._row, self._count = None, SHEET_ROWS, 0

    def next_row(self) -> tuple[Any, int]:
        if self._row >= SHEET_ROWS:
            self._begin()
        self._row += 1
        return self._sheet, self._row - 1

    def _begin(self) -> None:
        self._count += 1
        sheet = self._sheet = self._book.add_worksheet(f"journals {self._count}")
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(zip(self._headings, self._widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading)
        self._row = 1


def _total_sheet(book: Any, tally: Tally, money: Any) -> None:
    sheet = book.add_worksheet("total")
    sheet.set_column(0, 2, 24)
    for row, (name, said) in enumerate(
        (("journals", tally.journals), ("lines", tally.lines), ("checksum", tally.checksum))
    ):
        sheet.write_row(row, 0, (name, said))
    for row, (currency, *both) in enumerate(_by_currency(tally), 3):
        sheet.write_string(row, 0, currency)
        for column, minor in enumerate(both, 1):
            sheet.write_number(row, column, Decimal(minor) / 100, money)


def _by_currency(tally: Tally) -> Iterator[tuple[str, int, int]]:
    """Yield at least one row, so that even an empty file says that it is whole."""
    for currency in sorted({*tally.debit, *tally.credit}) or [""]:
        yield currency, tally.debit.get(currency, 0), tally.credit.get(currency, 0)


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
