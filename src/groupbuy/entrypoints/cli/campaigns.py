"""`groupbuy campaign`: what runs, how far it is, stopping it by hand, starting it again."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of, since_option
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.campaigns import Checked
    from groupbuy.application.write_path import Work
    from groupbuy.domain.campaigns import Campaign, CountLink, Progress, Step, WhatIf

_CAMPAIGN = (
    Column("id", "编号", "id"),
    Column("title", "标题", "title"),
    Column("mode", "模式", "mode"),
    Column("state", "状态", "state"),
    Column("starts_at", "开始", "starts"),
    Column("ends_at", "结束", "ends"),
)
_GROUP = (
    Column("group_id", "团", "group"),
    Column("state", "状态", "state"),
    Column("joined", "已参团", "joined", right=True),
    Column("missing", "还差", "missing", right=True),
    Column("held", "待支付", "held", right=True),
    Column("seconds_left", "剩余秒", "seconds left", right=True),
)
_LINK = (
    Column("sequence", "序号", "number", right=True),
    Column("at", "时间", "at"),
    Column("count", "计数", "count", right=True),
    Column("joined", "已参团", "joined", right=True),
    Column("hash", "哈希", "hash"),
)
_STEP = (
    Column("sku_id", "规格", "variant"),
    Column("reached", "达到", "reached", right=True),
    Column("orders", "订单数", "orders", right=True),
    Column("price", "单价", "price", right=True),
    Column("buyers_pay", "买家支付", "buyers pay", right=True),
    Column("leader_earns", "团长佣金", "leader earns", right=True),
    Column("fee", "平台费", "fee", right=True),
    Column("merchant_earns", "商家所得", "merchant earns", right=True),
    Column("profit", "利润", "profit", right=True),
    Column("one_more_earns_less", "多一单反而少赚", "one more earns less"),
)
_BREAK_EVEN = (
    Column("sku_id", "规格", "variant"),
    Column("break_even", "保本订单数", "break-even orders", right=True),
    Column("orders_at_most", "最多订单数", "orders at most", right=True),
)
_COUNTER = (
    Column("group_id", "团", "group"),
    Column("links", "条数", "links", right=True),
    Column("findings", "问题", "findings"),
    Column("agrees", "与进度一致", "equals the progress"),
)


@click.group()
def campaign() -> None:
    """List, show, close and copy campaigns."""


@campaign.command("list")
@click.option("--state", "states", multiple=True, help="May be repeated.")
@since_option
@limited
@shared
@pass_shell
def list_campaigns(
    shell: Shell, states: tuple[str, ...], since: datetime | date | None, limit: int
) -> None:
    """List campaigns, the newest first."""
    from groupbuy.application import campaigns
    from groupbuy.application.ports import Query
    from groupbuy.domain.campaigns import CampaignState

    query = Query().sorted("-created_at").page(limit)
    if states:
        query = query.among("state", states_of(CampaignState, states))
    if since is not None:
        query = query.since("created_at", instant_of(since, shell.settings.policy.zone))
    found = shell.report(lambda work: campaigns.list_campaigns(work, query))
    shell.out.table("campaign.list/1", _CAMPAIGN, [_campaign(each) for each in found])


@campaign.command()
@click.argument("campaign_id")
@shared
@pass_shell
def show(shell: Shell, campaign_id: str) -> None:
    """Show a campaign and how far its groups are."""
    from groupbuy.application import campaigns

    found, groups = shell.read(
        lambda work: (
            campaigns.own_campaign(work, campaign_id, lock=False),
            _progress(work, campaign_id),
        )
    )
    data = {**_campaign(found), "groups": [_group(each) for each in groups]}
    if shell.out.json:
        shell.out.document("campaign.show/1", data)
        return
    shell.out.record("campaign.show/1", _CAMPAIGN, data)
    shell.out.table("campaign.show/1", _GROUP, [_group(each) for each in groups])


@campaign.command()
@click.argument("campaign_id")
@reasoned
@changing
@shared
@pass_shell
def close(shell: Shell, campaign_id: str) -> None:
    """Stop selling now: what has been reached decides, as at the end."""
    from groupbuy.application import campaigns

    shell.confirm(f"现在结束 {campaign_id}？", f"stop {campaign_id} now?")
    after = shell.run(lambda work: campaigns.close_campaign(work, campaign_id, shell.reason))
    shell.out.record("campaign.close/1", _CAMPAIGN, _campaign(after))


@campaign.command()
@click.argument("campaign_id")
@click.option("--starts", type=MOMENT, required=True, help="An instant with its zone, or a day.")
@click.option(
    "--ends", type=MOMENT, required=True, help="Exclusive: a day ends the sale as it begins."
)
@changing
@shared
@pass_shell
def copy(shell: Shell, campaign_id: str, starts: datetime | date, ends: datetime | date) -> None:
    """Start a draft with the same offers and rules; days are days of the campaign's zone."""
    from groupbuy.application import campaigns

    def use_case(work: "Work") -> "Campaign":
        zone = campaigns.own_campaign(work, campaign_id, lock=False).zone
        window = instant_of(starts, zone), instant_of(ends, zone)
        return campaigns.copy_campaign(work, campaign_id, *window)

    shell.out.record("campaign.copy/1", _CAMPAIGN, _campaign(shell.run(use_case)))


