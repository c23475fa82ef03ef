"""Pictures: taking them, and serving their files from an address of their own."""

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, QueryParameter, SkipValidation

from groupbuy.application import pictures
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role
from groupbuy.domain.pictures import (
    FILES,
    Picture,
    Purpose,
    address_of,
    file_key,
    picture_id_in,
)
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.visit import OneVisit, Visit

UPLOAD_BYTES = 10 * 1024 * 1024 + 1
"""Largest body of an upload, one byte beyond what a picture may have."""
LINK_SECONDS = 600
"""How long a link to a private picture lasts, at least."""
FOREVER = "public, max-age=31536000, immutable"
_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
ANYBODY = only(*Role)
TAKEN = frozenset({"", "application/octet-stream", "image/jpeg", "image/png", "image/webp"})
"""Types an upload may have; what is inside is looked at in any case."""

Wanted = Annotated[Purpose, QueryParameter(name="purpose", description="What it is for")]
OrderId = Annotated[
    str, QueryParameter(name="order", max_length=40, description="For after_sale: one's own order")
]
MerchantId = Annotated[
    str, QueryParameter(name="merchant", max_length=40, description="For operators")
]
Until = Annotated[int, QueryParameter(name="until", ge=0, le=10**11)]
Sign = Annotated[str, QueryParameter(name="sign", max_length=64)]


class NoPicture(HTTPException):
    """The body has a type that no picture of ours has."""

    status_code = 415


class PictureFileOut(msgspec.Struct, frozen=True):
    """One file of a picture."""

    address: str
    """Path on this site; of a private picture it works for ten minutes at least."""
    media_type: str
    width: int
    height: int
    size: int
    """Bytes."""


class PictureOut(msgspec.Struct, frozen=True):
    """A picture. Goods name it by its `id`."""

    id: str
    purpose: Purpose
    created_at: datetime
    files: list[PictureFileOut]
    """Smallest first; the JPEG is for whatever reads no WebP."""


class PicturesController(Controller):
    """/me/pictures."""

    path = "/me/pictures"
    tags = ("me",)

    @post("/", opt=ANYBODY, request_max_body_size=UPLOAD_BYTES)
    async def upload(
        self,
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        studio: NamedDependency[SkipValidation[asyncio.Semaphore]],
        purpose: Wanted = Purpose.REVIEW,
        order: OrderId = "",
        merchant: MerchantId = "",
    ) -> Response[PictureOut]:
        """Upload a picture: the body is the file itself, a JPEG, PNG or WebP of at most 10 MB.

        It is made anew in several sizes; place, camera and whatever else was inside are dropped.
        One that nothing shows is removed after a day.
        """
        if request.content_type[0] not in TAKEN:
            raise NoPicture
        cmd = pictures.Upload(purpose, await request.body(), order, merchant)
        act = partial(pictures.upload, visit.app.desk, visit.caller, visit.app.pictures, cmd)
        once = partial(visit.once_in_steps, act, partial(_picture_out, visit), 201)
        async with studio:
            return await sync_to_thread(once)

    @get("/{picture_id:str}", opt=ANYBODY, sync_to_thread=True)
    def show(
        self, picture_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[PictureOut]:
        """Show where the files of a picture are, to anybody whom it concerns."""
        found = visit.read(lambda work: pictures.show_picture(work, picture_id))
        return Response(_picture_out(visit, found))


@get(
    "/media/{picture_id:str}/{file:str}",
    opt=public(),
    sync_to_thread=True,
    tags=["media"],
    media_type="image/webp",
)
def public_file(
    picture_id: FromPath[str], file: FromPath[str], visit: NamedDependency[Visit]
) -> Response[bytes]:
    """Serve a file of a picture; it never changes."""
    return _file(visit, picture_id, file, private=False)


@get(
    "/media/private/{picture_id:str}/{file:str}",
    opt=public(),
    sync_to_thread=True,
    tags=["media"],
    media_type="image/webp",
)
def private_file(
    picture_id: FromPath[str],
    file: FromPath[str],
    visit: NamedDependency[Visit],
    until: Until = 0,
    sign: Sign = "",
) -> Response[bytes]:
    """Serve a file of a private picture to whoever holds a link that has not ended."""
    fresh = visit.app.kit.clock.now() < datetime.fromtimestamp(until, UTC)
    wanted = _signature(visit, address_of(picture_id, file, private=True), until)
    if not (fresh and hmac.compare_digest(sign.encode(), wanted.encode())):
        raise NotFound(kind="file", key=file[:40])
    return _file(visit, picture_id, file, private=True)


def _file(visit: OneVisit, picture_id: str, file: str, *, private: bool) -> Response[bytes]:
    if picture_id_in(picture_id) != picture_id or file not in FILES:
        raise NotFound(kind="file", key=file[:40])
    # The bytes of an address never change, so that the address itself is what they are known by.
    headers = {
        "ETag": f'"{picture_id}-{file}"',
        "Cache-Control": "private, max-age=600, immutable" if private else FOREVER,
        "Content-Disposition": f'inline; filename="{picture_id}-{file}"',
    }
    if headers["ETag"] in visit.if_none_match and not private:
        return Response(b"", status_code=304, headers=headers)
    key = file_key(visit.caller.tenant, picture_id, file, private=private)
    data = visit.app.pictures.store.get(key)
    return Response(data, media_type=_TYPES[file.rpartition(".")[2]], headers=headers)


def _picture_out(visit: OneVisit, picture: Picture) -> PictureOut:
    files = [
        PictureFileOut(
            address=_address(visit, picture, each.file),
            media_type=_TYPES[each.file.rpartition(".")[2]],
            width=each.width,
            height=each.height,
            size=each.size,
        )
        for each in picture.renditions
    ]
    return PictureOut(picture.id, picture.purpose, picture.created_at, files)


def _address(visit: OneVisit, picture: Picture, file: str) -> str:
    address = address_of(picture.id, file, private=picture.purpose.private)
    if not picture.purpose.private:
        return address
    # Rounded up, so that a page that is loaded again finds its pictures in the browser.
    ends = visit.app.kit.clock.now() + timedelta(seconds=2 * LINK_SECONDS)
    until = int(ends.timestamp()) // LINK_SECONDS * LINK_SECONDS
    return f"{address}?until={until}&sign={_signature(visit, address, until)}"


def _signature(visit: OneVisit, address: str, until: int) -> str:
    text = f"media|{visit.caller.tenant}|{address}|{until}"
    return hmac.new(visit.app.signing_key, text.encode(), hashlib.sha256).hexdigest()
