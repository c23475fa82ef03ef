"""Tables of the first revision: orders."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (orders)."""
    _orders()
    _order_lines()
    _payments()
    _refunds()
    _after_sales()
    _invoices()
    _shipments()


def _orders() -> None:
    table(
        "orders",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("campaign_id"),
        text("group_id"),
        text("merchant_id"),
        text("buyer_id"),
        text("contact"),
        instant("created_at"),
        instant("expires_at"),
        text("leader_id", null=True),
        text("helper_id", null=True),
        integer("helper_bp"),
        text("pickup_point_id", null=True),
        integer("pickup_bp"),
        text("note"),
        text("state"),
        text("close_reason", null=True),
        text("correction", null=True),
        text("refund_rules"),
        integer("after_sale_days"),
        text("coupon_id", null=True),
        flag("coupon_returns"),
        text("share_id", null=True),
        text("shared_by", null=True),
        instant("cancelled_at", null=True),
        instant("placed_at", null=True),
        instant("confirmed_at", null=True),
        instant("approved_at", null=True),
        instant("delivered_at", null=True),
        instant("completed_at", null=True),
        instant("vested_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        fill=70,
    )
    index(
        "ix_orders_leader",
        "orders",
        ["tenant_id", "leader_id", "created_at", "id"],
        where="leader_id IS NOT NULL",
    )
    index(
        "ix_orders_share", "orders", ["tenant_id", "share_id", "id"], where="share_id IS NOT NULL"
    )
    index(
        "ix_orders_tenant_id_buyer_id_created_at_id",
        "orders",
        ["tenant_id", "buyer_id", "created_at", "id"],
    )
    index(
        "ix_orders_tenant_id_cell_campaign_id_created_at_id",
        "orders",
        ["tenant_id", "cell", "campaign_id", "created_at", "id"],
    )
    index("ix_orders_tenant_id_cell_group_id_id", "orders", ["tenant_id", "cell", "group_id", "id"])
    index("ix_orders_tenant_id_created_at_id", "orders", ["tenant_id", "created_at", "id"])
    index(
        "ix_orders_tenant_id_merchant_id_created_at_id",
        "orders",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )


def _order_lines() -> None:
    table(
        "order_lines",
        text("tenant_id"),
        integer("cell"),
        text("parent_id"),
        integer("position"),
        integer("line_no"),
        text("kind"),
        text("sku_id"),
        text("product_id"),
        text("title"),
        text("options"),
        integer("units"),
        integer("gross"),
        integer("net"),
        text("attributions"),
        text("category_id"),
        integer("commission_bp"),
        text("commission_why"),
        integer("fee_bp"),
        text("stock_policy"),
        text("return_policy"),
        integer("refunded_units"),
        integer("refunded"),
        integer("restocked_units"),
        integer("dropped"),
        text("weight", null=True),
        text("currency"),
        key=("tenant_id", "cell", "parent_id", "position"),
    )


def _payments() -> None:
    table(
        "payments",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        text("group_id"),
        text("buyer_id"),
        text("provider"),
        integer("due"),
        instant("created_at"),
        instant("expires_at"),
        text("state"),
        integer("captured", null=True),
        instant("paid_at", null=True),
        text("provider_ref"),
        text("payer_fingerprint"),
        text("pay_params"),
        text("quarantined"),
        integer("version"),
        text("currency"),
        text("captured_currency", null=True),
        key=("tenant_id", "cell", "id"),
        fill=70,
    )
    index(
        "ix_payments_tenant_id_cell_group_id_id",
        "payments",
        ["tenant_id", "cell", "group_id", "id"],
    )
    index("ix_payments_tenant_id_cell_order_id", "payments", ["tenant_id", "cell", "order_id"])
    index("ix_payments_tenant_id_created_at_id", "payments", ["tenant_id", "created_at", "id"])


def _refunds() -> None:
    table(
        "refunds",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("payment_id"),
        text("order_id"),
        text("cause"),
        text("effect_key"),
        integer("amount"),
        instant("granted_at"),
        text("reason"),
        text("granted_by"),
        text("state"),
        integer("attempts"),
        text("provider_ref"),
        text("last_word"),
        instant("sent_at", null=True),
        instant("finished_at", null=True),
        text("voucher"),
        text("vouched_by"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
        unique={
            "uq_refunds_tenant_id_cell_payment_id_cause_effect_key": (
                "tenant_id",
                "cell",
                "payment_id",
                "cause",
                "effect_key",
            )
        },
    )
    index("ix_refunds_tenant_id_cell_order_id", "refunds", ["tenant_id", "cell", "order_id"])
    index("ix_refunds_tenant_id_granted_at_id", "refunds", ["tenant_id", "granted_at", "id"])
    index(
        "ix_refunds_tenant_id_state_granted_at_id",
        "refunds",
        ["tenant_id", "state", "granted_at", "id"],
    )


def _after_sales() -> None:
    table(
        "after_sales",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        integer("line_no"),
        text("buyer_id"),
        text("merchant_id"),
        text("kind"),
        integer("units"),
        text("reason"),
        instant("applied_at"),
        instant("decide_by"),
        text("open_line"),
        text("campaign_id"),
        text("leader_id"),
        text("text"),
        text("pictures"),
        text("answer"),
        text("decided_by"),
        instant("decided_at", null=True),
        text("return_carrier"),
        text("return_number"),
        integer("good_units", null=True),
        integer("damaged_units"),
        text("replacement_id"),
        text("appeal"),
        text("ruling"),
        text("ruled_by"),
        instant("ruled_at", null=True),
        integer("refund", null=True),
        instant("finished_at", null=True),
        text("state"),
        integer("version"),
        text("currency", null=True),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_after_sales_tenant_id_applied_at_id", "after_sales", ["tenant_id", "applied_at", "id"]
    )
    index(
        "ix_after_sales_tenant_id_buyer_id_applied_at_id",
        "after_sales",
        ["tenant_id", "buyer_id", "applied_at", "id"],
    )
    index(
        "ix_after_sales_tenant_id_cell_order_id", "after_sales", ["tenant_id", "cell", "order_id"]
    )
    index(
        "ix_after_sales_tenant_id_leader_id_applied_at_id",
        "after_sales",
        ["tenant_id", "leader_id", "applied_at", "id"],
    )
    index(
        "ix_after_sales_tenant_id_merchant_id_applied_at_id",
        "after_sales",
        ["tenant_id", "merchant_id", "applied_at", "id"],
    )
    index(
        "uq_after_sales_open_line",
        "after_sales",
        ["tenant_id", "cell", "open_line"],
        unique=True,
        where="open_line <> ''",
    )


def _invoices() -> None:
    table(
        "invoices",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        text("buyer_id"),
        text("merchant_id"),
        text("title_kind"),
        text("title_sealed"),
        text("tax_number_sealed"),
        instant("requested_at"),
        text("open_order"),
        integer("issued"),
        integer("red_due"),
        integer("red_done"),
        text("number"),
        text("link"),
        instant("issued_at", null=True),
        text("red_letters"),
        text("refusal_sealed"),
        instant("finished_at", null=True),
        text("state"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_invoices_tenant_id_buyer_id_requested_at_id",
        "invoices",
        ["tenant_id", "buyer_id", "requested_at", "id"],
    )
    index("ix_invoices_tenant_id_cell_order_id", "invoices", ["tenant_id", "cell", "order_id"])
    index(
        "ix_invoices_tenant_id_merchant_id_requested_at_id",
        "invoices",
        ["tenant_id", "merchant_id", "requested_at", "id"],
    )
    index("ix_invoices_tenant_id_requested_at_id", "invoices", ["tenant_id", "requested_at", "id"])
    index(
        "uq_invoices_open_order",
        "invoices",
        ["tenant_id", "cell", "open_order"],
        unique=True,
        where="open_order <> ''",
    )


def _shipments() -> None:
    table(
        "shipments",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        text("merchant_id"),
        instant("created_at"),
        text("carrier"),
        text("tracking_number"),
        text("pickup_point_id", null=True),
        text("pickup_code_fingerprint"),
        text("pickup_code_sealed"),
        integer("pickup_tries"),
        text("contents"),
        text("trace"),
        instant("last_word_at", null=True),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_shipments_pickup",
        "shipments",
        ["tenant_id", "pickup_point_id"],
        where="pickup_point_id IS NOT NULL",
    )
    index("ix_shipments_tenant_id_cell_order_id", "shipments", ["tenant_id", "cell", "order_id"])
    index(
        "ix_shipments_tenant_id_merchant_id_created_at_id",
        "shipments",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_shipments_tracking",
        "shipments",
        ["tenant_id", "tracking_number"],
        where="tracking_number <> ''",
    )
