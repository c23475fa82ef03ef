"""A lot of points, how it follows what earned it, and the lines of the journal."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.domain.kernel import Event, Money
from groupbuy.domain.points.states import (
    POINT_LOT,
    PointLotMove,
    PointLotState,
    PointSource,
    PointWhy,
)

_A_YUAN = 100


@frozen
class PointMove:
    """One line of the journal: what changed of somebody's points, and why. Append-only."""

    id: str
    owner_id: str
    lot_id: str
    why: PointWhy
    at: datetime
    points: int = 0
    """What may be spent changed by so much."""
    pending: int = 0
    """What may be spent later changed by so much."""


@frozen
class PointLot:
    """Points that somebody earned with one thing, and that end together.

    What is left to spend falls below zero where points were spent before what earned them was
    refunded: the next ones make up for it.
    """

    id: str
    owner_id: str
    source: PointSource
    subject: str
    """What earned them: an order, or the person who was invited."""
    worth: int
    """Minor units that one point of it stands in the books for."""
    created_at: datetime
    earned: int = 0
    """How many there are by what was kept until now; taken back ones are not among them."""
    spent: int = 0
    expired: int = 0
    state: PointLotState = PointLotState.PENDING
    posted_at: datetime | None = None
    expires_at: datetime | None = None
    version: int = 0

    @property
    def left(self) -> int:
        """How many may be spent; below zero where more was spent than is earned by now."""
        if self.posted_at is None:
            return 0
        return self.earned - self.spent - self.expired

    @property
    def pending(self) -> int:
        """How many may be spent later."""
        return self.earned if self.state is PointLotState.PENDING else 0

    def follow(self, earned: int, now: datetime) -> "tuple[PointLot, list[Event]]":
        """Bring the lot to what is earned by now; the way there makes no difference.

        Of points that have expired already nothing is taken back again.
        """
        if earned == self.earned:
            return self, []
        void = self.state is PointLotState.PENDING and not earned
        after, happened = self._fire(PointLotMove.VOID if void else PointLotMove.ADJUST, now)
        expired = max(0, min(self.expired, earned - self.spent))
        return evolve(after, earned=earned, expired=expired), happened

    def post(self, now: datetime, good_for: timedelta) -> "tuple[PointLot, list[Event]]":
        """From now on they may be spent. Raises IllegalMove."""
        after, happened = self._fire(PointLotMove.POST, now)
        return evolve(after, posted_at=now, expires_at=now + good_for), happened

    def expire(self, now: datetime) -> "tuple[PointLot, list[Event]]":
        """Their time is over; what is owed stays owed. Raises IllegalMove."""
        after, happened = self._fire(PointLotMove.EXPIRE, now)
        return evolve(after, expired=self.expired + max(0, self.left)), happened

    def value_of(self, points: int) -> int:
        """Return what so many of its points stand in the books for, in minor units."""
        return points * self.worth

    def _fire(self, move: PointLotMove, now: datetime) -> "tuple[PointLot, list[Event]]":
        edge = POINT_LOT.fire(self.state, move, None)
        facts = {"owner": self.owner_id}
        return evolve(self, state=edge.target), [Event(edge.event, self.id, now, facts)]


def points_of(bases: Iterable[Money], per_yuan: int) -> int:
    """Return the points that lines earn by what is paid for them in money and kept.

    Always of the base as it is now, each line for itself, rounded down: what is taken back is old
    minus new, and so does not depend on the way there.
    """
    return sum(base.minor * per_yuan // _A_YUAN for base in bases)


def lot_of_order(order_id: str) -> str:
    """Return the id of the one lot an order earns."""
    return f"{order_id}/points"


def fresh_lot(
    lot_id: str, owner_id: str, source: PointSource, subject: str, worth: int, now: datetime
) -> PointLot:
    """Return a lot that has earned nothing yet."""
    return PointLot(lot_id, owner_id, source, subject, worth, now)
