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
from groupbuy.domain.discovery.newness import (
    EXPLORED_DAYS,
    EXPLORED_SLOTS,
    KNOWN_AT,
    NEW_DAYS,
    Chosen,
    Newcomer,
    new_and_promising,
    takes_turns,
)
from groupbuy.domain.discovery.together import (
    Suited,
    Together,
    also_bought,
    for_somebody,
    lift_of,
)

__all__ = [
    "COLD",
    "EPOCH",
    "EVERYWHERE",
    "EXPLORED_DAYS",
    "EXPLORED_SLOTS",
    "FRACTION",
    "HALF_LIFE",
    "KNOWN_AT",
    "NEW_DAYS",
    "NOTHING",
    "ONE",
    "WEIGHTS",
    "Buy",
    "Chosen",
    "Habit",
    "Heat",
    "Newcomer",
    "Share",
    "Suited",
    "Together",
    "also_bought",
    "change",
    "for_somebody",
    "height_of",
    "lift_of",
    "new_and_promising",
    "takes_turns",
    "weight_of",
]
