"""接龙: the roll of a campaign, from its living paid orders as they are at this moment."""

from collections import Counter
from collections.abc import Iterator

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.sharing.facts import facts_of, shown_campaign
from groupbuy.application.sharing.funnels import masked
from groupbuy.application.sharing.telling import PATH
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Refused
from groupbuy.domain.ordering import LineKind, Order, OrderState
from groupbuy.domain.sharing import RollEntry, check_text, clauses, write_roll

_GONE = frozenset({OrderState.AWAITING_PAYMENT, OrderState.EXPIRED, OrderState.CLOSED})


@frozen
class Roll:
    """A roll as text, and how many orders are on it."""

    text: str
    orders: int


def roll_of(work: Work, campaign_id: str, base_url: str, *, english: bool = False) -> Roll:
    """Write the roll of a campaign that anybody may see, in the order in which people paid.

    Raises NotFound; Refused for a title that induces people to share.
    """
    campaign = shown_campaign(work, campaign_id)
    title = check_text(" ".join(campaign.title.split()))
    orders = sorted(
        _paid(work, campaign_id), key=lambda order: (order.placed_at or order.created_at, order.id)
    )
    names = masked(work, {order.buyer_id for order in orders})
    entries = [
        RollEntry(names[order.buyer_id], tuple(goods.items()))
        for order in orders
        if (goods := _goods(order))
    ]
    link = f"{base_url}{PATH}{campaign_id}"
    text = write_roll(
        title, entries, _state(work, campaign_id, english=english), link, english=english
    )
    return Roll(text, len(entries))


def _paid(work: Work, campaign_id: str) -> Iterator[Order]:
    query = Query().where(campaign_id=campaign_id)
    for order in every(work.of(Order), query, order="created_at"):
        if order.placed_at is not None and order.state not in _GONE:
            yield order


def _goods(order: Order) -> Counter[str]:
    """Return what the buyer still takes; nothing once all was given back."""
    goods = Counter[str]()
    for line in order.lines:
        left = line.units - line.refunded_units
        if line.kind is LineKind.GOODS and left > 0:
            goods[f"{line.title} {line.options}".strip()] += left
    return goods


def _state(work: Work, campaign_id: str, *, english: bool) -> str:
    """Say what is missing and how much time is left; nothing once it is over."""
    try:
        facts = facts_of(work, campaign_id)
    except Refused:
        return ""
    return (", " if english else "，").join(clauses(facts, english=english)[1:])
