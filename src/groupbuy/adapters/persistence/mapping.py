"""Frozen attrs classes to rows and back, a column at a time, compiled once per class."""

import typing
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import attrs
from attrs import frozen

from groupbuy.adapters.persistence.codecs import Codec, Plain, codec_of
from groupbuy.domain.kernel import Money

T = TypeVar("T")
Columns = list[Sequence[Any]]
"""Values of many rows, column by column, in the order of `Shape.columns`."""

CURRENCY = "currency"
"""The one column that tells the currency of every amount in its row."""


@frozen
class Column:
    """One column of a table that mirrors an attribute."""

    name: str
    codec: Codec


@frozen
class Shape:
    """The columns a class needs; `children` live in tables of their own."""

    cls: type
    columns: tuple[Column, ...]
    children: tuple[str, ...] = ()
    currencies: tuple[tuple[str, str], ...] = ()
    """Which column tells the currency of which amount."""
    added: int = 0
    """How many columns at the end mirror no attribute: currencies."""

    def column(self, name: str) -> Column:
        """Return a column by its attribute's name. Raises ValueError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ValueError(f"{self.cls.__name__} has no stored attribute {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)


def shape_of(cls: type, children: Iterable[str] = (), apart: Iterable[str] = ()) -> Shape:
    """Read the shape of an attrs class.

    All amounts of a row share one currency, except those named in `apart`: what a provider says
    it took may be in another one, and must be kept as it was.
    """
    hints = typing.get_type_hints(cls)
    left_out, alone = set(children), set(apart)
    columns = [
        Column(a.name, codec_of(hints[a.name]))
        for a in attrs.fields(cls)
        if a.init and a.name not in left_out
    ]
    known = {column.name for column in columns}
    wanted: dict[str, bool] = {}
    currencies: dict[str, str] = {}
    for column in columns:
        if column.codec.money:
            unit = f"{column.name}_{CURRENCY}" if column.name in alone else CURRENCY
            currencies[column.name] = unit
            wanted[unit] = wanted.get(unit, True) and column.codec.nullable
    added = [
        Column(unit, Codec(Plain.TEXT, nullable))
        for unit, nullable in wanted.items()
        if unit not in known
    ]
    return Shape(
        cls, (*columns, *added), tuple(children), tuple(currencies.items()), added=len(added)
    )


Reader = Callable[[Plain], Callable[[Any], Any] | None]


class Mapper(Generic[T]):
    """Encodes and decodes many things of one class at once, for one engine."""

    def __init__(self, shape: Shape, reader: Reader) -> None:
        """Compile the closures. `reader` turns what an engine returns into plain values."""
        self.shape = shape
        names = list(shape.names)
        self._units = [(names.index(a), names.index(u)) for a, u in shape.currencies]
        self._stored = len(names) - shape.added
        self._values: Callable[[T], Any] = attrgetter(*names[: self._stored])
        self._encoders = [
            (i, c.codec.encode) for i, c in enumerate(shape.columns) if c.codec.encode is not None
        ]
        self._slots = [self._slot(a.name, shape, reader) for a in attrs.fields(shape.cls) if a.init]
        self._make = _maker(shape.cls)

    def encode(self, things: Sequence[T]) -> Columns:
        """Return the columns of some things. Raises ValueError if currencies mix in a row."""
        if self._stored == 1:
            columns: Columns = [[self._values(thing) for thing in things]]
        else:
            columns = list(zip(*map(self._values, things), strict=True))
        if self._units:
            columns += [[None] * len(things) for _ in range(self.shape.added)]
            self._tell_currencies(columns)
        for index, encode in self._encoders:
            columns[index] = _encoded(columns[index], encode)
        return columns

    def decode(
        self, rows: Sequence[Sequence[Any]], children: Sequence[Sequence[Any]] = ()
    ) -> list[T]:
        """Return the things that rows tell of; `children` holds a list per child attribute."""
        if not rows:
            return []
        columns = list(zip(*rows, strict=True))
        return list(map(self._make, *[slot(columns, children) for slot in self._slots]))

    def _tell_currencies(self, columns: Columns) -> None:
        for amounts, units in self._units:
            known, told = (
                columns[units],
                [None if a is None else a.currency for a in columns[amounts]],
            )
            if known == told:
                continue
            found = [new if old is None else old for old, new in zip(known, told, strict=True)]
            if any(new not in (None, old) for old, new in zip(found, told, strict=True)):
                raise ValueError(f"{self.shape.cls.__name__}: amounts of two currencies")
            columns[units] = found

    def _slot(
        self, name: str, shape: Shape, reader: Reader
    ) -> Callable[[Sequence[Sequence[Any]], Sequence[Sequence[Any]]], Sequence[Any]]:
        if name in shape.children:
            place = shape.children.index(name)
            return lambda _, children: children[place]
        index = shape.names.index(name)
        codec = shape.columns[index].codec
        if codec.money:
            currency = dict(self._units)[index]
            return lambda columns, _: [
                None if minor is None else Money(minor, unit)
                for minor, unit in zip(columns[index], columns[currency], strict=True)
            ]
        steps = [step for step in (reader(codec.plain), codec.decode) if step is not None]
        if not steps:
            return lambda columns, _: columns[index]
        decode = steps[0] if len(steps) == 1 else _chain(steps[0], steps[1])
        return lambda columns, _: [None if v is None else decode(v) for v in columns[index]]


def _encoded(values: Sequence[Any], encode: Callable[[Any], Any]) -> list[Any]:
    """Encode a column; most of a batch hold the very same value in every row."""
    first, count = values[0], len(values)
    if count > 1 and all(value is first for value in values):
        return [None if first is None else encode(first)] * count
    return [None if v is None else encode(v) for v in values]


def _chain(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: second(first(value))


def _maker(cls: type) -> Callable[..., Any]:
    fields = [a for a in attrs.fields(cls) if a.init]
    if not any(a.kw_only for a in fields):
        return cls
    names = [a.alias or a.name for a in fields]
    return lambda *values: cls(**dict(zip(names, values, strict=True)))
