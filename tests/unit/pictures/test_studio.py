"""What becomes of the bytes somebody sends."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from groupbuy.adapters.studio_pillow import (
    BYTES_AT_MOST,
    HEIGHT_AT_MOST,
    WHOLE_PIXELS_AT_MOST,
    PillowStudio,
)
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.pictures import FILES
from tests.support.darkroom import BLUE, RED, drawn, is_near, seen, written

STUDIO = PillowStudio()
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def made(data):
    return {each.file: each for each in STUDIO.make(data)}


def refusal(data):
    with pytest.raises(Invalid) as refused:
        STUDIO.make(data)
    assert refused.value.field == "picture"
    return refused.value.reason


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_in_every_size_and_never_enlarged(form):
    files = made(drawn(900, 600, form))
    assert tuple(files) == FILES
    assert [(f.width, f.height) for f in files.values()] == [
        (320, 213),
        (750, 500),
        (900, 600),
        (900, 600),
    ]
    for each in files.values():
        picture = seen(each.data)
        assert picture.size == (each.width, each.height)
        assert f"image/{picture.format.lower()}" == each.media_type
        assert is_near(picture.getpixel((10, 10)), RED)
        assert is_near(picture.getpixel((each.width - 10, 10)), BLUE)


def test_what_a_camera_writes_beside_the_picture_is_dropped():
    exif = Image.Exif()
    exif[MAKE] = "SecretCam"
    exif.get_ifd(GPS)[1] = "N"
    sent = drawn(exif=exif, comment=b"taken at home")
    assert b"SecretCam" in sent
    for each in made(sent).values():
        picture = seen(each.data)
        assert not picture.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(picture.info)
        assert b"SecretCam" not in each.data
        assert b"taken at home" not in each.data


@pytest.mark.parametrize(
    ("turned", "size", "corner"),
    [(1, (640, 320), RED), (3, (640, 320), BLUE), (6, (320, 640), RED), (8, (320, 640), BLUE)],
)
def test_a_picture_is_turned_upright(turned, size, corner):
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    large = made(drawn(640, 320, exif=exif))["1280.webp"]
    assert (large.width, large.height) == size
    assert is_near(seen(large.data).getpixel((5, 5)), corner)


def test_colours_beyond_srgb_are_translated_and_not_cut_off():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    broken = made(drawn(icc_profile=b"no profile"))["1280.webp"]
    foreign = made(drawn(icc_profile=profile))["1280.webp"]
    for each in (broken, foreign):
        assert is_near(seen(each.data).getpixel((10, 10)), RED)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "1", "I;16"])
def test_every_kind_of_pixel_becomes_rgb(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new("RGB", (60, 40), (255, 255, 255))
    sent = Image.new(mode, (60, 40), 65_535) if mode == "I;16" else picture.convert(mode)
    for each in made(written(sent, form)).values():
        assert seen(each.data).mode == "RGB"
        assert is_near(seen(each.data).getpixel((5, 5)), (255, 255, 255))


def test_what_is_transparent_lies_on_white():
    sent = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    for each in made(written(sent, "PNG")).values():
        assert is_near(seen(each.data).getpixel((5, 5)), (255, 255, 255))


def test_what_moves_is_refused_but_a_phones_second_picture_is_left_out():
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    for form in ("PNG", "WEBP"):
        moving = written(frames[0], form, save_all=True, append_images=frames[1:])
        assert refusal(moving) == "must not move"
    two = written(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert is_near(seen(made(two)["320.webp"].data).getpixel((5, 5)), RED)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"\0\0\0 ftypheic" + bytes(100),
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"MZ" + bytes(100),
    ],
)
def test_anything_else_is_refused_by_its_first_bytes(sent):
    assert refusal(sent) == "must be a JPEG, PNG or WebP picture"


def test_a_picture_that_is_another_kind_than_it_begins_like_is_refused():
    for sign in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBP"):
        assert refusal(sign + b"<script>alert(1)</script>" * 20) == "cannot be read"
        assert refusal(sign) == "cannot be read"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_is_cut_off_or_damaged_never_gets_through_as_an_error_of_ours(form):
    whole = drawn(64, 64, form)
    # The last bytes of a PNG only say that it ends.
    for end in range(16, len(whole) - 20, max(1, len(whole) // 40)):
        with pytest.raises(Invalid):
            STUDIO.make(whole[:end])
    for place in range(12, len(whole), max(1, len(whole) // 40)):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            STUDIO.make(damaged)
        except Invalid:
            pass


def bomb(width, height):
    """A small PNG that unpacks to a large picture."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packed = zlib.compress(bytes(10_000), 9)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_unpacked():
    assert refusal(bomb(60_000, 60_000)) == "must have at most 20 megapixels"
    assert refusal(bomb(WHOLE_PIXELS_AT_MOST + 1, 1)) == "must have at most 20 megapixels"
    huge = bytearray(drawn(64, 64))
    at = huge.index(b"\xff\xc0") + 5
    huge[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
    assert refusal(bytes(huge)) == "must have at most 40 megapixels"


def test_too_many_bytes_and_too_tall_a_picture_are_refused():
    assert refusal(b"\xff\xd8\xff" + bytes(BYTES_AT_MOST)) == "must have at most 10 MB"
    assert refusal(drawn(10, HEIGHT_AT_MOST + 1, "PNG")) == "is too tall for its width"


def test_a_large_photograph_is_made_small():
    noise = Image.effect_noise((2400, 1800), 60).convert("RGB")
    files = made(written(noise, quality=95))
    assert (files["1280.webp"].width, files["1280.webp"].height) == (1280, 960)
    sizes = [len(files[name].data) for name in ("320.webp", "750.webp", "1280.webp")]
    assert sizes == sorted(sizes)
    assert io.BytesIO(files["1280.jpg"].data).read(3) == b"\xff\xd8\xff"
