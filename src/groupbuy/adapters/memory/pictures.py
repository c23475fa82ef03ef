"""Pictures in memory."""

import re
from datetime import datetime

from attrs import define, field

from groupbuy.application.ports import Clock, StoredFile
from groupbuy.domain.kernel import NotFound, Unavailable

_KEY = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)


@define(eq=False)
class MemoryPictures:
    """PictureStore; may be told to be down."""

    _clock: Clock
    down: bool = False
    """While true, every call raises Unavailable."""
    files: dict[str, tuple[bytes, datetime]] = field(factory=dict, init=False)

    def put(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002  nobody serves it from here
        """Write a file."""
        self._check(key)
        self.files[key] = (data, self._clock.now())

    def get(self, key: str) -> bytes:
        """Return a file. Raises NotFound."""
        self._check(key)
        if key not in self.files:
            raise NotFound(kind="file", key=key)
        return self.files[key][0]

    def delete(self, key: str) -> None:
        """Remove a file."""
        self._check(key)
        self.files.pop(key, None)

    def listed(self, prefix: str, after: str = "", limit: int = 1_000) -> list[StoredFile]:
        """Return files by key."""
        if self.down:
            raise Unavailable(what="pictures")
        found = sorted(key for key in self.files if key.startswith(prefix) and key > after)
        return [StoredFile(key, self.files[key][1]) for key in found[:limit]]

    def _check(self, key: str) -> None:
        if not _KEY.fullmatch(key):
            raise ValueError("not a key")
        if self.down:
            raise Unavailable(what="pictures")
