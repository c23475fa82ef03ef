"""A sheet as CSV: UTF-8 with the mark that spreadsheets look for, its section before each row."""

import csv
from io import StringIO

from groupbuy.entrypoints.sheet_files.facts import Printed

_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(sheet: Printed) -> bytes:
    """Return the file."""
    out = StringIO()
    out.write(_MARK)
    rows = csv.writer(out)
    where = "Section" if sheet.language == "en" else "分组"
    rows.writerow([where, *sheet.headings])
    for part in sheet.parts:
        for row in part.rows:
            rows.writerow([_cell(text) for text in (part.heading, *row)])
    return out.getvalue().encode()


def _cell(text: str) -> str:
    """Keep text from being read as a formula; a number stays one."""
    is_formula = text.lstrip().startswith(_FORMULA) and not _is_number(text)
    return "'" + text if is_formula else text


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
