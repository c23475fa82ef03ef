"""Putting variants on sale: from what somebody asked for to an offer with fixed rates."""

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    Campaign,
    Offer,
    PointRate,
    ReturnPolicy,
    SideRates,
    StockPolicy,
)
from groupbuy.domain.catalogue import Category, Product, ProductState, Variant
from groupbuy.domain.commission import CommissionRole, Rate, Said, Share, rate_of, within_cap
from groupbuy.domain.kernel import Invalid, Money, NotFound, Refused
from groupbuy.domain.marketing import Exempt
from groupbuy.domain.membership import Leader, LeaderState, Merchant, PickupPoint


@frozen
class OfferSpec:
    """One variant to put on sale, at a price or at a share of its original price."""

    sku_id: str
    price: Money | None = None
    share_bp: int | None = None
    stock_policy: StockPolicy = StockPolicy.TRACKED
    commission_bp: int | None = None
    unit_grams: int | None = None
    """What a unit should weigh, if it is sold by weight."""
    below_cost: Exempt | None = None
    """Why it may be sold below its cost."""


def offers_of(work: Work, specs: tuple[OfferSpec, ...]) -> list[Offer]:
    """Return offers of listed products. Raises NotFound, Refused, Invalid."""
    variants = work.of(Variant).find(spec.sku_id for spec in specs)
    products = work.of(Product).find({v.product_id for v in variants.values()})
    if len({spec.sku_id for spec in specs}) != len(specs):
        raise Invalid(field="offers", reason="a variant stands twice")
    offers = list[Offer]()
    for spec in specs:
        variant = variants.get(spec.sku_id)
        if variant is None:
            raise NotFound(kind="variant", key=spec.sku_id)
        product = products[variant.product_id]
        if product.state is not ProductState.LISTED:
            raise Refused(rule="product_is_listed", about=product.id)
        offers.append(_offer(spec, variant, product))
    return offers


def _offer(spec: OfferSpec, variant: Variant, product: Product) -> Offer:
    original = variant.price
    if (spec.price is None) == (spec.share_bp is None):
        raise Invalid(field="offers", reason="give a price or a share of the original, not both")
    price = spec.price
    if price is None:
        price = Offer.share_of(original, spec.share_bp or 0)
    return Offer(
        sku_id=variant.id,
        product_id=product.id,
        title=product.name,
        options=variant.options,
        original=original,
        price=price,
        category_id=product.category_id,
        stock_policy=spec.stock_policy,
        return_policy=ReturnPolicy(product.return_policy),
        commission_bp=spec.commission_bp,
        unit_grams=spec.unit_grams,
        below_cost=spec.below_cost.value if spec.below_cost else "",
    )


def with_rates(work: Work, campaign: Campaign) -> Campaign:
    """Fix what everybody earns and every offer's fee, so that it is known before a sale."""
    merchant = work.of(Merchant).find([campaign.merchant_id]).get(campaign.merchant_id)
    fee = merchant.fee_bp if merchant else work.kit.policy.default_fee_bp
    rates = leader_rates(work, campaign)
    offers = tuple(
        evolve(
            offer,
            fee_bp=fee,
            leader_bp=rate.bp if rate else 0,
            leader_why=rate.why if rate else "",
        )
        for offer, rate in zip(campaign.offers, rates, strict=True)
    )
    return evolve(campaign, offers=offers, side_rates=_side_rates(work, campaign))


def leader_rates(work: Work, campaign: Campaign) -> list[Rate | None]:
    """Return what the leader would earn on each offer, and why; None without a leader."""
    leaders = work.of(Leader).find([campaign.leader_id] if campaign.leader_id else [])
    leader = leaders.get(campaign.leader_id or "")
    if leader is None:
        return [None] * len(campaign.offers)
    categories = _with_those_above(work, {offer.category_id for offer in campaign.offers})
    return [
        rate_of(
            offer=Said(offer.sku_id, offer.commission_bp),
            campaign=Said(campaign.id, campaign.commission_bp),
            categories=_path(categories, offer.category_id),
            leader=Said(leader.id, leader.commission_bp),
            shop_bp=work.kit.policy.default_commission_bp,
        )
        for offer in campaign.offers
    ]


def _side_rates(work: Work, campaign: Campaign) -> SideRates:
    points = work.of(PickupPoint).find(campaign.pickup_point_ids)
    return SideRates(
        helper_bp=work.kit.policy.helper_bp,
        points=tuple(
            PointRate(key, points[key].commission_bp)
            for key in campaign.pickup_point_ids
            if key in points and points[key].commission_bp
        ),
    )


def check_sellable(work: Work, campaign: Campaign) -> None:
    """Refuse what may not be published now. Raises Refused.

    Goods may have been delisted, a leader suspended, and rates may exceed the cap since the draft.
    """
    products = work.of(Product).find({offer.product_id for offer in campaign.offers})
    for offer in campaign.offers:
        product = products.get(offer.product_id)
        if product is None or product.state is not ProductState.LISTED:
            raise Refused(rule="product_is_listed", about=offer.product_id)
        if product.merchant_id != campaign.merchant_id:
            raise Refused(rule="one_merchant_per_campaign", about=offer.product_id)
    if campaign.leader_id:
        leader = work.of(Leader).get(campaign.leader_id)
        if leader.state is not LeaderState.APPROVED:
            raise Refused(rule="leader_is_approved", about=leader.id)
    _check_cap(campaign)


def _check_cap(campaign: Campaign) -> None:
    """At the dearest pickup point, helped by somebody: even then the ceiling has to hold."""
    side = campaign.side_rates
    others = [
        Share("helper", CommissionRole.HELPER, side.helper_bp),
        Share(
            "point", CommissionRole.PICKUP_POINT, max((each.bp for each in side.points), default=0)
        ),
    ]
    for offer in campaign.offers:
        within_cap([Share("leader", CommissionRole.LEADER, offer.leader_bp), *others])


def _with_those_above(work: Work, ids: Iterable[str]) -> dict[str, Category]:
    """Return categories and everything above them, a statement for each level."""
    known, wanted = dict[str, Category](), {key for key in ids if key}
    while wanted:
        found = work.of(Category).find(wanted)
        known |= found
        wanted = {each.parent_id for each in found.values() if each.parent_id} - known.keys()
    return known


def _path(categories: Mapping[str, Category], category_id: str) -> list[Said]:
    """Return what a category and those above it say, the nearest first."""
    said, at = list[Said](), categories.get(category_id)
    while at is not None:
        said.append(Said(at.id, at.commission_bp))
        at = categories.get(at.parent_id or "")
    return said
