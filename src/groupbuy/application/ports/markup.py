"""Making what merchants write as HTML safe to show."""

from typing import Protocol


class Markup(Protocol):
    """Reads HTML of strangers."""

    def clean(self, html: str) -> str:
        """Return what may be shown: an allow-list of plain marks, our own pictures, safe links.

        Cleaning what is clean changes nothing.
        """
        ...

    def plain(self, html: str) -> str:
        """Return the text of clean HTML, a line a block, without marks."""
        ...
