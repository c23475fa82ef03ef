"""The registry of tenants: the one table that belongs to nobody."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from attrs import define, field
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Engine,
    MetaData,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.codecs import Plain, dump_json, load_json, utc
from groupbuy.adapters.persistence.dialects import Dialect, SqliteDialect
from groupbuy.adapters.persistence.kinds import NAMING
from groupbuy.adapters.persistence.session import Session, translated
from groupbuy.application.ports.tenancy import Tenant

REMEMBERED_SECONDS = 30
"""How long a tenant's number of cells is believed; far below `NOTICED_WITHIN`."""
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def tenants_table(metadata: MetaData) -> Table:
    """Describe the table. It has no row-level security: requests are routed by it."""
    return Table(
        "tenants",
        metadata,
        Column("id", _TEXT, primary_key=True),
        Column("name", _TEXT, nullable=False),
        Column("hosts", _TEXT, nullable=False),
        Column("settings", _TEXT, nullable=False),
        Column("cells", BigInteger, nullable=False),
        Column("cells_since", Text().with_variant(DateTime(timezone=True), "postgresql")),
        info={"append_only": False, "removable": False, "tenant": False},
    )


_TENANTS = tenants_table(MetaData(naming_convention=NAMING))


def registered(engine: Engine) -> list[Tenant]:
    """Return all tenants, by id. Raises Unavailable."""
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(_TENANTS).order_by(_TENANTS.c.id)).mappings().all()
    except SQLAlchemyError as error:
        raise translated(error, "tenants") from error
    return [
        Tenant(
            id=row["id"],
            name=row["name"],
            hosts=load_json(row["hosts"], tuple[str, ...]),
            settings=load_json(row["settings"], Mapping[str, object]),
            cells=row["cells"],
            cells_since=_instant(row["cells_since"]),
        )
        for row in rows
    ]


def register(engine: Engine, tenant: Tenant) -> None:
    """Add a tenant, or replace the one with its id. Raises Conflict, Unavailable."""
    row = {
        "name": tenant.name,
        "hosts": dump_json(tenant.hosts, tuple[str, ...]),
        "settings": dump_json(tenant.settings, Mapping[str, object]),
        "cells": tenant.cells,
        "cells_since": _stored(engine, tenant.cells_since),
    }
    try:
        with engine.begin() as connection:
            known = connection.execute(
                update(_TENANTS).where(_TENANTS.c.id == tenant.id).values(row)
            )
            if known.rowcount == 0:
                connection.execute(insert(_TENANTS).values(row | {"id": tenant.id}))
    except SQLAlchemyError as error:
        raise translated(error, "tenants") from error


@define(eq=False)
class Cells:
    """Remembers for a little while how many cells each tenant has.

    Whoever asks inside a transaction looks there, or it would need a second connection.
    """

    dialect: Dialect
    now: Callable[[], float] = time.monotonic
    """Seconds that only ever grow."""
    _known: dict[str, tuple[float, Sequence[int]]] = field(factory=dict, init=False)

    def of(self, session: Session, tenant: str) -> Sequence[int]:
        """Return a tenant's cells; only the first for one that nobody registered."""
        until, cells = self._known.get(tenant, (0.0, ()))
        if not cells or self.now() >= until:
            # Timed from before the look: what is believed is never older than it may be.
            until = self.now() + REMEMBERED_SECONDS
            text = f"SELECT cells FROM tenants WHERE id = {self.dialect.mark(Plain.TEXT)}"
            found = session.rows(text, (tenant,), "tenants")
            cells = range(found[0][0] if found else 1)
            self._known[tenant] = until, cells
        return cells


def _stored(engine: Engine, instant: datetime | None) -> object:
    if instant is None or engine.dialect.name == "postgresql":
        return instant
    return SqliteDialect().scalar(Plain.INSTANT, instant)


def _instant(stored: datetime | str | None) -> datetime | None:
    if isinstance(stored, str):
        return datetime.fromisoformat(stored)
    return None if stored is None else utc(stored)
