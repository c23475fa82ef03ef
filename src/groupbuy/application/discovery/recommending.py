"""Recommendations: also bought, for somebody, for their community, and what is popular."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from groupbuy.application.catalogue.shelf import ShelfItem, category_tree
from groupbuy.application.discovery.home_page import ProductSlot
from groupbuy.application.discovery.listing import HotWish, hottest, shown, today_of
from groupbuy.application.discovery.words import Why, why_hot, why_together
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Product, ProductState
from groupbuy.domain.discovery import Habit, Heat, Suited, Together, also_bought, for_somebody
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
    """Return what suits the caller: what is hot, pulled by what they bought and by neighbours.

    Without a caller, without a history, or where they do not want it, it is what is hot.
    """
    mine = _mine(work) if personal else []
    owned = {habit.product_id for habit in mine}
    recent = [habit.product_id for habit in mine[:LOOKED_BACK]]
    tree = {category.id: category for category in category_tree(work)}
    most = limit + len(owned)
    near = dict[str, Heat]()
    for community in _communities(mine):
        wish = HotWish(community=community, limit=most)
        near = {item.id: heat for item, heat in hottest(work, wish, tree)}
    anywhere = hottest(work, HotWish(limit=most), tree)
    together = _together(work, recent, ASKED_FOR_EACH)
    pool = {item.id for item, _ in anywhere} | {*near, *(each.product_id for each in together)}
    heats = work.of(Heat).find(pool - owned)
    items = work.of(ShelfItem).find(heats)
    scores = {key: heats[key].score for key, item in items.items() if item.listed}
    chosen = for_somebody(together, scores, near, limit)
    there = shown(work, [items[each.product_id] for each in chosen], tree)
    whys = _whys(work, chosen, {**heats, **near})
    slots = tuple(ProductSlot(s, why) for s, why in zip(there, whys, strict=True))
    return ForYou(slots, personal=bool(mine))


def _whys(work: Work, chosen: Sequence[Suited], heats: Mapping[str, Heat]) -> list[Why]:
    """Say of each what put it there: something they bought, or how hot it is, near by or at all."""
    names = work.of(Product).find({each.because.because for each in chosen if each.because})
    today = today_of(work)
    return [
        why_hot(heats[each.product_id], today)
        if each.because is None
        else _why(each.because, names)
        for each in chosen
    ]


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
