"""What is said in a case: sealed under its person's key, readable to those it concerns."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import FEEDBACK_TEXT, open_sealed, seal
from groupbuy.application.write_path import Work
from groupbuy.domain.community import pictures_of, without_contacts, words_of
from groupbuy.domain.feedback import (
    PICTURES_AT_MOST,
    TEXT_AT_MOST,
    Feedback,
    FeedbackMessage,
    Side,
    answer_due,
)
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import User

PAGE = 50


@frozen
class Line:
    """One message, readable."""

    id: str
    side: Side
    author_id: str
    at: datetime
    text: str
    pictures: tuple[str, ...]
    internal: bool


@frozen
class Case:
    """A case with what was said in it."""

    feedback: Feedback
    lines: tuple[Line, ...] = ()

    @property
    def id(self) -> str:
        """The case."""
        return self.feedback.id


def due(work: Work) -> datetime:
    """Return when an answer to what comes now is due."""
    kit = work.kit
    days, zone = kit.policy.feedback.answer_workdays, ZoneInfo(kit.policy.zone)
    return answer_due(work.now(), days, zone, kit.workdays.works_on)


def say(
    work: Work,
    case: Feedback,
    side: Side,
    text: str,
    pictures: Sequence[str] = (),
    *,
    internal: bool = False,
) -> Feedback:
    """Add a message to a case and return the case with it, not saved yet.

    Raises Invalid, and NotFound once the person was erased.
    """
    owner = work.of(User).get(case.person_id)
    if owner.erased:
        raise NotFound(kind="user", key=owner.id)
    plain = words_of(text, TEXT_AT_MOST)
    message = FeedbackMessage(
        id=work.new_id("fbm", near=case.id),
        feedback_id=case.id,
        author_id=work.caller.user_id,
        side=side,
        at=work.now(),
        sealed=seal(work, owner, FEEDBACK_TEXT, plain),
        pictures=pictures_of(tuple(pictures), PICTURES_AT_MOST),
        internal=internal,
    )
    work.of(FeedbackMessage).add(message)
    return case.more()


def tell_staff(work: Work, case: Feedback) -> None:
    """Tell whoever looks after a case that something was added to it."""
    who = case.assignee_id or "role:operator"
    work.tell(who, "feedback.more", case.id, time=case.messages)


def read_case(work: Work, case: Feedback, *, internal: bool = False, masked: bool = False) -> Case:
    """Open what was said in a case; of somebody who was erased nothing can be read.

    `internal` shows the notes of operators too, `masked` no way to reach the person.
    """
    owner = work.of(User).get(case.person_id)
    said = every(work.of(FeedbackMessage), Query().where(feedback_id=case.id))
    lines = []
    for each in said:
        if each.internal and not internal:
            continue
        text = "" if owner.erased else open_sealed(work, owner, FEEDBACK_TEXT, each.sealed)
        author = "" if masked else each.author_id
        shown = without_contacts(text) if masked else text
        lines.append(Line(each.id, each.side, author, each.at, shown, each.pictures, each.internal))
    return Case(case, tuple(lines))
