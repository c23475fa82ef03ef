"""Where the files of a picture lie and how pages name them; everything follows from its id."""

import re

LARGE = "1280.webp"
"""The file a page shows when it is given one address only."""
STILL = "1280.jpg"
"""The file for whatever reads no WebP."""
FILES = ("320.webp", "750.webp", LARGE, STILL)
"""The files of every picture; a number is the greatest width. None is ever enlarged."""
PUBLIC, PRIVATE = "public", "private"
"""The two shelves of the storage: for everybody, and only through links that end."""

_ID = r"pic_[0-9A-HJKMNP-TV-Z]{26}"
_OURS = re.compile(rf"(?:/media/)?({_ID})(?:/[0-9]+\.(?:webp|jpg))?")
_IN_TEXT = re.compile(rf"/media/({_ID})/")


def picture_id_in(text: str) -> str | None:
    """Return the picture that an id or one of our addresses names; None for anything else."""
    found = _OURS.fullmatch(text)
    return found[1] if found else None


def pictures_named_in(html: str) -> tuple[str, ...]:
    """Return the pictures whose addresses stand in a text, each once, in order."""
    return tuple(dict.fromkeys(_IN_TEXT.findall(html)))


def address_of(picture_id: str, file: str = LARGE, *, private: bool = False) -> str:
    """Return the path of one file on our own site; private ones need a signature besides."""
    return f"/media/{'private/' if private else ''}{picture_id}/{file}"


def shown_at(picture: str, file: str = LARGE) -> str:
    """Return where a page finds what a product names: one of ours by its id, or an address."""
    return address_of(picture, file) if picture_id_in(picture) == picture else picture


def file_key(tenant: str, picture_id: str, file: str, *, private: bool) -> str:
    """Return the name of one file in the storage."""
    return f"{tenant}/{PRIVATE if private else PUBLIC}/{picture_id}/{file}"
