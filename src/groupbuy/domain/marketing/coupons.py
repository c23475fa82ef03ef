"""Coupons: what a shop offers to claim, what somebody holds, and what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Event, Invalid, Refused
from groupbuy.domain.marketing.coupon_states import (
    COUPON,
    COUPON_TEMPLATE,
    FREE,
    CouponFacts,
    CouponMove,
    CouponState,
    TemplateMove,
    TemplateState,
)
from groupbuy.domain.marketing.kinds import AmountOff, Layer, PercentOff
from groupbuy.domain.marketing.promotion import Payer, Promotion, read

CLAIMED, OFFERED = "coupon.claimed", "coupon_template.offered"
QUANTITY_AT_MOST = 10_000_000
DAYS_AT_MOST = 366
PER_PERSON_AT_MOST = 100


class Giving(StrEnum):
    """How people come by the coupons of a template."""

    OPEN = "open"
    """Whoever sees it may claim it."""
    CODE = "code"
    """Whoever knows one of its codes, each good once."""
    WELCOME = "welcome"
    """Claimed by itself for everybody who opens an account."""
    STAFF = "staff"
    """Staff give it to people they name."""


@frozen
class CouponTemplate:
    """An offer of coupons that are all alike.

    The budget is kept when coupons are claimed, by the most each can take off: an order never has
    to ask how much is left, so no two orders of a hot campaign wait for each other.
    """

    id: str
    promotion: str
    """The promotion as `written` writes it, layer `coupon`."""
    giving: Giving
    quantity: int
    starts_at: datetime
    ends_at: datetime
    """When it may be claimed, `[starts_at, ends_at)`."""
    created_at: datetime
    created_by: str
    merchant_id: str | None = None
    """Whose campaigns it is good for; None: everybody's."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Good in `[valid_from, valid_until)`; instead, `days` counts from the claim."""
    days: int | None = None
    per_person: int = 1
    new_users: bool = False
    """Only who has no paid order yet may claim it."""
    budget: int | None = None
    """The most all of them together may take off, in minor units."""
    claimed: int = 0
    state: TemplateState = TemplateState.OPEN
    version: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse an offer that nobody could keep, or nobody could use."""
        self._check_numbers()
        if self.ends_at <= self.starts_at:
            raise Invalid(field="ends_at", reason="must be after the start")
        fixed = self.valid_from is not None and self.valid_until is not None
        if fixed == (self.days is not None):
            raise Invalid(field="days", reason="needs either days or a fixed time, not both")
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise Invalid(field="valid_until", reason="must be after the start")

    def _check_numbers(self) -> None:
        promotion = self.terms
        if promotion.layer is not Layer.COUPON:
            raise Invalid(field="kind", reason="must be a kind of coupon")
        if promotion.payer is Payer.LEADER:
            raise Invalid(field="payer", reason="must be one of merchant, platform")
        if not 1 <= self.quantity <= QUANTITY_AT_MOST:
            raise Invalid(field="quantity", reason=f"must be 1 to {QUANTITY_AT_MOST}")
        if not 1 <= self.per_person <= PER_PERSON_AT_MOST:
            raise Invalid(field="per_person", reason=f"must be 1 to {PER_PERSON_AT_MOST}")
        if self.days is not None and not 1 <= self.days <= DAYS_AT_MOST:
            raise Invalid(field="days", reason=f"must be 1 to {DAYS_AT_MOST}")
        if self.budget is not None and not self._most():
            raise Invalid(field="budget", reason="needs a coupon that says the most it takes off")
        if self.budget is not None and self.budget < self._most():
            raise Invalid(field="budget", reason="must be enough for one coupon")

    @property
    def terms(self) -> Promotion:
        """What the coupon gives, and when."""
        return read(self.promotion)

    @property
    def left(self) -> int:
        """How many may still be claimed, by number and by budget."""
        by_number = self.quantity - self.claimed
        if self.budget is None:
            return by_number
        return min(by_number, self.budget // self._most() - self.claimed)

    def offered(self) -> Event:
        """Return the event that tells of a new one."""
        facts = {"giving": self.giving.value, "quantity": self.quantity}
        return Event(OFFERED, self.id, self.created_at, facts)

    def claim(
        self, coupon_id: str, owner_id: str, *, held: int, is_new: bool, now: datetime
    ) -> "tuple[CouponTemplate, Coupon, list[Event]]":
        """Give one coupon to somebody who has claimed `held` of them before. Raises Refused."""
        if self.state is not TemplateState.OPEN:
            raise Refused(rule="coupons_are_given_out", about=self.id)
        if not self.starts_at <= now < self.ends_at:
            raise Refused(rule="coupons_are_given_out_now", about=self.id)
        if self.left < 1:
            raise Refused(rule="coupons_are_left", about=self.id)
        if held >= self.per_person:
            raise Refused(rule="coupons_per_person", about=self.id)
        if self.new_users and not is_new:
            raise Refused(rule="coupon_is_for_new_users", about=self.id)
        coupon = self._coupon(coupon_id, owner_id, now)
        facts = {"template": self.id, "owner": owner_id}
        after = evolve(self, claimed=self.claimed + 1)
        return after, coupon, [Event(CLAIMED, coupon.id, now, facts)]

    def move(self, move: TemplateMove, now: datetime) -> "tuple[CouponTemplate, list[Event]]":
        """Pause, resume or end the offer; what was claimed stays good."""
        edge = COUPON_TEMPLATE.fire(self.state, move, None)
        return evolve(self, state=edge.target), [Event(edge.event, self.id, now)]

    def _coupon(self, coupon_id: str, owner_id: str, now: datetime) -> "Coupon":
        if self.days is None:
            since, until = self.valid_from or now, self.valid_until or now
        else:
            since, until = now, now + timedelta(days=self.days)
        if until <= now:
            raise Refused(rule="coupons_are_given_out_now", about=self.id)
        return Coupon(
            id=coupon_id,
            template_id=self.id,
            owner_id=owner_id,
            merchant_id=self.merchant_id,
            claimed_at=now,
            valid_from=since,
            valid_until=until,
        )

    def _most(self) -> int:
        """Return the most one coupon takes off, in minor units; 0 where it has no such bound."""
        terms = self.terms.terms
        if isinstance(terms, AmountOff):
            return terms.off
        return terms.cap if isinstance(terms, PercentOff) else 0


@frozen
class Coupon:
    """One coupon in somebody's wallet."""

    id: str
    template_id: str
    owner_id: str
    claimed_at: datetime
    valid_from: datetime
    valid_until: datetime
    merchant_id: str | None = None
    order_id: str | None = None
    """The order that holds it or was paid with it."""
    saved: int = 0
    """What it took off that order, in minor units."""
    used_at: datetime | None = None
    state: CouponState = CouponState.CLAIMED
    version: int = 0

    @property
    def free(self) -> bool:
        """Tell whether it is neither spoken for nor gone; it may still be too early or too late."""
        return self.state in FREE

    def hold(self, order_id: str, saved: int, now: datetime) -> "tuple[Coupon, list[Event]]":
        """An order takes it, until it is paid or given up. Raises Refused, IllegalMove."""
        after, happened = self._fire(CouponMove.HOLD, now)
        return evolve(after, order_id=order_id, saved=saved), happened

    def use(self, now: datetime) -> "tuple[Coupon, list[Event]]":
        """The order is paid."""
        after, happened = self._fire(CouponMove.USE, now)
        return evolve(after, used_at=now), happened

    def let_go(self, now: datetime) -> "tuple[Coupon, list[Event]]":
        """Give it back to its owner, for another order; one that is over meanwhile expires."""
        move = CouponMove.RELEASE if self.state is CouponState.HELD else CouponMove.RETURN
        after, happened = self._fire(move, now)
        after = evolve(after, order_id=None, saved=0, used_at=None)
        if now < self.valid_until:
            return after, happened
        over, more = after.expire(now)
        return over, [*happened, *more]

    def expire(self, now: datetime) -> "tuple[Coupon, list[Event]]":
        """Its time is over."""
        return self._fire(CouponMove.EXPIRE, now)

    def revoke(self, now: datetime) -> "tuple[Coupon, list[Event]]":
        """The shop takes it back before it was used."""
        return self._fire(CouponMove.REVOKE, now)

    def _fire(self, move: CouponMove, now: datetime) -> "tuple[Coupon, list[Event]]":
        edge = COUPON.fire(self.state, move, CouponFacts(now, self.valid_from, self.valid_until))
        facts = {"order": self.order_id} if self.order_id else {}
        return evolve(self, state=edge.target), [Event(edge.event, self.id, now, facts)]


@frozen
class CouponCode:
    """A code that is good for one coupon; only its digest is kept."""

    id: str
    """SHA-256 of the code, which names it without telling it."""
    template_id: str
    created_at: datetime
    coupon_id: str | None = None
    version: int = 0

    def spend(self, coupon_id: str) -> "CouponCode":
        """Give its coupon to somebody. Raises Refused for a code that was used."""
        if self.coupon_id is not None:
            raise Refused(rule="coupon_code_is_unused", about=self.template_id)
        return evolve(self, coupon_id=coupon_id)
