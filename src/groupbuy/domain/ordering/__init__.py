"""Orders: from checkout to signed for, and what they cost. Import from here."""

from groupbuy.domain.ordering.desk import FILTERS_AT_MOST, OrderFilter, OrderFilters, OrderNote
from groupbuy.domain.ordering.label import TEXTS, Label, label_of
from groupbuy.domain.ordering.model import (
    Attribution,
    Contact,
    Correction,
    Funder,
    LineKind,
    Order,
    OrderLine,
    Weight,
)
from groupbuy.domain.ordering.pricing import Grant, Item, Quote, quote
from groupbuy.domain.ordering.states import (
    BINDING,
    CREATED,
    ORDER,
    CloseReason,
    OrderMove,
    OrderState,
)

__all__ = [
    "BINDING",
    "CREATED",
    "FILTERS_AT_MOST",
    "ORDER",
    "TEXTS",
    "Attribution",
    "CloseReason",
    "Contact",
    "Correction",
    "Funder",
    "Grant",
    "Item",
    "Label",
    "LineKind",
    "Order",
    "OrderFilter",
    "OrderFilters",
    "OrderLine",
    "OrderMove",
    "OrderNote",
    "OrderState",
    "Quote",
    "Weight",
    "label_of",
    "quote",
]
