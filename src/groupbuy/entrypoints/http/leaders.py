"""Leaders about themselves, and pickup points for everybody."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import membership
from groupbuy.domain.membership import Leader, LeaderState, PickupPoint, Role
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

SHOPPER = only(Role.SHOPPER)
Name = Annotated[str, Meta(min_length=1, max_length=40)]


class ApplyIn(msgspec.Struct, forbid_unknown_fields=True):
    """An application to become a leader."""

    name: Name
    communities: Annotated[list[Name], Meta(min_length=1, max_length=20)]
    contact: Annotated[str, Meta(max_length=200)] = ""


class LeaderOut(msgspec.Struct, frozen=True, kw_only=True):
    """A leader as they and the operators see them."""

    id: str
    user_id: str
    name: str
    state: LeaderState
    communities: list[str]
    commission_bp: int | None
    """Own rate; without one the shop's default applies."""
    refusal: str
    payout_channel: str
    applied_at: datetime
    contact: str = ""
    """Only to the leader."""


class PickupPointOut(msgspec.Struct, frozen=True):
    """Where bags are collected."""

    id: str
    name: str
    address: str
    region: str
    open_hours: str
    leader_id: str | None


class LeaderController(Controller):
    """/leader: the application and the own profile."""

    path = "/leader"
    tags = ("leader",)

    @post("/application", opt=SHOPPER, sync_to_thread=True)
    def apply(self, data: JSONBody[ApplyIn], visit: NamedDependency[Visit]) -> Response[LeaderOut]:
        """Apply to become a leader; after a refusal one may apply again."""
        cmd = membership.Apply(data.name, tuple(data.communities), data.contact)
        return visit.once(lambda work: membership.apply(work, cmd), leader_out, 201)

    @get("/profile", opt=SHOPPER, sync_to_thread=True)
    def show(self, visit: NamedDependency[Visit]) -> LeaderOut:
        """Show the own application or leadership."""
        leader, contact = visit.read(membership.my_leader)
        return msgspec.structs.replace(leader_out(leader), contact=contact)


class PickupController(Controller):
    """/shop/pickup-points."""

    path = "/shop/pickup-points"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=True)
    def list_points(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        leader_id: Annotated[str | None, QueryParameter(max_length=30)] = None,
    ) -> Response[Listing[PickupPointOut]]:
        """List pickup points, of one leader if named."""
        found = visit.read(
            lambda w: membership.list_pickup_points(w, leader_id, page.fetch, page.after)
        )
        return page.answer(found, pickup_point_out, lambda each: each.id)


def leader_out(leader: Leader) -> LeaderOut:
    """Render a leader without anything sealed."""
    return LeaderOut(
        id=leader.id,
        user_id=leader.user_id,
        name=leader.name,
        state=leader.state,
        communities=list(leader.communities),
        commission_bp=leader.commission_bp,
        refusal=leader.refusal,
        payout_channel=leader.payout_channel,
        applied_at=leader.applied_at,
    )


def pickup_point_out(point: PickupPoint) -> PickupPointOut:
    """Render a pickup point."""
    return PickupPointOut(
        point.id, point.name, point.address, point.region, point.open_hours, point.leader_id
    )
