"""After-sale: what a buyer asks back, and how it is decided. Import from here."""

from groupbuy.domain.aftersale.model import (
    PICTURES_AT_MOST,
    REASON_TEXTS,
    AfterSale,
    Kind,
    Reason,
    ReturnParcel,
    apply,
)
from groupbuy.domain.aftersale.states import AFTER_SALE, OPEN, CaseMove, CaseState

__all__ = [
    "AFTER_SALE",
    "OPEN",
    "PICTURES_AT_MOST",
    "REASON_TEXTS",
    "AfterSale",
    "CaseMove",
    "CaseState",
    "Kind",
    "Reason",
    "ReturnParcel",
    "apply",
]
