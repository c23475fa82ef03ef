"""What operators and admins do: leaders, merchants and their staff, roles, pickup points."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import membership
from groupbuy.domain.membership import LeaderState, Merchant, Role, User
from groupbuy.entrypoints.http.accounts import UserOut, user_out
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.leaders import (
    LeaderOut,
    PickupPointOut,
    leader_out,
    pickup_point_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

OPERATOR = only(Role.OPERATOR)
ADMIN = only(Role.ADMIN)
BACK_OFFICE = only(Role.OPERATOR, Role.FINANCE)
PEOPLE = only(Role.OPERATOR, Role.ADMIN)
Name = Annotated[str, Meta(min_length=1, max_length=40)]
Line = Annotated[str, Meta(max_length=200)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
SomeId = Annotated[str, Meta(min_length=1, max_length=30)]


class ApproveIn(msgspec.Struct, forbid_unknown_fields=True):
    """Terms of an approval."""

    commission_bp: BasisPoints | None = None


class WhyIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class MerchantIn(msgspec.Struct, forbid_unknown_fields=True):
    """A merchant; without `fee_bp` the shop's default, or what it was."""

    name: Name
    fee_bp: BasisPoints | None = None
    auto_approve: bool = False


class PickupPointIn(msgspec.Struct, forbid_unknown_fields=True):
    """A pickup point."""

    name: Name
    address: Annotated[str, Meta(min_length=1, max_length=200)]
    region: Annotated[str, Meta(min_length=1, max_length=80)]
    leader_id: SomeId | None = None
    open_hours: Line = ""
    commission_bp: BasisPoints = 0

    def command(self, point_id: str | None) -> membership.PutPickupPoint:
        """Return it in the words of the use case."""
        return membership.PutPickupPoint(**msgspec.structs.asdict(self), point_id=point_id)


class StaffIn(msgspec.Struct, forbid_unknown_fields=True):
    """For whom a person works, or null for nobody any more."""

    merchant_id: SomeId | None
    reason: Reason


class RoleIn(msgspec.Struct, forbid_unknown_fields=True):
    """A role: finance, operator or admin."""

    role: Role
    reason: Reason


