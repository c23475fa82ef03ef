"""Sharing: texts that induce nobody, links that remember who passed them on. Import from here."""

from groupbuy.domain.sharing.clauses import Counted, Phase, ShareFacts, clauses, money_text
from groupbuy.domain.sharing.copies import (
    PLACES,
    Channel,
    Place,
    ShareCopy,
    Tone,
    letters_of,
    write_copy,
)
from groupbuy.domain.sharing.linting import PHRASES, Inducement, Refusal, check_text, refusals

__all__ = [
    "PHRASES",
    "PLACES",
    "Channel",
    "Counted",
    "Inducement",
    "Phase",
    "Place",
    "Refusal",
    "ShareCopy",
    "ShareFacts",
    "Tone",
    "check_text",
    "clauses",
    "letters_of",
    "money_text",
    "refusals",
    "write_copy",
]
