"""A statement as pages to print, in a Chinese font that every reader of PDF knows by name."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.statement_files.facts import Cell, Facts, decimal_text

_FONT = "STSong-Light"
_WIDTH: float
_HEIGHT: float
_WIDTH, _HEIGHT = landscape(A4)
_EDGE, _STEP = 36, 11
_SHOWN = (0, 2, 3, 4, 5, 6, 7, 10, 11, 12)
"""Which columns have room: those without say nothing that the others do not."""
_PLACES = (36, 92, 222, 230, 330, 385, 440, 450, 564, 678)
"""Where each of them stands; amounts and counts end there."""
_NUMBERS = frozenset({3, 5, 6, 7})


def write(facts: Facts, *, pressed: bool = True) -> bytes:
    """Return the file; `pressed` compresses its pages."""
    registerFont(UnicodeCIDFont(_FONT))
    out = BytesIO()
    canvas = Canvas(
        out, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1 if pressed else 0
    )
    canvas.setTitle(facts.title)
    canvas.setCreator("groupbuy")
    height = _head(canvas, facts)
    for number, rows in enumerate(_pages(facts.rows, height), 1):
        if number > 1:
            canvas.showPage()
            height = _HEIGHT - _EDGE
        canvas.setFont(_FONT, 7)
        _line(canvas, height, facts.headings)
        for place, row in enumerate(rows, 1):
            _line(canvas, height - place * _STEP, [_text(cell) for cell in row])
        canvas.drawRightString(_WIDTH - _EDGE, _EDGE / 2, str(number))
    canvas.save()
    return out.getvalue()


def _head(canvas: Canvas, facts: Facts) -> float:
    """Draw title and equation; return how high the table may begin."""
    height = _HEIGHT - _EDGE
    canvas.setFont(_FONT, 14)
    canvas.drawString(_EDGE, height, facts.title)
    canvas.setFont(_FONT, 9)
    for heading, text in facts.about:
        height -= 14
        canvas.drawString(_EDGE, height, heading)
        canvas.drawString(_EDGE + 90, height, text)
    height -= 8
    for sign, heading, amount in (*facts.equation, ("", *facts.deducted)):
        height -= 14
        canvas.drawString(_EDGE, height, sign)
        canvas.drawString(_EDGE + 12, height, heading)
        canvas.drawRightString(_EDGE + 220, height, f"{decimal_text(amount)} {amount.currency}")
    return height - 28


def _pages(rows: Sequence[Sequence[Cell]], height: float) -> Iterator[Sequence[Sequence[Cell]]]:
    """Cut the lines into pages; the first one has less room, and there is always a first one."""
    start, room = 0, _rows_below(height)
    while True:
        yield rows[start : start + room]
        start, room = start + room, _rows_below(_HEIGHT - _EDGE)
        if start >= len(rows):
            return


def _rows_below(height: float) -> int:
    return int((height - _EDGE) // _STEP) - 1


def _line(canvas: Canvas, height: float, texts: Sequence[str]) -> None:
    for column, place in zip(_SHOWN, _PLACES, strict=True):
        if column in _NUMBERS:
            canvas.drawRightString(place, height, texts[column])
        else:
            canvas.drawString(place, height, texts[column])


def _text(value: Cell) -> str:
    return decimal_text(value) if isinstance(value, Money) else str(value)
