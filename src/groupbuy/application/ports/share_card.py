"""Drawing a picture to share: words, and a code that leads to a link."""

from typing import Protocol

from attrs import frozen

WIDTH, HEIGHT = 750, 1_100
"""Pixels of every picture to share."""


@frozen
class Card:
    """What is drawn. Everything on it stays true as long as what it shows is sold."""

    title: str
    price: str
    facts: tuple[str, ...]
    """Lines below the price; those that find no room are left out."""
    scan: str
    """What to do with the code."""
    site: str
    link: str
    """What the code says."""
    picture: bytes = b""
    """A picture of the goods; without one there is a plain field."""


@frozen
class Frame:
    """A rectangle, in pixels from the upper left corner; right and bottom are beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, other: "Frame") -> bool:
        """Tell whether another one lies inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def meets(self, other: "Frame") -> bool:
        """Tell whether they have a pixel in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@frozen
class Laid:
    """Where something was put: the room it has, and where its ink really is."""

    name: str
    """`title`, `price`, `fact`, `scan`, `site`, `code` or `picture`."""
    room: Frame
    ink: Frame
    text: str = ""
    """As it was drawn: shortened, without letters the font lacks."""


@frozen
class DrawnCard:
    """A finished picture."""

    data: bytes
    media_type: str
    width: int
    height: int
    laid: tuple[Laid, ...]


class CardPainter(Protocol):
    """Draws cards; may be shared by threads."""

    def draw(self, card: Card) -> DrawnCard:
        """Return the picture. Raises Unavailable without a font that has Chinese letters."""
        ...

    def findings(self) -> list[str]:
        """Return why nothing can be drawn; empty if all is well."""
        ...
