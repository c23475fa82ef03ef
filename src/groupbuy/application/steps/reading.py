"""Reading all of something, page by page, where a decision needs every one of them."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from groupbuy.application.ports import Query, Store

T = TypeVar("T")

PAGE = 2_000
"""How many things one statement returns."""


def every(store: Store[T], query: Query, size: int = PAGE) -> Iterator[T]:
    """Yield everything a query finds, in the order of ids, whatever limit the query has."""
    page = first_page(query, size)
    while True:
        found = store.select(page)
        yield from found
        if len(found) < size:
            return
        last = cast("Any", found[-1]).id
        page = page.page(size, (last, last))


def first_page(query: Query, size: int = PAGE) -> Query:
    """Return the first query that `every` asks."""
    return query.sorted("id").page(size)
