"""Products, variants and stock. Import from here."""

from groupbuy.domain.catalogue.bands import BANDS, Band, price_bands
from groupbuy.domain.catalogue.bulk import AMOUNT_AT_MOST, BP_AT_MOST, Repricing
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
    "AMOUNT_AT_MOST",
    "BANDS",
    "BP_AT_MOST",
    "PRODUCT",
    "Attribute",
    "Band",
    "Brand",
    "Category",
    "Product",
    "ProductMove",
    "ProductState",
    "Repricing",
    "Section",
    "Stock",
    "StockAlert",
    "StockMove",
    "Variant",
    "is_barcode",
    "options_disagree",
    "price_bands",
    "sections_of",
    "with_section",
]
