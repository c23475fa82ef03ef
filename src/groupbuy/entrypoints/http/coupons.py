"""Coupons: shoppers claim and keep them, merchants and operators offer and follow them."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from groupbuy.application import coupons
from groupbuy.application.write_path import Work
from groupbuy.domain.marketing import CouponTemplate, TemplateMove
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.coupon_schemas import (
    CodesIn,
    CouponCodeIn,
    CouponOut,
    CouponTemplateIn,
    CouponTemplateOut,
    CouponUseOut,
    GivenIn,
    GivenListOut,
    HandedOut,
    RevokedOut,
    coupon_out,
    given_out,
    handed_out,
    template_out,
    use_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

SHOPPER = only(Role.SHOPPER)
SELLERS = only(Role.MERCHANT, Role.OPERATOR)


class CouponOffers(Controller):
    """/shop/coupon-templates: what may be claimed."""

    path = "/shop/coupon-templates"
    tags = ("coupons",)

    @get("/", opt=public(), sync_to_thread=True)
    def on_offer(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[CouponTemplateOut]]:
        """List coupons that anybody may claim now, what ends first in front."""
        found = visit.read(lambda work: coupons.on_offer(work, page.fetch, page.after))
        return page.answer(found, template_out, lambda each: each.ends_at)

    @post("/{template_id:str}/claim", opt=SHOPPER, sync_to_thread=True)
    def claim(
        self, template_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CouponOut]:
        """Claim one; it lies in the wallet until it is used or its time is over."""
        now = visit.app.kit.clock.now()
        return visit.once(
            lambda work: coupons.claim(work, template_id), lambda held: coupon_out(held, now), 201
        )


class Wallet(Controller):
    """/shop/coupons: one's own."""

    path = "/shop/coupons"
    tags = ("coupons",)

    @get("/", opt=SHOPPER, sync_to_thread=True)
    def mine(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[CouponOut]]:
        """List one's coupons, what was claimed last in front."""
        now = visit.app.kit.clock.now()
        found = visit.read(lambda work: coupons.wallet(work, page.fetch, page.after))
        return page.answer(
            found, lambda held: coupon_out(held, now), lambda held: held.coupon.claimed_at
        )

    @post("/claim", opt=SHOPPER, sync_to_thread=True)
    def by_code(
        self, data: JSONBody[CouponCodeIn], visit: NamedDependency[Visit]
    ) -> Response[CouponOut]:
        """Claim the coupon of a code."""
        now = visit.app.kit.clock.now()
        return visit.once(
            lambda work: coupons.claim_by_code(work, data.code),
            lambda held: coupon_out(held, now),
            201,
        )


class CouponDesk(Controller):
    """/merchant/coupon-templates: for merchants their own, for operators all."""

    path = "/merchant/coupon-templates"
    tags = ("coupons",)

    @post("/", opt=SELLERS, sync_to_thread=True)
    def offer(
        self, data: JSONBody[CouponTemplateIn], visit: NamedDependency[Visit]
    ) -> Response[CouponTemplateOut]:
        """Offer coupons."""
        template = data.template()
        return visit.once(lambda work: coupons.offer(work, template), template_out, 201)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_templates(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[CouponTemplateOut]]:
        """List what was offered, the newest first."""
        found = visit.read(lambda work: coupons.templates(work, page.fetch, page.after))
        return page.answer(found, template_out, lambda each: each.created_at)

    @get("/{template_id:str}", opt=SELLERS, sync_to_thread=True)
    def show(self, template_id: FromPath[str], visit: NamedDependency[Visit]) -> CouponUseOut:
        """Show an offer with what became of its coupons and what they cost."""
        return use_out(*visit.read(lambda work: _with_use(work, template_id)))

    @post("/{template_id:str}/pause", opt=SELLERS, sync_to_thread=True, status_code=200)
    def pause(
        self, template_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CouponTemplateOut]:
        """Stop giving them out for a while; what was claimed stays good."""
        return visit.once(
            lambda work: coupons.move_template(work, template_id, TemplateMove.PAUSE), template_out
        )

    @post("/{template_id:str}/resume", opt=SELLERS, sync_to_thread=True, status_code=200)
    def resume(
        self, template_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CouponTemplateOut]:
        """Give them out again."""
        return visit.once(
            lambda work: coupons.move_template(work, template_id, TemplateMove.RESUME), template_out
        )

    @post("/{template_id:str}/end", opt=SELLERS, sync_to_thread=True, status_code=200)
    def end(
        self, template_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CouponTemplateOut]:
        """Stop giving them out for good; what was claimed stays good."""
        return visit.once(
            lambda work: coupons.move_template(work, template_id, TemplateMove.END), template_out
        )

    @post("/{template_id:str}/codes", opt=SELLERS, sync_to_thread=True)
    def codes(
        self,
        template_id: FromPath[str],
        data: JSONBody[CodesIn],
        visit: NamedDependency[Visit],
    ) -> Response[HandedOut]:
        """Make codes, each good for one coupon; only this answer tells them."""
        return visit.once(
            lambda work: coupons.make_codes(work, template_id, data.count),
            handed_out, 201, private=True,
        )  # fmt: skip

    @post("/{template_id:str}/coupons", opt=SELLERS, sync_to_thread=True)
    def give(
        self,
        template_id: FromPath[str],
        data: JSONBody[GivenIn],
        visit: NamedDependency[Visit],
    ) -> Response[GivenListOut]:
        """Give one coupon to each of these people, or to nobody."""
        return visit.once(
            lambda work: coupons.give(work, template_id, data.user_ids), given_out, 201
        )


class CouponRevocation(Controller):
    """/merchant/coupons."""

    path = "/merchant/coupons"
    tags = ("coupons",)

    @post("/{coupon_id:str}/revoke", opt=SELLERS, sync_to_thread=True, status_code=200)
    def revoke(
        self,
        coupon_id: FromPath[str],
        data: JSONBody[ReasonIn],
        visit: NamedDependency[Visit],
    ) -> Response[RevokedOut]:
        """Take back a coupon that was not used; its owner is told why."""
        return visit.once(
            lambda work: coupons.revoke(work, coupon_id, data.reason),
            lambda coupon: RevokedOut(coupon.id, coupon.state),
        )


COUPONS: tuple[type[Controller], ...] = (CouponOffers, Wallet, CouponDesk, CouponRevocation)


def _with_use(work: Work, template_id: str) -> tuple[CouponTemplate, Any]:
    return coupons.template_of(work, template_id), coupons.use_of(work, template_id)
