"""Bodies and answers about feedback and complaints."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.feedback import Case, Complaint, Line
from groupbuy.domain.feedback import (
    KIND_TEXTS,
    PICTURES_AT_MOST,
    TEXT_AT_MOST,
    Feedback,
    FeedbackKind,
    FeedbackState,
    Side,
)
from groupbuy.entrypoints.http.texts import Text

Words = Annotated[str, Meta(min_length=1, max_length=TEXT_AT_MOST)]
Pictures = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=500)]],
    Meta(max_length=PICTURES_AT_MOST, description="References: https:// or our own paths"),
]


class FeedbackIn(msgspec.Struct, forbid_unknown_fields=True):
    """A suggestion or a complaint."""

    kind: FeedbackKind
    text: Words
    order_id: Annotated[str, Meta(max_length=40, description="One of one's own orders")] = ""
    about: Annotated[
        str, Meta(max_length=40, description="A leader, merchant, product or post")
    ] = ""
    pictures: Pictures = []

    def complaint(self) -> Complaint:
        """Return it as a command."""
        return Complaint(self.kind, self.text, self.order_id, self.about, tuple(self.pictures))


class MessageIn(msgspec.Struct, forbid_unknown_fields=True):
    """One more thing to say."""

    text: Words
    pictures: Pictures = []


class WordsIn(msgspec.Struct, forbid_unknown_fields=True):
    """Something to say, without pictures."""

    text: Words


class SatisfactionIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the answer was worth."""

    satisfaction: Annotated[int, Meta(ge=1, le=5, description="5 is best")]


class AssignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who looks after it."""

    assignee_id: Annotated[
        str, Meta(max_length=40, description="An operator; empty for oneself")
    ] = ""


class LineOut(msgspec.Struct, frozen=True):
    """One thing that was said."""

    id: str
    side: Side
    text: str
    pictures: list[str]
    at: datetime


class CaseOut(msgspec.Struct, frozen=True):
    """A case as its person and a merchant see it."""

    id: str
    kind: FeedbackKind
    kind_text: str
    state: FeedbackState
    order_id: str
    about: str
    created_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    satisfaction: int | None
    messages: list[LineOut]
    """Only where one case is shown."""


class StaffLineOut(msgspec.Struct, frozen=True):
    """One thing that was said, as operators see it."""

    line: LineOut
    author_id: str
    internal: bool


class StaffCaseOut(msgspec.Struct, frozen=True):
    """A case as operators see it."""

    case: CaseOut
    person_id: str
    merchant_id: str
    assignee_id: str
    waiting: bool
    overdue_at: datetime | None
    """When somebody was told that the answer is late."""
    reopened: int
    conversation: list[StaffLineOut]
    """Notes among operators included; only where one case is shown."""


def case_out(found: Case, language: str) -> CaseOut:
    """Render a case for its person or its merchant."""
    case = found.feedback
    return CaseOut(
        id=case.id,
        kind=case.kind,
        kind_text=Text(*KIND_TEXTS[case.kind]).in_(language),
        state=case.state,
        order_id=case.order_id,
        about=case.about,
        created_at=case.created_at,
        answer_by=case.answer_by,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        satisfaction=case.satisfaction,
        messages=[_line(each) for each in found.lines if not each.internal],
    )


def staff_case_out(found: Case, language: str) -> StaffCaseOut:
    """Render a case for operators."""
    case = found.feedback
    return StaffCaseOut(
        case=case_out(found, language),
        person_id=case.person_id,
        merchant_id=case.merchant_id,
        assignee_id=case.assignee_id,
        waiting=case.waiting,
        overdue_at=case.overdue_at,
        reopened=case.reopened,
        conversation=[StaffLineOut(_line(e), e.author_id, e.internal) for e in found.lines],
    )


def listed(case: Feedback) -> Case:
    """Return a case of a list, of which nothing was opened."""
    return Case(case)


def _line(line: Line) -> LineOut:
    return LineOut(line.id, line.side, line.text, list(line.pictures), line.at)
