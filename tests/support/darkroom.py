"""Pictures for tests, drawn on the spot."""

import io
from typing import Any

from PIL import Image

RED, BLUE = (200, 30, 30), (20, 40, 200)


def drawn(width: int = 900, height: int = 600, form: str = "JPEG", **saved: Any) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return written(picture, form, **saved)


def written(picture: Image.Image, form: str = "JPEG", **saved: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    out = io.BytesIO()
    picture.save(out, format=form, **saved)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    """Return what a file shows."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def is_near(one: Any, other: Any, by: int = 24) -> bool:
    """Tell whether two colours look alike."""
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))
