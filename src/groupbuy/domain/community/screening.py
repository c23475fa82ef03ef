"""What no text should say in public: banned phrases, and ways around the shop to a person.

Screening decides nothing: what it finds sends a text to a person. It is meant to be passed by
honest people and to cost the others an effort.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

MASK = "■■■"
_GAP = r"[\s\-_.·*]{0,3}"
_PHONE = re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[\s-]\d{7,8}(?!\d)")
_LINK = re.compile(
    r"https?://\S+|www\.\S+|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*"
    r"\.(?:com|cn|net|org|top|xyz|shop|vip|cc|co|io|app|me|info|site|ltd|link)(?![a-z0-9])(?:/\S*)?"
)
_ACCOUNT = re.compile(
    r"(?:微\s*信|薇\s*信|威\s*信|v\s*信|v\s*x|w\s*x|wei\s*xin|we\s*chat|q\s*q|扣\s*扣)"
    r"[\s群号码:是为加搜id]{0,6}[a-z0-9][a-z0-9_-]{4,19}"
)
_NUMERALS = str.maketrans("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖两", "001234567891234567892")
_NOTHING = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


class Finding(StrEnum):
    """Why a text waits for a person."""

    PHRASE = "phrase"
    """A banned phrase."""
    PHONE = "phone"
    LINK = "link"
    ACCOUNT = "account"
    """Of WeChat or QQ."""
    REPORTED = "reported"
    """By a shopper, or its merchant asks for a look."""


def findings_in(text: str, phrases: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return what was found in a text, in the order of `Finding`; nothing for a harmless one.

    Widths, cases, invisible letters and Chinese numerals make no difference, and a banned phrase
    is found with spaces and signs between its letters.
    """
    plain = _folded(text)
    numbers, packed = plain.translate(_NUMERALS), _packed(plain)
    found = {
        Finding.PHRASE: any((key := _packed(_folded(p))) and key in packed for p in phrases),
        Finding.PHONE: bool(_PHONE.search(numbers) or _LANDLINE.search(numbers)),
        Finding.LINK: bool(_LINK.search(plain)),
        Finding.ACCOUNT: bool(_ACCOUNT.search(plain)),
    }
    return tuple(finding for finding, there in found.items() if there)


def without_contacts(text: str) -> str:
    """Return a text in which nobody's phone number, link or account can be read any more.

    A text with one is folded first, so that what was hidden behind other widths goes too.
    """
    while set(findings_in(text)) - {Finding.PHRASE}:
        text = _masked(_folded(text))
    return text


def _masked(plain: str) -> str:
    """Mask what was found; numerals take one letter each, so places agree."""
    for pattern in (_PHONE, _LANDLINE):
        for found in reversed(list(pattern.finditer(plain.translate(_NUMERALS)))):
            plain = plain[: found.start()] + MASK + plain[found.end() :]
    for pattern in (_LINK, _ACCOUNT):
        plain = pattern.sub(MASK, plain)
    return plain


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_NOTHING).casefold()


def _packed(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
