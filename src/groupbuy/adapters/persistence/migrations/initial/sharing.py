"""Tables of the first revision: sharing."""

from groupbuy.adapters.persistence.migrations.tools import index, instant, integer, table, text


def create() -> None:
    """Create the tables of this part (sharing)."""
    _share_links()
    _share_visits()


def _share_links() -> None:
    table(
        "share_links",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("subject"),
        text("channel"),
        text("sharer_id"),
        instant("created_at"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_share_links_tenant_id_subject_id", "share_links", ["tenant_id", "subject", "id"])


def _share_visits() -> None:
    table(
        "share_visits",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("subject"),
        text("link_id"),
        text("step"),
        instant("at"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_share_visits_tenant_id_cell_subject_id",
        "share_visits",
        ["tenant_id", "cell", "subject", "id"],
    )
