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
    StockAlert,
    StockMove,
    Variant,
)
from groupbuy.domain.catalogue.rules import (
    Section,
    is_barcode,
    options_disagree,
    sections_of,
    with_section,
)

__all__ = [
    "PRODUCT",
    "Attribute",
    "Brand",
    "Category",
    "Product",
    "ProductMove",
    "ProductState",
    "Section",
    "Stock",
    "StockAlert",
    "StockMove",
    "Variant",
    "is_barcode",
    "options_disagree",
    "sections_of",
    "with_section",
]
