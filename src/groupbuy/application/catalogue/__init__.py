"""Goods: products and their variants, the shelf, stock, brands and categories."""

from groupbuy.application.catalogue.planning import (
    PlanProduct,
    delist_as_planned,
    list_as_planned,
    plan_product,
)
from groupbuy.application.catalogue.products import (
    AddVariant,
    CreateProduct,
    EditProduct,
    EditVariant,
    MoveProduct,
    OwnProducts,
    add_variant,
    create_product,
    edit_product,
    edit_variant,
    move_product,
    own_product,
    own_products,
)
from groupbuy.application.catalogue.shelf import (
    SORTS,
    Browse,
    brands,
    browse,
    category_tree,
    view,
)
from groupbuy.application.catalogue.stock import (
    AdjustStock,
    adjust_stock,
    stock_journal,
)
from groupbuy.application.catalogue.tree import (
    PutCategory,
    put_category,
)
from groupbuy.application.catalogue.watching import (
    Mark,
    Scarce,
    scarce,
    watch_shelf,
    watch_stock,
)

__all__ = [
    "SORTS",
    "AddVariant",
    "AdjustStock",
    "Browse",
    "CreateProduct",
    "EditProduct",
    "EditVariant",
    "Mark",
    "MoveProduct",
    "OwnProducts",
    "PlanProduct",
    "PutCategory",
    "Scarce",
    "add_variant",
    "adjust_stock",
    "brands",
    "browse",
    "category_tree",
    "create_product",
    "delist_as_planned",
    "edit_product",
    "edit_variant",
    "list_as_planned",
    "move_product",
    "own_product",
    "own_products",
    "plan_product",
    "put_category",
    "scarce",
    "stock_journal",
    "view",
    "watch_shelf",
    "watch_stock",
]
