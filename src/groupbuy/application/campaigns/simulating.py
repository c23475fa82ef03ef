"""What-if: what each step of a campaign would earn whom, by the shop's own prices and rates."""

from attrs import frozen

from groupbuy.application.campaigns.managing import own_campaign, speaks_for_merchant
from groupbuy.application.steps.offering import with_rates
from groupbuy.application.steps.pricing import item_of, priced_for
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState, Earned, WhatIf, what_if
from groupbuy.domain.catalogue import Variant
from groupbuy.domain.kernel import BASIS_POINTS, Invalid
from groupbuy.domain.ordering import Funder, OrderLine

UNITS_AT_MOST = 10_000


@frozen
class Assumed:
    """What somebody wants to know it for."""

    units: int = 1
    """Of a variant in every order."""
    fixed: int = 0
    """What the campaign costs however many join; minor units."""


def simulate_campaign(
    work: Work, campaign_id: str, assumed: Assumed
) -> tuple[Campaign, list[WhatIf]]:
    """Return what each step would earn whom, for every variant. Raises NotFound, Invalid.

    Prices are those a quote gives now, without coupons; rates are those publishing would fix. What
    goods cost is the merchant's own affair: a leader sees no profit.
    """
    seen = own_campaign(work, campaign_id, lock=False)
    if not 1 <= assumed.units <= UNITS_AT_MOST:
        raise Invalid(field="units", reason="1 to 10000 units")
    campaign = with_rates(work, seen) if seen.state is CampaignState.DRAFT else seen
    if assumed.fixed < 0:
        raise Invalid(field="fixed", reason="must not be below zero")
    costs = _costs(work, campaign)
    found = list[WhatIf]()
    for sku_id in (offer.sku_id for offer in campaign.offers):
        till = _Till(work, campaign, sku_id, assumed, costs)
        found.append(what_if(campaign, sku_id, assumed.units, assumed.fixed, till))
    return campaign, found


@frozen
class _Till:
    """Rings up one order of one variant, as if so much had been reached."""

    work: Work
    campaign: Campaign
    sku_id: str
    assumed: Assumed
    costs: dict[str, int]

    def __call__(self, reached: int) -> Earned:
        item = item_of(self.campaign, self.sku_id, self.assumed.units, reached)
        line = priced_for(self.campaign, [item], self.work.now()).lines[0]
        leader = line.net.minor * line.commission_bp // BASIS_POINTS if self._has_leader else 0
        fee = line.net.minor * line.fee_bp // BASIS_POINTS
        given = _given_by_others(line)
        cost = self.costs.get(self.sku_id)
        return Earned(
            buyer=line.net.minor,
            merchant=line.net.minor + given - leader - fee,
            leader=leader,
            fee=fee,
            cost=None if cost is None else cost * self.assumed.units,
        )

    @property
    def _has_leader(self) -> bool:
        return self.campaign.leader_id is not None


def _costs(work: Work, campaign: Campaign) -> dict[str, int]:
    if not speaks_for_merchant(work.caller, campaign):
        return {}
    variants = work.of(Variant).find(offer.sku_id for offer in campaign.offers)
    known = {key: variant.cost for key, variant in variants.items()}
    return {key: cost.minor for key, cost in known.items() if cost is not None}


def _given_by_others(line: OrderLine) -> int:
    """Return what the platform pays of the discounts on a line."""
    return sum(each.amount.minor for each in line.attributions if each.funder is Funder.PLATFORM)
