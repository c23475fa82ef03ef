"""All tables of the product, as the migrations must leave them."""

from collections.abc import Iterable

from sqlalchemy import MetaData

from groupbuy.adapters.persistence.idempotency import idempotency_table
from groupbuy.adapters.persistence.kinds import Kind, tables_of
from groupbuy.adapters.persistence.registry import KINDS
from groupbuy.adapters.persistence.tenants import tenants_table


def schema_of(kinds: Iterable[Kind] = KINDS) -> MetaData:
    """Return the tables of these kinds, with idempotency keys and tenants."""
    metadata = tables_of(kinds)
    idempotency_table(metadata)
    tenants_table(metadata)
    return metadata
