"""Folding: texts that mean the same to somebody who searches become the same text."""

from collections.abc import Callable
from unicodedata import category, normalize

_DEPTH = 4
"""How often one character may unfold into others; no character of Unicode needs more."""
_SILENT = frozenset({"Mn", "Cc", "Cf", "Cs"})
"""Marks of their own and what has no shape at all: nobody types them."""


class Folding(dict[int, str]):
    """Makes widths, cases, accents and the two Chinese scripts equal, character by character.

    Every character folds by itself, so that a place in folded text has a place in the original.
    It is the table that `str.translate` reads, and fills itself as characters are met.
    """

    def __init__(self, simplified: Callable[[str], str] = str) -> None:
        """Take what turns one traditional character into its simplified form."""
        super().__init__()
        self._simplified = simplified

    def __missing__(self, code: int) -> str:
        """Fold a character that was not met before."""
        found = self[code] = self._folded(chr(code), _DEPTH)
        return found

    def fold(self, text: str) -> str:
        """Return the folded text, its words parted by single spaces; folding it again is no-op."""
        return " ".join(text.translate(self).split())

    def trace(self, text: str) -> tuple[str, list[int]]:
        """Return the folded text, and for each of its characters the place it comes from."""
        folded, places = list[str](), list[int]()
        for place, char in enumerate(text):
            for each in self[ord(char)]:
                space = each.isspace()
                if space and (not folded or folded[-1] == " "):
                    continue
                folded.append(" " if space else each)
                places.append(place)
        if folded and folded[-1] == " ":
            folded.pop()
            places.pop()
        return "".join(folded), places

    def _folded(self, char: str, left: int) -> str:
        step = self._step(char)
        if step == char or left == 0:
            return step
        return "".join(self._folded(each, left - 1) for each in step)

    def _step(self, char: str) -> str:
        if char.isspace():
            return " "
        plain = "".join(map(_bare, normalize("NFKC", char))).casefold()
        return "".join(self._simplified(each) for each in plain)


def _bare(char: str) -> str:
    """Return a letter without its accent, nothing for a mark that stands alone."""
    if category(char) in _SILENT:
        return ""
    base = normalize("NFD", char)[0]
    return base if base.isascii() else char
