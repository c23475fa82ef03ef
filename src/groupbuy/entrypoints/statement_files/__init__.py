"""A statement as a file that a leader or finance keeps: CSV, XLSX or PDF, from the same facts."""

from typing import Literal, get_args

from groupbuy.application.commission import StatementPage
from groupbuy.entrypoints.statement_files.facts import facts_of

Form = Literal["csv", "xlsx", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def written(page: StatementPage, form: Form, language: str) -> bytes:
    """Return a statement as a file, headed in a language (`en`, else Chinese).

    The same statement gives the same bytes. Whoever asks for CSV alone needs no library for it.
    """
    facts = facts_of(page, language)
    if form == "csv":
        from groupbuy.entrypoints.statement_files import as_csv  # noqa: PLC0415  as below

        return as_csv.write(facts)
    if form == "xlsx":
        from groupbuy.entrypoints.statement_files import as_xlsx  # noqa: PLC0415  heavy

        return as_xlsx.write(facts)
    from groupbuy.entrypoints.statement_files import as_pdf  # noqa: PLC0415  heavy

    return as_pdf.write(facts)


def file_name(page: StatementPage, form: Form) -> str:
    """Return the name of the file: period and leader."""
    return f"{page.statement.period}-{page.statement.leader_id}.{form}"
