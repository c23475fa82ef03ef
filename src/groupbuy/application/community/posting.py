"""What putting any post before the public takes: screening, counting, telling."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from groupbuy.application.limits import Rate, count
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.community import (
    ANSWER,
    QUESTION,
    REVIEW,
    Answer,
    Follow,
    Moderation,
    Post,
    PostState,
    Question,
    Rating,
    Review,
    findings_in,
    publish_or_hold,
)
from groupbuy.domain.kernel import Event, Machine, NotFound, kind_of
from groupbuy.domain.membership import User

P = TypeVar("P", bound=Post)

KINDS: Mapping[str, type[Post]] = {"rvw": Review, "qst": Question, "ans": Answer}
"""What a post is, by the letters its id begins with."""
LIVES: Mapping[type[Post], Machine[PostState, Any, Any]] = {
    Review: REVIEW,
    Question: QUESTION,
    Answer: ANSWER,
}
_A_DAY = 24 * 60


def count_today(work: Work, name: str, allowed: int) -> None:
    """Count one more of what the caller may do so often a day. Raises TooMany."""
    count(work, [Rate(name, work.caller.user_id, allowed, _A_DAY)])


def initial_of(work: Work, *, anonymous: bool) -> str:
    """Return the letter of the caller's name that others may see: none if they want to be nobody.

    Raises NotFound for a caller who has no account.
    """
    return "" if anonymous else work.of(User).get(work.caller.user_id).initial


def put_new(work: Work, post: P, told: Event, *, screened: bool = True) -> P:
    """Add a post and show it, or let it wait for a moderator; `screened` is off for no text."""
    after, happened = _screened(work, post, screened=screened)
    work.of(type(after)).add(after)
    work.emit([told, *happened])
    settle(work, None, after)
    return after


def put_amended(work: Work, before: Review, amended: Review, happened: Sequence[Event]) -> Review:
    """Save an amended review: one that was hidden or rejected is shown by a moderator only."""
    unseen = before.state in (PostState.HIDDEN, PostState.REJECTED)
    after, more = _screened(work, amended, unseen=unseen)
    put(work, before, after, [*happened, *more])
    return after


def put(work: Work, before: P, after: P, happened: Sequence[Event]) -> P:
    """Save the next state of a post and everything that follows from it."""
    work.of(type(after)).save(after)
    work.emit(happened)
    settle(work, before, after)
    return after


def settle(work: Work, before: Post | None, after: Post) -> None:
    """Recount what is shown, and tell those whom it concerns."""
    if isinstance(after, Review):
        _rate(work, before if isinstance(before, Review) else None, after)
    elif isinstance(after, Answer):
        _count_answer(work, before is not None and before.shown, after)
    if after.waiting and not (before is not None and before.waiting):
        work.tell("role:operator", "post.waiting", after.id, time=after.version + 1)
    if after.published_at is not None and (before is None or before.published_at is None):
        _tell_of(work, after)


def lock_post(work: Work, post_id: str) -> Post:
    """Lock a post, after the question it answers. Raises NotFound."""
    kind = KINDS.get(kind_of(post_id))
    if kind is not None:
        if kind is Answer and (found := work.of(Answer).find([post_id]).get(post_id)):
            work.of(Question).lock([found.question_id])
        if post := work.of(kind).lock([post_id]).get(post_id):
            return post
    raise NotFound(kind="post", key=post_id)


def _screened(
    work: Work, post: P, *, screened: bool = True, unseen: bool = False
) -> tuple[P, list[Event]]:
    rules = work.kit.policy.community
    found = findings_in(post.text, rules.phrases) if screened else ()
    moderation = Moderation.BEFORE if unseen else rules.reviews_are_moderated
    return publish_or_hold(LIVES[type(post)], post, found, moderation, work.now())


def _rate(work: Work, before: Review | None, after: Review) -> None:
    was = None if before is None else before.counted
    if was != after.counted:
        key = after.product_id
        rating = work.of(Rating).lock([key], create=Rating)[key]
        work.of(Rating).save(rating.changed(was, after.counted))


def _count_answer(work: Work, was_shown: bool, answer: Answer) -> None:  # noqa: FBT001
    if was_shown != answer.shown:
        question = work.of(Question).lock([answer.question_id])[answer.question_id]
        work.of(Question).save(question.counted(1 if answer.shown else -1))


def _tell_of(work: Work, post: Post) -> None:
    """Tell of what everybody sees for the first time; nobody hears of what they said themselves."""
    told = dict.fromkeys(_concerned(work, post))
    for who, what in told:
        if who != post.author_id:
            work.tell(who, what, post.id)


def _concerned(work: Work, post: Post) -> list[tuple[str, str]]:
    if isinstance(post, Answer):
        return _askers(work, post)
    what = "review.published" if isinstance(post, Review) else "question.asked"
    found = [(f"merchant:{post.merchant_id}", what)]
    if post.leader_id:
        found.append((f"leader:{post.leader_id}", what))
    if isinstance(post, Question):
        most = work.kit.policy.community.followers_told
        those = Query().where(about=post.about, on=True).sorted("-at").page(max(most, 1))
        found += [(each.user_id, what) for each in work.of(Follow).select(those)[:most]]
    return found


def _askers(work: Work, answer: Answer) -> list[tuple[str, str]]:
    question = work.of(Question).get(answer.question_id)
    found = [(question.author_id, "question.answered")]
    if answer.reply_to:
        before = work.of(Answer).get(answer.reply_to)
        found = [(before.author_id, "answer.replied"), *found]
        if before.author_id == question.author_id:
            found = found[:1]
    return found
