"""The operators' side: taking cases up, answering in time, and what happens when nobody does."""

from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from groupbuy.application.feedback.conversation import PAGE, Case, Line, read_case, say
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.feedback import Feedback, FeedbackKind, FeedbackState, Side
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Role, User

_TICK = timedelta(microseconds=1)

__all__ = [
    "Case",
    "CasesSought",
    "Line",
    "answer_case",
    "assign_case",
    "case_of",
    "cases",
    "close_case",
    "hear_time",
    "note_on_case",
]


@frozen
class CasesSought:
    """Which cases an operator wants to see."""

    waiting: bool = True
    """Those that wait for an answer, the one due first in front, so overdue ones lead; otherwise
    all, the newest first."""
    states: tuple[FeedbackState, ...] = ()
    kinds: tuple[FeedbackKind, ...] = ()
    assignee_id: str = ""
    overdue: bool = False
    """Only those whose answer is late by now."""
    limit: int = PAGE
    after: tuple[Any, str] | None = None


def cases(work: Work, sought: CasesSought) -> list[Feedback]:
    """Return cases without what was said in them."""
    work.caller.require(Role.OPERATOR)
    query = Query().page(sought.limit, sought.after)
    if sought.states:
        query = query.among("state", sought.states)
    if sought.kinds:
        query = query.among("kind", sought.kinds)
    if sought.assignee_id:
        query = query.where(assignee_id=sought.assignee_id)
    if sought.overdue:
        query = query.before("answer_by", work.now() + _TICK)
    if sought.waiting or sought.overdue:
        return work.of(Feedback).select(query.where(waiting=True).sorted("answer_by"))
    return work.of(Feedback).select(query.sorted("-created_at"))


def case_of(work: Work, case_id: str) -> Case:
    """Return a case with everything that was said, notes included. Raises NotFound."""
    work.caller.require(Role.OPERATOR)
    case = work.of(Feedback).find([case_id]).get(case_id)
    if case is None:
        raise NotFound(kind="feedback", key=case_id)
    return read_case(work, case, internal=True)


def assign_case(work: Work, case_id: str, assignee_id: str = "") -> Case:
    """Take a case up, or hand it to another operator. Raises NotFound, IllegalMove, Refused."""
    case = _locked(work, case_id)
    who = assignee_id or work.caller.user_id
    if assignee_id and assignee_id != work.caller.user_id:
        user = work.of(User).find([assignee_id]).get(assignee_id)
        if user is None:
            raise NotFound(kind="user", key=assignee_id)
        if Role.OPERATOR not in user.roles:
            raise Refused(rule="assignee_is_an_operator", about=assignee_id)
        work.tell(assignee_id, "feedback.assigned", case_id, time=case.version + 1)
    after, happened = case.assign(who, work.now())
    work.emit(happened)
    work.audit("feedback.assign", case_id, assignee=who)
    return _put(work, after)


def answer_case(work: Work, case_id: str, text: str) -> Case:
    """Answer a case; if nobody doubts the answer it is closed after a while.

    Raises NotFound, IllegalMove, Invalid.
    """
    case, now = _locked(work, case_id), work.now()
    after, happened = case.answer(work.caller.user_id, now)
    after = say(work, after, Side.STAFF, text)
    work.emit(happened)
    work.audit("feedback.answer", case_id)
    closing = now + timedelta(days=work.kit.policy.feedback.close_after_days)
    work.later("feedback", case_id, closing, once=f"close-{after.answers}")
    work.tell(case.person_id, "feedback.answered", case_id, time=after.answers)
    return _put(work, after)


def note_on_case(work: Work, case_id: str, text: str) -> Case:
    """Keep a note among operators, in any state. Raises NotFound, Invalid."""
    case = _locked(work, case_id)
    return _put(work, say(work, case, Side.STAFF, text, internal=True))


def close_case(work: Work, case_id: str, reason: str) -> Case:
    """Close a case that was answered. Raises NotFound, IllegalMove, Invalid without a reason."""
    case = _locked(work, case_id)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    after, happened = case.close(work.now())
    work.emit(happened)
    work.audit("feedback.close", case_id, reason)
    work.tell(case.person_id, "feedback.closed", case_id, time=after.answers)
    return _put(work, after)


def hear_time(work: Work, case_id: str) -> datetime | None:
    """Tell operators of an answer that is late, and close what nobody doubts (the worker calls)."""
    case, now = work.of(Feedback).lock([case_id])[case_id], work.now()
    if case.waiting:
        if now < case.answer_by:
            return case.answer_by
        after, happened = case.overdue(now)
        if happened:
            work.of(Feedback).save(after)
            work.emit(happened)
            work.tell("role:operator", "feedback.overdue", case_id, time=case.reopened + 1)
        return None
    closing = (case.answered_at or now) + timedelta(days=work.kit.policy.feedback.close_after_days)
    if case.state is FeedbackState.ANSWERED and now < closing:
        return closing
    if case.state is FeedbackState.ANSWERED:
        after, happened = case.close(now)
        work.of(Feedback).save(after)
        work.emit(happened)
    return None


def _locked(work: Work, case_id: str) -> Feedback:
    work.caller.require(Role.OPERATOR)
    case = work.of(Feedback).lock([case_id]).get(case_id)
    if case is None:
        raise NotFound(kind="feedback", key=case_id)
    return case


def _put(work: Work, case: Feedback) -> Case:
    work.of(Feedback).save(case)
    return Case(case)
