"""Tables of the first revision: campaigns."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (campaigns)."""
    _campaigns()
    _campaign_series()
    _groups()
    _stock()
    _stock_moves()
    _seats()
    _count_heads()
    _count_links()


def _campaigns() -> None:
    table(
        "campaigns",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("title"),
        text("mode"),
        instant("starts_at"),
        instant("ends_at"),
        text("created_by"),
        instant("created_at"),
        text("leader_id", null=True),
        text("description"),
        text("zone"),
        text("offers"),
        text("quorum", null=True),
        text("capacity", null=True),
        text("limits"),
        text("refund_rules"),
        text("tiers"),
        integer("team_hours", null=True),
        text("on_quorum"),
        integer("hold_minutes"),
        integer("freight"),
        text("pickup_point_ids"),
        flag("express"),
        flag("coupons_allowed"),
        text("promotions"),
        integer("commission_bp", null=True),
        text("side_rates"),
        text("approved_by", null=True),
        text("waiver", null=True),
        text("copied_from", null=True),
        text("audience"),
        text("head_start", null=True),
        text("state"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_campaigns_leader",
        "campaigns",
        ["tenant_id", "leader_id", "created_at", "id"],
        where="leader_id IS NOT NULL",
    )
    index("ix_campaigns_tenant_id_created_at_id", "campaigns", ["tenant_id", "created_at", "id"])
    index(
        "ix_campaigns_tenant_id_merchant_id_created_at_id",
        "campaigns",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_campaigns_tenant_id_state_ends_at_id",
        "campaigns",
        ["tenant_id", "state", "ends_at", "id"],
    )


def _campaign_series() -> None:
    table(
        "campaign_series",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("campaign_id"),
        text("merchant_id"),
        text("rhythm"),
        text("zone"),
        flag("publish"),
        instant("next_at"),
        text("created_by"),
        instant("created_at"),
        text("leader_id", null=True),
        integer("left", null=True),
        integer("made"),
        text("last_campaign_id"),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_campaign_series_leader",
        "campaign_series",
        ["tenant_id", "leader_id", "created_at", "id"],
        where="leader_id IS NOT NULL",
    )
    index(
        "ix_campaign_series_tenant_id_created_at_id",
        "campaign_series",
        ["tenant_id", "created_at", "id"],
    )
    index(
        "ix_campaign_series_tenant_id_merchant_id_created_at_id",
        "campaign_series",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_campaign_series_tenant_id_merchant_id_state_id",
        "campaign_series",
        ["tenant_id", "merchant_id", "state", "id"],
    )


def _groups() -> None:
    table(
        "groups",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("campaign_id"),
        instant("opens_at"),
        instant("ends_at"),
        text("currency"),
        text("state"),
        integer("held_seats"),
        integer("live_buyers"),
        integer("live_units"),
        integer("paid_seats"),
        integer("paid_buyers"),
        integer("paid_units"),
        integer("paid_amount"),
        instant("formed_at", null=True),
        instant("decided_at", null=True),
        text("formed_by"),
        integer("final_reached", null=True),
        text("members"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        checks={
            "ck_groups_live": "live_buyers >= 0 AND live_units >= 0",
            "ck_groups_paid": "paid_buyers >= 0 AND paid_units >= 0 AND paid_amount >= 0",
            "ck_groups_seats": "held_seats >= 0 AND paid_seats >= 0",
        },
    )
    index(
        "ix_groups_tenant_id_cell_campaign_id_id",
        "groups",
        ["tenant_id", "cell", "campaign_id", "id"],
    )
    index(
        "ix_groups_tenant_id_cell_campaign_id_state_ends_at_id",
        "groups",
        ["tenant_id", "cell", "campaign_id", "state", "ends_at", "id"],
    )


def _stock() -> None:
    table(
        "stock",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        integer("available"),
        integer("reserved"),
        integer("sold"),
        flag("on_sale"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        checks={"ck_stock_not_oversold": "available >= 0 AND reserved >= 0 AND sold >= 0"},
    )


def _stock_moves() -> None:
    table(
        "stock_moves",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("sku_id"),
        instant("at"),
        text("by"),
        text("reason"),
        integer("units"),
        integer("available_after"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_stock_moves_tenant_id_sku_id_at_id", "stock_moves", ["tenant_id", "sku_id", "at", "id"]
    )


def _seats() -> None:
    table(
        "seats",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("group_id"),
        text("campaign_id"),
        text("buyer_id"),
        integer("units"),
        integer("amount"),
        instant("held_until"),
        text("state"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
        fill=70,
    )
    index(
        "ix_seats_tenant_id_cell_group_id_buyer_id",
        "seats",
        ["tenant_id", "cell", "group_id", "buyer_id"],
    )


def _count_heads() -> None:
    table(
        "count_heads",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        integer("sequence"),
        integer("count"),
        integer("joined"),
        text("hash"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _count_links() -> None:
    table(
        "count_links",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("group_id"),
        integer("sequence"),
        instant("at"),
        integer("count"),
        integer("joined"),
        text("previous"),
        text("hash"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_count_links_tenant_id_cell_group_id_sequence_id",
        "count_links",
        ["tenant_id", "cell", "group_id", "sequence", "id"],
    )
