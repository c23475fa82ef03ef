"""Backups on disk: their names, which one is the newest, which ones have served their time."""

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from attrs import frozen

from groupbuy.adapters.persistence.backups.manifest import NAME, Manifest, checksum, read
from groupbuy.domain.kernel import Refused

PARTIAL = ".part"
"""Ends the name of a folder that is still being written, or never was finished."""
_PREFIX = "groupbuy-"
_STAMP = "%Y%m%dT%H%M%S%fZ"


@frozen
class Backup:
    """One backup: where it lies and what it says of itself."""

    path: Path
    manifest: Manifest

    @property
    def copy(self) -> Path:
        """The copy of the database."""
        return self.path / self.manifest.file

    @property
    def made_at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.manifest.made_at)


def fresh_name(now: datetime) -> str:
    """Return the name of a backup made now; names sort by time."""
    return now.astimezone(UTC).strftime(f"{_PREFIX}{_STAMP}")


def reserved(folder: Path, now: datetime) -> Path:
    """Make the unfinished folder of a backup begun now; two of one instant get two names.

    Whoever holds the unfinished folder of a name is the only one who may finish it.
    """
    name = fresh_name(now)
    names = (name if turn == 1 else f"{name}-{turn:02d}" for turn in count(1))
    return next(filter(_reserve, (folder / f"{each}{PARTIAL}" for each in names)))


def whole(path: Path) -> Backup:
    """Return the backup in a folder, once its copy of the database is whole. Raises Refused."""
    backup = Backup(path, read(path))
    if not backup.copy.is_file() or checksum(backup.copy) != backup.manifest.sha256:
        raise Refused(rule="backup_is_whole", about=f"{path.name}: {backup.manifest.file}")
    return backup


def latest(folder: Path) -> Backup | None:
    """Return the newest finished backup below a folder; its bytes are not read."""
    found = _finished(folder)
    return Backup(found[-1], read(found[-1])) if found else None


def pruned(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` backups; return the names of those that are gone."""
    gone = _finished(folder)[:-keep]
    for each in gone:
        # Without its manifest it is no backup any more, wherever removing it breaks off.
        (each / NAME).unlink()
        shutil.rmtree(each)
    return [each.name for each in gone]


def settled(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reserve(partial: Path) -> bool:
    """Make an unfinished folder, unless somebody else has it or has finished it."""
    with suppress(FileExistsError):
        partial.mkdir(mode=0o700)
        if not partial.with_suffix("").exists():
            return True
        partial.rmdir()
    return False


def _finished(folder: Path) -> list[Path]:
    found = folder.glob(f"{_PREFIX}*/{NAME}")
    return sorted(each.parent for each in found if each.parent.suffix != PARTIAL)
