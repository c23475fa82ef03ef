"""A report as CSV: UTF-8 with a mark that spreadsheets look for, figures as plain numbers."""

import csv
from collections.abc import Iterable
from io import StringIO

from groupbuy.entrypoints.report_files.cells import Line, Sheet, plain

MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(sheet: Sheet) -> bytes:
    """Return the file: headings and rows, then the totals, and below what the figures mean."""
    out = StringIO()
    out.write(MARK)
    rows = csv.writer(out)
    rows.writerow(map(text, sheet.headings))
    rows.writerows(map(_row, (*sheet.lines, *sheet.totals)))
    rows.writerow([])
    rows.writerow([text(sheet.title)])
    rows.writerows(_texts(each) for each in sheet.about)
    rows.writerows([text(note)] for note in sheet.notes)
    rows.writerow([])
    rows.writerow(_texts(sheet.definitions_title))
    rows.writerows(_texts(each) for each in sheet.definitions)
    return out.getvalue().encode()


def text(value: str) -> str:
    """Keep text from being read as a formula; figures need not pass here."""
    return "'" + value if value.lstrip(" ").startswith(_FORMULA) else value


def _row(line: Line) -> list[str]:
    return [*_texts(line.labels), *map(plain, line.figures)]


def _texts(values: Iterable[str]) -> list[str]:
    return [text(value) for value in values]
