"""A sheet as a page to print: no script, nothing from elsewhere, every text escaped."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape

from groupbuy.entrypoints.sheet_files.facts import Part, Printed

_STYLE = (
    "body{font:13px/1.5 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;color:#111}"
    "body{margin:24px}"
    "h1{font-size:20px;margin:0}p{color:#555;margin:2px 0 16px}h2{font-size:15px;margin:20px 0 6px}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left}"
    "th,td{border:1px solid #999;padding:4px 8px;text-align:left;vertical-align:top}"
    "th{background:#f2f2f2}.n{text-align:right;font-variant-numeric:tabular-nums}"
    "tfoot td{font-weight:600}thead{display:table-header-group}tr{break-inside:avoid}"
    "section{break-inside:auto}@media print{body{margin:0}section+section{break-before:page}}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may do with the page: show it in its own style, and nothing else."""


def write(sheet: Printed) -> bytes:
    """Return the page."""
    title = escape(f"{sheet.title} · {sheet.about}")
    body = "".join(_part(sheet, part) for part in sheet.parts)
    empty = "Nothing yet" if sheet.language == "en" else "暂无内容"
    return (
        f'<!doctype html><html lang="{sheet.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(sheet.title)}</h1><p>{escape(sheet.about)}</p>"
        f"{body or f'<p>{empty}</p>'}</body></html>"
    ).encode()


def _part(sheet: Printed, part: Part) -> str:
    heading = f"<h2>{escape(part.heading)}</h2>" if part.heading else ""
    head = "".join(
        f'<th scope="col"{_class(sheet, column)}>{escape(text)}</th>'
        for column, text in enumerate(sheet.headings)
    )
    rows = "".join(f"<tr>{_cells(sheet, row)}</tr>" for row in part.rows)
    foot = f"<tfoot><tr>{_cells(sheet, part.totals)}</tr></tfoot>" if any(part.totals) else ""
    return (
        f"<section>{heading}<table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody>{foot}</table></section>"
    )


def _cells(sheet: Printed, texts: Sequence[str]) -> str:
    return "".join(
        f"<td{_class(sheet, column)}>{escape(text)}</td>" for column, text in enumerate(texts)
    )


def _class(sheet: Printed, column: int) -> str:
    return ' class="n"' if column in sheet.numbers else ""
