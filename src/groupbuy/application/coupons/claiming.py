"""The shopper's side: claiming coupons, the wallet, and what expires by itself."""

from typing import Any

from attrs import frozen

from groupbuy.application.coupons.offering import claim_for, digest_of
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.marketing import Coupon, CouponCode, CouponTemplate, Giving, TemplateState
from groupbuy.domain.membership import Role

WALLET_AT_MOST = 200


@frozen
class Held:
    """A coupon with the offer it comes from."""

    coupon: Coupon
    template: CouponTemplate

    @property
    def id(self) -> str:
        """The coupon."""
        return self.coupon.id


def on_offer(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[CouponTemplate]:
    """Return what anybody may claim now, what ends first in front."""
    now = work.now()
    query = Query().where(state=TemplateState.OPEN, giving=Giving.OPEN).since("ends_at", now)
    found = work.of(CouponTemplate).select(query.sorted("ends_at").page(limit, after))
    return [each for each in found if each.starts_at <= now < each.ends_at and each.left > 0]


def claim(work: Work, template_id: str) -> Held:
    """Claim a coupon that is given to everybody. Raises NotFound, Refused by rule."""
    work.caller.require(Role.SHOPPER)
    template = work.of(CouponTemplate).lock([template_id]).get(template_id)
    if template is None or template.giving is not Giving.OPEN:
        raise NotFound(kind="coupon_template", key=template_id)
    return _claimed(work, template)


def claim_by_code(work: Work, code: str) -> Held:
    """Claim the coupon of a code. Raises NotFound for one that does not exist, Refused by rule."""
    work.caller.require(Role.SHOPPER)
    digest = digest_of(code)
    known = work.of(CouponCode).find([digest]).get(digest)
    if known is None:
        raise NotFound(kind="coupon_code", key="")
    template = work.of(CouponTemplate).lock([known.template_id])[known.template_id]
    held = _claimed(work, template)
    work.of(CouponCode).save(work.of(CouponCode).lock([digest])[digest].spend(held.id))
    return held


def welcome(work: Work, user_id: str) -> None:
    """Give a new user every coupon that welcomes and is left (the worker calls this)."""
    query = Query().where(state=TemplateState.OPEN, giving=Giving.WELCOME)
    ids = [each.id for each in work.of(CouponTemplate).select(query.page(WALLET_AT_MOST))]
    for template in work.of(CouponTemplate).lock(ids).values():
        try:
            after, coupon = claim_for(work, template, user_id)
        except Refused:
            continue
        work.of(CouponTemplate).save(after)
        work.tell(user_id, "coupon.given", coupon.id, title=template.terms.title)


def wallet(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[Held]:
    """Return one's own coupons, what was claimed last in front."""
    query = Query().where(owner_id=work.caller.user_id).sorted("-claimed_at")
    coupons = work.of(Coupon).select(query.page(limit, after))
    known = work.of(CouponTemplate).find({each.template_id for each in coupons})
    return [Held(each, known[each.template_id]) for each in coupons]


def expire_coupon(work: Work, coupon_id: str) -> None:
    """End a coupon whose time is over (the worker calls this); one an order holds ends with it."""
    coupon = work.of(Coupon).lock([coupon_id]).get(coupon_id)
    if coupon is None or not coupon.free or work.now() < coupon.valid_until:
        return
    after, happened = coupon.expire(work.now())
    work.of(Coupon).save(after)
    work.emit(happened)


def _claimed(work: Work, template: CouponTemplate) -> Held:
    after, coupon = claim_for(work, template, work.caller.user_id)
    work.of(CouponTemplate).save(after)
    return Held(coupon, after)
