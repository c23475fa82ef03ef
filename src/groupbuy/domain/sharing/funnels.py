"""What came of links to share, from the page that was shown to the order that was paid."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from attrs import frozen

from groupbuy.domain.sharing.copies import Channel
from groupbuy.domain.sharing.links import ShareLink, ShareVisit, VisitStep


@frozen
class Steps:
    """How many came how far."""

    shown: int = 0
    """Browsers to which the page was shown."""
    clicked: int = 0
    """Browsers that pressed on."""
    registered: int = 0
    """Accounts that were opened by such browsers."""
    joined: int = 0
    """Buyers, by their orders, paid or not."""
    paid: int = 0
    """Buyers who paid."""

    def plus(self, other: "Steps") -> "Steps":
        """Add up."""
        return Steps(
            self.shown + other.shown,
            self.clicked + other.clicked,
            self.registered + other.registered,
            self.joined + other.joined,
            self.paid + other.paid,
        )


@frozen
class FunnelRow:
    """What came of one person's links in one channel."""

    sharer_id: str
    channel: Channel
    steps: Steps


@frozen
class BroughtOrder:
    """An order as far as it is counted here."""

    link_id: str
    buyer_id: str
    paid: bool
    """It was paid once, whatever came later."""


def funnel_of(
    links: Mapping[str, ShareLink],
    visits: Iterable[ShareVisit],
    accounts: Iterable[str],
    orders: Iterable[BroughtOrder],
) -> tuple[FunnelRow, ...]:
    """Count everything anew; `accounts` are the links that brought them.

    Those who brought most come first. What belongs to none of these links is passed over.
    """
    steps = Counter((visit.link_id, visit.step) for visit in visits)
    registered = Counter(accounts)
    joined, paid = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for order in orders:
        joined[order.link_id].add(order.buyer_id)
        if order.paid:
            paid[order.link_id].add(order.buyer_id)
    rows = [
        FunnelRow(
            link.sharer_id,
            link.channel,
            Steps(
                shown=steps[key, VisitStep.SHOWN],
                clicked=steps[key, VisitStep.CLICKED],
                registered=registered[key],
                joined=len(joined[key]) if key in joined else 0,
                paid=len(paid[key]) if key in paid else 0,
            ),
        )
        for key, link in links.items()
    ]
    return tuple(sorted(rows, key=_place))


def total_of(rows: Iterable[FunnelRow]) -> Steps:
    """Add up rows; who came by two links counts twice."""
    total = Steps()
    for row in rows:
        total = total.plus(row.steps)
    return total


def _place(row: FunnelRow) -> tuple[int, int, int, int, str, str]:
    steps = row.steps
    counts = (-steps.paid, -steps.joined, -steps.clicked, -steps.shown)
    return (*counts, row.sharer_id, row.channel.value)
