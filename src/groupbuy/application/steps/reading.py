"""Reading all of something, page by page, where a decision needs every one of them."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from groupbuy.application.ports import Query, Store
from groupbuy.application.write_path import Caller, Desk, Work

T = TypeVar("T")

PAGE = 2_000
"""How many things one statement returns."""


def every(store: Store[T], query: Query, size: int = PAGE, order: str = "id") -> Iterator[T]:
    """Yield everything a query finds, in the order of ids, whatever limit the query has.

    `order` names an attribute to go by instead, where an index has it before the id.
    """
    page = first_page(query, size, order)
    while True:
        found = store.select(page)
        yield from found
        if len(found) < size:
            return
        last = cast("Any", found[-1])
        page = page.page(size, (getattr(last, order), last.id))


def first_page(query: Query, size: int = PAGE, order: str = "id") -> Query:
    """Return the first query that `every` asks."""
    return query.sorted(order).page(size)


def pages(
    desk: Desk, caller: Caller, kind: type[T], query: Query, size: int = PAGE
) -> Iterator[Sequence[T]]:
    """Yield everything a query finds, page by page in its order, whatever limit it has.

    Each page is read in a unit of work of its own and forgotten with it, so that any number of
    things can be walked through; whatever changes meanwhile may be seen or not.
    """
    name, after = query.order.lstrip("-"), None
    while True:
        page = query.page(size, after)
        found = desk.read(caller, partial(_select, kind, page))
        if found:
            yield found
        if len(found) < size:
            return
        last: Any = found[-1]
        after = (getattr(last, name), last.id)


def _select(kind: type[T], query: Query, work: Work) -> Sequence[T]:
    return work.of(kind).select(query)
