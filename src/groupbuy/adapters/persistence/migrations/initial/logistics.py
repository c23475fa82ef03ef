"""Tables of the first revision: logistics."""

from groupbuy.adapters.persistence.migrations.tools import index, instant, integer, table, text


def create() -> None:
    """Create the tables of this part (logistics)."""
    _order_notes()
    _allocations()
    _goods_receipts()
    _hand_overs()
    _parcel_troubles()


def _order_notes() -> None:
    table(
        "order_notes",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        text("merchant_id"),
        text("by"),
        instant("at"),
        text("text"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_order_notes_tenant_id_cell_order_id_at_id",
        "order_notes",
        ["tenant_id", "cell", "order_id", "at", "id"],
    )


def _allocations() -> None:
    table(
        "allocations",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("campaign_id"),
        text("sku_id"),
        text("merchant_id"),
        integer("supply"),
        instant("at"),
        text("by"),
        text("shares"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_allocations_tenant_id_cell_campaign_id_id",
        "allocations",
        ["tenant_id", "cell", "campaign_id", "id"],
    )


def _goods_receipts() -> None:
    table(
        "goods_receipts",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("campaign_id"),
        text("merchant_id"),
        text("sku_id"),
        integer("units"),
        instant("at"),
        text("by"),
        text("remark"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_goods_receipts_tenant_id_cell_campaign_id_id",
        "goods_receipts",
        ["tenant_id", "cell", "campaign_id", "id"],
    )


def _hand_overs() -> None:
    table(
        "hand_overs",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        text("by"),
        text("proof"),
        text("device"),
        text("event_id"),
        instant("at"),
        instant("recorded_at"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_hand_overs_tenant_id_cell_order_id", "hand_overs", ["tenant_id", "cell", "order_id"])


def _parcel_troubles() -> None:
    table(
        "parcel_troubles",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("parcel_id"),
        text("order_id"),
        text("merchant_id"),
        text("kind"),
        instant("opened_at"),
        text("open_parcel"),
        instant("resolved_at", null=True),
        text("resolved_by"),
        text("remark"),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_parcel_troubles_tenant_id_merchant_id_opened_at_id",
        "parcel_troubles",
        ["tenant_id", "merchant_id", "opened_at", "id"],
    )
    index(
        "ix_parcel_troubles_tenant_id_opened_at_id",
        "parcel_troubles",
        ["tenant_id", "opened_at", "id"],
    )
    index("ix_parcel_troubles_tenant_id_parcel_id", "parcel_troubles", ["tenant_id", "parcel_id"])
    index(
        "uq_parcel_troubles_open_parcel",
        "parcel_troubles",
        ["tenant_id", "cell", "open_parcel"],
        unique=True,
        where="open_parcel <> ''",
    )
