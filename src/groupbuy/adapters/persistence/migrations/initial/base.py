"""Tables of the first revision: base."""

from groupbuy.adapters.persistence.migrations.tools import flag, instant, integer, table, text


def create() -> None:
    """Create the tables of this part (base)."""
    _tenants()
    _idempotency()


def _tenants() -> None:
    table(
        "tenants",
        text("id"),
        text("name"),
        text("hosts"),
        text("settings"),
        integer("cells"),
        instant("cells_since", null=True),
        key=("id",),
    )


def _idempotency() -> None:
    table(
        "idempotency",
        text("tenant_id"),
        integer("cell"),
        text("scope"),
        text("key"),
        text("input_hash"),
        flag("ok", null=True),
        text("body", null=True),
        instant("answered_at", null=True),
        key=("tenant_id", "cell", "scope", "key"),
    )
