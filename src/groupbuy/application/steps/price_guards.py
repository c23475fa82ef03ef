"""What the law asks of the prices of a campaign, and the evidence that is kept with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve

from groupbuy.application.report_facts import DEAL, Grain, Key, Rollup
from groupbuy.application.steps.pricing import item_of, priced_for
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, Offer, Reference
from groupbuy.domain.catalogue import Variant
from groupbuy.domain.kernel import Money, Refused
from groupbuy.domain.marketing import Deal, Exempt, below_cost, overstated, reference_price

DAYS_BACK = 90
"""How far back a last sale is looked for."""
_MOMENT = timedelta(microseconds=1)


def check_costs(work: Work, campaign: Campaign) -> None:
    """Refuse a price below cost that nothing allows, at the end of the ladder too. Raises Refused.

    What one buyer of one unit pays counts, whoever pays the discount. An unknown cost forbids
    nothing.
    """
    variants = work.of(Variant).find(offer.sku_id for offer in campaign.offers)
    for offer in campaign.offers:
        cost = variants[offer.sku_id].cost if offer.sku_id in variants else None
        if cost is None:
            continue
        if below_cost(_least(work, campaign, offer), cost.minor, exemption_of(offer)):
            raise Refused(rule="price_covers_its_cost", about=offer.sku_id)


def _least(work: Work, campaign: Campaign, offer: Offer) -> int:
    """Return what one buyer of one unit pays at the end of the ladder, in minor units."""
    deepest = max((tier.reached for tier in campaign.tiers), default=0)
    item = item_of(campaign, offer.sku_id, 1, deepest)
    try:
        return priced_for(campaign, [item], work.now()).lines[0].net.minor
    except Refused:
        return 0  # nothing would be left to pay


def exemption_of(offer: Offer) -> Exempt | None:
    """Return why an offer may go below its cost: what was said, or that it does not keep."""
    if offer.below_cost:
        return Exempt(offer.below_cost)
    return Exempt.FRESH if offer.return_policy.value == Exempt.FRESH else None


def with_references(work: Work, campaign: Campaign) -> Campaign:
    """Fix what may be struck through, by what was really sold before. Reports say what was sold."""
    rows = _sold(work, campaign)
    offers = (
        evolve(offer, reference=_reference(rows[offer.sku_id], work.now(), campaign.currency))
        for offer in campaign.offers
    )
    return evolve(campaign, offers=tuple(offers))


def check_originals(work: Work, campaign: Campaign) -> None:
    """Refuse an original price above what its goods were sold for, if the shop says so."""
    if work.kit.policy.refuse_overstated_prices and (bad := list(overstated_offers(campaign))):
        raise Refused(rule="original_price_was_asked_before", about=bad[0].sku_id)


def overstated_offers(campaign: Campaign) -> Iterable[Offer]:
    """Return offers whose original price may not be struck through as it is."""
    return (
        offer
        for offer in campaign.offers
        if offer.original > offer.price and overstated(offer.original.minor, _most(offer))
    )


def _most(offer: Offer) -> int | None:
    return None if offer.reference is None else offer.reference.price.minor


def _sold(work: Work, campaign: Campaign) -> Mapping[str, list[Deal]]:
    """Return the sales of each variant by the days of the shop, today's included."""
    now, zone = work.now(), ZoneInfo(work.kit.policy.zone)
    today = now.astimezone(zone).date()
    ends = {
        (day := today - timedelta(days=back)).isoformat(): min(
            datetime.combine(day + timedelta(days=1), time(0), zone), now
        )
        for back in range(DAYS_BACK)
    }
    keys = {
        Key(Grain.DEALS, campaign.merchant_id, day, campaign.currency, (offer.sku_id,)).id
        for offer in campaign.offers
        for day in ends
    }
    found: dict[str, list[Deal]] = {offer.sku_id: [] for offer in campaign.offers}
    for row in work.of(Rollup).find(keys).values():
        at = ends[row.day] - _MOMENT
        for name, sales in row.counts.items():
            if sales > 0:
                found[row.parts[0]].append(Deal(at, int(name.removeprefix(DEAL)), sales))
    return found


def _reference(deals: list[Deal], now: datetime, currency: str) -> Reference | None:
    found = reference_price(deals, now)
    if found is None:
        return None
    return Reference(Money(found.price, currency), found.since, found.until, found.deals)
