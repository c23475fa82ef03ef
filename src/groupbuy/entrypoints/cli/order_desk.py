"""More of `groupbuy order`: what happened, remarks, another address, rules that approve."""

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.membership import ApprovalRule
    from groupbuy.domain.ordering import OrderFilter

_MOMENT = (
    Column("at", "时间", "at"),
    Column("text", "事项", "what happened"),
    Column("subject", "对象", "of"),
)
_REMARK = (
    Column("at", "时间", "at"),
    Column("by", "谁", "by"),
    Column("text", "备注", "remark"),
)
_RULE = (
    Column("name", "规则", "rule"),
    Column("below", "金额低于", "below", right=True),
    Column("known_buyer", "老客", "known buyer"),
    Column("campaign_ids", "团购", "campaigns"),
)
_FILTER = (
    Column("name", "筛选", "filter"),
    Column("states", "状态", "states"),
    Column("campaign_id", "团购", "campaign"),
    Column("pickup_point_id", "自提点", "pickup point"),
    Column("days", "最近天数", "last days", right=True),
)
_MOVED = (Column("id", "编号", "id"), Column("state", "状态", "state"))


@click.command()
@click.argument("order_id")
@shared
@pass_shell
def timeline(shell: Shell, order_id: str) -> None:
    """Tell everything that happened to an order, with the traces of its parcels."""
    from groupbuy.application import logistics
    from groupbuy.entrypoints.timeline_texts import told

    found = shell.read(lambda work: logistics.merchant_timeline(work, order_id))
    items = [
        {
            "at": each.at,
            "what": each.what,
            "text": shell.out.words(*told(each)),
            "subject": each.subject,
        }
        for each in found
    ]
    shell.out.table("order.timeline/1", _MOMENT, items)


@click.command()
@click.argument("order_id")
@shared
@pass_shell
def remarks(shell: Shell, order_id: str) -> None:
    """List the remarks of those who work on an order; its buyer never sees them."""
    from groupbuy.application import logistics

    found = shell.read(lambda work: logistics.remarks(work, order_id))
    items = [{"id": r.id, "at": r.note.at, "by": r.by, "text": r.text} for r in found]
    shell.out.table("order.remarks/1", _REMARK, items)


@click.command()
@click.argument("order_id")
@click.argument("text")
@changing
@shared
@pass_shell
def remark(shell: Shell, order_id: str, text: str) -> None:
    """Note something on an order for one's colleagues."""
    from groupbuy.application import logistics

    made = shell.run(lambda work: logistics.add_remark(work, order_id, text))
    data = {"id": made.id, "at": made.note.at, "by": made.by, "text": made.text}
    shell.out.record("order.remark/1", _REMARK, data)


@click.command()
@click.argument("order_id")
@click.argument("contact", type=click.File(encoding="utf-8"))
@reasoned
@changing
@shared
@pass_shell
def readdress(shell: Shell, order_id: str, contact: IO[str]) -> None:
    """Send an order elsewhere before it is reviewed.

    CONTACT is a file (`-` reads from the terminal) with JSON: name, phone, address, region.
    """
    from groupbuy.application import logistics
    from groupbuy.domain.ordering import Contact

    given = _fields(_json(contact.read()), ("name", "phone", "address", "region"))
    if not given.get("name") or not given.get("phone"):
        raise Invalid(field="contact", reason="is missing")
    to = Contact(**{name: str(value) for name, value in given.items()})
    after = shell.run(lambda work: logistics.readdress(work, order_id, to, shell.reason))
    shell.out.record("order.readdress/1", _MOVED, {"id": after.id, "state": after.state})


@click.command("approval-rules")
@click.argument("merchant_id")
@click.option(
    "--set",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON list of rules: name, below (fen), known_buyer, campaign_ids.",
)
@changing
@shared
@pass_shell
def approval_rules(shell: Shell, merchant_id: str, file: Path | None) -> None:
    """Show by which rules orders of a merchant are approved, or put others in their place."""
    from groupbuy.application import logistics

    if file is None:
        found = shell.read(lambda work: logistics.approval_rules(work, merchant_id))
    else:
        given = _json(file.read_text(encoding="utf-8"))
        wanted = _rules(given, shell.settings.policy.currency)
        found = shell.run(lambda work: logistics.set_approval_rules(work, wanted, merchant_id))
    shell.out.table("order.approval-rules/1", _RULE, [_rule(each) for each in found])


@click.command()
@shared
@pass_shell
def filters(shell: Shell) -> None:
    """List the actor's own filters; `order list --filter NAME` uses one."""
    from groupbuy.application import logistics

    found = shell.read(logistics.my_filters)
    shell.out.table("order.filters/1", _FILTER, [_filter(each) for each in found])


@click.command("keep-filter")
@click.argument("name")
@click.option("--state", "states", multiple=True, help="May be repeated.")
@click.option("--campaign", "campaign_id", default="", help="Of one campaign.")
@click.option("--pickup-point", "point_id", default="", help="Of one pickup point.")
@click.option("--days", type=click.IntRange(1, 3_650), help="Only of so many last days.")
@changing
@shared
@pass_shell
def keep_filter(
    shell: Shell,
    name: str,
    states: tuple[str, ...],
    campaign_id: str,
    point_id: str,
    days: int | None,
) -> None:
    """Keep a filter of the actor's own under a name."""
    from groupbuy.application import logistics
    from groupbuy.domain.ordering import OrderFilter, OrderState

    wanted = OrderFilter(name, states_of(OrderState, states), campaign_id, point_id, days)
    kept = shell.run(lambda work: logistics.put_filter(work, wanted))
    shell.out.record("order.keep-filter/1", _FILTER, _filter(kept))


@click.command("drop-filter")
@click.argument("name")
@changing
@shared
@pass_shell
def drop_filter(shell: Shell, name: str) -> None:
    """Drop a filter of the actor's own."""
    from groupbuy.application import logistics

    shell.run(lambda work: logistics.remove_filter(work, name))
    shell.out.record("order.drop-filter/1", _FILTER[:1], {"name": name})


DESK = (
    timeline,
    remarks,
    remark,
    readdress,
    approval_rules,
    filters,
    keep_filter,
    drop_filter,
)
"""Commands that the group `order` takes in."""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(field="file", reason="is no JSON") from error


def _fields(given: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a JSON object with no other names than these. Raises Invalid."""
    if not isinstance(given, dict) or not set(given) <= set(names):
        raise Invalid(field="file", reason=f"may have: {', '.join(names)}")
    return given


def _rules(given: Any, currency: str) -> "list[ApprovalRule]":
    from groupbuy.domain.kernel import Money
    from groupbuy.domain.membership import ApprovalRule

    rules = list[ApprovalRule]()
    for each in given if isinstance(given, list) else [given]:
        known = _fields(each, ("name", "below", "known_buyer", "campaign_ids"))
        below = known.get("below")
        rules.append(
            ApprovalRule(
                str(known.get("name", "")),
                Money(below, currency) if isinstance(below, int) else None,
                known.get("known_buyer") is True,
                tuple(map(str, known.get("campaign_ids", ()))),
            )
        )
    return rules


def _filter(each: "OrderFilter") -> dict[str, object]:
    return {
        "name": each.name,
        "states": list(each.states),
        "campaign_id": each.campaign_id,
        "pickup_point_id": each.pickup_point_id,
        "days": each.days,
    }


def _rule(each: "ApprovalRule") -> dict[str, object]:
    return {
        "name": each.name,
        "below": each.below,
        "known_buyer": each.known_buyer,
        "campaign_ids": list(each.campaign_ids),
    }
