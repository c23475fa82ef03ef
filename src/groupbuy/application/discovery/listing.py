"""Hot lists: everywhere, by category, by community."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from attrs import frozen

from groupbuy.application.catalogue.shelf import (
    ShelfItem,
    Shelved,
    below,
    brand_names,
    category_tree,
    shelved,
)
from groupbuy.application.discovery.following import FOLLOWER
from groupbuy.application.discovery.words import Why, why_hot
from groupbuy.application.ports import Query
from groupbuy.application.report_facts import ReportPosition
from groupbuy.application.reporting.days import day_of
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Category
from groupbuy.domain.discovery import Heat
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Leader, PickupPoint

LONGEST = 100
"""Products of one hot list at most."""
NEIGHBOURS = 3
"""What fewer people of one community bought is not shown: it could tell of one of them."""
_STEP = 200
_STEPS = 10
"""Pages of heats that one list looks through at most, for products that are on sale."""


@frozen
class HotWish:
    """Which hot list; everything left out is no condition."""

    category_id: str = ""
    """With everything below it."""
    community: str = ""
    """A pickup point or a leader."""
    limit: int = 50


@frozen
class HotSlot:
    """One place of a hot list."""

    place: int
    """From 1."""
    shelved: Shelved
    buyers: int
    score: int
    """Buyers as they count today, in hundredths of one."""
    why: Why


@frozen
class HotList:
    """A hot list, and until when it has been counted."""

    slots: tuple[HotSlot, ...]
    as_of: datetime | None
    """What was committed before then is counted; None before the first count."""


def hot(work: Work, wish: HotWish) -> HotList:
    """Return what is on sale and hot, the hottest first. Raises NotFound."""
    tree = {category.id: category for category in category_tree(work)}
    found = hottest(work, wish, tree)
    today = today_of(work)
    by_id = {item.id: heat for item, heat in found}
    slots = tuple(
        HotSlot(
            place,
            each,
            by_id[each.id].buyers,
            by_id[each.id].recent(today),
            why_hot(by_id[each.id], today),
        )
        for place, each in enumerate(shown(work, [item for item, _ in found], tree), 1)
    )
    position = work.of(ReportPosition).find([FOLLOWER]).get(FOLLOWER)
    return HotList(slots, position.read_at if position else None)


def hottest(work: Work, wish: HotWish, tree: dict[str, Category]) -> list[tuple[ShelfItem, Heat]]:
    """Return what is on sale and hot, with its heat. Raises NotFound."""
    query = Query().where(community=wish.community).since("rank", 0).sorted("-rank")
    if wish.category_id:
        query = query.among("category_id", below(wish.category_id, tree))
    if wish.community:
        check_community(work, wish.community)
    return list(_on_sale(work, query, min(wish.limit, LONGEST)))


def check_community(work: Work, community: str) -> None:
    """Refuse what is neither a pickup point nor a leader. Raises NotFound."""
    kind = PickupPoint if community.startswith("pup_") else Leader
    if not work.of(kind).find([community]):
        raise NotFound(kind="community", key=community)


def today_of(work: Work) -> date:
    """Return the day it is in the shop's zone."""
    return date.fromisoformat(day_of(work.now(), work.kit.policy.zone))


def shown(work: Work, items: Sequence[ShelfItem], tree: dict[str, Category]) -> list[Shelved]:
    """Return shelf items with what a page shows of them, in the same order."""
    return shelved(work, items, tree, brand_names(work, items))


def _on_sale(work: Work, query: Query, limit: int) -> Iterator[tuple[ShelfItem, Heat]]:
    """Yield what a query finds and can be bought, at most `limit`."""
    after, left = None, limit
    for _ in range(_STEPS):
        heats = work.of(Heat).select(query.page(_STEP, after))
        items = work.of(ShelfItem).find(heat.product_id for heat in heats)
        for heat in heats:
            item = items.get(heat.product_id)
            enough = not heat.community or heat.buyers >= NEIGHBOURS
            if left and enough and item is not None and item.listed:
                left -= 1
                yield item, heat
        if not left or len(heats) < _STEP:
            return
        after = (heats[-1].rank, heats[-1].id)
