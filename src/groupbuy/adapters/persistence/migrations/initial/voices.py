"""Tables of the first revision: voices."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (voices)."""
    _questions()
    _answers()
    _reviews()
    _ratings()
    _follows()
    _reports()
    _votes()
    _feedback()
    _feedback_messages()


def _questions() -> None:
    table(
        "questions",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("author_id"),
        text("merchant_id"),
        text("text"),
        instant("created_at"),
        text("leader_id", null=True),
        text("initial"),
        flag("waiting"),
        text("findings"),
        integer("reports"),
        integer("helpful"),
        instant("published_at", null=True),
        text("decided_by"),
        instant("decided_at", null=True),
        text("decision"),
        text("state"),
        integer("version"),
        text("about"),
        integer("answers"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_questions_leader",
        "questions",
        ["tenant_id", "leader_id", "created_at", "id"],
        where="leader_id IS NOT NULL",
    )
    index(
        "ix_questions_tenant_id_author_id_created_at_id",
        "questions",
        ["tenant_id", "author_id", "created_at", "id"],
    )
    index(
        "ix_questions_tenant_id_cell_about_created_at_id",
        "questions",
        ["tenant_id", "cell", "about", "created_at", "id"],
    )
    index("ix_questions_tenant_id_created_at_id", "questions", ["tenant_id", "created_at", "id"])
    index(
        "ix_questions_tenant_id_merchant_id_created_at_id",
        "questions",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_questions_tenant_id_waiting_created_at_id",
        "questions",
        ["tenant_id", "waiting", "created_at", "id"],
    )


def _answers() -> None:
    table(
        "answers",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("author_id"),
        text("merchant_id"),
        text("text"),
        instant("created_at"),
        text("leader_id", null=True),
        text("initial"),
        flag("waiting"),
        text("findings"),
        integer("reports"),
        integer("helpful"),
        instant("published_at", null=True),
        text("decided_by"),
        instant("decided_at", null=True),
        text("decision"),
        text("state"),
        integer("version"),
        text("question_id"),
        text("badge"),
        text("reply_to"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_answers_tenant_id_author_id_created_at_id",
        "answers",
        ["tenant_id", "author_id", "created_at", "id"],
    )
    index(
        "ix_answers_tenant_id_cell_question_id_created_at_id",
        "answers",
        ["tenant_id", "cell", "question_id", "created_at", "id"],
    )
    index("ix_answers_tenant_id_created_at_id", "answers", ["tenant_id", "created_at", "id"])
    index(
        "ix_answers_tenant_id_waiting_created_at_id",
        "answers",
        ["tenant_id", "waiting", "created_at", "id"],
    )


def _reviews() -> None:
    table(
        "reviews",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("author_id"),
        text("merchant_id"),
        text("text"),
        instant("created_at"),
        text("leader_id", null=True),
        text("initial"),
        flag("waiting"),
        text("findings"),
        integer("reports"),
        integer("helpful"),
        instant("published_at", null=True),
        text("decided_by"),
        instant("decided_at", null=True),
        text("decision"),
        text("state"),
        integer("version"),
        text("order_id"),
        integer("line_no"),
        text("line_key"),
        text("product_id"),
        text("title"),
        text("options"),
        integer("stars"),
        text("pictures"),
        text("editions"),
        text("reply"),
        flag("replied"),
        text("replied_by"),
        instant("replied_at", null=True),
        key=("tenant_id", "cell", "id"),
        unique={"uq_reviews_tenant_id_cell_line_key": ("tenant_id", "cell", "line_key")},
    )
    index(
        "ix_reviews_leader",
        "reviews",
        ["tenant_id", "leader_id", "created_at", "id"],
        where="leader_id IS NOT NULL",
    )
    index(
        "ix_reviews_tenant_id_author_id_created_at_id",
        "reviews",
        ["tenant_id", "author_id", "created_at", "id"],
    )
    index("ix_reviews_tenant_id_created_at_id", "reviews", ["tenant_id", "created_at", "id"])
    index(
        "ix_reviews_tenant_id_merchant_id_created_at_id",
        "reviews",
        ["tenant_id", "merchant_id", "created_at", "id"],
    )
    index(
        "ix_reviews_tenant_id_product_id_created_at_id",
        "reviews",
        ["tenant_id", "product_id", "created_at", "id"],
    )
    index(
        "ix_reviews_tenant_id_waiting_created_at_id",
        "reviews",
        ["tenant_id", "waiting", "created_at", "id"],
    )


def _ratings() -> None:
    table(
        "ratings",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        integer("one"),
        integer("two"),
        integer("three"),
        integer("four"),
        integer("five"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
        checks={
            "ck_ratings_counts": "one >= 0 AND two >= 0 AND three >= 0 AND four >= 0 AND five >= 0"
        },
    )


def _follows() -> None:
    table(
        "follows",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("about"),
        text("user_id"),
        instant("at"),
        flag("on"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_follows_tenant_id_cell_about_at_id",
        "follows",
        ["tenant_id", "cell", "about", "at", "id"],
    )
    index("ix_follows_tenant_id_user_id_id", "follows", ["tenant_id", "user_id", "id"])


def _reports() -> None:
    table(
        "reports",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("post_id"),
        text("reporter_id"),
        text("reason"),
        instant("at"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_reports_tenant_id_cell_post_id_at_id",
        "reports",
        ["tenant_id", "cell", "post_id", "at", "id"],
    )


def _votes() -> None:
    table(
        "votes",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("voter_id"),
        instant("at"),
        key=("tenant_id", "cell", "id"),
    )


def _feedback() -> None:
    table(
        "feedback",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("person_id"),
        text("kind"),
        instant("created_at"),
        instant("answer_by"),
        flag("waiting"),
        text("about"),
        text("order_id"),
        text("merchant_id"),
        text("assignee_id"),
        integer("messages"),
        integer("answers"),
        integer("reopened"),
        instant("overdue_at", null=True),
        instant("answered_at", null=True),
        instant("closed_at", null=True),
        integer("satisfaction", null=True),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_feedback_merchant",
        "feedback",
        ["tenant_id", "merchant_id", "created_at", "id"],
        where="merchant_id <> ''",
    )
    index("ix_feedback_tenant_id_created_at_id", "feedback", ["tenant_id", "created_at", "id"])
    index(
        "ix_feedback_tenant_id_person_id_created_at_id",
        "feedback",
        ["tenant_id", "person_id", "created_at", "id"],
    )
    index(
        "ix_feedback_tenant_id_waiting_answer_by_id",
        "feedback",
        ["tenant_id", "waiting", "answer_by", "id"],
    )


def _feedback_messages() -> None:
    table(
        "feedback_messages",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("feedback_id"),
        text("author_id"),
        text("side"),
        instant("at"),
        text("sealed"),
        text("pictures"),
        flag("internal"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_feedback_messages_tenant_id_cell_feedback_id_id",
        "feedback_messages",
        ["tenant_id", "cell", "feedback_id", "id"],
    )
