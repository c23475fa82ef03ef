"""What happened to an order, line by line: asked again and again it answers 304 until more did."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import cast

import msgspec
from litestar import Controller, MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from groupbuy.application import logistics
from groupbuy.application.logistics import Moment
from groupbuy.application.write_path import Work
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.visit import Visit
from groupbuy.entrypoints.timeline_texts import told

SHOPPER = only(Role.SHOPPER)
LEADER = only(Role.LEADER)
SELLERS = only(Role.MERCHANT, Role.OPERATOR)


class MomentOut(msgspec.Struct, frozen=True):
    """One line: a state that changed, or a line of a parcel's trace, in both languages."""

    at: datetime
    what: str
    subject: str
    """The order, the parcel or the refund."""
    zh: str
    en: str


class TimelineOut(msgspec.Struct, frozen=True):
    """Everything that happened, oldest first."""

    items: list[MomentOut]


class Timelines(Controller):
    """…/orders/{id}/timeline, for each side."""

    path = "/"
    tags = ("orders",)

    @get("/shop/orders/{order_id:str}/timeline", opt=SHOPPER, sync_to_thread=True)
    def mine(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[TimelineOut]:
        """Tell what happened to the caller's own order. `If-None-Match` answers 304."""
        return _answer(visit, lambda work: logistics.my_timeline(work, order_id))

    @get("/leader/orders/{order_id:str}/timeline", opt=LEADER, sync_to_thread=True)
    def leaders(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[TimelineOut]:
        """Tell what happened to an order of the leader's own campaign. Answers 304 too."""
        return _answer(visit, lambda work: logistics.leader_timeline(work, order_id))

    @get("/merchant/orders/{order_id:str}/timeline", opt=SELLERS, sync_to_thread=True)
    def merchants(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[TimelineOut]:
        """Tell what happened to an order of the caller's shop. Answers 304 too."""
        return _answer(visit, lambda work: logistics.merchant_timeline(work, order_id))


def _answer(visit: Visit, read: Callable[[Work], list[Moment]]) -> Response[TimelineOut]:
    shown = TimelineOut([_line(each) for each in visit.read(read)])
    etag = f'W/"{hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in visit.if_none_match:
        same = Response(None, status_code=304, media_type=MediaType.TEXT, headers=headers)
        return cast("Response[TimelineOut]", same)
    return Response(shown, headers=headers)


def _line(each: Moment) -> MomentOut:
    return MomentOut(each.at, each.what, each.subject, *told(each))
