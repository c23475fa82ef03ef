"""What a shop has to look after: parcels that met a problem, stand still, or lie uncollected."""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Edge, Event, Machine
from groupbuy.domain.logistics.model import Shipment
from groupbuy.domain.logistics.states import ShipmentState


class Trouble(StrEnum):
    """Why somebody has to look after a parcel."""

    EXCEPTION = "exception"
    """The carrier says so."""
    SILENT = "silent"
    """Nothing was heard of it for too long."""
    UNCOLLECTED = "uncollected"
    """It lies at its pickup point for too long."""
    RETURNING = "returning"
    RETURNED = "returned"
    """It is back: the goods have to be looked at, and sent again or refunded."""


TROUBLE_TEXTS: dict[Trouble, tuple[str, str]] = {
    Trouble.EXCEPTION: ("物流异常", "Delivery problem"),
    Trouble.SILENT: ("长时间无物流更新", "No news for too long"),
    Trouble.UNCOLLECTED: ("超时未提货", "Not collected"),
    Trouble.RETURNING: ("退回途中", "On its way back"),
    Trouble.RETURNED: ("已退回待处理", "Back, to be looked at"),
}
"""Texts by kind: zh-CN, en."""


class TroubleState(StrEnum):
    """Whether anybody still has to do something."""

    OPEN = "open"
    RESOLVED = "resolved"


class TroubleMove(StrEnum):
    """What may be done about it."""

    RESOLVE = "resolve"


TROUBLE: Machine[TroubleState, TroubleMove, None] = Machine(
    name="parcel_trouble",
    initial=TroubleState.OPEN,
    final=frozenset({TroubleState.RESOLVED}),
    edges=(
        Edge(
            TroubleState.OPEN,
            TroubleMove.RESOLVE,
            TroubleState.RESOLVED,
            "parcel_trouble.resolved",
        ),
    ),
)
OPENED = "parcel_trouble.opened"
NEWS = "news"
"""Who resolved it, where later news of the parcel did."""

_RAISED = {
    ShipmentState.EXCEPTION: Trouble.EXCEPTION,
    ShipmentState.RETURNING: Trouble.RETURNING,
    ShipmentState.RETURNED: Trouble.RETURNED,
}
_ON_THE_WAY = frozenset({Trouble.EXCEPTION, Trouble.SILENT})
_ENDED = {
    ShipmentState.IN_TRANSIT: _ON_THE_WAY,
    ShipmentState.RETURNING: _ON_THE_WAY,
    ShipmentState.RETURNED: _ON_THE_WAY | {Trouble.RETURNING},
    ShipmentState.DELIVERED: frozenset(Trouble),
    ShipmentState.COLLECTED: frozenset(Trouble),
    ShipmentState.VOID: frozenset(Trouble),
}
MOVING = frozenset({ShipmentState.SHIPPED, ShipmentState.IN_TRANSIT})


@frozen
class ParcelTrouble:
    """One thing to look after. A parcel has at most one of each kind that is open."""

    id: str
    parcel_id: str
    order_id: str
    merchant_id: str
    kind: Trouble
    opened_at: datetime
    open_parcel: str
    """Parcel and kind while it is open; empty once resolved."""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    """A person's id, or `news`."""
    remark: str = ""
    """What the person did about it."""
    state: TroubleState = TroubleState.OPEN
    version: int = 0

    def resolve(self, by: str, remark: str, now: datetime) -> "tuple[ParcelTrouble, list[Event]]":
        """Nobody has to do anything about it any more. Raises IllegalMove."""
        edge = TROUBLE.fire(self.state, TroubleMove.RESOLVE, None)
        after = evolve(
            self,
            state=edge.target,
            open_parcel="",
            resolved_at=now,
            resolved_by=by,
            remark=remark,
        )
        facts = {"order": self.order_id, "kind": self.kind.value, "by": by}
        return after, [Event(edge.event, self.id, now, facts)]


def raised_by(state: ShipmentState) -> Trouble | None:
    """Return what a parcel's new state gives to do; None for a good one."""
    return _RAISED.get(state)


def ended_by(before: Shipment, after: Shipment) -> frozenset[Trouble]:
    """Return which troubles a parcel has left behind by its latest news."""
    ended = _ENDED.get(after.state, frozenset()) if after.state is not before.state else frozenset()
    heard_again = after.state in MOVING and last_heard(after) > last_heard(before)
    return ended | {Trouble.SILENT} if heard_again else ended


def last_heard(parcel: Shipment) -> datetime:
    """Return when anything was heard of a parcel last."""
    return max([parcel.created_at, *(step.at for step in parcel.trace)])


def overdue(parcel: Shipment, silent: timedelta, waiting: timedelta) -> tuple[Trouble, datetime]:
    """Return what a parcel will be found wanting for if nothing happens, and when.

    Only of a parcel on its way or at its pickup point.
    """
    if parcel.state is ShipmentState.READY:
        return Trouble.UNCOLLECTED, parcel.created_at + waiting
    return Trouble.SILENT, last_heard(parcel) + silent
