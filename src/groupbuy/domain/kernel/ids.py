"""Identity: a prefixed, sortable UUIDv7 that carries the cell its row lives in.

An id reads `ord_01K…`: three letters for the kind, then 26 letters of Crockford's base 32.
The 128 bits are a UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 bits of cell in place of
`rand_a`, 62 random bits. So ids of one kind sort by time, and an id alone routes to its cell.
"""

from typing import NewType

Id = NewType("Id", str)
"""An id of any kind; the prefix tells which."""

CELLS = 4096
"""How many cells an id can name."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_PAIR_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
_LENGTH = 30
_SHIFTS = tuple(range(120, -1, -10))


def make_id(kind: str, *, millis: int, cell: int, entropy: int) -> Id:
    """Build an id. `millis` is Unix time, `cell` 0–4095, `entropy` 62 random bits."""
    if not 0 <= cell < CELLS:
        raise ValueError(f"cell {cell} is outside 0–{CELLS - 1}")
    bits = (
        (millis & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | cell << 64
        | 0b10 << 62
        | entropy & 0x3FFF_FFFF_FFFF_FFFF
    )
    return Id(kind + "_" + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS]))


def cell_of(key: str) -> int:
    """Return the cell of an id, or of the first id inside a longer key; 0 where there is none.

    Never raises, so that a made-up id simply is not found. Longer keys are made of ids and
    words, parted by `/` or `:` (`leader:ldr_…:available`).
    """
    if len(key) == _LENGTH and key[3] == "_":
        return _cell(key[4:])
    for part in key.replace(":", "/").split("/"):
        if len(part) == _LENGTH and part[3] == "_":
            return _cell(part[4:])
    return 0


def time_of(some_id: str) -> int:
    """Return when an id was made, in Unix milliseconds."""
    return _bits(some_id) >> 80


def kind_of(some_id: str) -> str:
    """Return the prefix of an id."""
    return some_id.partition("_")[0]


def _bits(some_id: str) -> int:
    if len(some_id) != _LENGTH or some_id[3] != "_":
        raise ValueError("not an id")
    return _number(some_id[4:])


def _cell(body: str) -> int:
    """Bits 64–75 of 128 lie in letters 10 to 13 of 26 (the first letter holds 3 bits)."""
    high, low = _PAIR_VALUES.get(body[10:12]), _PAIR_VALUES.get(body[12:14])
    if high is None or low is None:
        return 0
    return (high << 10 | low) >> 4 & 0xFFF


def _number(text: str) -> int:
    bits = 0
    for letter in text:
        value = _VALUES.get(letter)
        if value is None:
            raise ValueError("not an id")
        bits = bits << 5 | value
    return bits
