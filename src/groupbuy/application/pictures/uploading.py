"""Uploading a picture: asked first, made anew outside any transaction, stored, then known.

The files are stored before the row that names them: a row never names a file that is not there.
What a crash leaves in between has no row and is swept away.
"""

import hashlib
from datetime import datetime

from attrs import frozen

from groupbuy.application.limits import Rate, count
from groupbuy.application.ports import MadeFile, PictureStore, Studio
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Event, Forbidden, NotFound, Unauthenticated
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.ordering import Order
from groupbuy.domain.pictures import Picture, Purpose, Rendition, file_key

_DAY = 24 * 60
_SELLERS = frozenset({Role.MERCHANT, Role.OPERATOR})


@frozen
class Shelf:
    """Where pictures are made and kept."""

    studio: Studio
    store: PictureStore


@frozen
class Upload:
    """A picture as somebody sent it."""

    purpose: Purpose
    data: bytes
    order_id: str = ""
    """For evidence: the order it is about, the caller's own."""
    merchant_id: str = ""
    """For operators and pictures of goods; a merchant's people always act for their own."""


@frozen
class _Leave:
    """What the first transaction found out."""

    picture_id: str
    merchant_id: str
    now: datetime


def upload(desk: Desk, caller: Caller, shelf: Shelf, cmd: Upload) -> Picture:
    """Take a picture. Raises Forbidden, NotFound, TooMany, Invalid, Unavailable."""
    leave = desk.run(caller, lambda work: _ask_leave(work, cmd))
    made = shelf.studio.make(cmd.data)
    for each in made:
        key = file_key(caller.tenant, leave.picture_id, each.file, private=cmd.purpose.private)
        shelf.store.put(key, each.data, each.media_type)
    return desk.run(caller, lambda work: _keep(work, cmd, leave, made))


def _ask_leave(work: Work, cmd: Upload) -> _Leave:
    """See whether the caller may, and count it before the work is done."""
    caller = work.caller
    if not caller.user_id:
        raise Unauthenticated
    merchant_id = _merchant(work, cmd)
    policy = work.kit.policy
    sells = bool(caller.roles & _SELLERS)
    allowed = policy.pictures_a_day_by_sellers if sells else policy.pictures_a_day
    count(work, [Rate("pictures", caller.user_id, allowed, _DAY)])
    return _Leave(work.new_id("pic"), merchant_id, work.now())


def _merchant(work: Work, cmd: Upload) -> str:
    """Return the merchant whom the picture concerns, if it concerns one."""
    caller = work.caller
    if cmd.purpose is Purpose.AFTER_SALE:
        order = work.of(Order).find([cmd.order_id]).get(cmd.order_id)
        if order is None or order.buyer_id != caller.user_id:
            raise NotFound(kind="order", key=cmd.order_id)
        return order.merchant_id
    if cmd.purpose is Purpose.REVIEW:
        return ""
    caller.require(*_SELLERS)
    if Role.OPERATOR not in caller.roles:
        if not caller.merchant_id:
            raise Forbidden(needs="a merchant")
        return caller.merchant_id
    chosen = cmd.merchant_id or caller.merchant_id
    # An operator's own pictures may be shown by goods of any merchant.
    return work.of(Merchant).get(chosen).id if chosen else ""


def _keep(work: Work, cmd: Upload, leave: _Leave, made: tuple[MadeFile, ...]) -> Picture:
    now = work.now()
    picture = Picture(
        id=leave.picture_id,
        purpose=cmd.purpose,
        owner_id=work.caller.user_id,
        created_at=now,
        renditions=tuple(
            Rendition(
                file=each.file,
                width=each.width,
                height=each.height,
                size=len(each.data),
                sha256=hashlib.sha256(each.data).hexdigest(),
            )
            for each in made
        ),
        merchant_id=leave.merchant_id,
        order_id=cmd.order_id if cmd.purpose is Purpose.AFTER_SALE else "",
        loose_since=now,
    )
    work.of(Picture).add(picture)
    work.emit([Event("picture.uploaded", picture.id, now, {"purpose": picture.purpose.value})])
    return picture
