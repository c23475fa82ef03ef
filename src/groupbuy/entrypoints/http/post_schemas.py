"""Bodies and answers about reviews, questions and answers."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.community import PostView
from groupbuy.domain.community import (
    ANSWER_AT_MOST,
    BADGE_TEXTS,
    QUESTION_AT_MOST,
    REVIEW_AT_MOST,
    REVIEW_PICTURES_AT_MOST,
    Answer,
    Badge,
    Finding,
    Opinion,
    Post,
    PostState,
    Question,
    Review,
)
from groupbuy.entrypoints.http.texts import Text

NOBODY = Text("匿名用户", "Anonymous")
"""Stands for the name of somebody who wants to be nobody, or was erased."""
Stars = Annotated[int, Meta(ge=1, le=5)]
Pictures = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=500)]],
    Meta(max_length=REVIEW_PICTURES_AT_MOST, description="References: https:// or our own paths"),
]
ReviewText = Annotated[str, Meta(min_length=1, max_length=REVIEW_AT_MOST)]
AnswerText = Annotated[str, Meta(min_length=1, max_length=ANSWER_AT_MOST)]


class OpinionIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a review says."""

    stars: Stars
    text: ReviewText
    pictures: Pictures = []

    def opinion(self) -> Opinion:
        """Return it as the domain has it. Raises Invalid."""
        return Opinion(self.stars, self.text, tuple(self.pictures))


class ReviewIn(OpinionIn, forbid_unknown_fields=True):
    """A review of one line of an order."""

    line_no: Annotated[int, Meta(ge=1, le=1_000)] = 1
    anonymous: Annotated[bool, Meta(description="Show nothing of the name")] = False


class QuestionIn(msgspec.Struct, forbid_unknown_fields=True):
    """A question."""

    text: Annotated[str, Meta(min_length=1, max_length=QUESTION_AT_MOST)]
    anonymous: Annotated[bool, Meta(description="Show nothing of the name")] = False


class AnswerIn(msgspec.Struct, forbid_unknown_fields=True):
    """An answer to a question, or a reply to an answer."""

    text: AnswerText
    reply_to: Annotated[str, Meta(max_length=40, description="The answer it replies to")] = ""
    anonymous: Annotated[bool, Meta(description="Show nothing of the name")] = False


class TextIn(msgspec.Struct, forbid_unknown_fields=True):
    """A merchant's answer to a review."""

    text: AnswerText


class FollowIn(msgspec.Struct, forbid_unknown_fields=True):
    """Whether to hear of new questions."""

    on: bool


class ReportIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why something should not be shown."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, description="Moderators read it")]


class ReviewOut(msgspec.Struct, frozen=True):
    """A review as everybody sees it."""

    id: str
    product_id: str
    title: str
    options: str
    stars: int
    text: str
    pictures: list[str]
    author: str
    """`王**`, or a word for nobody."""
    amended: bool
    helpful: int
    reply: str
    """What the merchant answers."""
    replied_at: datetime | None
    created_at: datetime


class OwnReviewOut(msgspec.Struct, frozen=True):
    """A review as its author sees it."""

    review: ReviewOut
    order_id: str
    line_no: int
    state: PostState
    decision: str
    """Why a moderator hid or rejected it."""


class QuestionOut(msgspec.Struct, frozen=True):
    """A question as everybody sees it."""

    id: str
    about: str
    text: str
    author: str
    answers: int
    state: PostState
    """Always `published`, but for one's own."""
    created_at: datetime


class AnswerOut(msgspec.Struct, frozen=True):
    """An answer as everybody sees it."""

    id: str
    question_id: str
    reply_to: str
    text: str
    author: str
    badge: Badge
    badge_text: str
    """已购, 商家 or 团长; empty for anybody else."""
    helpful: int
    state: PostState
    created_at: datetime


class FollowOut(msgspec.Struct, frozen=True):
    """Whether somebody hears of new questions about a product."""

    product_id: str
    on: bool


