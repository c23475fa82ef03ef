"""What a kind of promotion asks of whoever sets it up: declared once, checked, shown as a form."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import attrs
from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS, Invalid

LIST_AT_MOST = 20
ID_AT_MOST = 64
MONEY_AT_MOST = 10**10
_KEY = "argument"


class Shape(StrEnum):
    """What is typed into a field of a form."""

    MONEY = "money"
    """Minor units."""
    COUNT = "count"
    SHARE = "share"
    """Basis points of a price."""
    FLAG = "flag"
    CHOICE = "choice"
    ID = "id"
    ROWS = "rows"
    """Several rows of fields of their own."""


_BOUNDS = {
    Shape.MONEY: (0, MONEY_AT_MOST),
    Shape.COUNT: (1, 10_000),
    Shape.SHARE: (1, BASIS_POINTS),
}


@frozen
class Field:
    """One field of a form."""

    name: str
    shape: Shape
    zh: str
    en: str
    least: int = 0
    most: int = 0
    required: bool = True
    choices: tuple[str, ...] = ()
    rows: "tuple[Field, ...]" = ()


def argument(
    shape: Shape,
    zh: str,
    en: str,
    *,
    least: int | None = None,
    most: int | None = None,
    of: type | None = None,
    default: Any = attrs.NOTHING,
) -> Any:
    """Declare an argument of a kind: its field, its bounds, and for rows the class of a row."""
    low, high = _BOUNDS.get(shape, (0, 0))
    said = (shape, zh, en, low if least is None else least, high if most is None else most, of)
    return attrs.field(default=default, metadata={_KEY: said}, validator=_check)


def _check(_: object, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    wrong = _wrong(value, *attribute.metadata[_KEY][:1], *attribute.metadata[_KEY][3:])
    if wrong:
        raise Invalid(field=attribute.name, reason=wrong)


def _wrong(value: Any, shape: Shape, least: int, most: int, of: Any) -> str:
    """Return what is wrong with a value; nothing if it fits."""
    if shape in _BOUNDS:
        fits = type(value) is int and least <= value <= most
        return "" if fits else f"must be {least} to {most}"
    if shape is Shape.ROWS:
        fits = isinstance(value, tuple) and max(least, 0) <= len(value) <= LIST_AT_MOST
        return "" if fits else f"takes {max(least, 0)} to {LIST_AT_MOST} rows"
    fits, reason = {
        Shape.FLAG: (type(value) is bool, "must be true or false"),
        Shape.CHOICE: (value in list(of or ()), "is not one of the choices"),
        Shape.ID: (isinstance(value, str) and len(value) <= ID_AT_MOST, "is no id"),
    }[shape]
    return "" if fits else reason


def form_of(kind: type) -> tuple[Field, ...]:
    """Return the form that sets up a kind, field by field."""
    return tuple(_field(each) for each in attrs.fields(kind) if _KEY in each.metadata)


def _field(each: "attrs.Attribute[Any]") -> Field:
    shape, zh, en, least, most, of = each.metadata[_KEY]
    choices = tuple(str(c.value) for c in of) if shape is Shape.CHOICE and of else ()
    rows = form_of(of) if shape is Shape.ROWS and of else ()
    required = each.default is attrs.NOTHING
    return Field(each.name, shape, zh, en, least, most, required, choices, rows)


T = TypeVar("T")


def read_arguments(kind: type[T], said: Mapping[str, Any], at: str = "") -> T:
    """Build a kind from what somebody typed. Raises Invalid that names the field."""
    fields = {each.name: each for each in attrs.fields(kind) if _KEY in each.metadata}  # type: ignore[arg-type]
    unknown = sorted(said.keys() - fields.keys())
    if unknown:
        raise Invalid(field=f"{at}{unknown[0]}", reason="is not known here")
    values = {}
    for name, each in fields.items():
        if name in said:
            values[name] = _read(each, said[name], f"{at}{name}")
        elif each.default is attrs.NOTHING:
            raise Invalid(field=f"{at}{name}", reason="is missing")
    try:
        return kind(**values)
    except Invalid as error:
        raise Invalid(field=f"{at}{error.field}", reason=error.reason) from error


def _read(each: "attrs.Attribute[Any]", value: Any, at: str) -> Any:
    shape, _zh, _en, _least, _most, of = each.metadata[_KEY]
    if shape is Shape.CHOICE and of is not None:
        found = {str(c.value): c for c in of}.get(value if isinstance(value, str) else "")
        if found is None:
            raise Invalid(field=at, reason="is not one of the choices")
        return found
    if shape is Shape.ROWS and of is not None:
        if not isinstance(value, list | tuple):
            raise Invalid(field=at, reason="must be a list")
        return tuple(_row(of, row, f"{at}.{n}.") for n, row in enumerate(value))
    return value


def _row(of: type, row: Any, at: str) -> Any:
    if not isinstance(row, Mapping):
        raise Invalid(field=at.rstrip("."), reason="must be fields with values")
    return read_arguments(of, row, at)


def write_arguments(terms: Any) -> dict[str, Any]:
    """Return plain values that `read_arguments` makes the same terms of."""
    return {
        each.name: _plain(getattr(terms, each.name))
        for each in attrs.fields(type(terms))
        if _KEY in each.metadata
    }


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [write_arguments(row) for row in value]
    return value
