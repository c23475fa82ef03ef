"""Sharing: texts that induce nobody, links that remember who passed them on. Import from here."""

from groupbuy.domain.sharing.cards import CardWords, card_words
from groupbuy.domain.sharing.copies import (
    PLACES,
    Channel,
    Place,
    ShareCopy,
    Tone,
    letters_of,
    write_copy,
)
from groupbuy.domain.sharing.facts import Counted, Phase, ShareFacts, clauses, money_text
from groupbuy.domain.sharing.funnels import (
    BroughtOrder,
    FunnelRow,
    Steps,
    funnel_of,
    total_of,
)
from groupbuy.domain.sharing.links import (
    REMEMBERED,
    Attribution,
    ShareLink,
    ShareVisit,
    VisitStep,
    code_of,
)
from groupbuy.domain.sharing.linting import PHRASES, Inducement, Refusal, check_text, refusals
from groupbuy.domain.sharing.rolls import RollEntry, write_roll

__all__ = [
    "PHRASES",
    "PLACES",
    "REMEMBERED",
    "Attribution",
    "BroughtOrder",
    "CardWords",
    "Channel",
    "Counted",
    "FunnelRow",
    "Inducement",
    "Phase",
    "Place",
    "Refusal",
    "RollEntry",
    "ShareCopy",
    "ShareFacts",
    "ShareLink",
    "ShareVisit",
    "Steps",
    "Tone",
    "VisitStep",
    "card_words",
    "check_text",
    "clauses",
    "code_of",
    "funnel_of",
    "letters_of",
    "money_text",
    "refusals",
    "total_of",
    "write_copy",
    "write_roll",
]
