"""The search index in memory: every entry is looked at."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from attrs import frozen

from groupbuy.application.ports.search import (
    Hit,
    Reach,
    Tokens,
    Wanted,
    combined,
    looked_at_again,
)
from groupbuy.domain.catalogue import Stock, Variant
from groupbuy.domain.search import SearchEntry


class Things(Protocol):
    """The database behind it."""

    def every(self, tenant: str, kind: type) -> list[Any]:
        """Return all committed things of a kind."""
        ...


@frozen
class MemoryIndex:
    """The `SearchIndex` port over all entries of a tenant."""

    shelf: Things
    tenant: str

    def find(self, wanted: Wanted, reach: Reach) -> list[Hit]:
        """Return the newest that match, at most `limit`."""
        ways = combined(wanted, reach)
        again = looked_at_again(wanted, reach)
        found = [
            entry
            for entry in self._every(SearchEntry)
            if entry.id not in wanted.without
            and _fits(entry, wanted)
            and any(_has_all(entry, way, wanted.tag) for way in ways)
            and all(_holds(entry, term, reach) for term in again)
        ]
        terms = [] if reach is Reach.NAME else [term.text for term in wanted.terms]
        return _newest(found, wanted, terms)

    def newest(self, wanted: Wanted) -> list[Hit]:
        """Return the newest that are for sale, by price and campaign."""
        found = [entry for entry in self._every(SearchEntry) if _fits(entry, wanted)]
        return _newest(found, wanted, ())

    def stocked(self, product_ids: Iterable[str]) -> set[str]:
        """Return those of some products of which there are goods in hand right now."""
        wanted = set(product_ids)
        there = {stock.id for stock in self._every(Stock) if stock.available > 0}
        variants = self._every(Variant)
        return {v.product_id for v in variants if v.product_id in wanted and v.id in there}

    def _every(self, kind: type) -> list[Any]:
        return self.shelf.every(self.tenant, kind)


def _fits(entry: SearchEntry, wanted: Wanted) -> bool:
    if not entry.listed:
        return False
    tokens = set(entry.tokens.split(" "))
    if not all(any(wanted.tag + each in tokens for each in some) for some in wanted.each_of):
        return False
    price = entry.price.minor
    return (
        (wanted.lowest is None or price >= wanted.lowest)
        and (wanted.highest is None or price <= wanted.highest)
        and (not wanted.running or _is_running(entry, wanted))
    )


def _has_all(entry: SearchEntry, way: Tokens, tag: str) -> bool:
    return {tag + token for token in way}.issubset(entry.tokens.split(" "))


def _holds(entry: SearchEntry, term: str, reach: Reach) -> bool:
    return term in entry.head or (reach is not Reach.NAME and term in entry.rest)


def _is_running(entry: SearchEntry, wanted: Wanted) -> bool:
    until, now = entry.running_until, wanted.now
    return until is not None and now is not None and until > now


def _newest(found: list[SearchEntry], wanted: Wanted, terms: Sequence[str]) -> list[Hit]:
    found.sort(key=lambda entry: (entry.created_at, entry.id), reverse=True)
    return [_hit(entry, wanted, terms) for entry in found[: wanted.limit]]


def _hit(entry: SearchEntry, wanted: Wanted, terms: Sequence[str]) -> Hit:
    return Hit(
        id=entry.id,
        category_id=entry.category_id,
        brand_id=entry.brand_id,
        price=entry.price.minor,
        weight=entry.weight,
        running=_is_running(entry, wanted),
        head=entry.head,
        facts_end=entry.facts_end,
        story_end=entry.story_end,
        in_rest=tuple(entry.rest.find(term) + 1 for term in terms),
    )
