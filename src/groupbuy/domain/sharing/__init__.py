"""Sharing: texts that induce nobody, links that remember who passed them on. Import from here."""

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
from groupbuy.domain.sharing.links import (
    REMEMBERED,
    Attribution,
    ShareLink,
    ShareVisit,
    VisitStep,
    code_of,
)
from groupbuy.domain.sharing.linting import PHRASES, Inducement, Refusal, check_text, refusals

__all__ = [
    "PHRASES",
    "PLACES",
    "REMEMBERED",
    "Attribution",
    "Channel",
    "Counted",
    "Inducement",
    "Phase",
    "Place",
    "Refusal",
    "ShareCopy",
    "ShareFacts",
    "ShareLink",
    "ShareVisit",
    "Tone",
    "VisitStep",
    "check_text",
    "clauses",
    "code_of",
    "letters_of",
    "money_text",
    "refusals",
    "write_copy",
]
