"""What people say in public: reviews, questions, answers, and moderating them."""

from groupbuy.application.community.answering import (
    Reply,
    answer_question,
    answer_review,
)
from groupbuy.application.community.asking import ask, follow
from groupbuy.application.community.looking import (
    PostView,
    Shown,
    Sought,
    answers_to,
    my_questions,
    my_reviews,
    own_side,
    post_of,
    posts,
    questions_about,
    reviews_of,
)
from groupbuy.application.community.moderating import (
    ask_for_a_look,
    find_helpful,
    hide,
    publish,
    reject,
    report,
)
from groupbuy.application.community.posting import KINDS
from groupbuy.application.community.reviewing import NewReview, amend_review, submit_review
from groupbuy.application.community.verifying import WrongRating, wrong_ratings

__all__ = [
    "KINDS",
    "NewReview",
    "PostView",
    "Reply",
    "Shown",
    "Sought",
    "WrongRating",
    "amend_review",
    "answer_question",
    "answer_review",
    "answers_to",
    "ask",
    "ask_for_a_look",
    "find_helpful",
    "follow",
    "hide",
    "my_questions",
    "my_reviews",
    "own_side",
    "post_of",
    "posts",
    "publish",
    "questions_about",
    "reject",
    "report",
    "reviews_of",
    "submit_review",
    "wrong_ratings",
]
