"""Bags at a pickup point: against a code, against the end of a phone, and without a connection."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from groupbuy.application import fulfilment, logistics
from groupbuy.application.logistics import ByTail, Merged, OfflineList, Told, ToldEvent
from groupbuy.application.write_path import Work
from groupbuy.domain.logistics import Conflicting, Outcome, Proof
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END, IdText
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.order_schemas import ParcelOut, parcel_out
from groupbuy.entrypoints.http.visit import Visit

HANDS = only(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
HANDS_LOOK = only(Role.LEADER, Role.MERCHANT, Role.OPERATOR, keyless=True)
Instant = Annotated[datetime, Meta(tz=True)]


class CodeIn(msgspec.Struct, forbid_unknown_fields=True):
    """The one-time code somebody shows."""

    code: Annotated[str, Meta(pattern="^[0-9]{6}" + END)]


class TailIn(msgspec.Struct, forbid_unknown_fields=True):
    """The last four digits of the phone number somebody tells."""

    tail: Annotated[str, Meta(pattern="^[0-9]{4}" + END)]


class ByTailOut(msgspec.Struct, frozen=True):
    """The bag that was handed over, if the digits fit exactly one."""

    bag: ParcelOut | None
    several: bool
    """They fit more than one: ask for the code."""


class ListedBagOut(msgspec.Struct, frozen=True):
    """A bag on an offline list."""

    parcel_id: str
    order_id: str
    goods: str
    code_mark: str
    """PBKDF2-SHA256, 10,000 rounds, of `code/` and the code, salted with `salt/parcel_id`."""
    tail_mark: str
    """The same of `phone_tail/` and the last four digits; empty if they fit several bags."""


class OfflineListOut(msgspec.Struct, frozen=True):
    """What a device needs to hand bags over without a connection."""

    point_id: str
    point_name: str
    issued_at: datetime
    until: datetime
    salt: str
    bags: list[ListedBagOut]
    signature: str
    """Sent back with what happened."""


class ToldIn(msgspec.Struct, forbid_unknown_fields=True):
    """A hand-over that happened without a connection."""

    event_id: Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}" + END)]
    parcel_id: IdText
    proof: Proof
    text: Annotated[str, Meta(pattern="^[0-9]{4,6}" + END)]
    at: Instant


class OfflineEventsIn(msgspec.Struct, forbid_unknown_fields=True):
    """What happened at a point, as one device tells it."""

    device: Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{4,64}" + END)]
    issued_at: Instant
    signature: Annotated[str, Meta(min_length=1, max_length=200)]
    events: Annotated[list[ToldIn], Meta(min_length=1, max_length=500)]

    def told(self, point_id: str) -> Told:
        """Return by which list it is told."""
        return Told(point_id, self.device, self.issued_at.astimezone(UTC), self.signature)


class MergedOut(msgspec.Struct, frozen=True):
    """What became of one of them."""

    event_id: str
    parcel_id: str
    outcome: Outcome
    why: Conflicting | None
    earlier_at: datetime | None
    earlier_device: str | None


class MergedAllOut(msgspec.Struct, frozen=True):
    """What became of each; conflicts are for a person to look at."""

    items: list[MergedOut]
    conflicts: int


class Pickups(Controller):
    """/leader/pickups: bags handed over against a code."""

    path = "/leader/pickups"
    tags = ("leader",)

    @post("/{order_id:str}/collect", opt=HANDS, sync_to_thread=True, status_code=200)
    def collect(
        self, order_id: FromPath[str], data: JSONBody[CodeIn], visit: NamedDependency[Visit]
    ) -> Response[ParcelOut]:
        """Hand a bag over. A wrong code leaves it `ready` and counts as a try."""
        return visit.once(
            lambda work: fulfilment.collect(work, order_id, data.code), parcel_out, 200
        )


class PickupDesk(Controller):
    """/leader/pickup-points: all bags of one point."""

    path = "/leader/pickup-points/{point_id:str}"
    tags = ("leader",)

    @post("/collect", opt=HANDS, sync_to_thread=True, status_code=200)
    def collect(
        self, point_id: FromPath[str], data: JSONBody[TailIn], visit: NamedDependency[Visit]
    ) -> Response[ByTailOut]:
        """Hand over the one bag that the end of a phone number fits; guessing is locked."""
        return visit.once(
            lambda work: logistics.collect_by_tail(work, point_id, data.tail), _by_tail_out
        )

    @post("/offline-list", opt=HANDS_LOOK, sync_to_thread=True, status_code=200)
    def offline_list(
        self, point_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> OfflineListOut:
        """Take a list that works without a connection for a day; the audit keeps who took it."""
        taken = visit.run(lambda work: logistics.offline_list(work, point_id))
        return _list_out(logistics.marked(taken))

    @post("/offline-events", opt=HANDS_LOOK, sync_to_thread=True, status_code=200)
    def merge(
        self,
        point_id: FromPath[str],
        data: JSONBody[OfflineEventsIn],
        visit: NamedDependency[Visit],
    ) -> MergedAllOut:
        """Tell what happened meanwhile, as often as you like: a bag is handed over once."""
        told = data.told(point_id)
        done = [visit.run(partial(_merge, told, event)) for event in _events(data)]
        conflicts = sum(each.outcome is Outcome.CONFLICT for each in done)
        return MergedAllOut([_merged_out(each) for each in done], conflicts)


def _merge(told: Told, event: ToldEvent, work: Work) -> Merged:
    return logistics.merge_event(work, told, event)


def _events(data: OfflineEventsIn) -> list[ToldEvent]:
    return [
        ToldEvent(each.event_id, each.parcel_id, each.proof, each.text, each.at.astimezone(UTC))
        for each in data.events
    ]


def _by_tail_out(found: ByTail) -> ByTailOut:
    return ByTailOut(parcel_out(found.bag) if found.bag is not None else None, found.several)


def _list_out(found: OfflineList) -> OfflineListOut:
    return OfflineListOut(
        found.point_id,
        found.point_name,
        found.issued_at,
        found.until,
        found.salt,
        [
            ListedBagOut(b.parcel_id, b.order_id, b.goods, b.code_mark, b.tail_mark)
            for b in found.bags
        ],
        found.signature,
    )


def _merged_out(found: Merged) -> MergedOut:
    earlier = found.earlier
    return MergedOut(
        found.event_id,
        found.parcel_id,
        found.outcome,
        found.why,
        earlier.at if earlier is not None else None,
        earlier.device if earlier is not None else None,
    )
