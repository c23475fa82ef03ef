"""Opening a file of rows, whichever way it is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from groupbuy.application.steps.filing import FileKind, Row, rows_of_json, rows_of_table
from groupbuy.application.steps.records import (
    Reader,
    Record,
    Reject,
    csv_records,
    json_lines,
)
from groupbuy.entrypoints.row_files.workbook import workbook_records

Form = Literal["csv", "xlsx", "jsonl"]
FORMS: tuple[Form, ...] = ("csv", "xlsx", "jsonl")


def form_of(path: Path, said: str = "auto", *, default: Form = "jsonl") -> Form:
    """Return how a file is written: as was said, or as its name ends."""
    wanted = path.suffix.lower().lstrip(".") if said == "auto" else said
    return next((form for form in FORMS if form == wanted), default)


@contextmanager
def opened_records(
    path: Path, form: Form, encoding: str = "utf-8"
) -> Iterator[tuple[Reader, Iterator[Record | Reject]]]:
    """Open a table anew; yield what counts its bytes, and its records."""
    with path.open("rb") as file:
        reader = Reader(file)
        yield reader, workbook_records(path) if form == "xlsx" else csv_records(reader, encoding)


@contextmanager
def opened_rows(
    path: Path, form: Form, encoding: str, kind: FileKind
) -> Iterator[Iterator[Row | Reject]]:
    """Open a file of a kind anew; yield its rows. Raises Invalid for one of another kind."""
    with opened_records(path, form, encoding) as (reader, records):
        if form == "jsonl":
            yield rows_of_json(json_lines(reader, encoding), kind)
        else:
            yield rows_of_table(records, kind)
