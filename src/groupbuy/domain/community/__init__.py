"""Community: reviews, ratings, questions and answers, and their moderation. Import from here."""

from groupbuy.domain.community.posts import (
    Post,
    Report,
    Vote,
    decide,
    forgotten,
    move,
    publish_or_hold,
    reported,
)
from groupbuy.domain.community.questions import BADGE_TEXTS, Answer, Badge, Follow, Question
from groupbuy.domain.community.ratings import Rating, rating_of
from groupbuy.domain.community.reviews import STARS, Edition, Opinion, Review, check_may_review
from groupbuy.domain.community.rules import (
    ANSWER_AT_MOST,
    QUESTION_AT_MOST,
    REVIEW_AT_MOST,
    REVIEW_PICTURES_AT_MOST,
    CommunityRules,
    Moderation,
    pictures_of,
    words_of,
)
from groupbuy.domain.community.screening import Finding, findings_in, without_contacts
from groupbuy.domain.community.states import (
    ANSWER,
    QUESTION,
    REVIEW,
    PostMove,
    PostState,
    ReviewMove,
)

__all__ = [
    "ANSWER",
    "ANSWER_AT_MOST",
    "BADGE_TEXTS",
    "QUESTION",
    "QUESTION_AT_MOST",
    "REVIEW",
    "REVIEW_AT_MOST",
    "REVIEW_PICTURES_AT_MOST",
    "STARS",
    "Answer",
    "Badge",
    "CommunityRules",
    "Edition",
    "Finding",
    "Follow",
    "Moderation",
    "Opinion",
    "Post",
    "PostMove",
    "PostState",
    "Question",
    "Rating",
    "Report",
    "Review",
    "ReviewMove",
    "Vote",
    "check_may_review",
    "decide",
    "findings_in",
    "forgotten",
    "move",
    "pictures_of",
    "publish_or_hold",
    "rating_of",
    "reported",
    "without_contacts",
    "words_of",
]
