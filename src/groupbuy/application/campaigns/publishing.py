"""From a draft to a campaign that sells: preview, the merchant's word, publication, opening."""

from datetime import datetime

from attrs import frozen

from groupbuy.application.campaigns.managing import own_campaign, save_campaign
from groupbuy.application.steps.offering import check_sellable, with_rates
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState, Group, StockPolicy, group_of
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Event, Refused
from groupbuy.domain.membership import Role


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


def approve_campaign(work: Work, campaign_id: str) -> Campaign:
    """Agree, as the merchant, to a leader's draft: its prices and what the leader earns."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    campaign = with_rates(work, own_campaign(work, campaign_id))
    check_sellable(work, campaign)
    after, happened = campaign.approve(work.caller.user_id, work.now())
    work.audit("campaign.approve", campaign_id)
    if after.leader_id:
        work.tell(f"leader:{after.leader_id}", "campaign.approved", campaign_id, time=after.version)
    return save_campaign(work, after, happened)


def schedule_campaign(work: Work, campaign_id: str) -> Campaign:
    """Publish a draft: prices, rates and rules are fixed from here on.

    A merchant or an operator agrees by publishing; a leader needs the merchant's word first.
    """
    campaign = with_rates(work, own_campaign(work, campaign_id))
    check_sellable(work, campaign)
    happened = list[Event]()
    if work.caller.roles & {Role.MERCHANT, Role.OPERATOR} and campaign.approved_by is None:
        campaign, happened = campaign.approve(work.caller.user_id, work.now())
    after, more = campaign.schedule(work.now())
    work.later("open_campaign", campaign_id, after.starts_at)
    return save_campaign(work, after, [*happened, *more])


def open_campaign(work: Work, campaign_id: str) -> datetime | None:
    """Begin selling when the start has come (the worker calls this)."""
    campaign = work.of(Campaign).lock([campaign_id])[campaign_id]
    if campaign.state is not CampaignState.SCHEDULED:
        return None
    if work.now() < campaign.starts_at:
        return campaign.starts_at
    group_id = group_of(campaign_id)
    after, happened = campaign.open(work.now())
    group, opened = Group.of(after, group_id, work.now())
    work.of(Group).add(group)
    work.later("end_group", group_id, group.ends_at)
    save_campaign(work, after, [*happened, *opened])
    return None


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
