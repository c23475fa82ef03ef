"""How one attribute becomes one column: a plain value every engine can hold, and back.

Nested values become JSON text on purpose: SQL never looks inside, so their shape may follow the
domain without a migration of every row.
"""

import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, StrEnum
from functools import partial
from operator import attrgetter
from typing import Annotated, Any, NewType, Union, get_args, get_origin

import attrs
import msgspec
from attrs import frozen
from cattrs import Converter
from cattrs.preconf.json import make_converter

from groupbuy.domain.kernel import Money


class Plain(StrEnum):
    """The four kinds of value a column holds."""

    TEXT = "text"
    INTEGER = "bigint"
    FLAG = "boolean"
    INSTANT = "timestamptz"


@frozen
class Codec:
    """The way between an attribute and its column. None stays None and is never passed in."""

    plain: Plain
    nullable: bool
    encode: Callable[[Any], Any] | None = None
    decode: Callable[[Any], Any] | None = None
    opaque: bool = False
    """JSON: cannot be searched or sorted by."""
    money: bool = False
    """`encode` yields minor units; the currency stands in a column of its own."""


_SIMPLE: Mapping[type, Plain] = {
    str: Plain.TEXT,
    int: Plain.INTEGER,
    bool: Plain.FLAG,
    datetime: Plain.INSTANT,
}
_MICROSECOND = timedelta(microseconds=1)
_LOAD = msgspec.json.decode
_EMPTY: Mapping[str, Any] = {"{}": {}, "[]": []}


def codec_of(declared: Any) -> Codec:
    """Choose the codec of a declared type. Raises TypeError for a float."""
    bare, nullable = _unwrap(declared)
    if bare is float:
        raise TypeError("floats are not stored; count in whole units")
    if plain := _SIMPLE.get(bare):
        return Codec(plain, nullable)
    if bare is Money:
        return Codec(Plain.INTEGER, nullable, attrgetter("minor"), money=True)
    if bare is date:
        return Codec(Plain.TEXT, nullable, date.isoformat, date.fromisoformat)
    if isinstance(bare, type) and issubclass(bare, Enum) and issubclass(bare, str):
        return Codec(Plain.TEXT, nullable, str.__str__, _members(bare).__getitem__)
    return Codec(Plain.TEXT, nullable, _dumper(bare), _loader(bare), opaque=True)


def utc(moment: datetime) -> datetime:
    """Return the same instant in UTC. Raises ValueError for one without a zone."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)


def dump_json(value: object, declared: Any) -> str:
    """Write a value of a declared type as JSON text."""
    return _dump(CONVERTER.unstructure(value, unstructure_as=declared))


def load_json(text: str, declared: Any) -> Any:
    """Read what `dump_json` wrote."""
    return CONVERTER.structure(_LOAD(text), declared)


def _dump(plain: object) -> str:
    return msgspec.json.encode(plain).decode()


def _members(kind: type[Enum]) -> dict[str, Enum]:
    return {member.value: member for member in kind}


def _unwrap(declared: Any) -> tuple[Any, bool]:
    """Strip aliases, annotations and `| None`."""
    if isinstance(declared, NewType):
        return _unwrap(declared.__supertype__)
    if get_origin(declared) is Annotated:
        return _unwrap(get_args(declared)[0])
    if get_origin(declared) in (Union, types.UnionType):
        parts = [part for part in get_args(declared) if part is not type(None)]
        if len(parts) < len(get_args(declared)):
            rest: Any = Union[tuple(parts)]  # noqa: UP007  built from parts known at run time only
            return _unwrap(rest)[0], True
    return declared, False


def _dumper(declared: Any) -> Callable[[Any], str]:
    unstructure = CONVERTER.get_unstructure_hook(declared)

    def dump(value: Any) -> str:
        # Most nested values of a hot row are empty tuples.
        return "[]" if value == () else _dump(unstructure(value))

    return dump


def _loader(declared: Any) -> Callable[[str], Any]:
    structure = CONVERTER.get_structure_hook(declared)

    def load(text: str) -> Any:
        # Most nested values of a hot row are empty: skip the parser for them.
        empty = _EMPTY.get(text)
        return structure(_LOAD(text) if empty is None else empty, declared)

    return load


def _is_choice(declared: Any) -> bool:
    """Tell a union of attrs classes, which JSON must tag to tell apart."""
    if get_origin(declared) not in (Union, types.UnionType):
        return False
    parts = [part for part in get_args(declared) if part is not type(None)]
    return len(parts) > 1 and all(attrs.has(part) for part in parts)


def _choice_out(_: Any, converter: Converter) -> Callable[[Any], Any]:
    def unstructure(value: Any) -> Any:
        if value is None:
            return None
        return {"is": type(value).__name__, **converter.unstructure(value)}

    return unstructure


def _choice_in(declared: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    classes = {part.__name__: part for part in get_args(declared) if part is not type(None)}

    def structure(value: Any, _: Any) -> Any:
        if value is None:
            return None
        rest = dict(value)
        return converter.structure(rest, classes[rest.pop("is")])

    return structure


def _make_converter() -> Converter:
    made = make_converter()
    made.register_unstructure_hook(datetime, lambda moment: utc(moment).isoformat())
    made.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    made.register_unstructure_hook(time, time.isoformat)
    made.register_structure_hook(time, lambda text, _: time.fromisoformat(text))
    made.register_unstructure_hook(timedelta, lambda span: span // _MICROSECOND)
    made.register_structure_hook(timedelta, lambda count, _: count * _MICROSECOND)
    made.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    made.register_unstructure_hook_factory(_is_choice, partial(_choice_out, converter=made))
    made.register_structure_hook_factory(_is_choice, partial(_choice_in, converter=made))
    return made


CONVERTER = _make_converter()
"""Values of the domain to and from what JSON can say."""
