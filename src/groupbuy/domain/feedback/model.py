"""A case: a suggestion or a complaint, whose turn it is, until when, and what was said."""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.feedback.states import FEEDBACK, WAITING, FeedbackMove, FeedbackState
from groupbuy.domain.kernel import Event, Invalid, Refused

OPENED, ESCALATED = "feedback.opened", "feedback.overdue"
SATISFACTION = range(1, 6)


class FeedbackKind(StrEnum):
    """What it is about; `KIND_TEXTS` says it in words."""

    SUGGESTION = "suggestion"
    ORDER = "order"
    LEADER = "leader"
    MERCHANT = "merchant"
    PRODUCT = "product"
    ILLEGAL = "illegal"
    """Something that must not be shown or sold."""


KIND_TEXTS: dict[FeedbackKind, tuple[str, str]] = {
    FeedbackKind.SUGGESTION: ("建议", "Suggestion"),
    FeedbackKind.ORDER: ("订单投诉", "Complaint about an order"),
    FeedbackKind.LEADER: ("投诉团长", "Complaint about a leader"),
    FeedbackKind.MERCHANT: ("投诉商家", "Complaint about a merchant"),
    FeedbackKind.PRODUCT: ("商品投诉", "Complaint about a product"),
    FeedbackKind.ILLEGAL: ("举报违法内容", "Illegal content"),
}
"""Texts by kind: zh-CN, en."""
TOLD_TO_MERCHANTS = frozenset({FeedbackKind.ORDER, FeedbackKind.MERCHANT, FeedbackKind.PRODUCT})
"""Kinds that the merchant they are about may read; of the others it never hears."""


class Side(StrEnum):
    """Who speaks."""

    PERSON = "person"
    STAFF = "staff"
    MERCHANT = "merchant"


@frozen
class Feedback:
    """One case. What was said stands in its messages."""

    id: str
    person_id: str
    kind: FeedbackKind
    created_at: datetime
    answer_by: datetime
    """When an answer is due; of no meaning while none is."""
    waiting: bool = True
    """Whether the shop owes an answer."""
    about: str = ""
    """The leader, merchant, product or post it is about."""
    order_id: str = ""
    """An order of the person's own."""
    merchant_id: str = ""
    """Who may read it besides operators; empty for nobody."""
    assignee_id: str = ""
    """The operator who looks after it."""
    messages: int = 1
    answers: int = 0
    reopened: int = 0
    """How often an answer was doubted."""
    overdue_at: datetime | None = None
    """When operators were told that the answer is late."""
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    satisfaction: int | None = None
    """What the person thought of the answer, 1 to 5."""
    state: FeedbackState = FeedbackState.OPEN
    version: int = 0

    def opened(self) -> Event:
        """Return the event that tells of a new one."""
        return Event(OPENED, self.id, self.created_at, {"kind": str(self.kind)})

    def more(self) -> "Feedback":
        """One more message was written."""
        return evolve(self, messages=self.messages + 1)

    def assign(self, assignee_id: str, now: datetime) -> "tuple[Feedback, list[Event]]":
        """An operator takes it up, or hands it to another."""
        return self._fire(FeedbackMove.ASSIGN, now, assignee_id=assignee_id)

    def answer(self, by: str, now: datetime) -> "tuple[Feedback, list[Event]]":
        """The shop answers."""
        return self._fire(
            FeedbackMove.ANSWER,
            now,
            answered_at=now,
            answers=self.answers + 1,
            assignee_id=self.assignee_id or by,
        )

    def close(self, now: datetime) -> "tuple[Feedback, list[Event]]":
        """It is settled. Raises IllegalMove if it was not answered."""
        return self._fire(FeedbackMove.CLOSE, now, closed_at=now)

    def withdraw(self, now: datetime) -> "tuple[Feedback, list[Event]]":
        """The person needs no answer any more."""
        return self._fire(FeedbackMove.WITHDRAW, now, closed_at=now)

    def reopen(
        self, window: timedelta, answer_by: datetime, now: datetime
    ) -> "tuple[Feedback, list[Event]]":
        """The answer did not help: another one is due. Raises Refused past the window."""
        since = self.answered_at or self.closed_at
        if since is not None and now >= since + window:
            raise Refused(rule="within_the_reopening_window", about=self.id)
        return self._fire(
            FeedbackMove.REOPEN,
            now,
            answer_by=answer_by,
            overdue_at=None,
            closed_at=None,
            satisfaction=None,
            reopened=self.reopened + 1,
        )

    def overdue(self, now: datetime) -> "tuple[Feedback, list[Event]]":
        """Note, once a deadline, that the answer is late."""
        if not self.waiting or self.overdue_at is not None or now < self.answer_by:
            return self, []
        return evolve(self, overdue_at=now), [Event(ESCALATED, self.id, now)]

    def rate(self, satisfaction: int) -> "Feedback":
        """The person says what they think of the answer. Raises Invalid, Refused."""
        if satisfaction not in SATISFACTION:
            raise Invalid(field="satisfaction", reason="must be 1 to 5 stars")
        if self.answered_at is None or self.waiting:
            raise Refused(rule="feedback_was_answered", about=self.id)
        return evolve(self, satisfaction=satisfaction)

    def _fire(
        self, move: FeedbackMove, now: datetime, **changes: object
    ) -> "tuple[Feedback, list[Event]]":
        edge = FEEDBACK.fire(self.state, move, self)
        changes |= {"state": edge.target, "waiting": edge.target in WAITING}
        after: Feedback = evolve(self, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"kind": str(self.kind)})]


@frozen
class FeedbackMessage:
    """One thing that was said in a case, sealed under the key of the person whose case it is."""

    id: str
    feedback_id: str
    author_id: str
    side: Side
    at: datetime
    sealed: str
    pictures: tuple[str, ...] = ()
    internal: bool = False
    """A note among operators: nobody else ever sees it."""
    version: int = 0
