"""Reading all of something, page by page, where a decision needs every one of them."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from groupbuy.application.ports import Query, Store

T = TypeVar("T")

PAGE = 2_000
"""How many things one statement returns."""


def every(store: Store[T], query: Query, size: int = PAGE, order: str = "id") -> Iterator[T]:
    """Yield everything a query finds, in the order of ids, whatever limit the query has.

    `order` names an attribute to go by instead, where an index has it before the id.
    """
    after: tuple[Any, str] | None = None
    while True:
        found = store.select(query.sorted(order).page(size, after))
        yield from found
        if len(found) < size:
            return
        last = cast("Any", found[-1])
        after = (getattr(last, order), last.id)
