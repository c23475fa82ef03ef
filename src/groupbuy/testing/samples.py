"""One thing of any stored kind with every attribute filled in, to see whether it comes back."""

import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar, get_args, get_origin

import attrs
from attrs import evolve

from groupbuy.domain.campaigns import Audience, Rhythm
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Journal, JournalLine
from groupbuy.domain.marketing import AmountOff, CouponTemplate, Promotion, written
from groupbuy.domain.ordering import OrderLine

T = TypeVar("T")

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
"""An instant with every digit in use."""
TEXT = 'a "quoted" \\ 土鸡蛋 NULL {x,y}'
"""What quoting gets wrong first."""

_ONE_FEN_OFF = written(Promotion("prm_1", TEXT, AmountOff(off=1)))
_FITTING: Mapping[type, Mapping[str, object]] = {
    # Net and attributions must add up to the gross.
    OrderLine: {"net": Money(0), "dropped": Money(0)},
    # Words of an audience are short, and a week has seven days.
    Audience: {"words": (TEXT[:9],)},
    Rhythm: {"weekdays": frozenset({6})},
    # A journal must balance.
    Journal: {"lines": (JournalLine(TEXT, 7), JournalLine("b", -7))},
    # Its terms are a coupon's, and it is good either for some days or until a fixed time.
    CouponTemplate: {
        "promotion": _ONE_FEN_OFF,
        "ends_at": NOON + timedelta(days=1),
        "valid_until": NOON + timedelta(days=1),
        "days": None,
    },
}


def sample_of(cls: type[T], key: str) -> T:
    """Return a thing of that kind with that id and nothing left empty."""
    thing: Any = _filled(cls)
    if "version" in attrs.fields_dict(thing.__class__):
        thing = evolve(thing, version=0)
    made: T = evolve(thing, id=key)
    return made


def _filled(cls: type) -> Any:
    hints = typing.get_type_hints(cls)
    fitting = {"currency": "CNY", **_FITTING.get(cls, {})}
    values = {
        (a.alias or a.name): fitting.get(a.name, _value(hints[a.name]))
        for a in attrs.fields(cls)
        if a.init
    }
    return cls(**values)


def _value(declared: Any) -> Any:
    simple: dict[object, object] = {
        str: TEXT,
        int: 7,
        bool: True,
        datetime: NOON,
        date: NOON.date(),
        Money: Money(100),
        object: "anything",
    }
    if declared in simple:
        return simple[declared]
    if isinstance(declared, type) and issubclass(declared, Enum):
        return next(iter(declared))
    if isinstance(declared, type) and attrs.has(declared):
        return _filled(declared)
    return _composed(declared)


def _composed(declared: Any) -> Any:
    origin, parts = get_origin(declared), get_args(declared)
    if origin in (typing.Union, types.UnionType):
        return _value(next(part for part in parts if part is not type(None)))
    if origin is tuple:
        return (_value(parts[0]),) if parts[1:] == (Ellipsis,) else tuple(map(_value, parts))
    if origin is frozenset:
        return frozenset({_value(parts[0])})
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {_value(parts[0]): _value(parts[1])}
    raise TypeError(f"no sample of {declared}")
