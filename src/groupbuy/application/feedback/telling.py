"""The person's side: to complain, to add to it, to doubt an answer, to say what it was worth."""

from datetime import timedelta
from typing import Any

from attrs import frozen

from groupbuy.application.feedback.conversation import PAGE, Case, due, read_case, say, tell_staff
from groupbuy.application.limits import Rate, count
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Product
from groupbuy.domain.community import Answer, Question, Review
from groupbuy.domain.feedback import (
    TOLD_TO_MERCHANTS,
    Feedback,
    FeedbackKind,
    Side,
)
from groupbuy.domain.kernel import Invalid, NotFound, Refused, kind_of
from groupbuy.domain.membership import Leader, Merchant, Role
from groupbuy.domain.ordering import Order

_A_DAY = 24 * 60
_NAMED: dict[FeedbackKind, dict[str, type[Any]]] = {
    FeedbackKind.SUGGESTION: {},
    FeedbackKind.ORDER: {},
    FeedbackKind.LEADER: {"ldr": Leader},
    FeedbackKind.MERCHANT: {"mch": Merchant},
    FeedbackKind.PRODUCT: {"prd": Product},
    FeedbackKind.ILLEGAL: {
        "prd": Product,
        "mch": Merchant,
        "ldr": Leader,
        "rvw": Review,
        "qst": Question,
        "ans": Answer,
    },
}
"""What a complaint of each kind may name."""


@frozen
class Complaint:
    """What a person tells the shop."""

    kind: FeedbackKind
    text: str
    order_id: str = ""
    """One of their own orders."""
    about: str = ""
    """A leader, merchant, product, or for illegal content also a post."""
    pictures: tuple[str, ...] = ()


def open_case(work: Work, told: Complaint) -> Case:
    """Tell the shop something, as anybody with an account; an answer is due from now on.

    Raises NotFound, Invalid, TooMany.
    """
    caller, rules, now = work.caller, work.kit.policy.feedback, work.now()
    caller.require(*Role)
    count(work, [Rate("feedback", caller.user_id, rules.cases_a_day, _A_DAY)])
    case = Feedback(
        id=work.new_id("fbk"),
        person_id=caller.user_id,
        kind=told.kind,
        created_at=now,
        answer_by=due(work),
        about=told.about,
        order_id=told.order_id,
        merchant_id=_concerned(work, told),
        messages=0,
    )
    case = say(work, case, Side.PERSON, told.text, told.pictures)
    work.of(Feedback).add(case)
    work.emit([case.opened()])
    work.later("feedback", case.id, case.answer_by, once="due-0")
    work.tell("role:operator", "feedback.opened", case.id, kind=case.kind)
    if case.merchant_id:
        work.tell(f"merchant:{case.merchant_id}", "feedback.opened", case.id, kind=case.kind)
    return Case(case)


def say_more(work: Work, case_id: str, text: str, pictures: tuple[str, ...] = ()) -> Case:
    """Add to one's own case while an answer is due. Raises NotFound, Invalid, TooMany, Refused."""
    caller = work.caller
    caller.require(*Role)
    most = work.kit.policy.feedback.messages_a_day
    count(work, [Rate("feedback-messages", caller.user_id, most, _A_DAY)])
    case = _own(work, case_id)
    if not case.waiting:
        raise Refused(rule="answer_is_still_due", about=case_id)
    after = say(work, case, Side.PERSON, text, pictures)
    tell_staff(work, after)
    return _put(work, after)


def reopen_case(work: Work, case_id: str, text: str) -> Case:
    """Doubt an answer, and say why: another one is due. Raises NotFound, Invalid, Refused."""
    case = _own(work, case_id)
    window = timedelta(days=work.kit.policy.feedback.reopen_days)
    after, happened = case.reopen(window, due(work), work.now())
    after = say(work, after, Side.PERSON, text)
    work.emit(happened)
    work.later("feedback", case.id, after.answer_by, once=f"due-{after.reopened}")
    work.tell("role:operator", "feedback.reopened", case.id, time=after.reopened)
    return _put(work, after)


def withdraw_case(work: Work, case_id: str) -> Case:
    """Need no answer any more. Raises NotFound, IllegalMove."""
    after, happened = _own(work, case_id).withdraw(work.now())
    work.emit(happened)
    return _put(work, after)


def rate_case(work: Work, case_id: str, satisfaction: int) -> Case:
    """Say, from 1 to 5, what the answer was worth. Raises NotFound, Invalid, Refused."""
    return _put(work, _own(work, case_id).rate(satisfaction))


def my_cases(work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None) -> list[Feedback]:
    """Return the caller's own cases, the newest first."""
    work.caller.require(*Role)
    query = Query().where(person_id=work.caller.user_id).sorted("-created_at")
    return work.of(Feedback).select(query.page(limit, after))


def my_case(work: Work, case_id: str) -> Case:
    """Return one of the caller's own cases with everything that was said. Raises NotFound."""
    case = work.of(Feedback).find([case_id]).get(case_id)
    if case is None or case.person_id != work.caller.user_id:
        raise NotFound(kind="feedback", key=case_id)
    return read_case(work, case)


def _own(work: Work, case_id: str) -> Feedback:
    work.caller.require(*Role)
    case = work.of(Feedback).lock([case_id]).get(case_id)
    if case is None or case.person_id != work.caller.user_id:
        raise NotFound(kind="feedback", key=case_id)
    return case


def _put(work: Work, case: Feedback) -> Case:
    work.of(Feedback).save(case)
    return Case(case)


def _concerned(work: Work, told: Complaint) -> str:
    """Return the merchant who may read it; empty for nobody. Raises NotFound, Invalid."""
    order = None
    if told.order_id:
        order = work.of(Order).find([told.order_id]).get(told.order_id)
        if order is None or order.buyer_id != work.caller.user_id:
            raise NotFound(kind="order", key=told.order_id)
    elif told.kind is FeedbackKind.ORDER:
        raise Invalid(field="order_id", reason="is needed")
    named = _named(work, told)
    if told.kind not in TOLD_TO_MERCHANTS:
        return ""
    if isinstance(named, Merchant):
        return named.id
    if isinstance(named, Product):
        return named.merchant_id
    if order is None:
        raise Invalid(field="about", reason="is needed")
    return order.merchant_id


def _named(work: Work, told: Complaint) -> Any:
    if not told.about:
        return None
    kind = _NAMED[told.kind].get(kind_of(told.about))
    if kind is None:
        raise Invalid(field="about", reason="does not fit the kind of complaint")
    found = work.of(kind).find([told.about]).get(told.about)
    if found is None:
        raise NotFound(kind="subject", key=told.about)
    return found
