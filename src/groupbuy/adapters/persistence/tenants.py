"""The registry of tenants: the one table that belongs to nobody."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Column, Engine, MetaData, Table, Text, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.codecs import dump_json, load_json
from groupbuy.adapters.persistence.kinds import NAMING
from groupbuy.adapters.persistence.session import translated
from groupbuy.application.ports.tenancy import Tenant

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
