"""What came of sharing something, counted anew from rows whenever somebody asks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import Order
from groupbuy.domain.sharing import (
    BroughtOrder,
    FunnelRow,
    ShareLink,
    ShareVisit,
    Steps,
    funnel_of,
    total_of,
)

AT_ONCE = 500
"""Links that one statement asks about."""
MASK = "**"
T = TypeVar("T")


@frozen
class NamedRow:
    """A row, and what others see of who shared."""

    row: FunnelRow
    sharer: str
    """Masked: the first letter of their name."""


@frozen
class Funnel:
    """What came of all links to one campaign or product."""

    subject: str
    rows: tuple[NamedRow, ...]
    total: Steps
    counted_at: datetime


def campaign_funnel(work: Work, campaign_id: str) -> Funnel:
    """Count what came of sharing one of the caller's own campaigns. Raises NotFound, Forbidden."""
    caller = work.caller
    caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    campaign = work.of(Campaign).find([campaign_id]).get(campaign_id)
    if campaign is None or not (
        Role.OPERATOR in caller.roles
        or (Role.MERCHANT in caller.roles and campaign.merchant_id == caller.merchant_id)
        or (Role.LEADER in caller.roles and campaign.leader_id == (caller.leader_id or "nobody"))
    ):
        raise NotFound(kind="campaign", key=campaign_id)
    return funnel(work, campaign_id)


def funnel(work: Work, subject: str) -> Funnel:
    """Count what came of sharing a campaign or a product; nothing for what nobody shared."""
    query = Query().where(subject=subject)
    links = {link.id: link for link in every(work.of(ShareLink), query)}
    rows = funnel_of(
        links,
        every(work.of(ShareVisit), query),
        _accounts(work, links),
        _orders(work, links),
    )
    names = masked(work, {row.sharer_id for row in rows})
    named = tuple(NamedRow(row, names[row.sharer_id]) for row in rows)
    return Funnel(subject, named, total_of(rows), work.now())


def masked(work: Work, user_ids: Iterable[str]) -> dict[str, str]:
    """Return what others see of people; of those who were erased nothing but the mask."""
    wanted = sorted(set(user_ids))
    found: dict[str, User] = {}
    for some in _parts(wanted):
        found |= work.of(User).find(some)
    return {key: (found[key].initial if key in found else "") + MASK for key in wanted}


def _accounts(work: Work, links: Iterable[str]) -> Iterator[str]:
    for some in _parts(links):
        for user in every(work.of(User), Query().among("share_id", some)):
            if user.share_id is not None:
                yield user.share_id


def _orders(work: Work, links: Iterable[str]) -> Iterator[BroughtOrder]:
    for some in _parts(links):
        for order in every(work.of(Order), Query().among("share_id", some)):
            if order.share_id is not None:
                yield BroughtOrder(order.share_id, order.buyer_id, order.placed_at is not None)


def _parts(things: Iterable[T]) -> Iterator[Sequence[T]]:
    rest = iter(things)
    while part := list(islice(rest, AT_ONCE)):
        yield part
