"""A report as a picture: a bar for each row, each with its label and its figure.

The picture is its own table: whoever cannot see the bars is read rows of labels and figures.
"""

import re
from collections.abc import Iterator
from html import escape

from attrs import frozen

from groupbuy.entrypoints.report_files.cells import Figure, Line, Sheet, plain

MOST = 60
"""Bars of one picture."""
_WIDTH, _LABEL, _FIGURE, _ROW, _TOP = 760, 220, 120, 22, 64
_ROOM = _WIDTH - _LABEL - _FIGURE - 20
_LETTERS = 16
"""Of a label that fit; the whole of it is read out and shown when pointed at."""
_STYLE = (
    "text{font:13px system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;"
    "fill:#1f2328}.t{font-size:17px;font-weight:600}.n{text-anchor:end}"
    ".b0{fill:#0969da}.b1{fill:#bf8700}.z{stroke:#8c959f}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.b0{fill:#4493f8}.b1{fill:#d29922}}"
)
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def write(sheet: Sheet) -> bytes:
    """Return the picture; rows beyond the most are left out and their number is told."""
    lines, places = sheet.lines[:MOST], sheet.charted[:2]
    high = _TOP + _ROW * max(len(lines), 1) * max(len(places), 1) + 24
    size = f'width="{_WIDTH}" height="{high}" viewBox="0 0 {_WIDTH} {high}"'
    said = 'role="img" aria-labelledby="title desc"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {said}>',
        f'<title id="title">{_said(sheet.title)}</title>',
        f'<desc id="desc">{_said(_description(sheet))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text class="t" x="10" y="26">{_said(sheet.title)}</text>',
        *_legend(sheet, places),
        f'<g role="table" aria-label="{_said(sheet.title)}">',
        *_bars(sheet, lines, places),
        "</g>",
        *_more(len(sheet.lines) - len(lines), high),
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode()


def _description(sheet: Sheet) -> str:
    about = "; ".join(f"{name}: {said}" for name, said in sheet.about)
    figures = ", ".join(_heading(sheet, place) for place in sheet.charted[:2])
    means = " ".join(sheet.definitions[place][1] for place in sheet.charted[:2])
    return f"{figures}. {about}. {means}"


def _heading(sheet: Sheet, place: int) -> str:
    return sheet.headings[len(sheet.headings) - len(sheet.definitions) + place]


def _legend(sheet: Sheet, places: tuple[int, ...]) -> Iterator[str]:
    for n, place in enumerate(places):
        left = 10 + n * 260
        yield f'<rect class="b{n}" x="{left}" y="38" width="12" height="12"/>'
        yield f'<text x="{left + 18}" y="49">{_said(_heading(sheet, place))}</text>'


def _bars(sheet: Sheet, lines: tuple[Line, ...], places: tuple[int, ...]) -> Iterator[str]:
    values = [line.figures[place][0] or 0 for line in lines for place in places]
    low, top = min([0, *values]), max([0, *values])
    span = top - low or 1
    zero = _LABEL + _ROOM * -low // span
    for row, line in enumerate(lines):
        label = " · ".join(part for part in _names(line) if part) or "–"
        for n, place in enumerate(places):
            bar = _Bar(n, _TOP + _ROW * (row * len(places) + n), zero, span)
            yield from bar.drawn(label, _heading(sheet, place), line.figures[place])
    end = _TOP + _ROW * len(lines) * len(places)
    yield f'<line class="z" x1="{zero}" y1="{_TOP}" x2="{zero}" y2="{end}"/>'


@frozen
class _Bar:
    """Where a bar stands."""

    number: int
    """Which of the bars of its row."""
    top: int
    zero: int
    span: int
    """What the whole width stands for."""

    def drawn(self, label: str, heading: str, figure: Figure) -> Iterator[str]:
        """Draw a bar with its label and its figure, as a row of a table."""
        value, y, n = figure[0] or 0, self.top, self.number
        width = _ROOM * abs(value) // self.span
        left = self.zero if value >= 0 else self.zero - width
        number = plain(figure) or "–"
        whole = _said(f"{label}: {heading} {number}")
        shown = label if len(label) <= _LETTERS else label[: _LETTERS - 1] + "…"
        head = _said(shown) if n == 0 else ""
        yield f'<g role="row" aria-label="{whole}">'
        yield f"<title>{whole}</title>"
        yield f'<text role="rowheader" x="10" y="{y + 15}">{head}</text>'
        yield f'<rect class="b{n}" x="{left}" y="{y + 3}" width="{width}" height="{_ROW - 6}"/>'
        yield f'<text role="cell" class="n" x="{_WIDTH - 10}" y="{y + 15}">{_said(number)}</text>'
        yield "</g>"


def _names(line: Line) -> tuple[str, ...]:
    """Return the labels without the ids that have a name beside them."""
    named = [label for label in line.labels if not re.fullmatch(r"[a-z]{3}_[0-9A-Z]{26}", label)]
    return tuple(named) if any(named) else line.labels


def _more(count: int, high: int) -> Iterator[str]:
    if count > 0:
        yield f'<text x="10" y="{high - 8}">+ {count}</text>'


def _said(words: str) -> str:
    """Write text so that it is only text; XML has no control letters."""
    return escape(_UNSAFE.sub("\ufffd", words))
