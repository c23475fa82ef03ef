"""Tables of the first revision: segments."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (segments)."""
    _segments()
    _segment_members()
    _pushes()
    _push_consents()
    _push_hearings()


def _segments() -> None:
    table(
        "segments",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id", null=True),
        text("name"),
        text("who"),
        instant("created_at"),
        text("created_by"),
        instant("counted_at", null=True),
        integer("members"),
        instant("removed_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_segments_tenant_id_created_at_id", "segments", ["tenant_id", "created_at", "id"])
    index(
        "ix_segments_tenant_id_merchant_id_created_at_id",
        "segments",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )


def _segment_members() -> None:
    table(
        "segment_members",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("segment_id"),
        text("user_id"),
        instant("since"),
        flag("inside"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_segment_members_tenant_id_cell_segment_id_id",
        "segment_members",
        ["tenant_id", "cell", "segment_id", "id"],
    )


def _pushes() -> None:
    table(
        "pushes",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("segment_id"),
        text("subject"),
        text("title"),
        text("body"),
        text("title_en"),
        text("body_en"),
        instant("created_at"),
        text("created_by"),
        text("state"),
        instant("sent_at", null=True),
        text("seen"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_pushes_tenant_id_created_at_id", "pushes", ["tenant_id", "created_at", "id"])
    index(
        "ix_pushes_tenant_id_merchant_id_created_at_id",
        "pushes",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )


def _push_consents() -> None:
    table(
        "push_consents",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("channels"),
        instant("changed_at"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _push_hearings() -> None:
    table(
        "push_hearings",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("push_id"),
        text("user_id"),
        instant("at"),
        text("hearing"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_push_hearings_tenant_id_cell_push_id_id",
        "push_hearings",
        ["tenant_id", "cell", "push_id", "id"],
    )
    index(
        "ix_push_hearings_tenant_id_user_id_at_id",
        "push_hearings",
        ["tenant_id", "user_id", "at", "id"],
    )
