"""Making pictures anew with Pillow."""

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from attrs import frozen
from PIL import Image, ImageCms, ImageOps

from groupbuy.application.ports import MadeFile
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.pictures import FILES

BYTES_AT_MOST = 10 * 1024 * 1024
"""Of what somebody sends."""
PIXELS_AT_MOST = 40_000_000
"""Of a JPEG; it is read at a fraction of its size."""
WHOLE_PIXELS_AT_MOST = 20_000_000
"""Of a picture that has to be read whole."""
HEIGHT_AT_MOST = 16_000
"""Of the largest file made; WebP ends at 16,383."""

_SIGNS: tuple[Callable[[bytes], bool], ...] = (
    lambda head: head.startswith(b"\xff\xd8\xff"),
    lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
)
_FORMATS = ("JPEG", "PNG", "WEBP")
_SAVED: dict[str, tuple[str, dict[str, Any]]] = {
    "webp": ("image/webp", {"format": "WEBP", "quality": 80, "method": 4}),
    "jpg": ("image/jpeg", {"format": "JPEG", "quality": 82, "progressive": True}),
}
_WHITE = (255, 255, 255)

# Our own bounds are narrower than Pillow's, which only warns between one and two of its measure.
Image.MAX_IMAGE_PIXELS = None


@frozen
class PillowStudio:
    """Studio; may be shared by threads."""

    def make(self, data: bytes) -> tuple[MadeFile, ...]:
        """Return every file of a picture. Raises Invalid."""
        if len(data) > BYTES_AT_MOST:
            raise Invalid("picture", "must have at most 10 MB")
        if not any(sign(data[:16]) for sign in _SIGNS):
            raise Invalid("picture", "must be a JPEG, PNG or WebP picture")
        picture = _opened(data)
        return tuple(_made(picture, file) for file in FILES)


def _opened(data: bytes) -> Image.Image:
    """Read a picture: upright, in sRGB, with nothing but its pixels."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check(image)
            # A JPEG can be read at a half, a quarter or an eighth of its size.
            image.draft("RGB", (2 * _largest(), 2 * _largest()))
            image.load()
            upright = ImageOps.exif_transpose(image)
            plain = _in_srgb(upright)
    except Invalid:
        raise
    except Exception as error:
        # Decoders fail in many ways over bytes made to break them; what they say is of no use.
        raise Invalid("picture", "cannot be read") from error
    plain.info = {}
    return plain


def _check(image: Image.Image) -> None:
    # Phones hide a second picture (depth, motion) behind a JPEG: only the first one is read.
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise Invalid("picture", "must not move")
    whole = image.format not in {"JPEG", "MPO"}
    most = WHOLE_PIXELS_AT_MOST if whole else PIXELS_AT_MOST
    if image.width * image.height > most:
        raise Invalid("picture", f"must have at most {most // 1_000_000} megapixels")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture in the colours browsers show, on white where it was transparent."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        # With a broken profile the numbers are taken as they are.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            image = _converted(image, profile)
    if image.mode.startswith("I") or image.mode == "F":
        # Sixteen bits a pixel: the upper eight are what a screen shows.
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGBA", seen.size, (*_WHITE, 255))
        image = Image.alpha_composite(paper, seen)
    return image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    made = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return image if made is None else made


def _made(picture: Image.Image, file: str) -> MadeFile:
    width, _, form = file.partition(".")
    sized = _sized(picture, int(width))
    media_type, options = _SAVED[form]
    written = io.BytesIO()
    sized.save(written, **options)
    return MadeFile(file, media_type, sized.width, sized.height, written.getvalue())


def _sized(picture: Image.Image, width: int) -> Image.Image:
    width = min(picture.width, width)
    height = max(1, round(picture.height * width / picture.width))
    if height > HEIGHT_AT_MOST:
        raise Invalid("picture", "is too tall for its width")
    if width == picture.width:
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _largest() -> int:
    return max(int(file.partition(".")[0]) for file in FILES)
