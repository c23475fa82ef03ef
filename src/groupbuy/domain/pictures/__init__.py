"""Pictures people upload, whatever they are for. Import from here."""

from groupbuy.domain.pictures.addresses import (
    FILES,
    LARGE,
    PRIVATE,
    PUBLIC,
    STILL,
    address_of,
    file_key,
    picture_id_in,
    pictures_named_in,
    shown_at,
)
from groupbuy.domain.pictures.model import USES_AT_MOST, Picture, Purpose, Rendition

__all__ = [
    "FILES",
    "LARGE",
    "PRIVATE",
    "PUBLIC",
    "STILL",
    "USES_AT_MOST",
    "Picture",
    "Purpose",
    "Rendition",
    "address_of",
    "file_key",
    "picture_id_in",
    "pictures_named_in",
    "shown_at",
]
