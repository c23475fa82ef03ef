"""Pictures to share, drawn with Pillow; the code in them by segno, the letters by Noto Sans SC."""

import io
import threading
import unicodedata
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

import segno
from attrs import define, field
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from groupbuy.application.ports.share_card import HEIGHT, WIDTH, Card, DrawnCard, Frame, Laid
from groupbuy.domain.kernel import Unavailable

FONT = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
"""The package that brings the font, and the file in it; free by the SIL Open Font License."""
_PROBE = "团购邻居¥0a"
"""Letters that every card needs."""
_NOWHERE = "\U0010ffff"
"""A letter that no font has: what is drawn for it is drawn for every letter that is lacking."""
_WHITE, _INK, _GREY, _RED, _FIELD = "#ffffff", "#1c1917", "#57534e", "#b91c1c", "#fef2f2"
_EDGE, _QUIET = 48, 4
"""Margin in pixels; modules of white around a code, as its standard wants."""
_PICTURE = Frame(0, 0, WIDTH, 520)
_SITE = Frame(_EDGE, 180, WIDTH - _EDGE, 340)
_TITLE = Frame(_EDGE, 550, WIDTH - _EDGE, 682)
_PRICE = Frame(_EDGE, 700, WIDTH - _EDGE, 790)
_FACTS = tuple(Frame(_EDGE, top, 450, top + 46) for top in range(810, 1_000, 50))
_SCAN = Frame(_EDGE, 1_020, 450, 1_066)
_CODE = Frame(466, 820, WIDTH - _EDGE, 820 + WIDTH - _EDGE - 466)


@define(eq=False)
class PillowCards:
    """CardPainter."""

    font: str = ""
    """Path of a font file; empty means the one that comes along."""
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def draw(self, card: Card) -> DrawnCard:
        """Return the picture as a JPEG. Raises Unavailable without a font for Chinese letters."""
        if self.findings():
            raise Unavailable(what="a font for pictures to share")
        sheet = Image.new("RGB", (WIDTH, HEIGHT), _WHITE)
        laid = [_picture(sheet, card.picture)]
        pen = ImageDraw.Draw(sheet)
        # A font keeps the size it was asked for last: one card at a time.
        with self._lock:
            if not card.picture:
                laid.append(self._write(pen, "site", card.site, _SITE, 60, _RED))
            laid += self._paragraph(pen, "title", card.title, _TITLE, 46)
            laid.append(self._write(pen, "price", card.price, _PRICE, 58, _RED))
            for text, room in zip(card.facts, _FACTS, strict=False):
                laid.append(self._write(pen, "fact", text, room, 28, _GREY))
            laid.append(self._write(pen, "scan", card.scan, _SCAN, 28, _INK))
        laid.append(_code(sheet, card.link))
        out = io.BytesIO()
        sheet.save(out, format="JPEG", quality=90, subsampling=0)
        return DrawnCard(out.getvalue(), "image/jpeg", WIDTH, HEIGHT, tuple(laid))

    def findings(self) -> list[str]:
        """Return why nothing can be drawn: no font, or one without Chinese letters."""
        return list(self._findings)

    @cached_property
    def _findings(self) -> tuple[str, ...]:
        try:
            lacking = [letter for letter in _PROBE if not self._has(letter)]
        except (OSError, ImportError):
            return (f"the font cannot be opened: {self.font or FONT[0]}",)
        return (f"the font lacks {''.join(lacking)}",) if lacking else ()

    def _sized(self, size: int) -> ImageFont.FreeTypeFont:
        return _font(self.font or _own_font(), size)

    def _has(self, letter: str) -> bool:
        return _glyph(self.font or _own_font(), letter) != _glyph(
            self.font or _own_font(), _NOWHERE
        )

    def _drawable(self, text: str) -> str:
        plain = " ".join(unicodedata.normalize("NFC", text).split())
        return "".join(letter for letter in plain if letter == " " or self._shows(letter)).strip()

    def _shows(self, letter: str) -> bool:
        # Those without a form of their own turn the direction of others, or hide between them.
        return unicodedata.category(letter)[0] != "C" and self._has(letter)

    def _write(
        self, pen: ImageDraw.ImageDraw, name: str, text: str, room: Frame, size: int, colour: str
    ) -> Laid:
        """Write one line, cut where its room ends."""
        font = self._sized(size)
        shown = _cut(font, self._drawable(text), room.right - room.left)
        return _put(pen, name, shown, room, font, colour)

    def _paragraph(
        self, pen: ImageDraw.ImageDraw, name: str, text: str, room: Frame, size: int
    ) -> list[Laid]:
        """Write two lines; the second one is cut."""
        font, plain = self._sized(size), self._drawable(text)
        width, middle = room.right - room.left, (room.top + room.bottom) // 2
        first = _fitting(font, plain, width)
        laid = [_put(pen, name, plain[:first].strip(), _row(room, room.top, middle), font, _INK)]
        rest = _cut(font, plain[first:].strip(), width)
        if rest:
            laid.append(_put(pen, name, rest, _row(room, middle, room.bottom), font, _INK))
        return laid