class BlockIn(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a person is kept out."""

    blocked: bool
    reason: Reason


class PhoneIn(msgspec.Struct, forbid_unknown_fields=True):
    """A phone number to look for; it stays out of addresses and logs."""

    phone: Annotated[str, Meta(min_length=5, max_length=32)]


class MerchantOut(msgspec.Struct, frozen=True):
    """A merchant."""

    id: str
    name: str
    fee_bp: int
    auto_approve: bool
    created_at: datetime


class PersonOut(msgspec.Struct, frozen=True):
    """A person as an operator sees them."""

    user: UserOut
    blocked: bool


class LeaderDesk(Controller):
    """/ops/leaders."""

    path = "/ops/leaders"
    tags = ("ops",)

    @get("/", opt=BACK_OFFICE, sync_to_thread=True)
    def list_leaders(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        within: Annotated[LeaderState | None, QueryParameter(name="state")] = None,
    ) -> Response[Listing[LeaderOut]]:
        """List leaders, the newest application first."""
        found = visit.app.desk.report(
            visit.caller, lambda w: membership.list_leaders(w, within, page.fetch, page.after)
        )
        return page.answer(found, leader_out, lambda each: each.applied_at)

    @get("/{leader_id:str}", opt=BACK_OFFICE, sync_to_thread=True)
    def show(self, leader_id: FromPath[str], visit: NamedDependency[Visit]) -> LeaderOut:
        """Show one leader."""
        return leader_out(visit.read(lambda work: membership.show_leader(work, leader_id)))

    @post("/{leader_id:str}/approve", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def approve(
        self, leader_id: FromPath[str], data: JSONBody[ApproveIn], visit: NamedDependency[Visit]
    ) -> Response[LeaderOut]:
        """Approve an application."""
        cmd = membership.ApproveLeader(leader_id, data.commission_bp)
        return visit.once(lambda work: membership.approve_leader(work, cmd), leader_out)

    @post("/{leader_id:str}/refuse", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def refuse(
        self, leader_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[LeaderOut]:
        """Turn an application down."""
        cmd = membership.JudgeLeader(leader_id, data.reason)
        return visit.once(lambda work: membership.refuse_leader(work, cmd), leader_out)

    @post("/{leader_id:str}/suspend", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def suspend(
        self, leader_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[LeaderOut]:
        """Suspend a leader; they lose the role at once."""
        cmd = membership.JudgeLeader(leader_id, data.reason)
        return visit.once(lambda work: membership.suspend_leader(work, cmd), leader_out)

    @post("/{leader_id:str}/reinstate", opt=OPERATOR, sync_to_thread=True, status_code=200)
    def reinstate(
        self, leader_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[LeaderOut]:
        """Reinstate a suspended leader."""
        cmd = membership.JudgeLeader(leader_id, data.reason)
        return visit.once(lambda work: membership.reinstate_leader(work, cmd), leader_out)


class MerchantDesk(Controller):
    """/ops/merchants and /ops/pickup-points."""

    path = "/ops"
    tags = ("ops",)

    @get("/merchants", opt=only(Role.OPERATOR, Role.FINANCE, Role.ADMIN), sync_to_thread=True)
    def list_merchants(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[MerchantOut]]:
        """List merchants."""
        found = visit.app.desk.report(
            visit.caller, lambda work: membership.list_merchants(work, page.fetch, page.after)
        )
        return page.answer(found, merchant_out, lambda each: each.id)

    @post("/merchants", opt=OPERATOR, sync_to_thread=True)
    def create_merchant(
        self, data: JSONBody[MerchantIn], visit: NamedDependency[Visit]
    ) -> Response[MerchantOut]:
        """Make a merchant."""
        cmd = membership.PutMerchant(data.name, data.fee_bp, data.auto_approve)
        return visit.once(lambda work: membership.put_merchant(work, cmd), merchant_out, 201)

    @put("/merchants/{merchant_id:str}", opt=OPERATOR, sync_to_thread=True)
    def edit_merchant(
        self, merchant_id: FromPath[str], data: JSONBody[MerchantIn], visit: NamedDependency[Visit]
    ) -> Response[MerchantOut]:
        """Change a merchant."""
        cmd = membership.PutMerchant(data.name, data.fee_bp, data.auto_approve, merchant_id)
        return visit.once(lambda work: membership.put_merchant(work, cmd), merchant_out)

    @post("/pickup-points", opt=OPERATOR, sync_to_thread=True)
    def create_point(
        self, data: JSONBody[PickupPointIn], visit: NamedDependency[Visit]
    ) -> Response[PickupPointOut]:
        """Make a pickup point."""
        cmd = data.command(None)
        return visit.once(lambda w: membership.put_pickup_point(w, cmd), pickup_point_out, 201)

    @put("/pickup-points/{point_id:str}", opt=OPERATOR, sync_to_thread=True)
    def edit_point(
        self, point_id: FromPath[str], data: JSONBody[PickupPointIn], visit: NamedDependency[Visit]
    ) -> Response[PickupPointOut]:
        """Change a pickup point."""
        cmd = data.command(point_id)
        return visit.once(lambda work: membership.put_pickup_point(work, cmd), pickup_point_out)


class PeopleDesk(Controller):
    """/ops/users."""

    path = "/ops/users"
    tags = ("ops",)

    @get("/", opt=PEOPLE, sync_to_thread=True)
    def list_users(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[PersonOut]]:
        """List people, the newest first."""
        found = visit.app.desk.report(
            visit.caller, lambda work: membership.list_users(work, page.fetch, page.after)
        )
        return page.answer(found, person_out, lambda each: each.created_at)

    @post(
        "/search",
        opt=only(Role.OPERATOR, Role.ADMIN, keyless=True),
        sync_to_thread=True,
        status_code=200,
    )
    def find(self, data: JSONBody[PhoneIn], visit: NamedDependency[Visit]) -> PersonOut:
        """Find a person by phone number."""
        return person_out(visit.read(lambda work: membership.find_user(work, data.phone)))

    @put("/{user_id:str}/staff", opt=PEOPLE, sync_to_thread=True)
    def assign(
        self, user_id: FromPath[str], data: JSONBody[StaffIn], visit: NamedDependency[Visit]
    ) -> Response[PersonOut]:
        """Let a person act for a merchant; their sessions end."""
        return visit.once(
            lambda work: membership.assign_staff(work, user_id, data.merchant_id, data.reason),
            person_out,
        )

    @post("/{user_id:str}/roles", opt=ADMIN, sync_to_thread=True, status_code=200)
    def grant(
        self, user_id: FromPath[str], data: JSONBody[RoleIn], visit: NamedDependency[Visit]
    ) -> Response[PersonOut]:
        """Give a role; the person's sessions end."""
        cmd = membership.ChangeRole(user_id, data.role, data.reason)
        return visit.once(lambda work: membership.grant_role(work, cmd), person_out)

    @post("/{user_id:str}/roles/revoke", opt=ADMIN, sync_to_thread=True, status_code=200)
    def revoke(
        self, user_id: FromPath[str], data: JSONBody[RoleIn], visit: NamedDependency[Visit]
    ) -> Response[PersonOut]:
        """Take a role away; the person's sessions end."""
        cmd = membership.ChangeRole(user_id, data.role, data.reason)
        return visit.once(lambda work: membership.revoke_role(work, cmd), person_out)

    @put("/{user_id:str}/block", opt=ADMIN, sync_to_thread=True)
    def block(
        self, user_id: FromPath[str], data: JSONBody[BlockIn], visit: NamedDependency[Visit]
    ) -> Response[PersonOut]:
        """Keep a person out, or let them in again."""
        return visit.once(
            lambda w: membership.block_user(w, user_id, data.reason, blocked=data.blocked),
            person_out,
        )


class StaffController(Controller):
    """/merchant: the own merchant."""

    path = "/merchant"
    tags = ("merchant",)

    @get("/profile", opt=only(Role.MERCHANT), sync_to_thread=True)
    def show(self, visit: NamedDependency[Visit]) -> MerchantOut:
        """Show the merchant one works for."""
        return merchant_out(visit.read(membership.my_merchant))


def merchant_out(merchant: Merchant) -> MerchantOut:
    """Render a merchant without its payout account."""
    return MerchantOut(
        merchant.id, merchant.name, merchant.fee_bp, merchant.auto_approve, merchant.created_at
    )


def person_out(user: User) -> PersonOut:
    """Render a person."""
    return PersonOut(user_out(user), user.blocked)
