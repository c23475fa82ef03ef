"""The life of what people say in public, as tables."""

from enum import StrEnum
from typing import Any, Protocol, TypeVar

from groupbuy.domain.kernel import Edge, Machine


class PostState(StrEnum):
    """Where a review, a question or an answer is in its life."""

    SUBMITTED = "submitted"
    """Nobody but its author and moderators see it."""
    PUBLISHED = "published"
    HIDDEN = "hidden"
    """It was shown and is kept; a moderator may show it again."""
    REJECTED = "rejected"
    """It was never shown as it stands."""


class PostMove(StrEnum):
    """What a moderator may do to it."""

    PUBLISH = "publish"
    REJECT = "reject"
    HIDE = "hide"


class ReviewMove(StrEnum):
    """What may be asked of a review: its author may amend it, too."""

    PUBLISH = "publish"
    REJECT = "reject"
    HIDE = "hide"
    AMEND = "amend"


class ReviewFacts(Protocol):
    """What the guards look at."""

    @property
    def amended(self) -> bool:
        """Whether the author has changed it already."""
        ...


def amended_once_at_most(review: ReviewFacts) -> bool:
    """Tell whether the author may still change it: once, and never again."""
    return not review.amended


_S = PostState
M = TypeVar("M", bound=StrEnum)


def _moderated(name: str, moves: type[M]) -> tuple[Edge[PostState, M, Any], ...]:
    """Return what moderation may do to anything; nothing is ever deleted.

    E-commerce Law of the PRC, art. 39: the operator of a platform must not delete what consumers
    say about goods and services. Hiding is for what the law forbids to be shown, by a person, with
    a reason, and can be undone.
    """
    publish, reject, hide = (moves(each.value) for each in PostMove)
    return (
        Edge(_S.SUBMITTED, publish, _S.PUBLISHED, f"{name}.published"),
        Edge(_S.SUBMITTED, reject, _S.REJECTED, f"{name}.rejected"),
        Edge(_S.PUBLISHED, hide, _S.HIDDEN, f"{name}.hidden"),
        Edge(_S.HIDDEN, publish, _S.PUBLISHED, f"{name}.published"),
    )


REVIEW: Machine[PostState, ReviewMove, ReviewFacts] = Machine(
    name="review",
    initial=_S.SUBMITTED,
    final=frozenset(),
    edges=(
        *_moderated("review", ReviewMove),
        *(
            Edge(state, ReviewMove.AMEND, _S.SUBMITTED, "review.amended", (amended_once_at_most,))
            for state in PostState
        ),
    ),
)
QUESTION: Machine[PostState, PostMove, object] = Machine(
    name="question",
    initial=_S.SUBMITTED,
    final=frozenset({_S.REJECTED}),
    edges=_moderated("question", PostMove),
)
ANSWER: Machine[PostState, PostMove, object] = Machine(
    name="answer",
    initial=_S.SUBMITTED,
    final=frozenset({_S.REJECTED}),
    edges=_moderated("answer", PostMove),
)
