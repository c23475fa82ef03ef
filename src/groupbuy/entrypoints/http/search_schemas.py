"""What is found looks like over HTTP."""

import msgspec
from litestar import Response

from groupbuy.application import catalogue
from groupbuy.application.catalogue.matching import Marked, Match
from groupbuy.application.catalogue.searching import BandCount, Count, Facets, Tried
from groupbuy.entrypoints.http.catalogue_schemas import ShelfOut, shelf_out
from groupbuy.entrypoints.http.paging import Listing


class HighlightOut(msgspec.Struct, frozen=True):
    """A text that matches; `ranges` are [start, end) in characters (code points) of `text`."""

    field: str
    """name | brand | category | attribute | description"""
    text: str
    ranges: list[tuple[int, int]]


class MatchOut(ShelfOut, frozen=True):
    """One product that was found."""

    in_campaign: bool
    highlights: list[HighlightOut]


class CountOut(msgspec.Struct, frozen=True):
    """How many of what was found are in a category, with everything below it, or of a brand."""

    id: str
    name: str
    count: int


class PriceCountOut(msgspec.Struct, frozen=True):
    """How many of what was found cost so much; both ends inclusive, in minor units."""

    price_gte: int
    price_lte: int | None
    count: int


class FacetsOut(msgspec.Struct, frozen=True):
    """What was found, counted by what it can be narrowed to."""

    category: list[CountOut]
    brand: list[CountOut]
    price: list[PriceCountOut]
    in_campaign: int
    in_stock: int


class TriedOut(msgspec.Struct, frozen=True):
    """What was looked for in vain."""

    words: list[str]
    """As they were compared: one width, one script, small letters."""
    pinyin: bool
    """Some were taken for pinyin as well."""
    filters: list[str]
    without_filters: int
    """How many there are when no filter narrows them."""


class SearchOut(msgspec.Struct, frozen=True):
    """One page of what was found."""

    items: list[MatchOut]
    next_cursor: str | None
    total: int
    """At most 500."""
    more: bool
    """There is more than was looked at: order and counts are those of the first 500."""
    facets: FacetsOut | None
    """On the first page."""
    tried: TriedOut | None
    """Where nothing was found."""


class SuggestionOut(msgspec.Struct, frozen=True):
    """A text that would find something; `ranges` are where it agrees with what was typed."""

    text: str
    kind: str
    """category | brand | product"""
    id: str
    ranges: list[tuple[int, int]]


class SuggestionsOut(msgspec.Struct, frozen=True):
    """At most ten, the likeliest first."""

    items: list[SuggestionOut]


def match_out(match: Match) -> MatchOut:
    """Render one product that was found."""
    shown = msgspec.structs.asdict(shelf_out(match.shelved))
    marks = [_highlight(each) for each in match.marks]
    return MatchOut(**shown, in_campaign=match.in_campaign, highlights=marks)


def search_out(
    page: "Response[Listing[MatchOut]]", found: catalogue.SearchResult
) -> "Response[SearchOut]":
    """Render a page with what can be said of everything that was found."""
    body = SearchOut(
        items=page.content.items,
        next_cursor=page.content.next_cursor,
        total=found.total,
        more=found.more,
        facets=_facets(found.facets) if found.facets else None,
        tried=_tried(found.tried) if found.tried else None,
    )
    return Response(body, headers=page.headers)


def suggestion_out(suggestion: catalogue.Suggestion) -> SuggestionOut:
    """Render a suggestion."""
    said = suggestion
    return SuggestionOut(said.text, said.kind, said.id, list(said.ranges))


def _highlight(mark: Marked) -> HighlightOut:
    return HighlightOut(mark.field, mark.text, list(mark.ranges))


def _facets(facets: Facets) -> FacetsOut:
    return FacetsOut(
        category=[_count(each) for each in facets.categories],
        brand=[_count(each) for each in facets.brands],
        price=[_band(each) for each in facets.bands],
        in_campaign=facets.in_campaign,
        in_stock=facets.in_stock,
    )


def _count(count: Count) -> CountOut:
    return CountOut(count.id, count.name, count.count)


def _band(band: BandCount) -> PriceCountOut:
    return PriceCountOut(band.lowest, band.highest, band.count)


def _tried(tried: Tried) -> TriedOut:
    return TriedOut(list(tried.words), tried.pinyin, list(tried.filters), tried.without_filters)
