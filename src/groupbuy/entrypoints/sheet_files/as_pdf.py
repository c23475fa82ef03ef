"""A sheet as pages to print, in a Chinese font that every reader of PDF knows by name."""

from collections.abc import Sequence
from io import BytesIO

from attrs import define, field
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from groupbuy.entrypoints.sheet_files.facts import Part, Printed

_FONT = "STSong-Light"
_WIDTH: float
_HEIGHT: float
_WIDTH, _HEIGHT = landscape(A4)
_EDGE, _STEP, _SIZE, _GAP = 36, 14, 8, 8


def write(sheet: Printed, *, pressed: bool = True) -> bytes:
    """Return the file; `pressed` compresses its pages. Each section begins a page."""
    registerFont(UnicodeCIDFont(_FONT))
    out = BytesIO()
    canvas = Canvas(
        out, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1 if pressed else 0
    )
    canvas.setTitle(f"{sheet.title} {sheet.about}")
    canvas.setCreator("groupbuy")
    pages = _Pages(canvas, sheet, _widths(sheet))
    for part in sheet.parts or (Part("", (), ()),):
        pages.part(part)
    canvas.save()
    return out.getvalue()


@define(eq=False)
class _Pages:
    """Fills pages from top to bottom."""

    canvas: Canvas
    sheet: Printed
    widths: Sequence[float]
    height: float = field(default=0.0, init=False)
    number: int = field(default=0, init=False)

    def part(self, part: Part) -> None:
        """Draw a section, on as many pages as it needs."""
        self._page(part)
        for row in part.rows:
            if self.height < _EDGE + _STEP:
                self._page(part)
            self._row(row)
        if any(part.totals):
            self.canvas.line(
                _EDGE, self.height + _STEP - 4, _WIDTH - _EDGE, self.height + _STEP - 4
            )
            self._row(part.totals)

    def _page(self, part: Part) -> None:
        if self.number:
            self.canvas.showPage()
        self.number += 1
        self.height = _HEIGHT - _EDGE
        self.canvas.setFont(_FONT, 13)
        self.canvas.drawString(_EDGE, self.height, f"{self.sheet.title}  {part.heading}".strip())
        self.canvas.setFont(_FONT, _SIZE)
        self.canvas.drawString(_EDGE, self.height - _STEP, self.sheet.about)
        self.canvas.drawRightString(_WIDTH - _EDGE, _EDGE / 2, str(self.number))
        self.height -= 3 * _STEP
        self._row(self.sheet.headings)

    def _row(self, texts: Sequence[str]) -> None:
        left = float(_EDGE)
        for column, (text, width) in enumerate(zip(texts, self.widths, strict=True)):
            shown = _cut(text, width - _GAP)
            if column in self.sheet.numbers:
                self.canvas.drawRightString(left + width - _GAP, self.height, shown)
            else:
                self.canvas.drawString(left, self.height, shown)
            left += width
        self.height -= _STEP


def _widths(sheet: Printed) -> Sequence[float]:
    """Give each column the room its longest text wants, all of them together the page's."""
    wanted = [stringWidth(text, _FONT, _SIZE) for text in sheet.headings]
    for part in sheet.parts:
        for row in (*part.rows, part.totals):
            for column, text in enumerate(row):
                wanted[column] = max(wanted[column], stringWidth(text, _FONT, _SIZE))
    room = _WIDTH - 2 * _EDGE
    whole = sum(each + _GAP for each in wanted)
    scale = min(1.0, room / whole)
    return [(each + _GAP) * scale for each in wanted]


def _cut(text: str, width: float) -> str:
    """Shorten what has no room, and say so."""
    if stringWidth(text, _FONT, _SIZE) <= width:
        return text
    while text and stringWidth(text + "…", _FONT, _SIZE) > width:
        text = text[:-1]
    return text + "…"