class MarkedOut(msgspec.Struct, frozen=True):
    """What became of a report or of a word of thanks."""

    id: str
    helpful: int


class EditionOut(msgspec.Struct, frozen=True):
    """A review before it was amended."""

    stars: int
    text: str
    until: datetime


class PostOut(msgspec.Struct, frozen=True):
    """A post as moderators see it."""

    id: str
    about: str
    """The product, campaign or question."""
    author_id: str
    merchant_id: str
    state: PostState
    waiting: bool
    findings: list[Finding]
    reports: int
    stars: int | None
    text: str
    pictures: list[str]
    editions: list[EditionOut]
    reply: str
    created_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str


class ReportOut(msgspec.Struct, frozen=True):
    """Who thinks that a post should not be shown, and why."""

    reporter_id: str
    reason: str
    at: datetime


class ReportedOut(msgspec.Struct, frozen=True):
    """A post with everything that was reported about it."""

    post: PostOut
    reports: list[ReportOut]


def review_out(review: Review, language: str) -> ReviewOut:
    """Render a review for everybody: nothing in it leads to its author."""
    return ReviewOut(
        id=review.id,
        product_id=review.product_id,
        title=review.title,
        options=review.options,
        stars=review.stars,
        text=review.text,
        pictures=list(review.pictures),
        author=_author(review, language),
        amended=review.amended,
        helpful=review.helpful,
        reply=review.reply,
        replied_at=review.replied_at,
        created_at=review.created_at,
    )


def own_review_out(review: Review, language: str) -> OwnReviewOut:
    """Render a review for its author."""
    shown = review_out(review, language)
    return OwnReviewOut(shown, review.order_id, review.line_no, review.state, review.decision)


def question_out(question: Question, language: str) -> QuestionOut:
    """Render a question."""
    return QuestionOut(
        id=question.id,
        about=question.about,
        text=question.text,
        author=_author(question, language),
        answers=question.answers,
        state=question.state,
        created_at=question.created_at,
    )


def answer_out(answer: Answer, language: str) -> AnswerOut:
    """Render an answer; merchant and leader are named by their mark alone."""
    marked = Text(*BADGE_TEXTS[answer.badge]).in_(language)
    selling = answer.badge in (Badge.MERCHANT, Badge.LEADER)
    return AnswerOut(
        id=answer.id,
        question_id=answer.question_id,
        reply_to=answer.reply_to,
        text=answer.text,
        author="" if selling else _author(answer, language),
        badge=answer.badge,
        badge_text=marked,
        helpful=answer.helpful,
        state=answer.state,
        created_at=answer.created_at,
    )


def marked_out(post: Post) -> MarkedOut:
    """Render a post that somebody marked."""
    return MarkedOut(post.id, post.helpful)


def post_out(post: Post) -> PostOut:
    """Render a post for moderators."""
    review = post if isinstance(post, Review) else None
    editions = () if review is None else review.editions
    return PostOut(
        id=post.id,
        about=about_of(post),
        author_id=post.author_id,
        merchant_id=post.merchant_id,
        state=post.state,
        waiting=post.waiting,
        findings=list(post.findings),
        reports=post.reports,
        stars=None if review is None else review.stars,
        text=post.text,
        pictures=[] if review is None else list(review.pictures),
        editions=[EditionOut(each.stars, each.text, each.until) for each in editions],
        reply="" if review is None else review.reply,
        created_at=post.created_at,
        decided_by=post.decided_by,
        decided_at=post.decided_at,
        decision=post.decision,
    )


def reported_out(view: PostView) -> ReportedOut:
    """Render a post with its reports."""
    said = [ReportOut(each.reporter_id, each.reason, each.at) for each in view.reports]
    return ReportedOut(post_out(view.post), said)


def about_of(post: Post) -> str:
    """Return what a post is about: a product, a campaign or a question."""
    if isinstance(post, Review):
        return post.product_id
    return str(getattr(post, "about", "") or getattr(post, "question_id", ""))


def _author(post: Post, language: str) -> str:
    return post.name or NOBODY.in_(language)