def _row(room: Frame, top: int, bottom: int) -> Frame:
    return Frame(room.left, top, room.right, bottom)


def _put(
    pen: ImageDraw.ImageDraw,
    name: str,
    text: str,
    room: Frame,
    font: ImageFont.FreeTypeFont,
    colour: str,
) -> Laid:
    """Write a text that fits on the line of its room."""
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    # Letters of one size stand on one line, whatever letters they are.
    ascent, descent = font.getmetrics()
    spare = (room.bottom - room.top - ascent - descent) // 2
    at = (room.left - min(int(left), 0), room.top + spare + ascent)
    pen.text(at, text, font=font, fill=colour, anchor="ls")
    ink = Frame(int(at[0] + left), int(at[1] + top), int(at[0] + right), int(at[1] + bottom))
    return Laid(name, room, ink, text)


def _cut(font: ImageFont.FreeTypeFont, text: str, width: int) -> str:
    if _fitting(font, text, width) == len(text):
        return text
    return text[: _fitting(font, text, width, "…")].rstrip() + "…"


def _fitting(font: ImageFont.FreeTypeFont, text: str, width: int, more: str = "") -> int:
    """Return how many letters fit beside each other."""
    low, high = 0, len(text)
    while low < high:
        half = (low + high + 1) // 2
        if font.getbbox(text[:half] + more)[2] <= width:
            low = half
        else:
            high = half - 1
    return low


def _picture(sheet: Image.Image, data: bytes) -> Laid:
    """Fill the upper part with the goods, or with a plain field where there is no picture."""
    size = (_PICTURE.right, _PICTURE.bottom)
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP", "JPEG")) as found:
            sheet.paste(ImageOps.fit(found.convert("RGB"), size), (0, 0))
    except (OSError, UnidentifiedImageError, ValueError):
        sheet.paste(Image.new("RGB", size, _FIELD), (0, 0))
    return Laid("picture", _PICTURE, _PICTURE)


def _code(sheet: Image.Image, link: str) -> Laid:
    """Draw the code as large as whole pixels allow, in the middle of its room."""
    made = segno.make(link, error="m", micro=False)
    modules = made.symbol_size(border=_QUIET)[0]
    room = _CODE.right - _CODE.left
    scale = max(room // modules, 1)
    out = io.BytesIO()
    made.save(out, kind="png", scale=scale, border=_QUIET)
    with Image.open(out) as drawn:
        spare = (room - drawn.width) // 2
        left, top = _CODE.left + spare, _CODE.top + spare
        sheet.paste(drawn.convert("RGB"), (left, top))
        ink = Frame(left, top, left + drawn.width, top + drawn.height)
    return Laid("code", _CODE, ink, link)


@lru_cache(maxsize=1)
def _own_font() -> str:
    """Return the path of the font that comes along. Raises ImportError without its package."""
    return str(Path(str(files(FONT[0]))) / FONT[1])


@lru_cache(maxsize=16)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@lru_cache(maxsize=4_096)
def _glyph(path: str, letter: str) -> tuple[tuple[int, int], bytes]:
    """Return what is drawn for a letter, small."""
    mask = _font(path, 16).getmask(letter)
    return (mask.size, bytes(mask))
