"""What all processes of the crash test see: who died where, how often, and whether they may."""

import mmap
import struct
from pathlib import Path
from typing import Self

from tests.support.crash.labels import LABELS

SLOTS = 8
"""Lives at once, at most."""
_NUMBER = struct.Struct("<q")
_ARMED, _BORN, _UNEXPECTED, _FIRST_SLOT = 0, 1, 2, 3
_FIRST_LABEL = _FIRST_SLOT + SLOTS
_SIZE = _FIRST_LABEL + len(LABELS)


class Board:
    """Whole numbers in a file that processes map into their memory; each has one writer."""

    def __init__(self, path: Path) -> None:
        """Open it; `fresh` makes it."""
        with path.open("r+b") as file:
            self._cells = mmap.mmap(file.fileno(), _SIZE * _NUMBER.size)

    @classmethod
    def fresh(cls, path: Path) -> Self:
        """Make one on which nothing has happened."""
        path.write_bytes(bytes(_SIZE * _NUMBER.size))
        return cls(path)

    @property
    def armed(self) -> bool:
        """Tell whether lives may die at failpoints now."""
        return bool(self._get(_ARMED))

    @armed.setter
    def armed(self, value: bool) -> None:
        self._put(_ARMED, int(value))

    @property
    def born(self) -> int:
        """How many lives have begun."""
        return self._get(_BORN)

    @property
    def unexpected(self) -> int:
        """How many lives ended otherwise than at a failpoint."""
        return self._get(_UNEXPECTED)

    @property
    def total(self) -> int:
        """How many were killed at failpoints."""
        return sum(self.kills().values())

    def kills(self) -> dict[str, int]:
        """Return how many died at each place."""
        return {label: self.killed_at(n) for n, label in enumerate(LABELS)}

    def killed_at(self, place: int) -> int:
        """Return how many died at the place of that number."""
        return self._get(_FIRST_LABEL + place)

    def dying(self, slot: int, place: int) -> None:
        """Say where the life in a slot is about to die."""
        self._put(_FIRST_SLOT + slot, place + 1)

    def begun(self, slot: int) -> int:
        """Count a new life in a slot; return its number."""
        self._put(_FIRST_SLOT + slot, 0)
        self._put(_BORN, self.born + 1)
        return self.born

    def ended(self, slot: int, *, killed: bool) -> None:
        """Count the end of the life in a slot."""
        place = self._get(_FIRST_SLOT + slot) - 1
        if killed and place >= 0:
            self._put(_FIRST_LABEL + place, self.killed_at(place) + 1)
        else:
            self._put(_UNEXPECTED, self.unexpected + 1)

    def _get(self, cell: int) -> int:
        number: int = _NUMBER.unpack_from(self._cells, cell * _NUMBER.size)[0]
        return number

    def _put(self, cell: int, number: int) -> None:
        _NUMBER.pack_into(self._cells, cell * _NUMBER.size, number)
