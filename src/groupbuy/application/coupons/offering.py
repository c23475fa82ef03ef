"""The shop's side: offering coupons, giving them out, stopping, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from attrs import evolve, field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.couponing import never_paid
from groupbuy.application.steps.pricing import check_conditions
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.marketing import (
    Coupon,
    CouponCode,
    CouponState,
    CouponTemplate,
    Giving,
    Payer,
    TemplateMove,
    written,
)
from groupbuy.domain.membership import Merchant, Role, User

CODES_AT_ONCE = 10_000
GIVEN_AT_ONCE = 1_000
_DIGITS, _LETTERS = 24, 16
"""24 random digits are 79 bits; 16 letters of base 32 hold 80."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OILU", "011V")


@frozen
class Use:
    """What became of the coupons of one template. Money is minor units."""

    claimed: int
    by_state: dict[str, int]
    saved: int = 0
    """What the used ones took off."""
    held: int = 0
    """What those that wait for a payment would take off."""


@frozen
class Handed:
    """Codes, told once; only their digests are kept."""

    template_id: str
    codes: tuple[str, ...] = field(repr=False)


def offer(work: Work, template: CouponTemplate) -> CouponTemplate:
    """Offer coupons: a merchant for their own campaigns, an operator for one merchant's or all.

    What the platform gives an operator has to say. Raises Invalid, Forbidden, NotFound.
    """
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    promotion = template.terms
    check_conditions(promotion, "conditions", asks=("first_order",))
    whose = _whose(work, template, promotion.payer)
    kept = evolve(
        template,
        id=work.new_id("cpt"),
        merchant_id=whose,
        created_at=work.now(),
        created_by=work.caller.user_id,
        promotion=written(evolve(promotion, id=work.new_id("prm"))),
    )
    work.of(CouponTemplate).add(kept)
    work.emit([kept.offered()])
    work.audit("coupon_template.offer", kept.id, quantity=str(kept.quantity))
    return kept


