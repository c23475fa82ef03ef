"""What a merchant sees of complaints about it: what was said, and no way to reach who said it."""

from typing import Any

from groupbuy.application.feedback.conversation import PAGE, Case, read_case, say, tell_staff
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.feedback import Feedback, Side
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Role


def merchant_cases(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[Feedback]:
    """Return complaints about the caller's merchant, its goods and its orders, newest first."""
    work.caller.require(Role.MERCHANT)
    query = Query().where(merchant_id=_mine(work)).sorted("-created_at")
    return work.of(Feedback).select(query.page(limit, after))


def merchant_case(work: Work, case_id: str) -> Case:
    """Return what was said, phone numbers, links and accounts masked. Raises NotFound."""
    work.caller.require(Role.MERCHANT)
    case = work.of(Feedback).find([case_id]).get(case_id)
    if case is None or case.merchant_id != _mine(work):
        raise NotFound(kind="feedback", key=case_id)
    return read_case(work, case, masked=True)


def merchant_says(work: Work, case_id: str, text: str) -> Case:
    """Give the merchant's view while an answer is due; person and operators read it.

    Raises NotFound, Invalid, Refused.
    """
    work.caller.require(Role.MERCHANT)
    case = work.of(Feedback).lock([case_id]).get(case_id)
    if case is None or case.merchant_id != _mine(work):
        raise NotFound(kind="feedback", key=case_id)
    if not case.waiting:
        raise Refused(rule="answer_is_still_due", about=case_id)
    after = say(work, case, Side.MERCHANT, text)
    tell_staff(work, after)
    work.tell(case.person_id, "feedback.more", case.id, time=after.messages)
    work.of(Feedback).save(after)
    return Case(after)


def _mine(work: Work) -> str:
    # A member of staff without a merchant sees nothing: cases of nobody have no merchant either.
    return work.caller.merchant_id or "none"
