"""Every kind of promotion and of coupon there is: a file each, and a line in this list."""

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.kinds.amount_off import AmountOff
from groupbuy.domain.marketing.kinds.base import (
    AnyTerms,
    Counts,
    Gift,
    Layer,
    Saving,
    Terms,
    UnitPrice,
)
from groupbuy.domain.marketing.kinds.bundle import Bundle, Piece
from groupbuy.domain.marketing.kinds.exchange import Exchange
from groupbuy.domain.marketing.kinds.freight_off import FreightOff
from groupbuy.domain.marketing.kinds.gift import GiftWithPurchase, WhenGone
from groupbuy.domain.marketing.kinds.nth_item import NthItem
from groupbuy.domain.marketing.kinds.percent_off import PercentOff
from groupbuy.domain.marketing.kinds.special_price import SpecialPrice, Tag
from groupbuy.domain.marketing.kinds.spend_threshold import SpendThreshold, Step
from groupbuy.domain.marketing.kinds.trial_price import TrialPrice

KINDS: dict[str, type[AnyTerms]] = {
    each.kind: each
    for each in (
        SpecialPrice,
        TrialPrice,
        SpendThreshold,
        Bundle,
        NthItem,
        GiftWithPurchase,
        AmountOff,
        PercentOff,
        Exchange,
        FreightOff,
    )
}
"""By the name they are stored under."""


def kind_named(name: str) -> type[AnyTerms]:
    """Return a kind by its name. Raises Invalid."""
    found = KINDS.get(name)
    if found is None:
        raise Invalid(field="kind", reason="must be one of " + ", ".join(KINDS))
    return found


__all__ = [
    "KINDS",
    "AmountOff",
    "AnyTerms",
    "Bundle",
    "Counts",
    "Exchange",
    "FreightOff",
    "Gift",
    "GiftWithPurchase",
    "Layer",
    "NthItem",
    "PercentOff",
    "Piece",
    "Saving",
    "SpecialPrice",
    "SpendThreshold",
    "Step",
    "Tag",
    "Terms",
    "TrialPrice",
    "UnitPrice",
    "WhenGone",
    "kind_named",
]
