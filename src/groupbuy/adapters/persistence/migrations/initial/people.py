"""Tables of the first revision: people."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (people)."""
    _merchants()
    _users()
    _order_filters()
    _rate_windows()
    _leaders()
    _commission_ladders()
    _login_sessions()
    _addresses()
    _pickup_points()


def _merchants() -> None:
    table(
        "merchants",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("name"),
        instant("created_at"),
        integer("fee_bp"),
        flag("auto_approve"),
        text("approval_rules"),
        text("payout_channel"),
        text("payout_account_sealed"),
        text("payout_name_sealed"),
        instant("payout_changed_at", null=True),
        text("data_key"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _users() -> None:
    table(
        "users",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("phone_fingerprint"),
        text("phone_sealed"),
        text("name_sealed"),
        text("password_hash"),
        text("data_key"),
        instant("created_at"),
        text("roles"),
        text("merchant_id", null=True),
        text("leader_id", null=True),
        flag("blocked"),
        text("invited_by", null=True),
        text("share_id", null=True),
        instant("security_changed_at", null=True),
        text("initial"),
        text("member"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_users_inviter", "users", ["tenant_id", "invited_by"], where="invited_by IS NOT NULL")
    index("ix_users_share", "users", ["tenant_id", "share_id"], where="share_id IS NOT NULL")
    index("ix_users_tenant_id_created_at_id", "users", ["tenant_id", "created_at", "id"])
    index(
        "uq_users_phone_fingerprint",
        "users",
        ["tenant_id", "cell", "phone_fingerprint"],
        unique=True,
        where="phone_fingerprint <> ''",
    )


def _order_filters() -> None:
    table(
        "order_filters",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("filters"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _rate_windows() -> None:
    table(
        "rate_windows",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("started_at", null=True),
        integer("count"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _leaders() -> None:
    table(
        "leaders",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("user_id"),
        text("name"),
        instant("applied_at"),
        text("communities"),
        text("contact_sealed"),
        integer("commission_bp", null=True),
        text("payout_channel"),
        text("payout_account_sealed"),
        text("payout_name_sealed"),
        instant("payout_changed_at", null=True),
        text("refusal"),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_leaders_tenant_id_state_applied_at_id",
        "leaders",
        ["tenant_id", "state", "applied_at", "id"],
    )
    index("ix_leaders_tenant_id_user_id", "leaders", ["tenant_id", "user_id"])


def _commission_ladders() -> None:
    table(
        "commission_ladders",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("whose"),
        text("month"),
        text("steps"),
        text("set_by"),
        instant("set_at"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_commission_ladders_tenant_id_whose_month_id",
        "commission_ladders",
        ["tenant_id", "whose", "month", "id"],
    )


def _login_sessions() -> None:
    table(
        "login_sessions",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("user_id"),
        instant("created_at"),
        instant("last_seen_at"),
        instant("expires_at"),
        text("client"),
        instant("ended_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_login_sessions_tenant_id_user_id", "login_sessions", ["tenant_id", "user_id"])


def _addresses() -> None:
    table(
        "addresses",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("user_id"),
        text("name_sealed"),
        text("phone_sealed"),
        text("phone_tail"),
        text("street_sealed"),
        text("region"),
        instant("removed_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_addresses_tenant_id_user_id", "addresses", ["tenant_id", "user_id"])


def _pickup_points() -> None:
    table(
        "pickup_points",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("name"),
        text("address"),
        text("region"),
        text("leader_id", null=True),
        text("open_hours"),
        integer("commission_bp"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_pickup_points_tenant_id_leader_id", "pickup_points", ["tenant_id", "leader_id"])
