"""Search: what is for sale, found by its words, ranked, counted and paged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from groupbuy.application.catalogue.matching import (
    Match,
    Question,
    Ranked,
    ask,
    marked,
    question_of,
    tokens_of_filters,
)
from groupbuy.application.catalogue.shelf import below, category_tree, path_of
from groupbuy.application.ports.search import WINDOW, Hit, Wanted
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Brand, Category
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.search import BANDS, band_of, seconds_in, units_in

SEARCH_SORTS = ("relevance", "-created_at", "created_at", "price", "-price", "-sold")
COUNTED_AT_MOST = 30
"""Categories and brands that are counted for a page, those with most products."""


@frozen
class Wish:
    """What somebody looks for; everything left out is no condition."""

    text: str = ""
    category_id: str = ""
    """With everything below it."""
    brand_ids: tuple[str, ...] = ()
    merchant_id: str = ""
    lowest: int | None = None
    """Minor units."""
    highest: int | None = None
    """Minor units, inclusive."""
    in_campaign: bool = False
    """Only what an open or announced campaign sells."""
    in_stock: bool = False
    sort: str = "relevance"
    limit: int = 50
    after: tuple[datetime | int, str] | None = None
    """Order value and id of the last one already seen."""

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the filters in use."""
        asked = {
            "category": self.category_id,
            "brand": self.brand_ids,
            "merchant": self.merchant_id,
            "price": self.lowest is not None or self.highest is not None,
            "in_campaign": self.in_campaign,
            "in_stock": self.in_stock,
        }
        return tuple(name for name, wanted in asked.items() if wanted)


@frozen
class Count:
    """How many of what was found have something in common."""

    id: str
    name: str
    count: int


@frozen
class BandCount:
    """How many of what was found cost so much."""

    lowest: int
    """Minor units."""
    highest: int | None
    """Inclusive; None for no end."""
    count: int


@frozen
class Facets:
    """What was found, counted by what it can be narrowed to."""

    categories: tuple[Count, ...]
    """Each with everything below it."""
    brands: tuple[Count, ...]
    bands: tuple[BandCount, ...]
    in_campaign: int
    in_stock: int


@frozen
class Tried:
    """What was looked for in vain."""

    words: tuple[str, ...]
    """As they were compared: folded."""
    pinyin: bool
    """Some were taken for pinyin as well."""
    filters: tuple[str, ...]
    without_filters: int
    """How many there are when no filter narrows them."""


@frozen
class SearchResult:
    """One page of what was found, and what can be said of all of it."""

    matches: tuple[Match, ...]
    """At most `limit` of the wish."""
    total: int
    more: bool
    """There is more than was looked at: counts and order are those of the newest of the best."""
    facets: Facets | None
    """On the first page."""
    tried: Tried | None = None
    """Where nothing was found."""


def search(work: Work, wish: Wish) -> SearchResult:
    """Return what fits a wish, the best first. Raises NotFound for the category, Invalid."""
    if wish.sort not in SEARCH_SORTS:
        raise Invalid("sort", "must be one of " + ", ".join(SEARCH_SORTS))
    tree = {category.id: category for category in category_tree(work)}
    question = question_of(work, wish.text)
    found = ask(work, question, _wanted(work, wish, question, tree))
    more, found = len(found) > WINDOW, found[:WINDOW]
    stocked = set[str]()
    if wish.in_stock or wish.after is None:
        stocked = work.tx.search().stocked(each.hit.id for each in found)
    if wish.in_stock:
        found = [each for each in found if each.hit.id in stocked]
    # Ids differ, so what stands behind them is never compared.
    placed = [(_place(each, wish.sort), each.hit.id, each) for each in found]
    placed.sort(reverse=wish.sort not in ("price", "created_at"))
    page = [each for each in placed if _is_behind(each[0], each[1], wish)]
    facets = _facets(work, [e.hit for e in found], tree, stocked) if wish.after is None else None
    shown = [(each, place) for place, _, each in page[: wish.limit]]
    return SearchResult(
        matches=marked(work, shown, question, tree),
        total=len(found),
        more=more,
        facets=facets,
        tried=None if found or wish.after else _tried(work, wish, question),
    )


def _wanted(work: Work, wish: Wish, question: Question, tree: Mapping[str, Category]) -> Wanted:
    return Wanted(
        terms=question.terms,
        tag=question.tag,
        each_of=tokens_of_filters(
            below(wish.category_id, tree) if wish.category_id else (),
            wish.brand_ids,
            wish.merchant_id,
            (wish.lowest, wish.highest),
            in_campaign=wish.in_campaign,
        ),
        lowest=wish.lowest,
        highest=wish.highest,
        now=work.now(),
        running=wish.in_campaign,
    )


def _place(each: Ranked, sort: str) -> int:
    if sort == "relevance":
        return each.rank
    if sort.endswith("price"):
        return each.hit.price
    if sort == "-sold":
        return units_in(each.hit.weight)
    return seconds_in(each.hit.weight)


def _is_behind(place: int, key: str, wish: Wish) -> bool:
    if wish.after is None:
        return True
    value, last = wish.after
    if isinstance(value, datetime):
        raise Invalid("cursor", "belongs to another order")
    if wish.sort in ("price", "created_at"):
        return (place, key) > (value, last)
    return (place, key) < (value, last)


def _facets(
    work: Work, hits: Sequence[Hit], tree: Mapping[str, Category], stocked: set[str]
) -> Facets:
    by_category, by_brand, by_band = Counter[str](), Counter[str](), Counter[int]()
    for category_id, count in Counter(hit.category_id for hit in hits).items():
        for step in path_of(category_id, tree):
            by_category[step.id] += count
    for price, count in Counter(hit.price for hit in hits).items():
        by_band[band_of(price)] += count
    by_brand.update(hit.brand_id for hit in hits if hit.brand_id)
    brands = work.of(Brand).find(by_brand)
    return Facets(
        categories=_counted(by_category, {key: tree[key].name for key in by_category}),
        brands=_counted(by_brand, {key: brand.name for key, brand in brands.items()}),
        bands=tuple(
            BandCount(begin, _end_of(number), by_band[number])
            for number, begin in enumerate(BANDS)
            if by_band[number]
        ),
        in_campaign=sum(bool(hit.running) for hit in hits),
        in_stock=len(stocked),
    )


def _counted(counts: Counter[str], names: Mapping[str, str]) -> tuple[Count, ...]:
    found = [Count(key, names[key], count) for key, count in counts.items() if key in names]
    found.sort(key=lambda each: (-each.count, each.name, each.id))
    return tuple(found[:COUNTED_AT_MOST])


def _end_of(band: int) -> int | None:
    return BANDS[band + 1] - 1 if band + 1 < len(BANDS) else None


def _tried(work: Work, wish: Wish, question: Question) -> Tried:
    without = 0
    if wish.filters and question.terms:
        plain = Wanted(terms=question.terms, tag=question.tag, now=work.now())
        without = len(ask(work, question, plain)[:WINDOW])
    return Tried(
        words=tuple(term.text for term in question.terms),
        pinyin=any(term.spelled for term in question.terms),
        filters=wish.filters,
        without_filters=without,
    )
