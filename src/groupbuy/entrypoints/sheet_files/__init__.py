"""A sheet of a campaign as something to keep or to print: CSV, a page, or PDF."""

from typing import Literal, get_args

from groupbuy.application.logistics import Sheet
from groupbuy.entrypoints.sheet_files.facts import printed

Form = Literal["csv", "html", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


def written(sheet: Sheet, form: Form, language: str) -> bytes:
    """Return a sheet as a file, headed in a language (`en`, else Chinese)."""
    facts = printed(sheet, language)
    if form == "csv":
        from groupbuy.entrypoints.sheet_files import as_csv  # noqa: PLC0415  as below

        return as_csv.write(facts)
    if form == "html":
        from groupbuy.entrypoints.sheet_files import as_html  # noqa: PLC0415  as below

        return as_html.write(facts)
    from groupbuy.entrypoints.sheet_files import as_pdf  # noqa: PLC0415  heavy

    return as_pdf.write(facts)


def file_name(sheet: Sheet, form: Form) -> str:
    """Return the name of the file: what it is, and of which campaign."""
    return f"{sheet.kind.value}-{sheet.campaign_id}.{form}"