def templates(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[CouponTemplate]:
    """Return the offers of the caller's merchant, or for operators all, the newest first."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    query = Query().sorted("-created_at").page(limit, after)
    if Role.OPERATOR not in work.caller.roles:
        query = query.where(merchant_id=work.caller.merchant_id)
    return work.of(CouponTemplate).select(query)


def template_of(work: Work, template_id: str) -> CouponTemplate:
    """Return an offer of one's own. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _mine(work, work.of(CouponTemplate).find([template_id]).get(template_id), template_id)


def move_template(work: Work, template_id: str, move: TemplateMove) -> CouponTemplate:
    """Pause, resume or end an offer; coupons that were claimed stay good.

    Raises NotFound, IllegalMove.
    """
    after, happened = _locked(work, template_id).move(move, work.now())
    work.of(CouponTemplate).save(after)
    work.emit(happened)
    work.audit(f"coupon_template.{move.value}", template_id)
    return after


def make_codes(work: Work, template_id: str, count: int) -> Handed:
    """Make codes, each good for one coupon. Raises NotFound, Invalid, Refused by rule."""
    if not 1 <= count <= CODES_AT_ONCE:
        raise Invalid(field="count", reason=f"must be 1 to {CODES_AT_ONCE}")
    template = _locked(work, template_id)
    if template.giving is not Giving.CODE:
        raise Refused(rule="coupons_are_given_by_code", about=template_id)
    codes = tuple(_code(int(work.kit.ids.digits(_DIGITS))) for _ in range(count))
    for code in codes:
        work.of(CouponCode).add(CouponCode(digest_of(code), template_id, work.now()))
    work.audit("coupon_template.codes", template_id, count=str(count))
    return Handed(template_id, codes)


def give(work: Work, template_id: str, user_ids: Sequence[str]) -> list[Coupon]:
    """Give a coupon to each of these people, or to nobody. Raises NotFound, Invalid, Refused."""
    if not 1 <= len(user_ids) <= GIVEN_AT_ONCE:
        raise Invalid(field="user_ids", reason=f"takes 1 to {GIVEN_AT_ONCE}")
    if len(set(user_ids)) != len(user_ids):
        raise Invalid(field="user_ids", reason="names somebody twice")
    known = work.of(User).find(user_ids)
    for user_id in user_ids:
        if user_id not in known:
            raise NotFound(kind="user", key=user_id)
    template, coupons = _locked(work, template_id), list[Coupon]()
    for user_id in user_ids:
        template, coupon = claim_for(work, template, user_id)
        work.tell(user_id, "coupon.given", coupon.id, title=template.terms.title)
        coupons.append(coupon)
    work.of(CouponTemplate).save(template)
    work.audit("coupon_template.give", template_id, people=str(len(coupons)))
    return coupons


def revoke(work: Work, coupon_id: str, reason: str) -> Coupon:
    """Take back a coupon that was not used. Raises NotFound, IllegalMove."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    found = work.of(Coupon).find([coupon_id]).get(coupon_id)
    template = found and work.of(CouponTemplate).find([found.template_id]).get(found.template_id)
    _mine(work, template or None, coupon_id, kind="coupon")
    after, happened = work.of(Coupon).lock([coupon_id])[coupon_id].revoke(work.now())
    work.of(Coupon).save(after)
    work.emit(happened)
    work.audit("coupon.revoke", coupon_id, reason)
    work.tell(after.owner_id, "coupon.revoked", coupon_id, reason=reason)
    return after


def use_of(work: Work, template_id: str) -> Use:
    """Count what became of an offer. Raises NotFound."""
    template = template_of(work, template_id)
    states, saved = Counter[str](), Counter[str]()
    for coupon in every(work.of(Coupon), Query().where(template_id=template_id)):
        states[coupon.state.value] += 1
        saved[coupon.state.value] += coupon.saved
    return Use(
        claimed=template.claimed,
        by_state=dict(sorted(states.items())),
        saved=saved[CouponState.USED.value],
        held=saved[CouponState.HELD.value],
    )


def claim_for(work: Work, template: CouponTemplate, user_id: str) -> tuple[CouponTemplate, Coupon]:
    """Claim a coupon of a locked template for somebody; the template is saved by the caller."""
    mine = Query().where(template_id=template.id, owner_id=user_id)
    held = len(work.of(Coupon).select(mine.page(template.per_person + 1)))
    is_new = not template.new_users or never_paid(work, user_id)
    after, coupon, happened = template.claim(
        work.new_id("cpn"), user_id, held=held, is_new=is_new, now=work.now()
    )
    work.of(Coupon).add(coupon)
    work.emit(happened)
    work.later("expire_coupon", coupon.id, coupon.valid_until)
    return after, coupon


def digest_of(code: str) -> str:
    """Return what is kept of a code, however it is typed: small, spaced, O for 0."""
    plain = "".join(each for each in code.upper() if each.isalnum()).translate(_LOOKALIKES)
    return sha256(plain.encode()).hexdigest()


def _whose(work: Work, template: CouponTemplate, payer: Payer) -> str | None:
    if Role.OPERATOR not in work.caller.roles:
        if payer is not Payer.MERCHANT:
            raise Forbidden(needs=Role.OPERATOR.value)
        if template.merchant_id not in (None, work.caller.merchant_id):
            raise NotFound(kind="merchant", key=str(template.merchant_id))
        return work.caller.merchant_id
    if template.merchant_id is not None:
        if template.merchant_id not in work.of(Merchant).find([template.merchant_id]):
            raise NotFound(kind="merchant", key=template.merchant_id)
    elif payer is Payer.MERCHANT:
        raise Invalid(field="merchant_id", reason="is needed where the merchant pays")
    return template.merchant_id


def _locked(work: Work, template_id: str) -> CouponTemplate:
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _mine(work, work.of(CouponTemplate).lock([template_id]).get(template_id), template_id)


def _mine(
    work: Work, template: CouponTemplate | None, key: str, kind: str = "coupon_template"
) -> CouponTemplate:
    own = template is not None and template.merchant_id == work.caller.merchant_id
    if template is None or not (own or Role.OPERATOR in work.caller.roles):
        raise NotFound(kind=kind, key=key)
    return template


def _code(number: int) -> str:
    letters = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))
