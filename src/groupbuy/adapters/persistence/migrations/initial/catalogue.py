"""Tables of the first revision: catalogue."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (catalogue)."""
    _pictures()
    _brands()
    _categories()
    _products()
    _variants()
    _stock_alerts()
    _shelf()
    _search()


def _pictures() -> None:
    table(
        "pictures",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("purpose"),
        text("owner_id"),
        instant("created_at"),
        text("renditions"),
        text("merchant_id"),
        text("order_id"),
        text("used_by"),
        instant("loose_since", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _brands() -> None:
    table(
        "brands",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("name"),
        text("merged_into", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_brands_tenant_id_name", "brands", ["tenant_id", "name"])


def _categories() -> None:
    table(
        "categories",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("name"),
        text("parent_id", null=True),
        integer("commission_bp", null=True),
        text("merged_into", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_categories_tenant_id_parent_id", "categories", ["tenant_id", "parent_id"])


def _products() -> None:
    table(
        "products",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("code"),
        text("name"),
        text("category_id"),
        instant("created_at"),
        text("brand_id", null=True),
        text("unit"),
        text("description"),
        text("attributes"),
        text("pictures"),
        text("return_policy"),
        text("description_html"),
        integer("shelf_life_days"),
        instant("list_at", null=True),
        instant("delist_at", null=True),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        unique={
            "uq_products_tenant_id_cell_merchant_id_code": (
                "tenant_id",
                "cell",
                "merchant_id",
                "code",
            )
        },
    )
    index(
        "ix_products_brand",
        "products",
        ["tenant_id", "brand_id", "id"],
        where="brand_id IS NOT NULL",
    )
    index(
        "ix_products_tenant_id_category_id_created_at_id",
        "products",
        ["tenant_id", "category_id", "created_at", "id"],
    )
    index(
        "ix_products_tenant_id_merchant_id_created_at_id",
        "products",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_products_tenant_id_state_created_at_id",
        "products",
        ["tenant_id", "state", "created_at", "id"],
    )


def _variants() -> None:
    table(
        "variants",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("product_id"),
        text("merchant_id"),
        text("code"),
        text("options"),
        integer("price"),
        integer("list_price", null=True),
        integer("cost", null=True),
        text("named_options"),
        text("barcode"),
        integer("grams"),
        integer("low_stock"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
        unique={
            "uq_variants_tenant_id_cell_merchant_id_code": (
                "tenant_id",
                "cell",
                "merchant_id",
                "code",
            )
        },
    )
    index("ix_variants_tenant_id_product_id_id", "variants", ["tenant_id", "product_id", "id"])


def _stock_alerts() -> None:
    table(
        "stock_alerts",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("product_id"),
        text("merchant_id"),
        instant("since"),
        flag("low"),
        integer("times"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_stock_alerts_tenant_id_merchant_id_low_since_id",
        "stock_alerts",
        ["tenant_id", "merchant_id", "low", "since", "id"],
    )


def _shelf() -> None:
    table(
        "shelf",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("name"),
        text("category_id"),
        integer("price"),
        instant("created_at"),
        text("brand_id", null=True),
        integer("list_price", null=True),
        text("picture"),
        text("words"),
        flag("listed"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_shelf_brand",
        "shelf",
        ["tenant_id", "brand_id", "created_at", "id"],
        where="brand_id IS NOT NULL",
    )
    index(
        "ix_shelf_tenant_id_category_id_created_at_id",
        "shelf",
        ["tenant_id", "category_id", "created_at", "id"],
    )
    index(
        "ix_shelf_tenant_id_listed_created_at_id",
        "shelf",
        ["tenant_id", "listed", "created_at", "id"],
    )
    index("ix_shelf_tenant_id_listed_price_id", "shelf", ["tenant_id", "listed", "price", "id"])


def _search() -> None:
    table(
        "search",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("category_id"),
        integer("price"),
        instant("created_at"),
        text("brand_id", null=True),
        integer("sold"),
        integer("weight"),
        flag("listed"),
        instant("running_until", null=True),
        text("head"),
        text("rest"),
        integer("facts_end"),
        integer("story_end"),
        text("running"),
        text("tokens"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_search_tenant_id_listed_created_at_id",
        "search",
        ["tenant_id", "listed", "created_at", "id"],
    )
