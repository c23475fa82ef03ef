"""Discovery: what is hot, and what people buy. Import from here."""

from groupbuy.domain.discovery.habit import EVERYWHERE, Buy, Habit, change
from groupbuy.domain.discovery.heat import (
    COLD,
    EPOCH,
    FRACTION,
    HALF_LIFE,
    NOTHING,
    ONE,
    WEIGHTS,
    Heat,
    Share,
    height_of,
    weight_of,
)

__all__ = [
    "COLD",
    "EPOCH",
    "EVERYWHERE",
    "FRACTION",
    "HALF_LIFE",
    "NOTHING",
    "ONE",
    "WEIGHTS",
    "Buy",
    "Habit",
    "Heat",
    "Share",
    "change",
    "height_of",
    "weight_of",
]
