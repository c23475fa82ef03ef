"""Keeping the bytes of pictures, and making them fit to be shown."""

from datetime import datetime
from typing import Protocol

from attrs import frozen


@frozen
class StoredFile:
    """A file in the storage, as a listing tells it."""

    key: str
    at: datetime
    """When it was written."""


class PictureStore(Protocol):
    """Files by key: words of `A-Za-z0-9_.-` parted by `/`, none of which begins with a point.

    A file is there whole or not at all. Any other key is a ValueError. Raises Unavailable when
    the storage does not answer.
    """

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Write a file, over the one there may be."""
        ...

    def get(self, key: str) -> bytes:
        """Return a file. Raises NotFound."""
        ...

    def delete(self, key: str) -> None:
        """Remove a file; nothing happens if there is none."""
        ...

    def listed(self, prefix: str, after: str = "", limit: int = 1_000) -> list[StoredFile]:
        """Return files whose keys begin with `prefix`, behind `after`, by key, at most `limit`."""
        ...


@frozen
class MadeFile:
    """One file made from what somebody sent."""

    file: str
    media_type: str
    width: int
    height: int
    data: bytes


class Studio(Protocol):
    """Makes pictures anew from what somebody sent; nothing of the original is kept."""

    def make(self, data: bytes) -> tuple[MadeFile, ...]:
        """Return every file of a picture, upright, in sRGB, without anything besides the picture.

        Raises Invalid for what is no still JPEG, PNG or WebP picture, or is too large.
        """
        ...
