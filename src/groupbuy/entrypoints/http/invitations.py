"""Invitations: one's code, and who came by it."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency

from groupbuy.application import points
from groupbuy.application.points import Invited
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

SHOPPER = only(Role.SHOPPER)


class InvitationCodeOut(msgspec.Struct, frozen=True):
    """What others name as `invited_by` when they register."""

    code: str


class InvitationOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came by one's code."""

    initial: str
    """The first letter of their name."""
    since: datetime
    """When they registered."""
    state: str
    """`open`, `held`, `rewarded`, `refused`, `lapsed` or `reversed`."""
    points: int
    """The reward, once they have bought what it takes."""


class Invitations(Controller):
    """/shop/invitations: one's own. The reward is for people who buy, never for sharing."""

    path = "/shop/invitations"
    tags = ("points",)

    @get("/code", opt=SHOPPER, sync_to_thread=True)
    def code(self, visit: NamedDependency[Visit]) -> InvitationCodeOut:
        """Show one's code."""
        return InvitationCodeOut(visit.read(points.my_code))

    @get("/", opt=SHOPPER, sync_to_thread=True)
    def mine(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[InvitationOut]]:
        """List who came by one's code, the newest first."""
        found = visit.read(lambda work: points.my_invitations(work, page.fetch, page.after))
        return page.answer(found, _out, lambda each: each.invitation.created_at)


INVITATIONS: tuple[type[Controller], ...] = (Invitations,)


def _out(found: Invited) -> InvitationOut:
    return InvitationOut(
        initial=found.initial,
        since=found.invitation.created_at,
        state=found.invitation.state.value,
        points=found.invitation.points,
    )
