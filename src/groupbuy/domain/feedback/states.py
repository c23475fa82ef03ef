"""The life of feedback and complaints, as a table.

E-commerce Law of the PRC, art. 59: whoever trades online keeps a convenient and effective way to
complain and to report, makes it known, and takes up and handles in time what comes in. So nothing
is closed by the shop that was not answered, and an answer that does not help may be doubted.
"""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine


class FeedbackState(StrEnum):
    """Where a case is in its life."""

    OPEN = "open"
    """Nobody has taken it up yet."""
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    """It is the person's turn; silence closes it."""
    REOPENED = "reopened"
    """The answer did not help: it waits for another one."""
    CLOSED = "closed"


class FeedbackMove(StrEnum):
    """What may be asked of a case."""

    ASSIGN = "assign"
    ANSWER = "answer"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_S, _M = FeedbackState, FeedbackMove
_WAITING = (_S.OPEN, _S.IN_PROGRESS, _S.REOPENED)

FEEDBACK: Machine[FeedbackState, FeedbackMove, object] = Machine(
    name="feedback",
    initial=_S.OPEN,
    final=frozenset(),
    edges=(
        *(Edge(s, _M.ASSIGN, _S.IN_PROGRESS, "feedback.assigned") for s in _WAITING),
        *(Edge(s, _M.ANSWER, _S.ANSWERED, "feedback.answered") for s in _WAITING),
        Edge(_S.ANSWERED, _M.ANSWER, _S.ANSWERED, "feedback.answered"),
        Edge(_S.ANSWERED, _M.CLOSE, _S.CLOSED, "feedback.closed"),
        *(Edge(s, _M.WITHDRAW, _S.CLOSED, "feedback.withdrawn") for s in _WAITING),
        *(Edge(s, _M.REOPEN, _S.REOPENED, "feedback.reopened") for s in (_S.ANSWERED, _S.CLOSED)),
    ),
)
WAITING = frozenset(_WAITING)
"""States in which the shop owes an answer."""
