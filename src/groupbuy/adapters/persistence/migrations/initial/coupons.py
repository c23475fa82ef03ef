"""Tables of the first revision: coupons."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (coupons)."""
    _coupon_templates()
    _coupon_codes()
    _coupons()


def _coupon_templates() -> None:
    table(
        "coupon_templates",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("promotion"),
        text("giving"),
        integer("quantity"),
        instant("starts_at"),
        instant("ends_at"),
        instant("created_at"),
        text("created_by"),
        text("merchant_id", null=True),
        instant("valid_from", null=True),
        instant("valid_until", null=True),
        integer("days", null=True),
        integer("per_person"),
        flag("new_users"),
        integer("budget", null=True),
        integer("claimed"),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        checks={"ck_coupon_templates_not_overdrawn": "claimed >= 0 AND claimed <= quantity"},
    )
    index(
        "ix_coupon_templates_tenant_id_created_at_id",
        "coupon_templates",
        ["tenant_id", "created_at", "id"],
    )
    index(
        "ix_coupon_templates_tenant_id_merchant_id_created_at_id",
        "coupon_templates",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_coupon_templates_tenant_id_state_giving_ends_at_id",
        "coupon_templates",
        ["tenant_id", "state", "giving", "ends_at", "id"],
    )


def _coupon_codes() -> None:
    table(
        "coupon_codes",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("template_id"),
        instant("created_at"),
        text("coupon_id", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _coupons() -> None:
    table(
        "coupons",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("template_id"),
        text("owner_id"),
        instant("claimed_at"),
        instant("valid_from"),
        instant("valid_until"),
        text("merchant_id", null=True),
        text("order_id", null=True),
        integer("saved"),
        instant("used_at", null=True),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_coupons_tenant_id_owner_id_claimed_at_id",
        "coupons",
        ["tenant_id", "owner_id", "claimed_at", "id"],
    )
    index(
        "ix_coupons_tenant_id_owner_id_state_valid_until_id",
        "coupons",
        ["tenant_id", "owner_id", "state", "valid_until", "id"],
    )
    index(
        "ix_coupons_tenant_id_template_id_owner_id",
        "coupons",
        ["tenant_id", "template_id", "owner_id"],
    )
