"""A statement as CSV: UTF-8 with a mark that spreadsheets look for, amounts as plain numbers."""

import csv
from collections.abc import Iterable
from io import StringIO

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.statement_files.facts import Cell, Facts, decimal_text

_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(facts: Facts) -> bytes:
    """Return the file: what it is about and the equation above, the lines below."""
    out = StringIO()
    out.write(_MARK)
    rows = csv.writer(out)
    rows.writerow([_cell(facts.title)])
    rows.writerows(map(_cells, facts.about))
    # A sign alone would be read as the beginning of a formula.
    rows.writerows(_cells((heading, amount)) for _, heading, amount in facts.equation)
    rows.writerow(_cells(facts.deducted))
    rows.writerow([])
    rows.writerow(_cells(facts.headings))
    rows.writerows(map(_cells, facts.rows))
    return out.getvalue().encode()


def _cells(values: Iterable[Cell]) -> list[str | int]:
    return [_cell(value) for value in values]


def _cell(value: Cell) -> str | int:
    """Write one value; text is kept from being read as a formula, a number stays one."""
    if isinstance(value, Money):
        return decimal_text(value)
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return "'" + value
    return value
