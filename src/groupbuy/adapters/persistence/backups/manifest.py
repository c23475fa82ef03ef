"""What a backup says of itself: when, which schema, how many rows, and what the books add up to."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from attrs import evolve, frozen
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

from groupbuy.domain.kernel import Refused

FORMAT = 1
NAME = "manifest.json"
_converter = make_converter()
_PIECE = 1 << 20


@frozen
class Facts:
    """What a database holds, in one snapshot."""

    revision: str
    """Its schema."""
    rows: Mapping[str, int]
    """Rows by `tenant/table`; tables that belong to nobody stand without a tenant."""
    books: Mapping[str, tuple[int, int]]
    """Debits and credits of all journals by `tenant/currency`, in minor units."""


@frozen
class Pictures:
    """What a backup holds of the storage of pictures."""

    files: int
    bytes: int
    sha256: str
    """Over the list of them, which has one for each."""
    linked: int = 0
    """How many were in the backup before and took no room again."""
    missing: tuple[str, ...] = ()
    """Keys that a row names and the storage did not have, or had with other bytes."""


@frozen
class Manifest:
    """The facts of a copy, and a checksum over its bytes."""

    engine: str
    """`sqlite` or `postgresql`."""
    file: str
    """Name of the copy beside this."""
    facts: Facts
    made_at: str = ""
    """UTC, ISO 8601."""
    bytes: int = 0
    sha256: str = ""
    pictures: Pictures | None = None
    """None if only the database was copied."""
    format: int = FORMAT

    def sealed(self, folder: Path, now: datetime) -> "Manifest":
        """Return it with the instant, the size and the checksum of the file."""
        copy = folder / self.file
        size, digest = copy.stat().st_size, checksum(copy)
        return evolve(self, made_at=now.isoformat(), bytes=size, sha256=digest)

    def write(self, folder: Path) -> None:
        """Write it beside the copy."""
        text = json.dumps(_converter.unstructure(self), ensure_ascii=False, indent=1)
        (folder / NAME).write_text(f"{text}\n", encoding="utf-8")

    def differences(self, found: Facts) -> list[str]:
        """Return where a database is not what was backed up, a line each; empty if it is."""
        lines = [f"revision: {self.facts.revision} backed up, {found.revision} found"]
        return [
            *(lines if self.facts.revision != found.revision else ()),
            *_unequal("rows of", self.facts.rows, found.rows),
            *_unequal("debits and credits of", self.facts.books, found.books),
        ]

    @property
    def tenants(self) -> list[str]:
        """Whose rows are in the copy."""
        return sorted({key.partition("/")[0] for key in self.facts.rows if "/" in key})

    @property
    def unbalanced(self) -> list[str]:
        """Whose debits and credits differ: the books were wrong when the copy was made."""
        return [key for key, (debit, credit) in self.facts.books.items() if debit != credit]


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup. Raises Refused if it is none that we can put back."""
    try:
        found = _converter.structure(
            json.loads((folder / NAME).read_text(encoding="utf-8")), Manifest
        )
    except (OSError, ValueError, KeyError, BaseValidationError) as error:
        raise Refused(rule="backup_is_whole", about=f"{folder.name}: {NAME}") from error
    if found.format != FORMAT or Path(found.file).name != found.file:
        raise Refused(rule="backup_is_whole", about=f"{folder.name}: format {found.format}")
    return found


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _unequal(what: str, wanted: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            yield f"{what} {key}: {wanted.get(key)} backed up, {found.get(key)} found"
