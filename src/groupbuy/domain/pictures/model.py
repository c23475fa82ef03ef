"""A picture: what it is for, whose it is, and who shows it."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Refused

USES_AT_MOST = 50
"""Things that show the same picture."""


class Purpose(StrEnum):
    """What a picture was uploaded for."""

    PRODUCT = "product"
    REVIEW = "review"
    AFTER_SALE = "after_sale"

    @property
    def private(self) -> bool:
        """Tell whether only those concerned may see it: evidence shows homes and faces."""
        return self is Purpose.AFTER_SALE


@frozen
class Rendition:
    """One file of a picture, made by us."""

    file: str
    width: int
    height: int
    size: int
    """Bytes."""
    sha256: str


@frozen
class Picture:
    """One uploaded picture. Its files never change; only who shows it does."""

    id: str
    purpose: Purpose
    owner_id: str
    """Who uploaded it."""
    created_at: datetime
    renditions: tuple[Rendition, ...]
    merchant_id: str = ""
    """Whose goods it shows, or who sold what it is evidence about; empty for none."""
    order_id: str = ""
    """What it is evidence about; empty for none."""
    used_by: tuple[str, ...] = ()
    """Ids of what shows it."""
    loose_since: datetime | None = None
    """Since when nothing shows it; after a while it is removed."""
    version: int = 0

    def use(self, subject: str) -> "Picture":
        """Note that something shows it. Raises Refused beyond `USES_AT_MOST`."""
        if subject in self.used_by:
            return self
        if len(self.used_by) >= USES_AT_MOST:
            raise Refused(rule="a_picture_is_shown_by_few", about=self.id)
        return evolve(self, used_by=(*self.used_by, subject), loose_since=None)

    def drop(self, subject: str, now: datetime) -> "Picture":
        """Note that something shows it no longer."""
        if subject not in self.used_by:
            return self
        left = tuple(each for each in self.used_by if each != subject)
        return evolve(self, used_by=left, loose_since=None if left else now)
