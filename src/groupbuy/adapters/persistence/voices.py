"""What people say, as it is stored: reviews, questions, answers, feedback."""

from groupbuy.adapters.persistence.kinds import By, Kind
from groupbuy.domain.community import Answer, Follow, Question, Rating, Report, Review, Vote
from groupbuy.domain.feedback import Feedback, FeedbackMessage

VOICES = (
    Kind(
        Question,
        "questions",
        indexes=(
            By(("about", "created_at", "id")),
            By(("author_id", "created_at", "id")),
            By(("merchant_id", "created_at", "id")),
            By(("leader_id", "created_at", "id"), where="leader_id IS NOT NULL", label="leader"),
            By(("waiting", "created_at", "id")),
            By(("created_at", "id")),
        ),
        near=("about",),
    ),
    Kind(
        Answer,
        "answers",
        indexes=(
            By(("question_id", "created_at", "id")),
            By(("author_id", "created_at", "id")),
            By(("waiting", "created_at", "id")),
            By(("created_at", "id")),
        ),
        near=("question_id",),
    ),
    Kind(
        Review,
        "reviews",
        indexes=(
            By(("product_id", "created_at", "id")),
            By(("author_id", "created_at", "id")),
            By(("merchant_id", "created_at", "id")),
            By(("leader_id", "created_at", "id"), where="leader_id IS NOT NULL", label="leader"),
            By(("waiting", "created_at", "id")),
            By(("created_at", "id")),
        ),
        near=("order_id",),
    ),
    Kind(
        Rating,
        "ratings",
        checks={"counts": "one >= 0 AND two >= 0 AND three >= 0 AND four >= 0 AND five >= 0"},
    ),
    Kind(
        Follow,
        "follows",
        indexes=(By(("about", "at", "id")), By(("user_id", "id"))),
        near=("about",),
    ),
    Kind(Report, "reports", indexes=(By(("post_id", "at", "id")),), near=("post_id",)),
    Kind(Vote, "votes"),
    Kind(
        Feedback,
        "feedback",
        indexes=(
            By(("person_id", "created_at", "id")),
            By(("merchant_id", "created_at", "id"), where="merchant_id <> ''", label="merchant"),
            By(("waiting", "answer_by", "id")),
            By(("created_at", "id")),
        ),
    ),
    Kind(
        FeedbackMessage,
        "feedback_messages",
        indexes=(By(("feedback_id", "id")),),
        near=("feedback_id",),
    ),
)
