"""A report as a file: CSV, XLSX or SVG, from the same cells; the same report, the same bytes."""

from typing import Literal, get_args

from groupbuy.application.ports.delivery import Attachment
from groupbuy.application.reporting import Report
from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.report_files.cells import Sheet, sheet_of

Form = Literal["csv", "xlsx", "svg"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
}

__all__ = ["FORMS", "MEDIA_TYPES", "Form", "Sheet", "file_name", "printed", "sheet_of", "written"]


def written(report: Report, form: Form, language: str) -> bytes:
    """Return a report as a file, in a language (`en`, else Chinese)."""
    sheet = sheet_of(report, language)
    if form == "csv":
        from groupbuy.entrypoints.report_files import as_csv  # noqa: PLC0415  only if asked for

        return as_csv.write(sheet)
    if form == "xlsx":
        from groupbuy.entrypoints.report_files import as_xlsx  # noqa: PLC0415  heavy

        return as_xlsx.write(sheet)
    from groupbuy.entrypoints.report_files import as_svg  # noqa: PLC0415  only if asked for

    return as_svg.write(sheet)


def printed(report: Report, form: str, language: str) -> Attachment:
    """Return a report as a file to send. Raises Invalid for a form there is not."""
    wanted = next((each for each in FORMS if each == form), None)
    if wanted is None:
        raise Invalid(field="form", reason="must be csv, xlsx or svg")
    content = written(report, wanted, language)
    return Attachment(file_name(report, wanted), MEDIA_TYPES[wanted], content)


def file_name(report: Report, form: Form) -> str:
    """Return the name of the file: the report and its days."""
    first, last = report.days.first.isoformat(), report.days.last.isoformat()
    return f"{report.name}-{first}-{last}.{form}"
