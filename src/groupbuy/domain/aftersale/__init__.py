"""After-sale: what a buyer asks back, and how it is decided. Import from here."""

from groupbuy.domain.aftersale.model import (
    PICTURES_AT_MOST,
    AfterSale,
    ReturnParcel,
    apply,
    check_line_is_free,
)
from groupbuy.domain.aftersale.states import AFTER_SALE, OPEN, CaseMove, CaseState
from groupbuy.domain.aftersale.texts import (
    KIND_TEXTS,
    REASON_TEXTS,
    SILENCE_TEXTS,
    STATE_TEXTS,
    TURNS,
    Kind,
    Reason,
    Turn,
)

__all__ = [
    "AFTER_SALE",
    "KIND_TEXTS",
    "OPEN",
    "PICTURES_AT_MOST",
    "REASON_TEXTS",
    "SILENCE_TEXTS",
    "STATE_TEXTS",
    "TURNS",
    "AfterSale",
    "CaseMove",
    "CaseState",
    "Kind",
    "Reason",
    "ReturnParcel",
    "Turn",
    "apply",
    "check_line_is_free",
]
