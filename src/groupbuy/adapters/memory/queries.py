"""A `Query`, answered by looking at attributes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from groupbuy.application.ports.persistence import Query
from groupbuy.domain.kernel import Money, cell_of


def answer(query: Query, things: Iterable[Any]) -> list[Any]:
    """Return what a query finds among things. Raises ValueError for what nobody can search by."""
    found = [thing for thing in things if _fits(query, thing)]
    name, down = query.order.lstrip("-"), query.order.startswith("-")

    def place(thing: Any) -> tuple[tuple[bool, Any], str]:
        return _rank(value_of(thing, name)), thing.id

    found.sort(key=place, reverse=down)
    if query.after is not None:
        value, key = query.after
        seen = (_rank(_plain(value, name)), key)
        found = [t for t in found if (place(t) < seen if down else place(t) > seen)]
    return found[: query.limit]


def value_of(thing: Any, name: str) -> Any:
    """Return what an attribute is compared by. Raises ValueError for nested values."""
    if name == "cell" and not hasattr(thing, "cell"):
        return cell_of(thing.id)
    if not hasattr(thing, name):
        raise ValueError(f"{type(thing).__name__} has no stored attribute {name}")
    return _plain(getattr(thing, name), name)


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, Money):
        return value.minor
    if value is None or isinstance(value, str | int | date):
        return value
    raise ValueError(f"{name} cannot be searched by")


def _rank(value: Any) -> tuple[bool, Any]:
    """Sort what is absent first."""
    return (False, 0) if value is None else (True, value)


def _fits(query: Query, thing: Any) -> bool:
    return (
        all(value_of(thing, name) == _plain(value, name) for name, value in query.equals)
        and all(
            value_of(thing, name) in [_plain(value, name) for value in values]
            for name, values in query.one_of
        )
        and all(_reaches(thing, name, bound) for name, bound in query.from_)
        and all(_stays_below(thing, name, bound) for name, bound in query.until)
    )


def _reaches(thing: Any, name: str, bound: Any) -> bool:
    value = value_of(thing, name)
    return value is not None and bool(value >= _plain(bound, name))


def _stays_below(thing: Any, name: str, bound: Any) -> bool:
    value = value_of(thing, name)
    return value is not None and bool(value < _plain(bound, name))
