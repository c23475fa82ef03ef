"""Recommendations: also bought, for somebody, for their community, and what is popular."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from groupbuy.application.catalogue.shelf import ShelfItem, category_tree
from groupbuy.application.discovery.home_page import ProductSlot
from groupbuy.application.discovery.listing import HotWish, hot, shown
from groupbuy.application.discovery.words import Why, why_together
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Product, ProductState
from groupbuy.domain.discovery import Habit, Heat, Together, also_bought, for_somebody
from groupbuy.domain.kernel import NotFound

LOOKED_BACK = 10
"""Products somebody bought last that speak for them."""
ASKED = 200
"""Buyers of a product whose habits are looked at, those who bought it last."""
ASKED_FOR_EACH = 50
"""The same, where several products are looked at for one person."""
HABITS_AT_MOST = 4_000
"""Habits that are read for one answer."""


@frozen
class ForYou:
    """What is shown to one person, or to anybody."""

    slots: tuple[ProductSlot, ...]
    personal: bool
    """Something of it follows from what they bought."""


def bought_with(work: Work, product_id: str, limit: int) -> list[ProductSlot]:
    """Return what buyers of a product bought as well; nothing else fills the list.

    Raises NotFound for what is not on sale.
    """
    product = work.of(Product).get(product_id)
    if product.state is not ProductState.LISTED:
        raise NotFound(kind="product", key=product_id)
    return _slots(work, _together(work, [product_id], ASKED), limit)


def for_you(work: Work, limit: int, *, personal: bool = True) -> ForYou:
    """Return what suits the caller: by what they bought, then what is hot near them, then anywhere.

    Without a caller, without a history, or where they do not want it, it is what is hot.
    """
    mine = _mine(work) if personal else []
    owned = {habit.product_id for habit in mine}
    recent = [habit.product_id for habit in mine[:LOOKED_BACK]]
    wanted = for_somebody(_together(work, recent, ASKED_FOR_EACH), owned, 3 * limit)
    slots = _slots(work, wanted, limit)
    for community in (*_communities(mine), ""):
        if len(slots) < limit:
            slots += _popular(work, community, limit, owned | {each.shelved.id for each in slots})
    return ForYou(tuple(slots[:limit]), personal=bool(mine))


def _mine(work: Work) -> list[Habit]:
    """Return what the caller bought, the newest first."""
    if not work.caller.user_id:
        return []
    query = Query().where(buyer_id=work.caller.user_id).sorted("-last_on")
    return [habit for habit in work.of(Habit).select(query.page(HABITS_AT_MOST)) if habit.buys]


def _communities(mine: Sequence[Habit]) -> tuple[str, ...]:
    """Return the pickup point of somebody's last order, or else its leader."""
    if not mine:
        return ()
    return max(mine[0].buys, key=lambda buy: (buy.day, buy.order_id)).communities[:1]


def _together(work: Work, product_ids: Sequence[str], asked: int) -> list[Together]:
    """Return what goes with some products, by the habits of those who bought them last."""
    buyers = {key: _buyers(work, key, asked) for key in product_ids}
    everybody = sorted({who for some in buyers.values() for who in some})
    baskets = dict[str, list[str]]()
    query = Query().among("buyer_id", everybody).sorted("-last_on").page(HABITS_AT_MOST)
    for habit in work.of(Habit).select(query) if everybody else ():
        baskets.setdefault(habit.buyer_id, []).append(habit.product_id)
    heats = work.of(Heat).find({other for basket in baskets.values() for other in basket})
    counts = {key: heat.buyers for key, heat in heats.items()}
    return [
        each
        for key in product_ids
        for each in also_bought(key, (baskets.get(who, ()) for who in buyers[key]), counts)
    ]


def _buyers(work: Work, product_id: str, most: int) -> list[str]:
    query = Query().where(product_id=product_id).sorted("-last_on").page(most)
    me = work.caller.user_id
    return [each.buyer_id for each in work.of(Habit).select(query) if each.buyer_id != me]


def _slots(work: Work, wanted: Sequence[Together], limit: int) -> list[ProductSlot]:
    """Return what is on sale of what is wanted, in its order."""
    items = work.of(ShelfItem).find(each.product_id for each in wanted)
    on_sale = [e for e in wanted if e.product_id in items and items[e.product_id].listed][:limit]
    names = work.of(Product).find({each.because for each in on_sale})
    tree = {category.id: category for category in category_tree(work)}
    there = shown(work, [items[each.product_id] for each in on_sale], tree)
    pairs = zip(there, on_sale, strict=True)
    return [ProductSlot(shelved, _why(each, names)) for shelved, each in pairs]


def _why(each: Together, names: dict[str, Product]) -> Why:
    because = names.get(each.because)
    return why_together(each, because.name if because else "")


def _popular(work: Work, community: str, limit: int, without: Iterable[str]) -> list[ProductSlot]:
    known = set(without)
    found = hot(work, HotWish(community=community, limit=limit + len(known)))
    return [
        ProductSlot(slot.shelved, slot.why) for slot in found.slots if slot.shelved.id not in known
    ]
