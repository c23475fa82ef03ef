"""Feedback and complaints: cases, deadlines, and what was said. Import from here."""

from groupbuy.domain.feedback.model import (
    KIND_TEXTS,
    TOLD_TO_MERCHANTS,
    Feedback,
    FeedbackKind,
    FeedbackMessage,
    Side,
)
from groupbuy.domain.feedback.rules import (
    PICTURES_AT_MOST,
    TEXT_AT_MOST,
    FeedbackRules,
    answer_due,
)
from groupbuy.domain.feedback.states import FEEDBACK, WAITING, FeedbackMove, FeedbackState

__all__ = [
    "FEEDBACK",
    "KIND_TEXTS",
    "PICTURES_AT_MOST",
    "TEXT_AT_MOST",
    "TOLD_TO_MERCHANTS",
    "WAITING",
    "Feedback",
    "FeedbackKind",
    "FeedbackMessage",
    "FeedbackMove",
    "FeedbackRules",
    "FeedbackState",
    "Side",
    "answer_due",
]
