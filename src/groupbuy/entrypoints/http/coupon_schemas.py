"""Bodies and answers about coupons and their templates."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from groupbuy.application.coupons import CODES_AT_ONCE, GIVEN_AT_ONCE, Handed, Held, Use
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing import (
    DAYS_AT_MOST,
    PER_PERSON_AT_MOST,
    QUANTITY_AT_MOST,
    Basis,
    Coupon,
    CouponState,
    CouponTemplate,
    Giving,
    Payer,
    TemplateState,
    promotion_of,
    write_arguments,
    written,
)

_Plain = dict[str, Any]
IdText = Annotated[str, Meta(min_length=1, max_length=40)]


class CouponTemplateIn(msgspec.Struct, forbid_unknown_fields=True):
    """Coupons to offer; the kind says which arguments they take."""

    kind: Annotated[str, Meta(max_length=40)]
    title: Annotated[str, Meta(min_length=1, max_length=40)]
    arguments: _Plain
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_AT_MOST)]
    starts_at: datetime
    ends_at: datetime
    """When they may be claimed."""
    giving: Giving = Giving.OPEN
    days: Annotated[int, Meta(ge=1, le=DAYS_AT_MOST)] | None = None
    """Good for so many days from the claim; or else in a fixed time, the two below."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    per_person: Annotated[int, Meta(ge=1, le=PER_PERSON_AT_MOST)] = 1
    new_users: bool = False
    budget: Annotated[int, Meta(ge=1, description="Minor units, all of them together")] | None = (
        None
    )
    merchant_id: IdText | None = None
    """For operators: good for this merchant's campaigns only."""
    payer: Payer = Payer.MERCHANT
    conditions: _Plain = msgspec.field(default_factory=dict)
    eligible: _Plain = msgspec.field(default_factory=dict)
    basis: Basis = Basis.ACTIVITY_PRICE

    def template(self) -> CouponTemplate:
        """Return it as the domain has it. Raises Invalid naming the field."""
        for name in ("starts_at", "ends_at", "valid_from", "valid_until"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise Invalid(field=name, reason="needs a zone")
        said = {
            "id": "new",
            "kind": self.kind,
            "title": self.title,
            "arguments": self.arguments,
            "conditions": self.conditions,
            "eligible": self.eligible,
            "payer": self.payer.value,
            "basis": self.basis.value,
        }
        return CouponTemplate(
            id="",
            promotion=written(promotion_of(said)),
            giving=self.giving,
            quantity=self.quantity,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            created_at=self.starts_at,
            created_by="",
            merchant_id=self.merchant_id,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            days=self.days,
            per_person=self.per_person,
            new_users=self.new_users,
            budget=self.budget,
        )


class CodesIn(msgspec.Struct, forbid_unknown_fields=True):
    """How many codes to make."""

    count: Annotated[int, Meta(ge=1, le=CODES_AT_ONCE)]


class GivenIn(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to give one each."""

    user_ids: Annotated[list[IdText], Meta(min_length=1, max_length=GIVEN_AT_ONCE)]


class CouponCodeIn(msgspec.Struct, forbid_unknown_fields=True):
    """A code, however it is typed."""

    code: Annotated[str, Meta(min_length=8, max_length=40)]


class CouponTemplateOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered, in one sentence and in figures."""

    id: str
    merchant_id: str | None
    title: str
    kind: str
    sentence: str
    sentence_en: str
    arguments: _Plain
    giving: Giving
    payer: Payer
    state: TemplateState
    quantity: int
    claimed: int
    left: int
    per_person: int
    new_users: bool
    budget: int | None
    starts_at: datetime
    ends_at: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    days: int | None


class CouponUseOut(msgspec.Struct, frozen=True):
    """A template, and what became of its coupons; money in minor units."""

    template: CouponTemplateOut
    by_state: dict[str, int]
    saved: int
    """What the used ones took off."""
    held: int
    """What those that wait for a payment would take off."""


class CouponOut(msgspec.Struct, frozen=True, kw_only=True):
    """One coupon of somebody's wallet."""

    id: str
    template_id: str
    merchant_id: str | None
    title: str
    sentence: str
    sentence_en: str
    state: CouponState
    usable: bool
    """Free, and its time has come and is not over."""
    valid_from: datetime
    valid_until: datetime
    order_id: str | None
    saved: int


class GivenOut(msgspec.Struct, frozen=True):
    """A coupon somebody got from staff."""

    id: str
    owner_id: str
    valid_until: datetime


class GivenListOut(msgspec.Struct, frozen=True):
    """What staff gave, in the order of the people named."""

    items: list[GivenOut]


class HandedOut(msgspec.Struct, frozen=True):
    """Codes; they are told this once."""

    template_id: str
    codes: list[str]


class RevokedOut(msgspec.Struct, frozen=True):
    """A coupon taken back."""

    id: str
    state: CouponState


def template_out(template: CouponTemplate) -> CouponTemplateOut:
    """Render a template."""
    promotion = template.terms
    return CouponTemplateOut(
        id=template.id,
        merchant_id=template.merchant_id,
        title=promotion.title,
        kind=promotion.terms.kind,
        sentence=promotion.sentence(),
        sentence_en=promotion.sentence(english=True),
        arguments=write_arguments(promotion.terms),
        giving=template.giving,
        payer=promotion.payer,
        state=template.state,
        quantity=template.quantity,
        claimed=template.claimed,
        left=template.left,
        per_person=template.per_person,
        new_users=template.new_users,
        budget=template.budget,
        starts_at=template.starts_at,
        ends_at=template.ends_at,
        valid_from=template.valid_from,
        valid_until=template.valid_until,
        days=template.days,
    )


def use_out(template: CouponTemplate, use: Use) -> CouponUseOut:
    """Render what became of a template."""
    return CouponUseOut(template_out(template), use.by_state, use.saved, use.held)


def coupon_out(held: Held, now: datetime) -> CouponOut:
    """Render a coupon to its owner."""
    coupon, promotion = held.coupon, held.template.terms
    return CouponOut(
        id=coupon.id,
        template_id=coupon.template_id,
        merchant_id=coupon.merchant_id,
        title=promotion.title,
        sentence=promotion.sentence(),
        sentence_en=promotion.sentence(english=True),
        state=coupon.state,
        usable=coupon.free and coupon.valid_from <= now < coupon.valid_until,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        order_id=coupon.order_id,
        saved=coupon.saved,
    )


def given_out(coupons: list[Coupon]) -> GivenListOut:
    """Render coupons to whoever gave them."""
    return GivenListOut([GivenOut(each.id, each.owner_id, each.valid_until) for each in coupons])


def handed_out(handed: Handed) -> HandedOut:
    """Render codes."""
    return HandedOut(handed.template_id, list(handed.codes))
