"""What a basket of a campaign costs now: the group price, its promotions, freight."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.kernel import Invalid, Money, Refused
from groupbuy.domain.marketing import (
    Conditions,
    Good,
    Layer,
    Occasion,
    Priced,
    Promotion,
    Reduction,
    Wanted,
    price,
)
from groupbuy.domain.marketing import read as promotion_written
from groupbuy.domain.ordering import Funder, Grant, Item, Quote, quote

_KEPT = 4_096
"""Promotions of campaigns, by their text: reading one takes longer than pricing a basket."""
_NOBODY_TELLS = ("segments", "communities", "first_order", "channels", "payment_methods")


@frozen
class Explained:
    """A quote, and why every promotion does or does not count."""

    quote: Quote
    priced: Priced
    promotions: tuple[Promotion, ...]


@frozen
class Buyer:
    """What is known of who buys; nothing, for whoever only looks."""

    coupons: tuple[Promotion, ...] = ()
    """What the coupons give that this campaign may be paid with."""
    coupon: str | None = None
    """Use this one, by id; none with an empty text; the best with None."""
    first_order: bool = False
    level: int = 0
    """The rank of their level."""


def check_conditions(promotion: Promotion, at: str, asks: Collection[str] = ()) -> None:
    """Refuse conditions nobody can tell when somebody joins, except those in `asks`."""
    nothing = Conditions()
    for name in _NOBODY_TELLS:
        asked = getattr(promotion.conditions, name) != getattr(nothing, name)
        if asked and name not in asks:
            raise Invalid(field=f"{at}.{name}", reason="is not known when somebody joins")


def item_of(campaign: Campaign, sku_id: str, units: int, reached: int = 0) -> Item:
    """Return a variant as a campaign offers it once so much is reached. Raises NotFound."""
    offer = campaign.offer(sku_id)
    return Item(
        sku_id=sku_id,
        product_id=offer.product_id,
        title=offer.title,
        options=offer.options,
        units=units,
        original=offer.original,
        price=campaign.price_at(sku_id, reached),
        category_id=offer.category_id,
        commission_bp=offer.leader_bp,
        commission_why=offer.leader_why,
        fee_bp=offer.fee_bp,
        stock_policy=offer.stock_policy.value,
        return_policy=offer.return_policy.value,
        unit_grams=offer.unit_grams,
    )


def priced_for(
    campaign: Campaign, items: Sequence[Item], now: datetime, buyer: Buyer | None = None
) -> Quote:
    """Price a basket. Raises Invalid, Refused where nothing would be left to pay.

    A coupon that is named has to take something off: it is never passed over in silence.
    """
    named = buyer.coupon if buyer is not None else None
    if not campaign.promotions and not named:
        return quote(items, activity=_activity(campaign), freight=campaign.freight)
    found = explained(campaign, items, now, buyer)
    if named and not found.priced.used(Layer.COUPON):
        why = next((e.why.code for e in found.priced.skipped if e.rule == f"coupon:{named}"), "")
        raise Refused(rule="coupon_takes_something_off", about=why or named)
    return found.quote


def explained(
    campaign: Campaign, items: Sequence[Item], now: datetime, buyer: Buyer | None = None
) -> Explained:
    """Price a basket and say why. Raises what `priced_for` raises."""
    promotions, buyer = promotions_of(campaign), buyer or Buyer()
    plain = quote(items, activity=_activity(campaign), freight=campaign.freight)
    goods = [_good(number, item) for number, item in enumerate(items, start=1)]
    wanted = Wanted(
        occasion=evolve(occasion(campaign, now), first_order=buyer.first_order, level=buyer.level),
        activity=_activity(campaign),
        promotions=promotions,
        coupons=buyer.coupons,
        coupon=buyer.coupon,
        coupons_allowed=campaign.coupons_allowed,
        freight=campaign.freight.minor,
    )
    priced = price(goods, wanted)
    if not priced.payable:
        raise Refused(rule="something_is_left_to_pay", about=campaign.id)
    own = [each for each in priced.reductions if each.rule != _activity(campaign)]
    if not own:
        return Explained(plain, priced, (*promotions, *buyer.coupons))
    grants = [_grant(each, plain) for each in own]
    total = quote(items, activity=_activity(campaign), freight=campaign.freight, grants=grants)
    return Explained(total, priced, (*promotions, *buyer.coupons))


def promotions_of(campaign: Campaign) -> tuple[Promotion, ...]:
    """Return the promotions of a campaign."""
    return tuple(_read(text) for text in campaign.promotions)


def occasion(campaign: Campaign, now: datetime) -> Occasion:
    """Return what conditions may ask about a moment, in the campaign's own zone."""
    local = now.astimezone(ZoneInfo(campaign.zone))
    return Occasion(at=now, local_minute=local.hour * 60 + local.minute, weekday=local.weekday())


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Promotion:
    return promotion_written(text)


def _activity(campaign: Campaign) -> str:
    return f"campaign:{campaign.id}"


def _good(number: int, item: Item) -> Good:
    return Good(
        line_no=number,
        sku_id=item.sku_id,
        product_id=item.product_id,
        units=item.units,
        original=item.original.minor,
        price=item.price.minor,
        categories=frozenset({item.category_id} if item.category_id else ()),
    )


def _grant(reduction: Reduction, plain: Quote) -> Grant:
    """Return a reduction as an order keeps it; the freight is the line behind the goods."""
    last = len(plain.lines)
    return Grant(
        line_no=last if reduction.line_no is None else reduction.line_no,
        layer=Layer(reduction.layer).value,
        rule=reduction.rule,
        amount=Money(reduction.amount, plain.payable.currency),
        funder=Funder(reduction.payer),
    )
