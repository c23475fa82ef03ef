"""From a draft to a campaign that sells: preview, the merchant's word, publication, opening."""

from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.application.campaigns.managing import (
    check_seen,
    merchants_campaign,
    own_campaign,
    save_campaign,
    speaks_for_merchant,
)
from groupbuy.application.steps.indexing import index_campaign
from groupbuy.application.steps.offering import check_sellable, with_rates
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    Group,
    Mode,
    StockPolicy,
    group_of,
)
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Event, Refused

LOOK_AGAIN = timedelta(hours=1)
"""How soon a campaign that may not open yet is looked at again."""


@frozen
class Preview:
    """A campaign as it would be published, and what still stands in the way."""

    campaign: Campaign
    findings: tuple[str, ...]
    """Names of rules that would refuse it, or warnings (`warn:…`)."""


def preview_campaign(work: Work, campaign_id: str) -> Preview:
    """Show a campaign as it would be published, with every rule that would refuse it."""
    campaign = own_campaign(work, campaign_id, lock=False)
    ready = with_rates(work, campaign)
    findings = [*_refusals(work, ready)]
    stock = work.of(Stock).find(o.sku_id for o in ready.offers)
    for offer in ready.offers:
        in_hand = stock[offer.sku_id].available if offer.sku_id in stock else 0
        if offer.stock_policy is StockPolicy.TRACKED and in_hand < 1:
            findings.append(f"warn:nothing_in_stock:{offer.sku_id}")
    return Preview(ready, tuple(findings))


def approve_campaign(work: Work, campaign_id: str, version: int) -> Campaign:
    """Agree, as the merchant, to a leader's draft: its prices and what the leader earns.

    `version` is the one the merchant has seen; raises EditedMeanwhile if it has changed since.
    """
    seen = merchants_campaign(work, campaign_id)
    check_seen(seen, version)
    campaign = with_rates(work, seen)
    check_sellable(work, campaign)
    after, happened = campaign.approve(work.caller.user_id, work.now())
    work.audit("campaign.approve", campaign_id)
    if after.leader_id:
        work.tell(f"leader:{after.leader_id}", "campaign.approved", campaign_id, time=after.version)
    return save_campaign(work, after, happened)


def schedule_campaign(work: Work, campaign_id: str, version: int | None = None) -> Campaign:
    """Publish a draft: prices, rates and rules are fixed from here on.

    Whoever speaks for the merchant agrees by publishing; a leader needs the merchant's word
    first, and it covers only the rates the merchant has seen.
    """
    seen = own_campaign(work, campaign_id)
    check_seen(seen, version)
    campaign, happened = with_rates(work, seen), list[Event]()
    check_sellable(work, campaign)
    if speaks_for_merchant(work.caller, campaign):
        campaign, happened = campaign.approve(work.caller.user_id, work.now())
    elif (campaign.offers, campaign.side_rates) != (seen.offers, seen.side_rates):
        campaign = evolve(campaign, approved_by=None)
    after, more = campaign.schedule(work.now())
    work.later("open_campaign", campaign_id, after.starts_at)
    work.later("index_campaign", campaign_id, after.ends_at)
    index_campaign(work, after)
    return save_campaign(work, after, [*happened, *more])


def open_campaign(work: Work, campaign_id: str) -> datetime | None:
    """Begin selling when the start has come (the worker calls this).

    What may not be sold any more waits, and the merchant hears of it; at the end it is called off.
    """
    campaign = work.of(Campaign).lock([campaign_id])[campaign_id]
    now = work.now()
    if campaign.state is not CampaignState.SCHEDULED:
        return None
    if now < campaign.starts_at:
        return campaign.starts_at
    try:
        check_sellable(work, campaign)
    except Refused as refusal:
        return _wait_or_call_off(work, campaign, refusal)
    after, happened = campaign.open(now)
    opened = list[Event]()
    if after.mode is Mode.TEAM:
        work.later("end_teams", campaign_id, after.ends_at)
    else:
        group, opened = Group.of(after, group_of(campaign_id), now)
        work.of(Group).add(group)
        work.later("end_group", group.id, group.ends_at)
    save_campaign(work, after, [*happened, *opened])
    return None


def _wait_or_call_off(work: Work, campaign: Campaign, refusal: Refused) -> datetime | None:
    box, now = f"merchant:{campaign.merchant_id}", work.now()
    if campaign.ends_at <= now:
        off, happened = campaign.cancel(now, any_group_formed=False)
        save_campaign(work, off, happened)
        index_campaign(work, off)
        work.tell(box, "campaign.cancelled", campaign.id, rule=refusal.rule)
        return None
    work.tell(box, "campaign.waits", campaign.id, rule=refusal.rule)
    return min(now + LOOK_AGAIN, campaign.ends_at)


def _refusals(work: Work, ready: Campaign) -> list[str]:
    """Return the rules that would refuse publication now, by name."""
    found = list[str]()
    try:
        check_sellable(work, ready)
    except Refused as refusal:
        found.append(refusal.rule)
    try:
        ready.schedule(work.now())
    except Refused as refusal:
        found.append(refusal.rule)
    return found
