"""A statement as pages to print, in a Chinese font that every reader of PDF knows by name.

Chinese readers bring that font; others put one of their own in its place, whose Latin letters have
other widths. So what is plain ASCII is set in Helvetica, which is the same everywhere.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.statement_files.facts import Cell, Facts, decimal_text

_FONT, _LATIN = "STSong-Light", "Helvetica"
_WIDTH: float
_HEIGHT: float
_WIDTH, _HEIGHT = landscape(A4)
_EDGE, _STEP = 36, 11
_FOOT = 20
"""Where the last line of every page stands."""
_SMALL, _PLAIN, _LARGE = 6.4, 9, 14
_RULE = 0.4
_SHOWN = (0, 2, 3, 4, 5, 6, 7, 10, 11, 12)
"""Which columns have room: those without say nothing that the others do not."""
_PLACES = (36, 84, 219, 225, 318, 368, 436, 442, 561, 680)
"""Where each of them stands; amounts and counts end there."""
_NUMBERS = frozenset({3, 5, 6, 7})
_ROOM = {0: 46, 2: 114, 4: 38, 10: 115, 11: 115, 12: 126}
"""How wide text may be, by column; what is wider is set smaller."""


_DOTS = str.maketrans("·•‧", "・・・")
"""The font has one dot between the parts of a name; without this they would not be drawn."""
_UNKNOWN = "〓"
"""Stands for a letter that the font does not have, as in print."""


def write(facts: Facts, *, pressed: bool = True) -> bytes:
    """Return the file; `pressed` compresses its pages."""
    registerFont(UnicodeCIDFont(_FONT))
    out = BytesIO()
    canvas = Canvas(
        out, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1 if pressed else 0
    )
    canvas.setTitle(facts.title)
    canvas.setCreator("groupbuy")
    canvas.setLineWidth(_RULE)
    height = _head(canvas, facts)
    pages = list(_pages([*facts.rows, facts.total], height))
    for number, rows in enumerate(pages, 1):
        if number > 1:
            canvas.showPage()
            height = _HEIGHT - _EDGE
        _table(canvas, height, facts.headings, rows)
        _foot(canvas, facts, f"{number} / {len(pages)}")
    canvas.save()
    return out.getvalue()


def _head(canvas: Canvas, facts: Facts) -> float:
    """Draw title and equation; return how high the table may begin."""
    height = _HEIGHT - _EDGE
    _put(canvas, _EDGE, height, facts.title, _LARGE)
    height -= 6
    for heading, text in facts.about:
        for number, part in enumerate(_parts(text, _WIDTH - 2 * _EDGE - 90)):
            height -= 14
            if not number:
                _put(canvas, _EDGE, height, heading, _PLAIN)
            _put(canvas, _EDGE + 90, height, part, _PLAIN)
    height -= 8
    for sign, heading, amount in (*facts.equation, ("", *facts.deducted)):
        height -= 14
        if sign == "=":
            canvas.line(_EDGE, height + 10, _EDGE + 240, height + 10)
        _put(canvas, _EDGE, height, sign, _PLAIN)
        _put(canvas, _EDGE + 12, height, heading, _PLAIN)
        said = f"{_grouped(amount)} {amount.currency}"
        _put(canvas, _EDGE + 240, height, said, _PLAIN, right=True)
    return height - 28


def _foot(canvas: Canvas, facts: Facts, page: str) -> None:
    """Say on each page which statement it belongs to, and which of its pages it is."""
    about = "   ".join(text for _, text in facts.about[1:3])
    _put(canvas, _EDGE, _FOOT, facts.title, _SMALL)
    _put(canvas, _EDGE + _width(facts.title, _SMALL) + 8, _FOOT, about, _SMALL)
    _put(canvas, _WIDTH - _EDGE, _FOOT, page, _SMALL, right=True)


def _table(
    canvas: Canvas, height: float, headings: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> None:
    """Draw lines of the statement below their headings."""
    _line(canvas, height, headings)
    canvas.setLineWidth(_RULE)
    canvas.line(_EDGE, height - 3, _WIDTH - _EDGE, height - 3)
    for place, row in enumerate(rows, 1):
        _line(canvas, height - 1 - place * _STEP, [_text(cell) for cell in row])


def _pages(rows: Sequence[Sequence[Cell]], height: float) -> Iterator[Sequence[Sequence[Cell]]]:
    """Cut the lines into pages; the first one has less room."""
    start, room = 0, _rows_below(height)
    while start < len(rows):
        yield rows[start : start + room]
        start, room = start + room, _rows_below(_HEIGHT - _EDGE)


def _rows_below(height: float) -> int:
    return int((height - _EDGE) // _STEP) - 1


def _line(canvas: Canvas, height: float, texts: Sequence[str]) -> None:
    for column, place in zip(_SHOWN, _PLACES, strict=True):
        text, size = texts[column], _SMALL
        wide = _width(text, size)
        if wide > _ROOM.get(column, wide):
            size *= _ROOM[column] / wide
        _put(canvas, place, height, text, size, right=column in _NUMBERS)


def _put(
    canvas: Canvas, place: float, height: float, text: str, size: float, *, right: bool = False
) -> None:
    """Draw text from a place on, or up to it."""
    canvas.setFont(_font(text), size)
    drawn = "".join(sign if sign <= "\uffff" else _UNKNOWN for sign in text.translate(_DOTS))
    (canvas.drawRightString if right else canvas.drawString)(place, height, drawn)


def _font(text: str) -> str:
    return _LATIN if text.isascii() else _FONT


def _width(text: str, size: float) -> float:
    wide: float = stringWidth(text, _font(text), size)
    return wide


def _parts(text: str, room: float) -> Iterator[str]:
    """Cut text into lines that have room."""
    while _width(text, _PLAIN) > room:
        end = next(end for end in range(len(text), 0, -1) if _width(text[:end], _PLAIN) <= room)
        yield text[:end]
        text = text[end:]
    yield text


def _text(value: Cell) -> str:
    return _grouped(value) if isinstance(value, Money) else str(value)


def _grouped(money: Money) -> str:
    """Write an amount for people: -1,234.05."""
    whole, _, part = decimal_text(money).removeprefix("-").partition(".")
    return f"{'-' if money.minor < 0 else ''}{int(whole):,}.{part}"
