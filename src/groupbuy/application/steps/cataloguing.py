"""Steps of what changes the catalogue: whose it is, names made as needed, goods counted."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from attrs import define, field

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Brand, Category, Product, Stock, StockMove
from groupbuy.domain.kernel import Id, NotFound, make_id
from groupbuy.domain.membership import Role

Merged = TypeVar("Merged", Brand, Category)


def require_trade(work: Work) -> None:
    """Refuse anybody who neither sells nor operates. Raises Unauthenticated, Forbidden."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)


def owned(work: Work, product: Product) -> Product:
    """Return a product the caller may change. Raises NotFound for somebody else's."""
    if not may_act_for(work, product.merchant_id):
        raise NotFound(kind="product", key=product.id)
    return product


def may_act_for(work: Work, merchant_id: str) -> bool:
    """Tell whether the caller works for that merchant, or operates the whole shop."""
    caller = work.caller
    return Role.OPERATOR in caller.roles or caller.merchant_id == merchant_id


def count_goods(work: Work, stock: Stock, units: int, reason: str) -> Stock:
    """Stage a change of the goods in hand and its line in the journal. Raises Refused."""
    after = stock.adjust(units)
    if units:
        work.of(Stock).save(after)
        enter_in_journal(work, after, units, reason)
    return after


def receive_first(work: Work, sku_id: str, units: int, reason: str) -> None:
    """Stage the stock of a new variant."""
    stock = Stock(sku_id, available=units)
    work.of(Stock).add(stock)
    if units:
        enter_in_journal(work, stock, units, reason)


def enter_in_journal(work: Work, after: Stock, units: int, reason: str) -> None:
    """Stage one line of the stock journal."""
    work.of(StockMove).add(
        StockMove(
            id=work.new_id("stm"),
            sku_id=after.id,
            at=work.now(),
            by=work.caller.user_id,
            reason=reason,
            units=units,
            available_after=after.available,
        )
    )


def standing(work: Work, kind: type[Merged], key: str) -> Merged:
    """Return a category or a brand, or what it became a part of. Raises NotFound."""
    found = work.of(kind).get(key)
    while found.merged_into is not None:
        found = work.of(kind).get(found.merged_into)
    return found


@define(eq=False)
class Names:
    """Finds categories and brands by name inside one unit of work, and makes the missing ones.

    The name of what was merged means what it became a part of.

    Their ids follow from their names, so that two who make the same one at once meet at its key:
    one of them gets Conflict, tries again and finds it.
    """

    work: Work
    made: int = field(default=0, init=False)
    """How many were new."""
    _categories: dict[tuple[str | None, str], Category] = field(factory=dict, init=False)
    _brands: dict[str, Brand] = field(factory=dict, init=False)

    def look_up(self, paths: Collection[Sequence[str]], brands: Iterable[str]) -> None:
        """Find what is there of many names at once: a statement a level, and one for brands."""
        wanted = {name for name in brands if name}
        for brand in every(self.work.of(Brand), Query().among("name", wanted)):
            self._brands.setdefault(brand.name, standing(self.work, Brand, brand.id))
        above: dict[tuple[str, ...], str | None] = {(): None}
        for depth in range(max(map(len, paths), default=0)):
            here = {tuple(path[: depth + 1]) for path in paths if len(path) > depth}
            known = self._level(here, above)
            above = {place: category.id for place, category in known.items()}

    def category(self, path: Sequence[str]) -> Category:
        """Return the category at the end of a path of names, from the root."""
        here: Category | None = None
        for name in path:
            here = self._child(here.id if here else None, name)
        if here is None:
            raise ValueError("a path names at least one category")
        return here

    def brand(self, name: str) -> Brand:
        """Return the brand of that name."""
        known = self._brands.get(name)
        if known is None:
            found = self.work.of(Brand).select(Query().where(name=name).page(1))
            known = standing(self.work, Brand, found[0].id) if found else self._new_brand(name)
            self._brands[name] = known
        return known

    def _level(
        self, places: set[tuple[str, ...]], above: Mapping[tuple[str, ...], str | None]
    ) -> dict[tuple[str, ...], Category]:
        """Find the categories of one level, given the ids of those above."""
        parents = {above[place[:-1]] for place in places if place[:-1] in above}
        query = Query().among("name", {place[-1] for place in places})
        query = (
            query.where(parent_id=None) if None in parents else query.among("parent_id", parents)
        )
        for found in every(self.work.of(Category), query) if parents else ():
            place = (found.parent_id, found.name)
            self._categories.setdefault(place, standing(self.work, Category, found.id))
        at = {place: (above[place[:-1]], place[-1]) for place in places if place[:-1] in above}
        return {
            place: self._categories[key] for place, key in at.items() if key in self._categories
        }

    def _child(self, parent_id: str | None, name: str) -> Category:
        known = self._categories.get((parent_id, name))
        if known is None:
            query = Query().where(parent_id=parent_id, name=name).page(1)
            found = self.work.of(Category).select(query)
            known = (
                standing(self.work, Category, found[0].id)
                if found
                else self.new_category(parent_id, name)
            )
            self._categories[parent_id, name] = known
        return known

    def new_category(
        self, parent_id: str | None, name: str, commission_bp: int | None = None
    ) -> Category:
        """Stage a category that does not exist yet."""
        store, turn = self.work.of(Category), 0
        while store.find([key := _id_from("cat", parent_id or "", name, str(turn))]):
            turn += 1  # that one has got another name or place since
        made = Category(key, name, parent_id, commission_bp)
        store.add(made)
        self.made += 1
        return made

    def _new_brand(self, name: str) -> Brand:
        store, turn = self.work.of(Brand), 0
        while store.find([key := _id_from("brd", name, str(turn))]):
            turn += 1
        made = Brand(key, name)
        store.add(made)
        self.made += 1
        return made


def _id_from(kind: str, *words: str) -> Id:
    """Make an id that follows from words; it lives in cell 0 like all reference data."""
    digest = hashlib.sha256("\x1f".join(words).encode()).digest()
    return make_id(
        kind,
        millis=int.from_bytes(digest[:6], "big"),
        cell=0,
        entropy=int.from_bytes(digest[6:14], "big"),
    )
