"""Pictures as files of a folder: the same tree of names, each file put in place in one step."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from groupbuy.application.ports import Clock, StoredFile
from groupbuy.domain.kernel import NotFound, Unavailable

_KEY = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)
_UNFINISHED = ".unfinished-"


@frozen
class FolderPictures:
    """PictureStore. Several processes and machines may share the folder."""

    root: Path

    def put(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002  the name tells it
        """Write a file beside its place, have it on the disk, then put it there."""
        path = self._path(key)
        with _answering():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).chmod(0o644)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def get(self, key: str) -> bytes:
        """Return a file. Raises NotFound."""
        path = self._path(key)
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError), _answering():
            return path.read_bytes()
        raise NotFound(kind="file", key=key)

    def delete(self, key: str) -> None:
        """Remove a file, and its folder with the last one."""
        path = self._path(key)
        with suppress(FileNotFoundError, NotADirectoryError), _answering():
            path.unlink()
            with suppress(OSError):  # not empty, or gone already
                path.parent.rmdir()

    def listed(self, prefix: str, after: str = "", limit: int = 1_000) -> list[StoredFile]:
        """Return files by key; what was never finished is not among them."""
        found = list[StoredFile]()
        with _answering():
            for key in self._keys("", prefix, after):
                with suppress(FileNotFoundError):
                    written = (self.root / key).stat().st_mtime
                    found.append(StoredFile(key, datetime.fromtimestamp(written, UTC)))
                if len(found) >= limit:
                    break
        return found

    def _keys(self, folder: str, prefix: str, after: str) -> Iterator[str]:
        """Walk in the order of the keys, past every folder that holds none of them."""
        try:
            # A folder sorts as its keys do: with the `/` behind its name.
            names = sorted(
                f"{folder}{each.name}{'/' if each.is_dir() else ''}"
                for each in os.scandir(self.root / folder)
                if _KEY.fullmatch(each.name)
            )
        except FileNotFoundError:
            return
        for name in names:
            if name.endswith("/"):
                may_hold = name.startswith(prefix) or prefix.startswith(name)
                if may_hold and not (name <= after and not after.startswith(name)):
                    yield from self._keys(name, prefix, after)
            elif name.startswith(prefix) and name > after:
                yield name

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("not a key")
        return self.root / key


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what a disk says into Unavailable; names that are not there go through."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise
    except OSError as error:
        raise Unavailable(what="pictures") from error


def build(settings: Mapping[str, str], _clock: Clock) -> FolderPictures:
    """Build from flat settings: `folder`."""
    return FolderPictures(Path(settings["folder"]))
