"""Tables of the first revision: points."""

from groupbuy.adapters.persistence.migrations.tools import index, instant, integer, table, text


def create() -> None:
    """Create the tables of this part (points)."""
    _invitations()
    _point_lots()
    _point_moves()


def _invitations() -> None:
    table(
        "invitations",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("inviter_id"),
        text("invitee_id"),
        integer("points"),
        instant("created_at"),
        instant("lapses_at"),
        text("state"),
        text("doubt", null=True),
        text("order_id", null=True),
        text("place_mark"),
        instant("decided_at", null=True),
        text("decided_by"),
        text("reason"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_invitations_tenant_id_inviter_id_created_at_id",
        "invitations",
        ["tenant_id", "inviter_id", "created_at", "id"],
    )
    index(
        "ix_invitations_tenant_id_state_created_at_id",
        "invitations",
        ["tenant_id", "state", "created_at", "id"],
    )


def _point_lots() -> None:
    table(
        "point_lots",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("owner_id"),
        text("source"),
        text("subject"),
        integer("worth"),
        instant("created_at"),
        integer("earned"),
        integer("spent"),
        integer("expired"),
        text("state"),
        instant("posted_at", null=True),
        instant("expires_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        checks={"ck_point_lots_counts": "earned >= 0 AND spent >= 0 AND expired >= 0"},
    )
    index(
        "ix_point_lots_tenant_id_owner_id_created_at_id",
        "point_lots",
        ["tenant_id", "owner_id", "created_at", "id"],
    )


def _point_moves() -> None:
    table(
        "point_moves",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("owner_id"),
        text("lot_id"),
        text("why"),
        instant("at"),
        integer("points"),
        integer("pending"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_point_moves_tenant_id_cell_lot_id_id",
        "point_moves",
        ["tenant_id", "cell", "lot_id", "id"],
    )
    index(
        "ix_point_moves_tenant_id_owner_id_at_id",
        "point_moves",
        ["tenant_id", "owner_id", "at", "id"],
    )
