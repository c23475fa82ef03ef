"""Predicates: who belongs to a segment, said as data, checked, and told as a sentence."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from attrs import frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.segments.customer import Customer
from groupbuy.domain.segments.rfm import BEST

DEPTH_AT_MOST = 4
"""Levels of all, any and not inside each other."""
PARTS_AT_MOST = 40
"""All predicates of a segment together."""
TEXT_AT_MOST = 64
DAYS_AT_MOST = 3_650
COUNT_AT_MOST = 10_000
MONEY_AT_MOST = 10**10


class Asks(StrEnum):
    """What a predicate asks of a customer; the words are those of its data."""

    CATEGORY = "category"
    """Bought something of it, or of what is below it."""
    PRODUCT = "product"
    COMMUNITY = "community"
    TAG = "tag"
    LEVEL = "level_at_least"
    SEEN = "seen_within_days"
    BOUGHT = "bought_within_days"
    """Today counts as the first day."""
    ORDERS = "orders_at_least"
    SPENT = "spent_at_least"
    """Minor units."""
    RECENCY = "recency"
    FREQUENCY = "frequency"
    VALUE = "value"
    """Scores of RFM, from and to."""


class Joins(StrEnum):
    """How several predicates make one."""

    ALL = "all"
    ANY = "any"
    NOT = "not"


_TEXTS = frozenset({Asks.CATEGORY, Asks.PRODUCT, Asks.COMMUNITY, Asks.TAG})
_BANDS = frozenset({Asks.RECENCY, Asks.FREQUENCY, Asks.VALUE})
_MOST: Mapping[Asks, int] = {
    Asks.LEVEL: COUNT_AT_MOST,
    Asks.SEEN: DAYS_AT_MOST,
    Asks.BOUGHT: DAYS_AT_MOST,
    Asks.ORDERS: COUNT_AT_MOST,
    Asks.SPENT: MONEY_AT_MOST,
}


@frozen
class Simple:
    """One question about a customer."""

    asks: Asks
    text: str = ""
    least: int = 0
    """The number asked for; of a score the lowest."""
    most: int = 0
    """Of a score the highest."""


@frozen
class Joined:
    """Several predicates as one."""

    how: Joins
    parts: "tuple[Predicate, ...]"


Predicate = Simple | Joined


def read_predicate(data: object, at: str = "who") -> Predicate:
    """Read a predicate as it is written: `{"all": [{"category": "cat_1"}, …]}`.

    Raises Invalid that names the part which is wrong.
    """
    found = _read(data, at, DEPTH_AT_MOST)
    if sum(1 for _ in parts_of(found)) > PARTS_AT_MOST:
        raise Invalid(field=at, reason=f"has more than {PARTS_AT_MOST} parts")
    return found


def write_predicate(predicate: Predicate) -> dict[str, Any]:
    """Return a predicate as it is written; reading it again gives the same."""
    if isinstance(predicate, Joined):
        written = [write_predicate(each) for each in predicate.parts]
        return {predicate.how.value: written[0] if predicate.how is Joins.NOT else written}
    if predicate.asks in _TEXTS:
        return {predicate.asks.value: predicate.text}
    if predicate.asks in _BANDS:
        return {predicate.asks.value: [predicate.least, predicate.most]}
    return {predicate.asks.value: predicate.least}


def parts_of(predicate: Predicate) -> Iterator[Predicate]:
    """Yield a predicate and everything inside it."""
    yield predicate
    if isinstance(predicate, Joined):
        for each in predicate.parts:
            yield from parts_of(each)


def asked_by(predicate: Predicate) -> frozenset[Asks]:
    """Return what has to be known of customers to judge them."""
    return frozenset(each.asks for each in parts_of(predicate) if isinstance(each, Simple))


def holds(predicate: Predicate, customer: Customer, today: date) -> bool:
    """Tell whether a customer is meant; `today` is the local day."""
    if isinstance(predicate, Simple):
        return _ANSWERS[predicate.asks](predicate, customer, today)
    inside = (holds(each, customer, today) for each in predicate.parts)
    if predicate.how is Joins.ALL:
        return all(inside)
    return any(inside) if predicate.how is Joins.ANY else not any(inside)


def _read(data: object, at: str, depth: int) -> Predicate:
    if not isinstance(data, Mapping) or len(data) != 1:
        raise Invalid(field=at, reason="has to be one predicate with what it asks for")
    ((name, value),) = data.items()
    here = f"{at}.{name}"
    if name in list(Joins):
        if not depth:
            raise Invalid(field=at, reason=f"goes deeper than {DEPTH_AT_MOST} levels")
        return _joined(Joins(name), value, here, depth - 1)
    if name not in list(Asks):
        raise Invalid(field=here, reason="is not known here")
    return _simple(Asks(name), value, here)


def _joined(how: Joins, value: object, at: str, depth: int) -> Joined:
    if how is Joins.NOT:
        return Joined(how, (_read(value, at, depth),))
    if not isinstance(value, list | tuple) or not value:
        raise Invalid(field=at, reason="takes a list of predicates")
    if len(value) > PARTS_AT_MOST:
        raise Invalid(field=at, reason=f"has more than {PARTS_AT_MOST} parts")
    inside = (_read(each, f"{at}.{place}", depth) for place, each in enumerate(value))
    return Joined(how, tuple(inside))


def _simple(asks: Asks, value: object, at: str) -> Simple:
    if asks in _TEXTS:
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= TEXT_AT_MOST:
            raise Invalid(field=at, reason=f"must have 1 to {TEXT_AT_MOST} letters")
        return Simple(asks, text=value.strip())
    if asks in _BANDS:
        return _band(asks, value, at)
    if type(value) is not int or not 1 <= value <= _MOST[asks]:
        raise Invalid(field=at, reason=f"must be 1 to {_MOST[asks]}")
    return Simple(asks, least=value)


def _band(asks: Asks, value: object, at: str) -> Simple:
    pair = list(value) if isinstance(value, list | tuple) else []
    whole = len(pair) == 2 and all(type(each) is int for each in pair)
    if not whole or not 1 <= pair[0] <= pair[1] <= BEST:
        raise Invalid(field=at, reason="takes two scores of 1 to 5, the lower one first")
    return Simple(asks, least=pair[0], most=pair[1])


def _within(day: date | None, days: int, today: date) -> bool:
    return day is not None and 0 <= (today - day).days < days


def _scored(name: str) -> "Callable[[Simple, Customer, date], bool]":
    def answer(asked: Simple, who: Customer, _: date) -> bool:
        if who.scores is None:
            return False
        score: int = getattr(who.scores, name)
        return asked.least <= score <= asked.most

    return answer


_ANSWERS: Mapping[Asks, Callable[[Simple, Customer, date], bool]] = {
    Asks.CATEGORY: lambda asked, who, _: any(asked.text in p.categories for p in who.purchases),
    Asks.PRODUCT: lambda asked, who, _: any(asked.text in p.products for p in who.purchases),
    Asks.COMMUNITY: lambda asked, who, _: any(asked.text in p.communities for p in who.purchases),
    Asks.TAG: lambda asked, who, _: asked.text in who.tags,
    Asks.LEVEL: lambda asked, who, _: who.level >= asked.least,
    Asks.SEEN: lambda asked, who, today: _within(who.seen_on, asked.least, today),
    Asks.BOUGHT: lambda asked, who, today: _within(who.bought_on, asked.least, today),
    Asks.ORDERS: lambda asked, who, _: len(who.purchases) >= asked.least,
    Asks.SPENT: lambda asked, who, _: who.spent >= asked.least,
    Asks.RECENCY: _scored("recency"),
    Asks.FREQUENCY: _scored("frequency"),
    Asks.VALUE: _scored("value"),
}
