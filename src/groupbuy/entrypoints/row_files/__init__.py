"""Files of rows, read and written as CSV, workbook or JSON lines."""

from groupbuy.entrypoints.row_files.reading import FORMS, Form, form_of, opened_records, opened_rows
from groupbuy.entrypoints.row_files.workbook import workbook_records
from groupbuy.entrypoints.row_files.writing import (
    write_lines,
    write_rejects,
    write_rows,
    write_template,
)

__all__ = [
    "FORMS",
    "Form",
    "form_of",
    "opened_records",
    "opened_rows",
    "workbook_records",
    "write_lines",
    "write_rejects",
    "write_rows",
    "write_template",
]
