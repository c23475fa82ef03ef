"""A coupon on its way with an order: held, used, given back, in the order's own transaction."""

from collections.abc import Iterable, Mapping, Sequence

from groupbuy.application.ports import Query
from groupbuy.application.steps.pricing import Buyer
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.logistics import IN_THE_SHOP, Shipment
from groupbuy.domain.marketing import FREE, Coupon, CouponState, CouponTemplate
from groupbuy.domain.ordering import BINDING, CloseReason, Order, OrderLine, OrderState

_GIVEN_BACK = frozenset(
    {
        CloseReason.CANCELLED,
        CloseReason.EXPIRED,
        CloseReason.GROUP_FAILED,
        CloseReason.CAMPAIGN_CANCELLED,
        CloseReason.REJECTED,
    }
)
"""Ends that are not the buyer's doing: the coupon comes back whatever the refund rules say."""
_LIVING = (OrderState.PLACED, *sorted(BINDING))


def coupon_for(
    coupons: Mapping[str, Coupon], coupon_id: str, owner_id: str, campaign: Campaign
) -> Coupon:
    """Return a coupon that its owner may use for a campaign. Raises NotFound, Refused."""
    coupon = coupons.get(coupon_id)
    if coupon is None or coupon.owner_id != owner_id:
        raise NotFound(kind="coupon", key=coupon_id)
    if coupon.merchant_id not in (None, campaign.merchant_id):
        raise Refused(rule="coupon_is_for_this_shop", about=coupon_id)
    return coupon


def usable_coupons(work: Work, campaign: Campaign) -> list[Coupon]:
    """Return the caller's coupons that are good for a campaign now, what ends first in front."""
    now = work.now()
    mine = Query().where(owner_id=work.caller.user_id).among("state", FREE)
    found = work.of(Coupon).select(mine.since("valid_until", now).sorted("valid_until"))
    return [
        each
        for each in found
        if each.valid_from <= now < each.valid_until
        and each.merchant_id in (None, campaign.merchant_id)
    ]


def buyer_with(work: Work, owner_id: str, coupons: Sequence[Coupon], named: str | None) -> Buyer:
    """Return what pricing has to know of somebody who has these coupons and names one of them."""
    templates = work.of(CouponTemplate).find({each.template_id for each in coupons})
    given = tuple(templates[each.template_id].terms.of(each.id) for each in coupons)
    asked = any(each.conditions.first_order for each in given)
    first = asked and never_paid(work, owner_id)
    return Buyer(coupons=given, coupon=named, first_order=first)


def never_paid(work: Work, user_id: str) -> bool:
    """Tell whether somebody has no order that was paid and has not come to nothing."""
    theirs = Query().where(buyer_id=user_id).among("state", _LIVING)
    return not work.of(Order).select(theirs.page(1))


def nothing_sent(work: Work, order_id: str) -> bool:
    """Tell whether all goods of an order are still in the shop, or at its pickup point."""
    parcels = every(work.of(Shipment), Query().where(order_id=order_id))
    return all(parcel.state in IN_THE_SHOP for parcel in parcels)


def locked_coupons(work: Work, orders: Iterable[Order]) -> dict[str, Coupon]:
    """Lock the coupons of these orders; no statement where there are none."""
    ids = sorted({order.coupon_id for order in orders if order.coupon_id})
    return work.of(Coupon).lock(ids) if ids else {}


def follow_order(work: Work, coupon: Coupon, order: Order) -> Coupon:
    """Bring a coupon to where its order is now.

    Raises Refused, IllegalMove for an order that wants a coupon back which is gone meanwhile.
    """
    now, before = work.now(), coupon
    mine = coupon.order_id == order.id
    if order.state is OrderState.PLACED and not (mine and coupon.state is CouponState.USED):
        if not mine:
            # A late payer's coupon was let go: another order may have it by now.
            coupon, happened = coupon.hold(order.id, saved_by(coupon.id, order.lines), now)
            work.emit(happened)
        coupon, happened = coupon.use(now)
        work.emit(happened)
    elif mine and _comes_back(work, order, coupon):
        coupon, happened = coupon.let_go(now)
        work.emit(happened)
    if coupon is not before:
        work.of(Coupon).save(coupon)
    return coupon


def saved_by(coupon_id: str, lines: Iterable[OrderLine]) -> int:
    """Return what a coupon takes off an order, in minor units."""
    rule = f"coupon:{coupon_id}"
    return sum(a.amount.minor for line in lines for a in line.attributions if a.rule == rule)


def _comes_back(work: Work, order: Order, coupon: Coupon) -> bool:
    if order.state is OrderState.EXPIRED:
        return coupon.state is CouponState.HELD
    if order.state is not OrderState.CLOSED:
        return False
    if order.close_reason in _GIVEN_BACK:
        return True
    return order.coupon_returns and nothing_sent(work, order.id)
