"""Lists of what was said: for everybody, for those it is about, and for moderators."""

from collections.abc import Sequence
from typing import Any, TypeVar

from attrs import frozen

from groupbuy.application.community.asking import sellers_of
from groupbuy.application.community.posting import KINDS
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.community import (
    Answer,
    Post,
    PostState,
    Question,
    Report,
    Review,
)
from groupbuy.domain.kernel import NotFound, kind_of
from groupbuy.domain.membership import Role

P = TypeVar("P", bound=Post)
After = tuple[Any, str] | None
REPORTS_SHOWN = 100


@frozen
class Shown:
    """Which part of a list is wanted."""

    limit: int = 50
    after: After = None
    """Order value and id of the last one already seen."""
    stars: int | None = None
    """Reviews of exactly so many stars."""
    at_most: int | None = None
    """Reviews of so many stars or fewer."""
    answered: bool | None = None
    """Whether its merchant answered a review, or anybody a question."""


@frozen
class Sought:
    """What a moderator looks for."""

    kind: type[Post]
    waiting: bool = True
    """Those that wait for a look, the oldest first; otherwise all, the newest first."""
    states: tuple[PostState, ...] = ()
    limit: int = 50
    after: After = None


@frozen
class PostView:
    """A post as a moderator sees it, with everything that was reported about it."""

    post: Post
    reports: tuple[Report, ...]


def reviews_of(work: Work, product_id: str, wanted: Shown) -> list[Review]:
    """Return the reviews of a product that are shown, the newest first. Raises NotFound."""
    sellers_of(work, product_id)
    query = Query().where(product_id=product_id, state=PostState.PUBLISHED)
    return work.of(Review).select(_wanted(query, wanted))


def questions_about(work: Work, about: str, wanted: Shown) -> list[Question]:
    """Return the questions about a product or a campaign, the newest first. Raises NotFound."""
    sellers_of(work, about)
    return _questions(work, Query().where(about=about, state=PostState.PUBLISHED), wanted)


def answers_to(work: Work, question_id: str, wanted: Shown) -> list[Answer]:
    """Return the answers to a question, replies among them, the oldest first. Raises NotFound."""
    question = work.of(Question).find([question_id]).get(question_id)
    if question is None or not question.shown:
        raise NotFound(kind="question", key=question_id)
    query = Query().where(question_id=question_id, state=PostState.PUBLISHED).sorted("created_at")
    return work.of(Answer).select(query.page(wanted.limit, wanted.after))


def my_reviews(work: Work, wanted: Shown) -> list[Review]:
    """Return the caller's own reviews in every state, the newest first."""
    work.caller.require(*Role)
    query = Query().where(author_id=work.caller.user_id)
    return work.of(Review).select(_wanted(query, wanted))


def my_questions(work: Work, wanted: Shown) -> list[Question]:
    """Return the caller's own questions in every state, the newest first."""
    work.caller.require(*Role)
    return _questions(work, Query().where(author_id=work.caller.user_id), wanted)


def own_side(work: Work, kind: type[P], wanted: Shown, *, leading: bool = False) -> Sequence[P]:
    """Return what is shown about the caller's own goods or, `leading`, their campaigns.

    The newest first. Raises Forbidden.
    """
    caller = work.caller
    caller.require(Role.LEADER if leading else Role.MERCHANT)
    mine = {"leader_id": caller.leader_id or ""} if leading else {"merchant_id": caller.merchant_id}
    query = Query().where(**mine, state=PostState.PUBLISHED)
    if issubclass(kind, Question):
        return _questions(work, query, wanted)  # type: ignore[return-value]
    return work.of(kind).select(_wanted(query, wanted))


def posts(work: Work, sought: Sought) -> list[Post]:
    """Return posts of one kind, as a moderator sees them."""
    work.caller.require(Role.OPERATOR)
    query = Query().page(sought.limit, sought.after)
    if sought.states:
        query = query.among("state", sought.states)
    if sought.waiting:
        return work.of(sought.kind).select(query.where(waiting=True).sorted("created_at"))
    return work.of(sought.kind).select(query.sorted("-created_at"))


def post_of(work: Work, post_id: str) -> PostView:
    """Return one post with its reports, as a moderator sees it. Raises NotFound."""
    work.caller.require(Role.OPERATOR)
    kind = KINDS.get(kind_of(post_id))
    post = None if kind is None else work.of(kind).find([post_id]).get(post_id)
    if post is None:
        raise NotFound(kind="post", key=post_id)
    said = Query().where(post_id=post_id).sorted("at").page(REPORTS_SHOWN)
    return PostView(post, tuple(work.of(Report).select(said)))


def _wanted(query: Query, wanted: Shown) -> Query:
    query = query.sorted("-created_at").page(wanted.limit, wanted.after)
    if wanted.stars is not None:
        query = query.where(stars=wanted.stars)
    if wanted.at_most is not None:
        query = query.before("stars", wanted.at_most + 1)
    return query if wanted.answered is None else query.where(replied=wanted.answered)


def _questions(work: Work, query: Query, wanted: Shown) -> list[Question]:
    query = query.sorted("-created_at").page(wanted.limit, wanted.after)
    if wanted.answered is True:
        query = query.since("answers", 1)
    elif wanted.answered is False:
        query = query.where(answers=0)
    return work.of(Question).select(query)
