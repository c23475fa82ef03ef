"""Tables of the first revision: discovery."""

from groupbuy.adapters.persistence.migrations.tools import index, integer, table, text


def create() -> None:
    """Create the tables of this part (discovery)."""
    _habits()
    _heats()


def _habits() -> None:
    table(
        "habits",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("buyer_id"),
        text("product_id"),
        text("buys"),
        text("last_on"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_habits_tenant_id_cell_buyer_id_last_on_id",
        "habits",
        ["tenant_id", "cell", "buyer_id", "last_on", "id"],
    )
    index(
        "ix_habits_tenant_id_product_id_last_on_id",
        "habits",
        ["tenant_id", "product_id", "last_on", "id"],
    )


def _heats() -> None:
    table(
        "heats",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("product_id"),
        text("community"),
        text("category_id"),
        text("warmth"),
        integer("buyers"),
        integer("units"),
        integer("back"),
        integer("stars"),
        integer("reviews"),
        integer("rank"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        checks={"ck_heats_counts": "buyers >= 0 AND units >= 0 AND back >= 0"},
    )
    index(
        "ix_heats_tenant_id_community_category_id_rank_id",
        "heats",
        ["tenant_id", "community", "category_id", "rank", "id"],
    )
    index("ix_heats_tenant_id_community_rank_id", "heats", ["tenant_id", "community", "rank", "id"])
    index("ix_heats_tenant_id_product_id_id", "heats", ["tenant_id", "product_id", "id"])
