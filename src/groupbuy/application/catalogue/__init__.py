"""Goods: products and their variants, the shelf, stock, brands and categories."""

from groupbuy.application.catalogue.indexing import (
    Rebuilt,
    index_category,
    index_running,
    rebuild_search,
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
from groupbuy.application.catalogue.searching import SEARCH_SORTS, SearchResult, Wish, search
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
from groupbuy.application.catalogue.suggesting import Suggestion, suggest
from groupbuy.application.catalogue.tree import (
    PutCategory,
    put_category,
)

__all__ = [
    "SEARCH_SORTS",
    "SORTS",
    "AddVariant",
    "AdjustStock",
    "Browse",
    "CreateProduct",
    "EditProduct",
    "EditVariant",
    "MoveProduct",
    "OwnProducts",
    "PutCategory",
    "Rebuilt",
    "SearchResult",
    "Suggestion",
    "Wish",
    "add_variant",
    "adjust_stock",
    "brands",
    "browse",
    "category_tree",
    "create_product",
    "edit_product",
    "edit_variant",
    "index_category",
    "index_running",
    "move_product",
    "own_product",
    "own_products",
    "put_category",
    "rebuild_search",
    "search",
    "stock_journal",
    "suggest",
    "view",
]
