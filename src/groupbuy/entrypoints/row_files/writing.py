"""Writing rows as a file that can be read again, and the empty form of one."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from groupbuy.application.steps.filing import WHY, Column
from groupbuy.application.steps.records import Reject, guarded, unpack
from groupbuy.entrypoints.row_files.reading import Form

Cells = Mapping[str, str]
_MARK = "\ufeff"
"""Spreadsheets look for it before they read Chinese text."""
_PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_rows(
    path: Path | None, form: Form, columns: Sequence[Column], rows: Iterable[Cells]
) -> int:
    """Write rows; return how many. A file appears once it is whole; None stands for stdout."""
    if form == "xlsx":
        if path is None:
            raise ValueError("a workbook needs a file")
        return _write_workbook(path, columns, rows)
    write = _write_csv if form == "csv" else _write_json
    with _text(path, bom=form == "csv") as file:
        return write(file, columns, rows)


def write_lines(path: Path | None, lines: Iterable[str]) -> None:
    """Write lines of text; a file appears once it is whole, None stands for stdout."""
    with _text(path, bom=False) as file:
        for line in lines:
            file.write(line + "\n")


def write_template(path: Path | None, form: Form, columns: Sequence[Column], lang: str) -> None:
    """Write a form to fill in: the columns, one example, and in a workbook what they mean."""
    example = {column.name: column.example for column in columns}
    if form != "xlsx":
        filled = [column for column in columns if not column.told]
        write_rows(path, form, filled, [example])
        return
    if path is None:
        raise ValueError("a workbook needs a file")
    filled = [column for column in columns if not column.told]
    with _workbook(path) as book:
        _fill(book.add_worksheet("rows"), filled, [example])
        told = [_meaning(column, lang) for column in filled]
        _fill(book.add_worksheet("columns"), _MEANING, told)


def write_rejects(
    path: Path, columns: Sequence[Column], rejects: Iterable[tuple[Reject, Cells, str]]
) -> None:
    """Write rejected rows with their cells and why, to be mended and read again as they are."""
    named = [*columns, *(Column(name, "", "") for name in WHY)]
    rows = (
        {**cells, WHY[0]: str(each.row), WHY[1]: each.column, WHY[2]: why}
        for each, cells, why in rejects
    )
    write_rows(path, "csv", named, rows)


def _write_csv(file: IO[str], columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    out, count = csv.writer(file, lineterminator="\n"), 0
    out.writerow([column.name for column in columns])
    for row in rows:
        count += 1
        out.writerow([guarded(row.get(column.name, "")) for column in columns])
    return count


def _write_json(file: IO[str], columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    count = 0
    for row in rows:
        count += 1
        said = {column.name: _value(column, row.get(column.name, "")) for column in columns}
        file.write(json.dumps(said, ensure_ascii=False) + "\n")
    return count


def _write_workbook(path: Path, columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    with _workbook(path) as book:
        return _fill(book.add_worksheet("rows"), columns, rows)


def _fill(sheet: Any, columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    """Fill a sheet: numbers as numbers, everything else as text, whatever it looks like."""
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 20)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            value = _value(column, row.get(column.name, ""), listed=False)
            write = sheet.write_number if isinstance(value, int) else sheet.write_string
            write(count, place, "" if value is None else value)
    return count


def _value(column: Column, cell: str, *, listed: bool = True) -> Any:
    """Return a cell as what it is: a number, a list, a text, or nothing."""
    if column.number and cell.isascii() and cell.isdigit():
        return int(cell)
    if column.parted and listed:
        return list(unpack(cell, column.parted))
    return cell if cell or not listed else None


_MEANING = (Column("column", "", ""), Column("needed", "", ""), Column("meaning", "", ""))


def _meaning(column: Column, lang: str) -> Cells:
    zh = lang == "zh"
    yes = "必填" if zh else "yes"
    return {
        "column": column.name,
        "needed": yes if column.needed else "",
        "meaning": column.zh if zh else column.en,
    }


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    import xlsxwriter  # noqa: PLC0415  seldom needed

    part = path.with_name(f"{path.name}.part")
    try:
        with xlsxwriter.Workbook(str(part), _PLAIN) as book:
            yield book
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _text(path: Path | None, *, bom: bool) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(_MARK if bom else "")
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