@campaign.command("what-if")
@click.argument("campaign_id")
@click.option(
    "--units",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Of a variant in every order.",
)
@click.option(
    "--fixed-fen",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="What it costs however many join.",
)
@shared
@pass_shell
def what_if(shell: Shell, campaign_id: str, units: int, fixed_fen: int) -> None:
    """Simulate what buyers would pay and everybody earn at each step, and the break-even."""
    from groupbuy.application import campaigns

    assumed = campaigns.Assumed(units, fixed_fen)
    found, variants = shell.read(
        lambda work: campaigns.simulate_campaign(work, campaign_id, assumed)
    )
    steps = [_step(found, each, step) for each in variants for step in each.steps]
    evens = [_break_even(each) for each in variants]
    if shell.out.json:
        data = {"campaign_id": found.id, "measure": found.measure}
        shell.out.document("campaign.what-if/1", {**data, "steps": steps, "variants": evens})
        return
    shell.out.table("campaign.what-if/1", _STEP, steps)
    shell.out.table("campaign.what-if/1", _BREAK_EVEN, evens)


def _step(campaign: "Campaign", found: "WhatIf", step: "Step") -> dict[str, object]:
    from groupbuy.domain.kernel import Money

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, campaign.currency)

    order, orders = step.order, step.orders
    return {
        "sku_id": found.sku_id,
        "reached": step.reached,
        "orders": orders,
        "price": step.price,
        "buyers_pay": money(order.buyer * orders),
        "leader_earns": money(order.leader * orders),
        "fee": money(order.fee * orders),
        "merchant_earns": money(order.merchant * orders),
        "profit": money(step.profit(orders, found.fixed)),
        "one_more_earns_less": step.reached in found.falls,
    }


def _break_even(found: "WhatIf") -> dict[str, object]:
    return {
        "sku_id": found.sku_id,
        "break_even": found.break_even,
        "orders_at_most": found.orders_at_most,
    }


@campaign.command()
@click.argument("group_id")
@limited
@shared
@pass_shell
def counter(shell: Shell, group_id: str, limit: int) -> None:
    """Check the public count of a group and show its last links; 7 if it does not hold.

    A campaign stands for its one group.
    """
    from groupbuy.application import campaigns
    from groupbuy.domain.campaigns import group_of
    from groupbuy.entrypoints.cli.exit_codes import Exit

    if group_id.startswith("cmp_"):
        group_id = group_of(group_id)
    found = shell.read(lambda work: campaigns.check_counts(work, group_id))
    links = [_link(each) for each in found.links[-limit:]]
    data = _counted(group_id, found)
    if shell.out.json:
        shell.out.document("campaign.counter/1", {**data, "items": links})
    else:
        shell.out.table("campaign.counter/1", _LINK, links)
        shell.out.record("campaign.counter/1", _COUNTER, data)
    if found.findings:
        shell.leave(Exit.FINDINGS)


def _counted(group_id: str, found: "Checked") -> dict[str, object]:
    return {
        "group_id": group_id,
        "links": len(found.links),
        "findings": [f"{each.check}:{each.sequence}" for each in found.findings],
        "agrees": found.agrees,
    }


def _link(found: "CountLink") -> dict[str, object]:
    from groupbuy.domain.campaigns import stamp

    return {
        "sequence": found.sequence,
        "at": stamp(found.at),
        "count": found.count,
        "joined": found.joined,
        "previous": found.previous,
        "hash": found.hash,
    }


def _progress(work: "Work", campaign_id: str) -> "list[Progress]":
    from groupbuy.application import campaigns
    from groupbuy.application.ports import Query
    from groupbuy.domain.campaigns import Group

    groups = work.of(Group).select(Query().where(campaign_id=campaign_id).page(1000))
    return list(campaigns.progress(work, [group.id for group in groups]).values())


def _campaign(found: "Campaign") -> dict[str, object]:
    return {
        "id": found.id,
        "title": found.title,
        "mode": found.mode,
        "state": found.state,
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "zone": found.zone,
        "merchant_id": found.merchant_id,
        "leader_id": found.leader_id,
        "copied_from": found.copied_from,
    }


def _group(found: "Progress") -> dict[str, object]:
    return {
        "group_id": found.group_id,
        "state": found.state,
        "measure": found.measure,
        "target": found.target,
        "reached": found.reached,
        "joined": found.joined,
        "missing": found.missing,
        "held": found.held,
        "seconds_left": found.seconds_left,
        "ends_at": found.ends_at,
    }
