"""Points: what one has, when the next ones end, and how it came about."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency

from groupbuy.application import points
from groupbuy.application.points import PointsHeld
from groupbuy.domain.membership import Role
from groupbuy.domain.points import PointMove
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

SHOPPER = only(Role.SHOPPER)


class PointsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has in points."""

    balance: int
    """What may be spent; below zero if more was spent than is earned by now."""
    pending: int
    """What may be spent once what earned it is completed."""
    next_end: datetime | None
    """When the next ones end; null while none do."""
    next_points: int
    """How many end then."""


class PointMoveOut(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal."""

    id: str
    at: datetime
    why: str
    """`granted`, `posted`, `taken_back` or `expired`."""
    points: int
    """What may be spent changed by so much."""
    pending: int
    """What may be spent later changed by so much."""
    lot: str
    """The lot it belongs to; that of an order begins with the order's id."""


class Points(Controller):
    """/shop/points: one's own."""

    path = "/shop/points"
    tags = ("points",)

    @get("/", opt=SHOPPER, sync_to_thread=True)
    def mine(self, visit: NamedDependency[Visit]) -> PointsOut:
        """Show what one has, what is still to come, and what ends next."""
        return _points_out(visit.read(points.my_points))

    @get("/journal", opt=SHOPPER, sync_to_thread=True)
    def journal(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[PointMoveOut]]:
        """List every change of one's points, the newest first."""
        found = visit.read(lambda work: points.my_journal(work, page.fetch, page.after))
        return page.answer(found, _move_out, lambda move: move.at)


POINTS: tuple[type[Controller], ...] = (Points,)


def _points_out(held: PointsHeld) -> PointsOut:
    return PointsOut(
        balance=held.balance,
        pending=held.pending,
        next_end=held.next_end,
        next_points=held.next_points,
    )


def _move_out(move: PointMove) -> PointMoveOut:
    return PointMoveOut(
        id=move.id,
        at=move.at,
        why=move.why.value,
        points=move.points,
        pending=move.pending,
        lot=move.lot_id,
    )
