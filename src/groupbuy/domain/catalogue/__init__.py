"""Products, variants and stock. Import from here."""

from groupbuy.domain.catalogue.model import (
    PRODUCT,
    Attribute,
    Brand,
    Category,
    Product,
    ProductMove,
    ProductState,
    Stock,
    StockMove,
    Variant,
)

__all__ = [
    "PRODUCT",
    "Attribute",
    "Brand",
    "Category",
    "Product",
    "ProductMove",
    "ProductState",
    "Stock",
    "StockMove",
    "Variant",
]
