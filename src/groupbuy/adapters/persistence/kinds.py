"""What is stored and how: one `Kind` per aggregate, and the tables made from them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
from attrs import define, field, frozen
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.mapping import Shape, shape_of
from groupbuy.application.retention import FORGOTTEN
from groupbuy.application.storage_rules import ONCE, UNIQUE_KEYS, UniqueKey

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}

_TYPES: Mapping[Plain, TypeEngine[Any]] = {
    # Bytes sort alike on every engine and in Python; a locale would make pages differ.
    Plain.TEXT: Text().with_variant(Text(collation="C"), "postgresql"),
    Plain.INTEGER: BigInteger(),
    Plain.FLAG: Boolean(),
    # SQLite has no instants: fixed-width UTC text sorts the same way.
    Plain.INSTANT: Text().with_variant(DateTime(timezone=True), "postgresql"),
}


@frozen
class By:
    """An index on attributes (the tenant comes first by itself), whole or for some rows only."""

    names: tuple[str, ...]
    where: str = ""
    """SQL that both engines read alike; such an index needs a short `label`."""
    label: str = ""


@frozen
class Child:
    """A tuple of values of a parent, kept in a table of its own, in order."""

    attribute: str
    cls: type
    table: str
    indexes: tuple[By, ...] = ()


@define(eq=False)
class Kind:
    """How one class is stored. A class without `version` is append-only."""

    cls: type
    table: str
    indexes: tuple[By, ...] = ()
    checks: Mapping[str, str] = field(factory=dict)
    """Name to SQL condition; the second wall behind the domain's own refusal."""
    children: tuple[Child, ...] = ()
    apart: tuple[str, ...] = ()
    """Amounts whose currency may differ from the row's."""
    near: tuple[str, ...] = ()
    """Attributes that are ids of things in the same cell: to search by one is to name the cell."""

    fill: int = 100
    """Per cent of a page that new rows may fill; what is left keeps changed rows beside them."""
    steady: bool = False
    """Read far more often than changed, and dear to decode: the same row is decoded once."""

    @cached_property
    def shape(self) -> Shape:
        """The columns of the class itself."""
        return shape_of(self.cls, [child.attribute for child in self.children], self.apart)

    @cached_property
    def versioned(self) -> bool:
        """Tell whether things of this kind ever change."""
        return "version" in {a.name for a in attrs.fields(self.cls)}

    @property
    def once(self) -> bool:
        """Tell whether adding one that exists already does nothing."""
        return self.cls in ONCE

    @cached_property
    def partial(self) -> tuple[str, ...]:
        """The conditions under which a row stands in an index that does not hold all rows."""
        keys = [key.names[0] for key in UNIQUE_KEYS.get(self.cls, ()) if key.unless_empty]
        wheres = [by.where for by in self.indexes if by.where]
        return tuple(dict.fromkeys([*wheres, *[f"{name} <> ''" for name in keys]]))

    @cached_property
    def own_cell(self) -> bool:
        """Tell whether the thing says itself where it lives, instead of its id."""
        return "cell" in self.shape.names

    @cached_property
    def child_shapes(self) -> tuple[Shape, ...]:
        """The columns of the children, in order."""
        return tuple(shape_of(child.cls) for child in self.children)


def tables_of(kinds: Iterable[Kind]) -> MetaData:
    """Build the tables of some kinds.

    There are no foreign keys: things of a batch are written table by table, checked by the domain
    they come from, and on a distributed engine a reference may not leave its cell.
    """
    metadata = MetaData(naming_convention=NAMING)
    for kind in kinds:
        own = _table(metadata, kind.table, kind.shape, ("id",), _extras(kind))
        if kind.fill < 100:
            own.dialect_options["postgresql"]["with"] = {"fillfactor": kind.fill}
        own.info.update(append_only=not kind.versioned, removable=kind.cls in FORGOTTEN)
        for child, shape in zip(kind.children, kind.child_shapes, strict=True):
            key = ("parent_id", "position")
            more = [_index(child.table, by) for by in child.indexes]
            part = _table(metadata, child.table, shape, key, more)
            # A thing that changes may come to have fewer parts.
            part.info.update(append_only=not kind.versioned, removable=kind.versioned)
    return metadata


def _table(
    metadata: MetaData,
    name: str,
    shape: Shape,
    key: tuple[str, ...],
    extras: Sequence[Index | UniqueConstraint | CheckConstraint],
) -> Table:
    columns = [_column("tenant_id", Plain.TEXT), _column("cell", Plain.INTEGER)]
    if key == ("parent_id", "position"):
        columns += [_column("parent_id", Plain.TEXT), _column("position", Plain.INTEGER)]
    columns += [
        _column(c.name, c.codec.plain, nullable=c.codec.nullable)
        for c in shape.columns
        if c.name != "cell"
    ]
    for column in columns:
        column.primary_key = column.name in {"tenant_id", "cell", *key}
    return Table(name, metadata, *columns, *extras, info={"tenant": True})


def _column(name: str, plain: Plain, *, nullable: bool = False) -> Column[Any]:
    return Column(name, _TYPES[plain], nullable=nullable, autoincrement=False)


def _extras(kind: Kind) -> list[Index | UniqueConstraint | CheckConstraint]:
    keys = UNIQUE_KEYS.get(kind.cls, ())
    return [
        *[_index(kind.table, by, kind.near) for by in kind.indexes],
        *[_partial_key(kind.table, key) for key in keys if key.unless_empty],
        *[
            UniqueConstraint("tenant_id", "cell", *key.names)
            for key in keys
            if not key.unless_empty
        ],
        *[CheckConstraint(condition, name=name) for name, condition in kind.checks.items()],
    ]


def _partial_key(table: str, key: UniqueKey) -> Index:
    columns, where = ("tenant_id", "cell", *key.names), f"{key.names[0]} <> ''"
    return _some(f"uq_{table}_{key.names[0]}", columns, where, unique=True)


def _index(table: str, by: By, near: tuple[str, ...] = ()) -> Index:
    names = ("tenant_id", *by.names)
    if by.names[0] in near:
        names = ("tenant_id", "cell", *by.names)
    if by.where:
        return _some(f"ix_{table}_{by.label}", names, by.where)
    return Index(None, *names)


def _some(name: str, columns: tuple[str, ...], where: str, *, unique: bool = False) -> Index:
    rows = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=rows, sqlite_where=rows)
