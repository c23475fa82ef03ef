"""Customers: the own level, and what sellers say of those who buy from them."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from groupbuy.application import membership
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import Instant
from groupbuy.entrypoints.http.visit import Visit

_SELLERS = only(Role.MERCHANT, Role.OPERATOR)
_OPERATOR = only(Role.OPERATOR)
_Word = Annotated[str, Meta(min_length=1, max_length=20)]
_Why = Annotated[str, Meta(min_length=1, max_length=200)]


class TagIn(msgspec.Struct, forbid_unknown_fields=True):
    """A word about a customer, and why."""

    word: _Word
    reason: _Why


class UntagIn(msgspec.Struct, forbid_unknown_fields=True):
    """A word that is taken back."""

    word: _Word


class BarIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why somebody may not join, and until when; without an end until it is lifted."""

    reason: _Why
    until: Instant | None = None


class LiftIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why somebody may join again."""

    reason: _Why


class LevelOut(msgspec.Struct, frozen=True):
    """Where one is on the ladder of levels."""

    level: int
    """0 for none."""
    name: str
    score: int
    """Of the twelve months that end today: minor units, or orders, as `measure` says."""
    measure: str
    kept_until: datetime
    """When levels may come down next."""
    next_name: str
    next_asks: int | None


class TagOut(msgspec.Struct, frozen=True):
    """A word about a customer."""

    word: str
    by: str
    """A merchant; empty: the operator."""
    reason: str
    at: datetime


class BarOut(msgspec.Struct, frozen=True):
    """Why and until when somebody may not join."""

    reason: str
    since: datetime
    until: datetime | None


class CustomerOut(msgspec.Struct, frozen=True):
    """Somebody who buys, as a seller sees them."""

    id: str
    initial: str
    level: int
    level_name: str
    tags: list[TagOut]
    bar: BarOut | None


class LevelController(Controller):
    """/me/level."""

    path = "/me/level"
    tags = ("me",)

    @get("/", opt=only(Role.SHOPPER), sync_to_thread=True)
    def show(self, visit: NamedDependency[Visit]) -> LevelOut:
        """Show the own level, and what the next one asks for."""
        return level_out(visit.read(membership.my_standing))


class CustomerController(Controller):
    """/merchant/customers."""

    path = "/merchant/customers"
    tags = ("merchant",)

    @get("/{user_id:str}", opt=_SELLERS, sync_to_thread=True)
    def show(self, user_id: FromPath[str], visit: NamedDependency[Visit]) -> CustomerOut:
        """Show a customer of one's own shop, without anything to reach them by."""
        return customer_out(visit.read(lambda work: membership.customer(work, user_id)))

    @post("/{user_id:str}/tags", opt=_SELLERS, sync_to_thread=True, status_code=200)
    def tag(
        self, user_id: FromPath[str], data: JSONBody[TagIn], visit: NamedDependency[Visit]
    ) -> Response[CustomerOut]:
        """Say a word about a customer; other merchants do not see it."""
        return visit.once(
            lambda work: membership.tag_customer(work, user_id, data.word, data.reason),
            customer_out,
        )

    @post("/{user_id:str}/tags/remove", opt=_SELLERS, sync_to_thread=True, status_code=200)
    def untag(
        self, user_id: FromPath[str], data: JSONBody[UntagIn], visit: NamedDependency[Visit]
    ) -> Response[CustomerOut]:
        """Take a word back."""
        return visit.once(
            lambda work: membership.untag_customer(work, user_id, data.word), customer_out
        )


class BarController(Controller):
    """/ops/customers."""

    path = "/ops/customers"
    tags = ("ops",)

    @put("/{user_id:str}/bar", opt=_OPERATOR, sync_to_thread=True)
    def bar(
        self, user_id: FromPath[str], data: JSONBody[BarIn], visit: NamedDependency[Visit]
    ) -> Response[CustomerOut]:
        """Keep somebody from joining; what they have ordered goes on."""
        return visit.once(
            lambda work: membership.bar_customer(work, user_id, data.reason, data.until),
            customer_out,
        )

    @post("/{user_id:str}/bar/lift", opt=_OPERATOR, sync_to_thread=True, status_code=200)
    def lift(
        self, user_id: FromPath[str], data: JSONBody[LiftIn], visit: NamedDependency[Visit]
    ) -> Response[CustomerOut]:
        """Let somebody join again."""
        return visit.once(
            lambda work: membership.lift_bar(work, user_id, data.reason), customer_out
        )

    @post("/{user_id:str}/level/recount", opt=_OPERATOR, sync_to_thread=True, status_code=200)
    def recount(
        self, user_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CustomerOut]:
        """Count a level anew from the orders, as after the ladder was changed."""
        return visit.once(lambda work: membership.recount_level(work, user_id), customer_out)


def level_out(standing: membership.Standing) -> LevelOut:
    """Render one's own level."""
    return LevelOut(**{name: getattr(standing, name) for name in LevelOut.__struct_fields__})


def customer_out(found: membership.Customer) -> CustomerOut:
    """Render a customer to a seller."""
    member = found.user.member
    bar = member.bar
    return CustomerOut(
        id=found.user.id,
        initial=found.user.initial,
        level=member.level,
        level_name=found.level_name,
        tags=[TagOut(each.word, each.by, each.reason, each.at) for each in found.tags],
        bar=BarOut(bar.reason, bar.since, bar.until) if bar else None,
    )
