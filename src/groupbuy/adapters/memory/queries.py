"""A `Query`, answered by looking at attributes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from groupbuy.application.ports.persistence import Query
from groupbuy.domain.kernel import Money, cell_of

_ABSENT = object()


def answer(query: Query, things: Iterable[Any]) -> list[Any]:
    """Return what a query finds among things. Raises ValueError for what nobody can search by."""
    found = _fitting(query, things)
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
    value = getattr(thing, name, _ABSENT)
    if type(value) is str:
        return value
    if value is _ABSENT:
        if name == "cell":
            return cell_of(thing.id)
        raise ValueError(f"{type(thing).__name__} has no stored attribute {name}")
    return _plain(value, name)


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, Money):
        return value.minor
    if value is None or isinstance(value, str | int | date):
        return value
    raise ValueError(f"{name} cannot be searched by")


def _rank(value: Any) -> tuple[bool, Any]:
    """Sort what is absent first."""
    return (False, 0) if value is None else (True, value)


def _fitting(query: Query, things: Iterable[Any]) -> list[Any]:
    """Keep what fits, condition by condition: most things fail the first one."""
    found = list(things)
    for name, value in query.equals:
        wanted = _plain(value, name)
        found = [thing for thing in found if value_of(thing, name) == wanted]
    for name, values in query.one_of:
        among = [_plain(value, name) for value in values]
        found = [thing for thing in found if value_of(thing, name) in among]
    for name, value in query.from_:
        start = _plain(value, name)
        found = [t for t in found if (v := value_of(t, name)) is not None and v >= start]
    for name, value in query.until:
        end = _plain(value, name)
        found = [t for t in found if (v := value_of(t, name)) is not None and v < end]
    return found
