"""Files of pictures beside the copy of a database: listed, checked, put back.

What has not changed since the backup before is a hard link to it and takes no room again.
"""

import hashlib
import json
import mimetypes
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from attrs import asdict, frozen

from groupbuy.adapters.persistence.backups.facts import Named
from groupbuy.adapters.persistence.backups.folder import Backup, settled
from groupbuy.adapters.persistence.backups.manifest import Pictures, checksum
from groupbuy.application.ports import PictureStore, StoredFile
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.pictures import PRIVATE, PUBLIC

LIST = "pictures.jsonl"
"""One line for every file: its key, size, SHA-256, and when the storage says it was written."""
FOLDER = "pictures"
_KEY = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)


@frozen
class Filed:
    """One file of a backup."""

    key: str
    size: int
    sha256: str
    at: str
    """ISO 8601, as the storage said it."""


def copied(
    store: PictureStore, tenants: Iterable[str], folder: Path, earlier: Backup | None, named: Named
) -> Pictures:
    """Copy every file of some tenants into the folder of a backup; say what that came to.

    A file that the backup `earlier` has from the same instant is linked, once its bytes are what
    they were. Raises Unavailable.
    """
    known = _known(earlier)
    copies, linked = list[Filed](), 0
    for file in _everything(store, tenants):
        old = known.get(file.key)
        if earlier and old and old.at == file.at.isoformat() and _linked(earlier, old, folder):
            copies.append(old)
            linked += 1
        else:
            # Whoever removed it since the listing removed its row before it.
            with suppress(NotFound):
                copies.append(_copy(store, file, folder))
    listed = folder / LIST
    lines = (f"{json.dumps(asdict(each))}\n" for each in copies)
    listed.write_text("".join(lines), encoding="utf-8")
    listed.chmod(0o600)
    settled(listed)
    held = {each.key: each.sha256 for each in copies}
    return Pictures(
        files=len(copies),
        bytes=sum(each.size for each in copies),
        sha256=checksum(listed),
        linked=linked,
        missing=tuple(key for key, digest in sorted(named.items()) if held.get(key) != digest),
    )


def check(backup: Backup) -> None:
    """See that the bytes of every file are what they were. Raises Refused."""
    for each in _listed(backup):
        if not _whole(backup, each):
            raise Refused(rule="backup_is_whole", about=f"{backup.path.name}: {each.key}")


def put_back(backup: Backup, store: PictureStore) -> None:
    """Put every file into the storage, over what has its key. Raises Unavailable, Refused."""
    for each in _listed(backup):
        media_type = mimetypes.guess_type(each.key)[0] or "application/octet-stream"
        store.put(each.key, _path(backup, each).read_bytes(), media_type)


def absent(store: PictureStore, tenants: Iterable[str], named: Named) -> list[str]:
    """Return which files that rows name the storage does not have, a line each."""
    there = {each.key for each in _everything(store, tenants)}
    return [
        f"picture {key}: named by a row, not in the storage" for key in sorted(named.keys() - there)
    ]


def _everything(store: PictureStore, tenants: Iterable[str]) -> Iterator[StoredFile]:
    for prefix in (f"{tenant}/{shelf}/" for tenant in tenants for shelf in (PRIVATE, PUBLIC)):
        after = ""
        while page := store.listed(prefix, after):
            yield from page
            after = page[-1].key


def _known(earlier: Backup | None) -> dict[str, Filed]:
    """Return the files of the backup before; one that cannot be read has none to link to."""
    if earlier is not None:
        with suppress(Refused):
            return {each.key: each for each in _listed(earlier)}
    return {}


def _listed(backup: Backup) -> list[Filed]:
    said, listed = backup.manifest.pictures, backup.path / LIST
    if said is None:
        return []
    if not listed.is_file() or checksum(listed) != said.sha256:
        raise Refused(rule="backup_is_whole", about=f"{backup.path.name}: {LIST}")
    files = [Filed(**json.loads(line)) for line in listed.read_text("utf-8").splitlines()]
    if not all(_KEY.fullmatch(each.key) for each in files):
        raise Refused(rule="backup_is_whole", about=f"{backup.path.name}: {LIST}")
    return files


def _linked(earlier: Backup, file: Filed, folder: Path) -> bool:
    """Link a file of the backup before; not one that has rotted since, nor across disks."""
    if not _whole(earlier, file):
        return False
    with suppress(OSError):
        os.link(_path(earlier, file), _place(folder, file.key))
        return True
    return False


def _copy(store: PictureStore, file: StoredFile, folder: Path) -> Filed:
    data, place = store.get(file.key), _place(folder, file.key)
    place.write_bytes(data)
    place.chmod(0o600)
    settled(place)
    digest = hashlib.sha256(data).hexdigest()
    return Filed(file.key, len(data), digest, file.at.isoformat())


def _whole(backup: Backup, file: Filed) -> bool:
    path = _path(backup, file)
    return path.is_file() and path.stat().st_size == file.size and checksum(path) == file.sha256


def _path(backup: Backup, file: Filed) -> Path:
    return backup.path / FOLDER / file.key


def _place(folder: Path, key: str) -> Path:
    place = folder / FOLDER / key
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place
